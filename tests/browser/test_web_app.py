"""The draw page over the local chat, as Telegram's web client shows a Mini App; and Why? under what it sends."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from tests.browser.driving import PATIENCE_MS, answered, open_chat

SEVEN = ((0.35, 0.2), (0.65, 0.2), (0.58, 0.45), (0.48, 0.8))  # shares of the canvas


def say(page: Page, words: str) -> None:
    """Send a text."""
    text = page.get_by_role("textbox", name="Message")
    text.fill(words)
    text.press("Enter")


def offered(page: Page) -> Locator:
    """Say /draw; the button below the answer."""
    with answered(page) as answer:
        say(page, "/draw")
    return answer.get_by_role("button", name="Draw a digit")


def sheet(page: Page) -> FrameLocator:
    """The draw page over the chat, once it can be drawn on."""
    frame = page.frame_locator("#web-app-frame")
    expect(page.get_by_role("button", name="Send to chat")).to_be_visible(timeout=PATIENCE_MS)
    return frame


def draw_a_seven(page: Page, frame: FrameLocator) -> None:
    """Draw with the mouse, and wait until it is read."""
    box = frame.locator("#pad").bounding_box()
    assert box is not None
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in SEVEN]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=6)
    page.mouse.up()
    expect(frame.locator("#digits button")).to_have_text(["7"], timeout=PATIENCE_MS)


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1440, 900)])
def test_a_drawing_is_sent_to_the_chat_and_corrected(page: Page, width: int, height: int) -> None:
    """/draw opens the page; Send brings the drawing with its reading; closed, the chat has the buttons that work."""
    page.set_viewport_size({"width": width, "height": height})
    offered(page).click()
    expect(page.get_by_role("dialog", name="Digit bot")).to_be_visible()
    frame = sheet(page)
    draw_a_seven(page, frame)
    with answered(page) as answer:
        page.get_by_role("button", name="Send to chat").click()
    expect(frame.get_by_text("The bot answers in the chat")).to_be_visible()
    page.get_by_role("button", name="Close and go back").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(answer.locator(".digits")).to_have_text("7")
    expect(answer.get_by_role("img")).to_be_visible()
    answer.get_by_role("button", name="✗").click()
    answer.get_by_role("button", name="1", exact=True).click()
    expect(answer).to_contain_text("it is a 1")


def test_why_answers_with_a_picture(page: Page) -> None:
    """One press, one picture, in reply to the reading that it explains."""
    with answered(page) as reading:
        page.get_by_role("button", name="Send the sample: Two lines").click()
    with answered(page) as reason:
        reading.get_by_role("button", name="Why?").click()
    expect(reason.locator(".quote")).to_contain_text("1604")
    expect(reason.locator(".photo img")).to_be_visible()
    expect(reason).to_contain_text("out of 8")
    answers = page.locator(".message.bot").count()
    reading.get_by_role("button", name="Why?").click()
    expect(page.get_by_role("status")).to_contain_text("further down")
    expect(page.locator(".message.bot")).to_have_count(answers)


def test_the_menu_button_opens_the_page_and_escape_closes_it(page: Page) -> None:
    """The way that does without a command; the page is gone afterwards, not only hidden."""
    page.get_by_role("button", name="Draw", exact=True).click()
    sheet(page)
    page.get_by_role("button", name="Close and go back").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#web-app-frame")).not_to_have_attribute("src", re.compile(""))  # none at all


@pytest.fixture
def dark_page(browser: Browser, address: str) -> Iterator[Page]:
    """The chat by night, opened under this machine's other name."""
    context = browser.new_context(color_scheme="dark")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    open_chat(page, address.replace("127.0.0.1", "localhost"))
    yield page
    context.close()


def test_the_page_takes_the_colours_of_the_chat(dark_page: Page) -> None:
    """By night it is dark, and follows when the day comes; also where the chat was opened as localhost."""
    offered(dark_page).click()
    frame = sheet(dark_page)
    root = frame.locator("html")
    expect(root).to_have_attribute("data-theme", "dark")
    dark_page.emulate_media(color_scheme="light")
    expect(root).to_have_attribute("data-theme", "light")
