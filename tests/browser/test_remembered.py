"""The draw page remembers the last drawing, on the device and nowhere else."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.drawing import digits, draw, open_sheet, painted, settle

KEPT = {"v": 1, "strokes": [[16, 0, 560, 240, 480, 0, -280, 720]]}  # a seven
DAMAGED = {
    "empty": "",
    "null": "null",
    "cut": "{",
    "a list": "[]",
    "a text": '"7"',
    "no strokes": '{"v": 1}',
    "a number": '{"v": 1, "strokes": 7}',
    "another version": '{"v": 2, "strokes": [[16, 0, 4, 4]]}',
    "no point": '{"v": 1, "strokes": [[16, 0]]}',
    "half a point": '{"v": 1, "strokes": [[16, 0, 4, 4, 4]]}',
    "a word": '{"v": 1, "strokes": [[16, 0, 4, "4"]]}',
    "a huge pen": '{"v": 1, "strokes": [[900, 0, 4, 4]]}',
    "off the sheet": '{"v": 1, "strokes": [[16, 0, 4, 4], [16, 0, 4, 40000]]}',
    "pressed too hard": '{"v": 1, "strokes": [[16, 1, 4, 4, 9999]]}',
    "too long": json.dumps({"v": 1, "strokes": [[16, 0, 4, 4]] * 20_000}),
}


@pytest.fixture
def sheet(window: Page, address: str) -> Page:
    """A fresh draw page."""
    open_sheet(window, address)
    return window


def kept(page: Page) -> Any:
    """What the browser keeps."""
    return json.loads(page.evaluate("localStorage.getItem('drawing')") or "null")


def test_the_last_drawing_is_back_at_the_next_opening(sheet: Page, address: str) -> None:
    """It looks and reads as before, the page says who remembers it, and it can be undone stroke by stroke."""
    draw(sheet, "47", left=0.1, height=0.5)
    expect(digits(sheet)).to_have_text(["4", "7"])
    settle(sheet)
    before = painted(sheet.locator("#pad")).getchannel("A").point(lambda ink: 255 if ink > 127 else 0)
    open_sheet(sheet, address)
    expect(digits(sheet)).to_have_text(["4", "7"])
    expect(sheet.locator("#remembered")).to_have_text("Your last drawing: only this device remembers it.")
    settle(sheet)
    after = painted(sheet.locator("#pad")).getchannel("A").point(lambda ink: 255 if ink > 127 else 0)
    other = sum(one != two for one, two in zip(before.tobytes(), after.tobytes(), strict=True))
    assert other < 0.002 * before.width * before.height  # places are kept in quarters of a unit
    sheet.keyboard.press("Control+z")
    expect(digits(sheet)).to_have_text(["4"])
    expect(sheet.locator("#remembered")).to_be_hidden()


def test_what_is_cleared_is_forgotten(sheet: Page, address: str) -> None:
    """Nothing of it stays on the device, and the next opening begins with an empty sheet."""
    draw(sheet, "7", left=0.35)
    expect(digits(sheet)).to_have_text(["7"])
    assert len(kept(sheet)["strokes"]) == 1
    sheet.get_by_role("button", name="Clear").click()
    assert sheet.evaluate("localStorage.length") == 0
    open_sheet(sheet, address)
    expect(sheet.locator("#invite")).to_be_visible()
    expect(sheet.get_by_role("button", name="Undo")).to_be_disabled()


def test_what_is_damaged_or_foreign_is_ignored(sheet: Page, address: str, subtests: pytest.Subtests) -> None:
    """The sheet is empty, nothing is said, and it can be drawn on: no error is on the console (the window checks)."""
    for what, text in DAMAGED.items():
        with subtests.test(what):
            sheet.evaluate("text => localStorage.setItem('drawing', text)", text)
            open_sheet(sheet, address)
            sheet.wait_for_timeout(50)
            expect(sheet.locator("#invite")).to_be_visible()
            expect(sheet.get_by_role("button", name="Clear")).to_be_disabled()
            expect(sheet.locator("#remembered")).to_be_hidden()


def test_a_long_drawing_loses_whole_strokes_the_oldest_first(sheet: Page) -> None:
    """However much is drawn, a few kB are kept: of what is kept, every stroke is whole."""
    found = sheet.evaluate(
        """async () => {
            const { packed, unpacked } = await import(new URL("remembered.js", document.scripts[0].src));
            const stroke = (number) => ({
                width: 6 + number % 25,
                points: Array.from({ length: 60 }, (_, at) => (
                    { x: at * 6.25, y: 300 - at * 5, pressure: number % 2 ? 1 : 0.5 + at % 4 / 4 }
                )),
            });
            const drawn = Array.from({ length: 200 }, (_, number) => stroke(number));
            const text = packed(drawn);
            const endless = { width: 6, points: Array(9000).fill({ x: 1.5, y: 2.5, pressure: 1 }) };
            return { length: text.length, drawn, back: unpacked(text), endless: packed([endless]) };
        }"""
    )
    assert 8_000 < found["length"] < 12_100
    assert 5 < len(found["back"]) < 200
    assert found["back"] == found["drawn"][-len(found["back"]) :]
    assert found["endless"] is None


def test_a_browser_that_keeps_nothing_is_drawn_in_all_the_same(window: Page, address: str) -> None:
    """Without storage, as in some frames, the page works as ever and says nothing."""
    window.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('', 'SecurityError'); }})"
    )
    open_sheet(window, address)
    draw(window, "7", left=0.35)
    expect(digits(window)).to_have_text(["7"])
    expect(window.locator("#banner")).to_be_hidden()


def test_who_has_begun_to_draw_is_not_disturbed(window: Page, address: str) -> None:
    """A store that answers late brings nothing back into a drawing that has begun."""
    window.add_init_script(
        """window.asked = [];
        window.TelegramWebviewProxy = {postEvent: (type, data) => asked.push([type, JSON.parse(data)])};"""
    )
    open_sheet(window, address, "#tgWebAppVersion=9.0&tgWebAppPlatform=ios")
    draw(window, "1", left=0.4)
    window.evaluate(
        """value => {
            const [, { req_id }] = asked.find(([type]) => type === 'web_app_device_storage_get_key');
            Telegram.WebView.receiveEvent('device_storage_key_received', { req_id, value });
        }""",
        json.dumps(KEPT),
    )
    expect(digits(window)).to_have_text(["1"])
    settle(window)
    expect(digits(window)).to_have_text(["1"])
    expect(window.locator("#remembered")).to_be_hidden()
    assert window.evaluate("localStorage.length") == 0  # Telegram's store is the one place


def test_telegrams_own_store_is_asked(window: Page, address: str) -> None:
    """From Bot API 9.0 on the drawing is Telegram's to keep: asked for by its key, saved, and cleared."""
    window.add_init_script(
        f"window.kept = {json.dumps(json.dumps(KEPT))};"
        """window.asked = [];
        window.TelegramWebviewProxy = {postEvent: (type, data) => {
            asked.push([type, JSON.parse(data)]);
            if (type !== 'web_app_device_storage_get_key') return;
            const { req_id } = JSON.parse(data);
            setTimeout(() => Telegram.WebView.receiveEvent('device_storage_key_received', { req_id, value: kept }));
        }}"""
    )
    open_sheet(window, address, "#tgWebAppVersion=9.0&tgWebAppPlatform=ios")
    expect(digits(window)).to_have_text(["7"])
    expect(window.locator("#remembered")).to_be_visible()
    window.get_by_role("button", name="Clear").click()
    told = [told for type_, told in window.evaluate("asked") if type_ == "web_app_device_storage_save_key"]
    assert [each["key"] for each in told] == ["drawing", "drawing"]
    assert json.loads(told[0]["value"]) == KEPT
    assert told[1]["value"] is None
