"""How the page looks: widths, dark and light, contrast, calm."""

from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.driving import answered, open_chat

# Of WCAG 2.2, AA for text. Pairs of foreground and background as the style sheets combine them.
_AA = 4.5
_PAIRS = [
    ("--text", "--paper"), ("--text", "--surface"), ("--muted", "--paper"), ("--muted", "--surface"),
    ("--muted", "--desk"), ("--muted", "--accent-soft"), ("--accent", "--surface"), ("--accent", "--accent-soft"),
    ("--accent-text", "--accent"), ("--own-text", "--own"), ("--own-muted", "--own"), ("--mark-text", "--mark"),
    ("--bad", "--bad-soft"),
]  # fmt: skip


@pytest.mark.parametrize("width", [360, 1440])
def test_page_fits_the_width_with_everything_in_reach(page: Page, width: int) -> None:
    """On a phone and on a wide screen nothing sticks out sideways, and what one needs is on the screen."""
    page.set_viewport_size({"width": width, "height": 740})
    with answered(page):
        page.get_by_role("button", name="Send the sample: On ruled paper").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#log").evaluate("log => log.scrollWidth <= log.clientWidth")
    for name in ("Send a picture", "Send"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("textbox", name="Message")).to_be_in_viewport(ratio=1)
    assert page.get_by_role("textbox", name="Message").evaluate("field => field.clientWidth") > 150


def test_side_of_a_wide_page_lists_the_commands(page: Page) -> None:
    """A wide window uses its room: samples with their titles, and the commands to click."""
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(page.locator(".sample-title").first).to_be_visible()
    with answered(page) as answer:
        page.locator("#command-list").get_by_role("button", name="/help").click()
    expect(answer).to_contain_text("What I read")


def test_samples_can_be_put_away_on_a_phone(page: Page) -> None:
    """The strip of samples gives its room back, and stays away after a reload."""
    page.set_viewport_size({"width": 360, "height": 740})
    expect(page.locator("#samples")).to_be_visible()
    page.get_by_role("button", name="Sample pictures").click()
    expect(page.locator("#samples")).to_be_hidden()
    page.reload()
    expect(page.locator("#bot-status")).to_contain_text("ready")
    expect(page.locator("#samples")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_system_and_can_be_read(page: Page, scheme: Literal["light", "dark"]) -> None:
    """Dark systems get a dark page; every text has the contrast that WCAG AA asks for, in both."""
    page.emulate_media(color_scheme=scheme)
    brightness = luminance(page, "--paper")
    assert (brightness > 0.8) if scheme == "light" else (brightness < 0.05)
    for foreground, background in _PAIRS:
        light, dark = sorted((luminance(page, foreground), luminance(page, background)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= _AA, (foreground, background)


def test_empty_chat_says_what_to_do(browser: Browser, address: str) -> None:
    """Somebody who opens the page for the first time is told what to send; it goes away with the first message."""
    context = browser.new_context()
    page = context.new_page()

    def answer(route: Route) -> None:
        if "wait=" not in route.request.url:  # an empty chat; what is asked next is held, as when there is no news
            route.fulfill(json=[])

    page.route("**/local/messages?*", answer)
    open_chat(page, address, "guest")
    expect(page.get_by_role("heading", name="Show me a number")).to_be_visible()
    page.get_by_role("button", name="Send /start").click()
    expect(page.get_by_role("heading", name="Show me a number")).to_be_hidden()
    context.close()


def test_nothing_moves_for_who_asked_for_calm(page: Page) -> None:
    """With reduced motion preferred, animations are over as soon as they begin."""
    page.emulate_media(reduced_motion="reduce")
    with answered(page) as answer:
        page.get_by_role("button", name="Send the sample: A seven").click()
    assert float(answer.evaluate("item => parseFloat(getComputedStyle(item).animationDuration)")) < 0.001


def luminance(page: Page, token: str) -> float:
    """The relative luminance of a colour of the style sheet, 0..1."""
    colour = page.evaluate("name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()", token)
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
