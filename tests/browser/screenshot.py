"""Take the README's picture: a conversation with the real bot, in the real page.

`.venv/bin/python -m tests.browser.screenshot` writes docs/images/chat.png.
"""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.driving import INSTALL, answered, chromium, open_chat, running_browser
from tests.processes import ROOT, running_bot

PICTURE = ROOT / "docs" / "images" / "chat.png"
_SIZE = (1180, 900)


def _talk(page: Page) -> None:
    with answered(page) as answer:
        page.get_by_role("button", name="Send the sample: On ruled paper").click()
    expect(answer.locator(".digits")).to_be_visible()
    page.mouse.move(0, 0)
    page.wait_for_function("[...document.images].every(image => image.complete)")
    page.wait_for_timeout(600)  # the bubbles' animations end


def main() -> int:
    """Hold the conversation and write the picture, in few colours to keep it small."""
    executable = chromium()
    if executable is None:
        sys.stderr.write(f"Chromium is missing: {INSTALL}\n")
        return 1
    with (
        tempfile.TemporaryDirectory() as folder,
        running_bot(Path(folder)) as bot,
        running_browser(executable) as browser,
    ):
        page = browser.new_page(viewport={"width": _SIZE[0], "height": _SIZE[1]}, locale="en-GB")
        open_chat(page, bot.origin)
        _talk(page)
        shot = Image.open(io.BytesIO(page.screenshot()))
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    picture = shot.convert("RGB")
    palette = picture.quantize(256, kmeans=3)
    picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(PICTURE, optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
