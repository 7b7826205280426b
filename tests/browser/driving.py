"""A real browser, and what people do in it."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.processes import ROOT

SAMPLES = ROOT / "bot" / "local" / "page" / "samples"
INSTALL = "apt-get install chromium"
# A busy machine with two cores: generous, since a test that passes never waits for it.
PATIENCE_MS = 15_000


def chromium() -> str | None:
    """Where Chromium is, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextlib.contextmanager
def running_browser(executable: str) -> Iterator[Browser]:
    """Run a headless Chromium that calls nobody."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--no-first-run", "--disable-sync"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", *quiet]
        )
        try:
            yield browser
        finally:
            browser.close()


def open_chat(page: Page, address: str, user: str = "admin") -> None:
    """Open the chat page and wait until it shows the conversation."""
    page.goto(f"{address}/?user={user}")
    expect(page.locator("#bot-status")).to_contain_text("ready", timeout=PATIENCE_MS)


@contextlib.contextmanager
def answered(page: Page) -> Iterator[Locator]:
    """Wait, at the end of the block, for the bot's next message; yields the locator of it."""
    answers = page.locator(".message.bot")
    before = answers.count()
    yield answers.nth(before)
    expect(answers.nth(before)).to_be_attached(timeout=PATIENCE_MS)  # others may follow at once, as below /help


def drag_files(
    page: Page, files: list[Path], *, types: dict[str, str], target: str = "body", drop: bool = True
) -> None:
    """Drag files from outside over `target`, and let them go there when `drop`. `types` is ending to mime type."""
    transfer = page.evaluate_handle(
        """(files) => {
            const transfer = new DataTransfer();
            for (const { name, type, bytes } of files)
                transfer.items.add(new File([new Uint8Array(bytes)], name, { type }));
            return transfer;
        }""",
        [{"name": file.name, "type": types[file.suffix], "bytes": list(file.read_bytes())} for file in files],
    )
    page.dispatch_event("body", "dragenter", {"dataTransfer": transfer})
    page.dispatch_event(target, "dragover", {"dataTransfer": transfer})
    if drop:
        page.dispatch_event(target, "drop", {"dataTransfer": transfer})
