"""Fixtures of the browser tests: one browser for all that run one after the other, a bot a module, a fresh page a test.

The browser is not one for the whole run: while Playwright's loop runs, no asynchronous test can run in the same
process. Nor is the bot one for all: every page that opens shows the whole conversation.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, expect

from tests.browser.driving import INSTALL, PATIENCE_MS, chromium, open_chat, running_browser
from tests.processes import running_bot


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium; where it is missing the tests are skipped, with CI=true they fail."""
    executable = chromium()
    if executable is None:
        missing = f"Chromium is missing: {INSTALL}"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    expect.set_options(timeout=PATIENCE_MS)
    with running_browser(executable) as running:
        yield running


@pytest.fixture(scope="module")
def address(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The local chat of a bot that runs for a module of browser tests."""
    del browser  # no bot is started where there is no browser to look at it
    with running_bot(tmp_path_factory.mktemp("bot")) as bot:
        yield bot.origin


@pytest.fixture
def complaints() -> list[str]:
    """What the page said on its console as an error; a test that provokes some clears it."""
    return []


@pytest.fixture
def window(browser: Browser, address: str, complaints: list[str]) -> Iterator[Page]:
    """An empty window of its own; afterwards no error and no request to another host may have been."""
    foreign: list[str] = []

    def notice_request(request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme not in {"blob", "data"} and f"{url.scheme}://{url.netloc}" != address:
            foreign.append(request.url)

    def notice_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    def notice_error(error: Error) -> None:
        complaints.append(str(error))

    context = browser.new_context(viewport={"width": 1024, "height": 800}, locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    opened = context.new_page()
    opened.on("request", notice_request)
    opened.on("console", notice_console)
    opened.on("pageerror", notice_error)
    yield opened
    context.close()
    assert complaints == []
    assert foreign == []


@pytest.fixture
def page(window: Page, address: str) -> Page:
    """The admin's chat."""
    open_chat(window, address)
    return window


@pytest.fixture
def number_photo() -> Path:
    """A photo of the number 4825."""
    return Path(__file__).parent.parent.parent / "bot" / "local" / "page" / "samples" / "on-ruled-paper.jpg"
