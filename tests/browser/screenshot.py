"""Take the pictures of the README: the real bot, in its real pages.

`.venv/bin/python -m tests.browser.screenshot` writes docs/images/chat.png, draw.png, draw-phone.png and why.png; names
without `.png` on the command line write those alone.
"""

import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.drawing import digits, draw, open_sheet
from tests.browser.driving import INSTALL, answered, chromium, open_chat, running_browser
from tests.processes import ROOT, running_bot

FOLDER = ROOT / "docs" / "images"


def _chat(browser: Browser, origin: str) -> Page:
    page = browser.new_page(viewport={"width": 1180, "height": 900}, locale="en-GB")
    open_chat(page, origin)
    with answered(page) as answer:
        page.get_by_role("button", name="Send the sample: On ruled paper").click()
    expect(answer.locator(".digits")).to_be_visible()
    page.mouse.move(0, 0)
    page.wait_for_function("[...document.images].every(image => image.complete)")
    return page


def _draw(browser: Browser, origin: str) -> Page:
    page = browser.new_page(viewport={"width": 1240, "height": 1130}, color_scheme="light")
    open_sheet(page, origin)
    draw(page, "38", left=0.2, height=0.6, smooth=True)
    expect(digits(page)).to_have_text(["3", "8"])
    page.locator(".stage").first.locator(".map").nth(5).hover()
    return page


def _draw_phone(browser: Browser, origin: str) -> Page:
    page = browser.new_page(viewport={"width": 360, "height": 1130}, color_scheme="dark")
    open_sheet(page, origin)
    draw(page, "2", left=0.35, smooth=True)
    expect(digits(page)).to_have_text(["2"])
    return page


def _why(browser: Browser, origin: str) -> Page:
    page = _chat(browser, origin)
    with answered(page) as reason:
        page.get_by_role("button", name="Why?").last.click()
    page.goto(origin + str(reason.locator(".photo img").get_attribute("src")))
    width, height = page.evaluate("[document.images[0].naturalWidth, document.images[0].naturalHeight]")
    page.set_viewport_size({"width": width, "height": height})
    return page


PICTURES: dict[str, Callable[[Browser, str], Page]] = {
    "chat": _chat,
    "draw": _draw,
    "draw-phone": _draw_phone,
    "why": _why,
}


def main() -> int:
    """Take the pictures, in few colours to keep them small."""
    executable = chromium()
    if executable is None:
        sys.stderr.write(f"Chromium is missing: {INSTALL}\n")
        return 1
    with (
        tempfile.TemporaryDirectory() as folder,
        running_bot(Path(folder)) as bot,
        running_browser(executable) as browser,
    ):
        for name in sys.argv[1:] or PICTURES:
            page = PICTURES[name](browser, bot.origin)
            page.wait_for_timeout(600)  # animations end
            shot = Image.open(io.BytesIO(page.screenshot()))
            FOLDER.mkdir(parents=True, exist_ok=True)
            picture = shot.convert("RGB")
            palette = picture.quantize(256, kmeans=3)
            picture = picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
            picture.save(FOLDER / f"{name}.png", optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
