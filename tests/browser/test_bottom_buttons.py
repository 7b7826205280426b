"""Telegram's two buttons below the draw page, in place of two of the page's own."""

import json
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.drawing import digits, draw, open_sheet
from tests.browser.test_web_app import draw_a_seven, offered, sheet

PROXY = """window.posted = [];
window.TelegramWebviewProxy = {postEvent: (type, data) => posted.push([type, JSON.parse(data)])};"""
SIGNED = "tgWebAppData=user%3D%257B%257D"


def setups(page: Page, which: str) -> list[dict[str, Any]]:
    """How the page set up a button, oldest first."""
    return [told for type_, told in page.evaluate("posted") if type_ == f"web_app_setup_{which}_button"]


def press(page: Page, which: str) -> None:
    """Press one of Telegram's buttons."""
    page.evaluate("which => Telegram.WebView.receiveEvent(`${which}_button_pressed`)", which)


def test_the_buttons_below_send_and_clear(page: Page) -> None:
    """In the local chat as in Telegram: there are two, once each, inactive until something is drawn."""
    offered(page).click()
    frame = sheet(page)
    below = page.locator("#web-app-buttons")
    send, clear = below.get_by_role("button", name="Send to chat"), below.get_by_role("button", name="Clear")
    for button in (send, clear):
        expect(button).to_be_disabled()
    for name in ("Send to chat", "Clear"):
        expect(frame.get_by_role("button", name=name)).to_have_count(0)
    at_left, at_right = clear.bounding_box(), send.bounding_box()
    assert at_left is not None
    assert at_right is not None
    assert at_left["x"] + at_left["width"] < at_right["x"]
    draw_a_seven(page, frame)
    expect(send).to_be_enabled()
    clear.click()
    expect(frame.locator("#digits")).to_have_text("–")
    expect(clear).to_be_disabled()
    page.get_by_role("button", name="Close and go back").click()
    expect(page.locator("#web-app-buttons")).to_be_hidden()


def test_the_drawing_is_back_when_the_page_is_opened_again_in_the_chat(page: Page) -> None:
    """The chat keeps it as Telegram does, for each person of their own."""
    offered(page).click()
    draw_a_seven(page, sheet(page))
    page.get_by_role("button", name="Close and go back").click()
    page.get_by_role("button", name="Draw", exact=True).click()
    frame = sheet(page)
    expect(frame.locator("#digits button")).to_have_text(["7"])
    expect(frame.locator("#remembered")).to_be_visible()
    assert page.evaluate("Object.keys(localStorage)") == ["device:admin:drawing"]


@pytest.mark.parametrize("version", ["7.9", "6.0", "", "seven"])
def test_an_older_client_leaves_the_page_its_own(window: Page, address: str, version: str) -> None:
    """Before Bot API 7.10 there is no second button: both of the page's own are there, and nothing is set up."""
    window.add_init_script(PROXY)
    open_sheet(window, address, f"#tgWebAppVersion={version}&{SIGNED}")
    for name in ("Send to chat", "Clear"):
        expect(window.get_by_role("button", name=name)).to_be_visible()
    assert setups(window, "main") + setups(window, "secondary") == []


def test_without_a_word_on_who_draws_the_page_keeps_its_own(window: Page, address: str) -> None:
    """Where nothing can be sent, no button of Telegram's stands alone."""
    window.add_init_script(PROXY)
    open_sheet(window, address, "#tgWebAppVersion=9.0")
    expect(window.get_by_role("button", name="Clear")).to_be_visible()
    expect(window.locator("#send")).to_be_hidden()
    assert setups(window, "main") + setups(window, "secondary") == []


def test_telegram_is_told_what_its_buttons_say_and_do(window: Page, address: str) -> None:
    """Their words, colours and states are the page's; only a change is told; what is inactive does nothing."""
    window.add_init_script(PROXY)
    sent: list[Route] = []

    def hold(route: Route) -> None:
        sent.append(route)

    window.route("**/draw/send", hold)
    theme = {"bg_color": "#17212b", "text_color": "#f5f5f5", "button_color": "#5288c1", "button_text_color": "#ffffff"}
    open_sheet(window, address, f"#tgWebAppVersion=7.10&{SIGNED}&tgWebAppThemeParams={json.dumps(theme)}")
    [main], [secondary] = setups(window, "main"), setups(window, "secondary")
    assert (main["text"], main["is_visible"], main["is_active"]) == ("Send to chat", True, False)
    assert (secondary["text"], secondary["is_active"], secondary["position"]) == ("Clear", False, "left")
    press(window, "main")
    press(window, "secondary")
    assert sent == []
    draw(window, "7", left=0.35)
    expect(digits(window)).to_have_text(["7"])
    main = setups(window, "main")[-1]
    assert (main["is_active"], main["color"], main["text_color"]) == (True, "#5288c1", "#ffffff")
    press(window, "main")
    window.wait_for_function("posted.some(([, told]) => told.is_progress_visible)")
    assert not setups(window, "main")[-1]["is_active"]
    sent[0].fulfill(json={"message_id": 5})
    expect(window.locator("#sent")).to_contain_text("Sent.")
    main = setups(window, "main")[-1]
    assert (main["is_active"], main["is_progress_visible"]) == (True, False)
    press(window, "secondary")
    expect(digits(window)).to_have_count(0)
    assert not setups(window, "secondary")[-1]["is_active"]
    told = setups(window, "main")
    assert all(one != two for one, two in pairwise(told))
