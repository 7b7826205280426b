"""Drawing on the draw page as people do: real pointer events of a mouse or a finger."""

import base64
import io
from itertools import pairwise

import numpy as np
from PIL import Image
from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.browser.driving import PATIENCE_MS
from tests.pictures import curves

Point = tuple[float, float]
Stroke = list[Point]


def open_sheet(page: Page, address: str, fragment: str = "") -> None:
    """Open the draw page and wait until it has drawn the network; `fragment` is what Telegram adds to the address."""
    page.goto("about:blank")  # a page that differs in its fragment alone would not be loaded anew
    page.goto(f"{address}/draw{fragment}")
    expect(page.locator(".stage").last).to_be_attached(timeout=PATIENCE_MS)


def strokes(page: Page, text: str, *, left: float = 0.1, top: float = 0.16, height: float = 0.66) -> list[Stroke]:
    """The pen's ways for digits written side by side, in pixels of the screen; the rest in shares of the canvas."""
    box = page.locator("#pad").bounding_box()
    assert box is not None
    unit = height * box["height"] / 16
    ways = []
    for place, digit in enumerate(text):
        at = box["x"] + left * box["width"] + place * 14 * unit
        ways += [[(at + x * unit, box["y"] + top * box["height"] + y * unit) for x, y in way] for way in curves(digit)]
    return ways


def draw(page: Page, text: str, *, smooth: bool = False, **where: float) -> None:
    """Draw digits with the mouse, corner by corner or in one sweep."""
    for way in strokes(page, text, **where):
        (x, y), *rest = _swept(way) if smooth else way
        page.mouse.move(x, y)
        page.mouse.down()
        for to in rest:
            page.mouse.move(*to, steps=1 if smooth else 4)
        page.mouse.up()


def _swept(way: Stroke) -> Stroke:
    """A Catmull-Rom curve through the points of a stroke."""
    before, after = [way[0], *way[:-1]], [*way[1:], way[-1]]
    swept = [way[0]]
    for place in range(len(way) - 1):
        corners = np.array([before[place], way[place], way[place + 1], after[place + 1]])
        for t in np.linspace(0.1, 1, 10):
            weights = [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2]
            x, y = np.array(weights) @ corners / 2
            swept.append((float(x), float(y)))
    return swept


def draw_with_a_finger(page: Page, text: str, **where: float) -> None:
    """Draw digits with touches, which a page could take for scrolling."""
    session: CDPSession = page.context.new_cdp_session(page)

    def touch(kind: str, *points: Point) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    for way in strokes(page, text, **where):
        touch("touchStart", way[0])
        for start, end in pairwise(way):
            for step in range(1, 5):
                touch("touchMove", tuple(a + (b - a) * step / 4 for a, b in zip(start, end, strict=True)))  # type: ignore[arg-type]
        touch("touchEnd")


def settle(page: Page) -> None:
    """Wait until everything that was drawn is answered: what was read on the way may have looked alike."""
    expect(page.locator("#answer")).to_have_attribute("aria-busy", "false", timeout=PATIENCE_MS)


def digits(page: Page) -> Locator:
    """The digits that were read, as buttons."""
    return page.locator("#digits button")


def painted(canvas: Locator) -> Image.Image:
    """What is painted on a canvas, RGBA."""
    address: str = canvas.evaluate("canvas => canvas.toDataURL()")
    return Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))).convert("RGBA")


def maps(page: Page, stage: str) -> list[str]:
    """Every map of a stage as it is painted, to be compared."""
    found: list[str] = page.locator(f"[data-stage={stage}] .map canvas").evaluate_all(
        "canvases => canvases.map(canvas => canvas.toDataURL())"
    )
    return found
