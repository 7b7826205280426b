"""The draw page with the whole screen for itself: the browser's, Telegram's, or not at all."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.drawing import digits, draw, open_sheet
from tests.browser.test_web_app import offered, sheet

PROXY = "window.posted = []; window.TelegramWebviewProxy = {postEvent: (type, data) => posted.push(type)}"


@pytest.mark.parametrize(("width", "height"), [(390, 844), (844, 390), (1440, 900)])
def test_the_whole_screen_is_to_draw_on(window: Page, address: str, width: int, height: int) -> None:
    """In the browser's full screen the sheet is as large as its tools allow; nothing sticks out; the button leaves."""
    window.set_viewport_size({"width": width, "height": height})
    open_sheet(window, address)
    before = window.locator("#pad").bounding_box()
    button = window.get_by_role("button", name="Full screen")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert window.evaluate("document.fullscreenElement === document.documentElement")
    for part in ("#pad", "#undo", "#clear", "#thickness", "#full-screen", "#digits"):
        expect(window.locator(part)).to_be_in_viewport(ratio=1)
    assert window.evaluate("document.documentElement.scrollWidth") <= width
    after = window.locator("#pad").bounding_box()
    assert before is not None
    assert after is not None
    if width > 1000:
        assert after["width"] > 1.3 * before["width"]
    draw(window, "7", left=0.35)
    expect(digits(window)).to_have_text(["7"])
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(window.locator("html")).not_to_have_attribute("data-full-screen", "")


def test_a_device_without_full_screen_has_no_button(window: Page, address: str) -> None:
    """Neither a browser that can't nor a client that says so too late leaves a button that does nothing."""
    window.add_init_script("Object.defineProperty(document, 'fullscreenEnabled', {get: () => false})")
    open_sheet(window, address)
    expect(window.locator("#full-screen")).to_be_hidden()
    window.add_init_script(PROXY)
    open_sheet(window, address, "#tgWebAppVersion=7.10")
    expect(window.locator("#full-screen")).to_be_hidden()
    open_sheet(window, address, "#tgWebAppVersion=8.0")
    window.get_by_role("button", name="Full screen").click()
    assert "web_app_request_fullscreen" in window.evaluate("posted")
    window.evaluate("Telegram.WebView.receiveEvent('fullscreen_failed', {error: 'UNSUPPORTED'})")
    expect(window.locator("#full-screen")).to_be_hidden()


def test_what_telegram_lays_over_the_edges_is_kept_free(window: Page, address: str) -> None:
    """The insets of the device and of Telegram's own buttons add up; what is no number of pixels counts as none."""
    window.add_init_script(PROXY)
    open_sheet(window, address, "#tgWebAppVersion=8.0&tgWebAppFullscreen=1")
    expect(window.get_by_role("button", name="Full screen")).to_have_attribute("aria-pressed", "true")
    assert {"web_app_request_safe_area", "web_app_request_content_safe_area"} <= set(window.evaluate("posted"))
    window.evaluate(
        """for (const area of ['safe_area', 'content_safe_area'])
            Telegram.WebView.receiveEvent(`${area}_changed`, {top: 40, right: 'x; color: red', bottom: 12, left: -5})"""
    )
    expect(window.locator("body")).to_have_css("padding", "80px 0px 24px")
    window.get_by_role("button", name="Full screen").click()
    assert window.evaluate("posted").count("web_app_exit_fullscreen") == 1


def test_the_local_chat_fills_the_screen_as_telegram_does(page: Page) -> None:
    """The button asks the chat around, which fills the screen and says how high the bar is that lies over the page."""
    offered(page).click()
    frame = sheet(page)
    button = frame.get_by_role("button", name="Full screen")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.fullscreenElement.id") == "web-app-body"
    bar = page.locator("#web-app-bar").evaluate("bar => bar.offsetHeight")
    expect(frame.locator("body")).to_have_css("padding-top", f"{bar}px")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(frame.locator("body")).to_have_css("padding-top", "0px")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Close and go back").click()
    page.wait_for_function("document.fullscreenElement === null")
