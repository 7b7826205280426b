"""The draw page in a real browser, drawn on with real pointer events."""

import json
import math
import re
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from bot.words.models import serve_button
from model import SHIPPED, open_version
from tests.browser.drawing import digits, draw, draw_with_a_finger, maps, open_sheet, painted, settle
from tests.browser.driving import PATIENCE_MS
from tests.browser.test_looks import luminance
from tests.processes import running_bot
from tests.talking import press, say
from tests.versions import a_version

SIZES = [pytest.param(360, 740, id="phone"), pytest.param(1440, 900, id="desktop")]
# The served network, whichever it is: its stages, the first one, and the last one of maps.
LAYERS = open_version(SHIPPED).metrics.layers
FIRST = LAYERS[0].name
MAPS = [layer for layer in LAYERS if len(layer.shape) == 3]
# Of WCAG 2.2, AA for text. Pairs of foreground and background as the style sheets combine them.
_AA = 4.5
_PAIRS = [
    ("--text", "--paper"), ("--text", "--surface"), ("--text", "--desk"), ("--muted", "--surface"),
    ("--muted", "--paper"), ("--muted", "--desk"), ("--muted", "--accent-soft"), ("--accent-text", "--accent"),
    ("--accent", "--accent-soft"), ("--mark-text", "--mark"), ("--bad", "--bad-soft"), ("--ink", "--paper"),
]  # fmt: skip


@pytest.fixture
def sheet(window: Page, address: str) -> Page:
    """A fresh draw page."""
    open_sheet(window, address)
    return window


def launch(**parameters: Any) -> str:
    """The fragment that Telegram adds to the address of a page that it opens."""
    told = {"tgWebAppVersion": "7.9", "tgWebAppPlatform": "android", **parameters}
    return "#" + "&".join(f"{key}={quote(text)}" for key, text in told.items())


def asked(page: Page) -> list[Request]:
    """The drawings that the page sends from now on."""
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.url.endswith("/draw/read") else None)
    return sent


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_digit_is_drawn_and_everything_reacts(sheet: Page, width: int, height: int) -> None:
    """Digit, confidence, bars, the 28×28 and every layer follow a stroke, on a phone and on a wide screen."""
    sheet.set_viewport_size({"width": width, "height": height})
    before = [maps(sheet, layer.name) for layer in LAYERS]
    blank = painted(sheet.locator("#sees"))
    draw(sheet, "7", left=0.35)
    expect(digits(sheet)).to_have_text(["7"])
    expect(sheet.locator("#sure")).to_have_text(re.compile(r"^7: \d\d % sure$"))
    expect(sheet.locator("#bars li.best .label")).to_have_text("7")
    expect(sheet.locator("#bars li.best .share")).to_have_text(re.compile(r"^\d\d %$"))
    settle(sheet)
    assert painted(sheet.locator("#sees")) != blank
    after = [maps(sheet, layer.name) for layer in LAYERS]
    assert [layer.name for layer, was, now in zip(LAYERS, before, after, strict=True) if was == now] == []
    assert [len(now) for now in after] == [layer.shape[2] if layer in MAPS else 1 for layer in LAYERS]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_page_fits_its_width(sheet: Page, width: int, height: int) -> None:
    """Nothing sticks out sideways, drawn on or not; canvas, tools and digit are on the first screen."""
    sheet.set_viewport_size({"width": width, "height": height})
    draw(sheet, "42", left=0.12, height=0.5)
    expect(digits(sheet)).to_have_text(["4", "2"])
    assert sheet.evaluate("document.documentElement.scrollWidth") <= width
    for part in ("#pad", "#undo", "#clear", "#thickness", "#digits", "#bars", "#sees"):
        expect(sheet.locator(part)).to_be_in_viewport(ratio=1)


def test_each_stage_is_labelled(sheet: Page) -> None:
    """Its name, its shape, its filters, and what the converter fused into it."""
    expect(sheet.locator(".stage h3")).to_have_text([layer.name for layer in LAYERS])
    expect(sheet.locator(".stage .shape")).to_have_text([" × ".join(map(str, layer.shape)) for layer in LAYERS])
    before = 28
    for layer, about in zip(LAYERS, sheet.locator(".stage .about").all(), strict=True):
        if layer.kind == "Conv2D":
            halves = 2 * layer.shape[0] == before
            expect(about).to_have_text(
                re.compile("^convolution of every second pixel" if halves else "^3 × 3 convolution")
            )
            before = layer.shape[0]
            expect(about).to_contain_text(f"{layer.shape[2]} filters")
        if layer.kind == "MaxPooling2D":
            expect(about).to_have_text(f"2 × 2 max pooling · {layer.shape[2]} maps")
        if any(part.endswith("_norm") for part in layer.parts):
            expect(about).to_contain_text(re.compile("batch normalisation.*fused into it"))


def test_an_empty_canvas_asks_and_predicts_nothing(sheet: Page) -> None:
    """Nothing is sent before the first stroke and after the last one is gone; nothing is shown."""
    sent = asked(sheet)
    expect(sheet.locator("#invite")).to_be_visible()
    expect(sheet.locator("#digits")).to_have_text("–")
    sheet.wait_for_timeout(300)
    assert sent == []
    draw(sheet, "7", left=0.35)
    expect(digits(sheet)).to_have_text(["7"])
    sheet.get_by_role("button", name="Clear").click()
    expect(digits(sheet)).to_have_count(0)
    expect(sheet.locator("#digits")).to_have_text("–")
    expect(sheet.locator("#sure")).to_have_text("")
    expect(sheet.locator("#bars .best")).to_have_count(0)
    expect(sheet.locator("#stages.idle")).to_have_count(1)
    settle(sheet)
    before = len(sent)
    sheet.wait_for_timeout(300)
    assert len(sent) == before


def test_undo_takes_strokes_back_one_by_one(sheet: Page) -> None:
    """The button and Ctrl+Z go back, Ctrl+Y forth; a page that was cleared comes back too."""
    draw(sheet, "1", left=0.15)
    expect(digits(sheet)).to_have_text(["1"])
    draw(sheet, "7", left=0.55)
    expect(digits(sheet)).to_have_text(["1", "7"])
    sheet.get_by_role("button", name="Undo").click()
    expect(digits(sheet)).to_have_text(["1"])
    sheet.keyboard.press("Control+y")
    expect(digits(sheet)).to_have_text(["1", "7"])
    sheet.get_by_role("button", name="Clear").click()
    expect(digits(sheet)).to_have_count(0)
    sheet.keyboard.press("Control+z")
    expect(digits(sheet)).to_have_text(["1", "7"])
    for _ in range(3):
        sheet.keyboard.press("Control+z")
    expect(sheet.locator("#digits")).to_have_text("–")
    expect(sheet.get_by_role("button", name="Undo")).to_be_disabled()


def test_each_digit_of_a_number_has_its_own_inside(sheet: Page) -> None:
    """Digits side by side are read as a number; choosing one shows its 28×28, its bars and its layers."""
    draw(sheet, "42", left=0.12, height=0.5)
    expect(digits(sheet)).to_have_text(["4", "2"])
    expect(digits(sheet).nth(1)).to_have_attribute("aria-pressed", "true")
    settle(sheet)
    second = painted(sheet.locator("#sees")), maps(sheet, MAPS[-1].name)
    expect(sheet.locator("#bars li.best .label")).to_have_text("2")
    digits(sheet).nth(0).click()
    expect(digits(sheet).nth(0)).to_have_attribute("aria-pressed", "true")
    expect(sheet.locator("#bars li.best .label")).to_have_text("4")
    assert painted(sheet.locator("#sees")) != second[0]
    assert maps(sheet, MAPS[-1].name) != second[1]


def test_each_line_of_writing_has_its_own_and_how_sure_it_is(sheet: Page) -> None:
    """Two lines are read as two, one below the other; a line is as sure as its digits together."""
    told: list[dict[str, Any]] = []
    sheet.on("response", lambda response: told.append(response.json()) if response.url.endswith("/draw/read") else None)
    draw(sheet, "38", left=0.1, top=0.06, height=0.34)
    expect(sheet.locator(".line-sure")).to_have_count(0)  # of one line it is said below
    draw(sheet, "417", left=0.1, top=0.55, height=0.34)
    expect(sheet.locator(".line > span")).to_have_text(["38", "417"])
    settle(sheet)
    shares = [each["confidence"] for each in told[-1]["digits"]]
    sure = [f"{min(99, round(100 * math.prod(line)))} %" for line in (shares[:2], shares[2:])]
    expect(sheet.locator(".line-sure")).to_have_text(sure)
    expect(sheet.get_by_role("group", name=f"417, {sure[1]}")).to_be_visible()
    digits(sheet).nth(3).click()
    expect(sheet.locator("#bars li.best .label")).to_have_text("1")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_marks_are_shown_where_they_were_written(sheet: Page, width: int, height: int) -> None:
    """Marks and spaces stand between the digits, in lines that fit the width; only digits can be chosen."""
    sheet.set_viewport_size({"width": width, "height": height})
    lines = ["12/05/2023", "3.5 + 4 = 7.5", "2^10 (417)"]
    count = sum(character.isdigit() for line in lines for character in line)

    def marked(route: Route) -> None:
        body = route.fetch().json()
        route.fulfill(json={**body, "text": lines, "digits": body["digits"][:1] * count})

    sheet.route("**/draw/read", marked)
    draw(sheet, "7", left=0.35)
    expect(digits(sheet)).to_have_count(count)
    settle(sheet)
    assert sheet.locator(".line > span").evaluate_all("lines => lines.map(line => line.textContent)") == lines
    assert sheet.evaluate("document.documentElement.scrollWidth") <= width
    date = [each["y"] for each in (button.bounding_box() for button in digits(sheet).all()[:8]) if each]
    assert len(set(date)) == 1  # not broken
    sheet.unroute_all(behavior="wait")


def test_the_digit_under_the_pen_is_looked_at(sheet: Page) -> None:
    """Whoever adds a digit on the left looks into that one, not into the last of the number."""
    draw(sheet, "2", left=0.6, height=0.5)
    expect(digits(sheet)).to_have_text(["2"])
    draw(sheet, "4", left=0.1, height=0.5)
    expect(digits(sheet)).to_have_text(["4", "2"])
    expect(digits(sheet).nth(0)).to_have_attribute("aria-pressed", "true")


def test_a_model_without_layers_still_reads(window: Page, address: str) -> None:
    """The page says that it can't look inside, and goes on reading."""

    def describe(route: Route) -> None:
        told: dict[str, Any] = {"stages": [], "kernels": None, "problem": "The layers of this model can't be shown."}
        route.fulfill(json={**route.fetch().json(), **told})

    window.route("**/draw/model", describe)
    window.goto(f"{address}/draw")
    expect(window.locator("#problem")).to_have_text("The layers of this model can't be shown.")
    draw(window, "7", left=0.35)
    expect(digits(window)).to_have_text(["7"])
    window.unroute_all(behavior="wait")


def test_a_thick_pen_leaves_more_ink(sheet: Page) -> None:
    """The thickness can be chosen, with the keyboard too."""

    def ink() -> int:
        return sum(painted(sheet.locator("#pad")).getchannel("A").histogram()[1:])

    draw(sheet, "1", left=0.4)
    thin = ink()
    sheet.get_by_role("button", name="Clear").click()
    sheet.get_by_label("Thickness").press("End")
    draw(sheet, "1", left=0.4)
    assert ink() > 1.5 * thin


def test_pointing_at_a_filter_enlarges_it_and_shows_its_kernel(sheet: Page) -> None:
    """The first stage's maps come with the nine numbers that make them, the others without."""
    sheet.set_viewport_size({"width": 1440, "height": 900})
    draw(sheet, "7", left=0.35)
    expect(digits(sheet)).to_have_text(["7"])
    sheet.locator(f"[data-stage={FIRST}] .map").nth(5).hover()
    expect(sheet.locator("#lens-title")).to_have_text(f"{FIRST} · filter 6")
    expect(sheet.locator("#kernel td")).to_have_count(9)
    numbers = [float(text.replace("−", "-")) for text in sheet.locator("#kernel td").all_inner_texts()]
    model = sheet.request.get(sheet.url.replace("/draw", "/draw/model")).json()
    assert numbers == [round(weight, 2) for row in model["kernels"][5] for weight in row]
    expect(sheet.locator("#lens-note")).to_contain_text("batch normalisation is multiplied into it")
    expect(sheet.locator("#lens-facts")).to_contain_text("strongest")
    sheet.locator("#lens-map").hover(position={"x": 2, "y": 2})
    expect(sheet.locator("#lens-facts")).to_have_text(re.compile(r"^row 1, column 1: \d"))
    sheet.locator(f"[data-stage={MAPS[-1].name}] .map").last.hover()
    expect(sheet.locator("#lens-facts")).to_contain_text("strongest")
    expect(sheet.locator("#lens-title")).to_have_text(re.compile(f"^{MAPS[-1].name} · .* {MAPS[-1].shape[2]}$"))
    expect(sheet.locator("#lens-kernel")).to_be_hidden()
    sheet.locator("[data-stage=probabilities] .map").hover()
    expect(sheet.locator("#lens-facts")).to_have_text(re.compile(r"^7: \d+\.\d %"))


def test_tapping_a_map_on_a_phone_opens_it_and_closes_again(browser: Browser, address: str) -> None:
    """Without a mouse a tap enlarges, and the sheet goes away by its button; a finger draws without scrolling."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = context.new_page()
    open_sheet(page, address)
    draw_with_a_finger(page, "3", left=0.35)
    expect(digits(page)).to_have_text(["3"], timeout=PATIENCE_MS)
    assert page.evaluate("scrollY") == 0
    expect(page.locator("#lens")).to_be_hidden()
    for _ in range(3):  # on a busy machine the browser may take a tap for a long press
        page.locator(f"[data-stage={FIRST}] .map").nth(2).tap()
        page.wait_for_timeout(200)
        if page.locator("#lens").is_visible():
            break
    expect(page.locator("#lens-title")).to_have_text(f"{FIRST} · filter 3")
    expect(page.locator("#kernel td")).to_have_count(9)
    expect(page.locator("#lens")).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="Close").tap()
    expect(page.locator("#lens")).to_be_hidden()
    context.close()


def test_the_keyboard_is_enough(sheet: Page) -> None:
    """Arrows and Space draw; arrows walk among a stage's maps; Escape puts the enlarged one away."""
    sheet.set_viewport_size({"width": 800, "height": 900})
    sheet.locator("#pad").focus()
    sheet.keyboard.press("Space")
    for key, times in (("ArrowRight", 10), ("ArrowDown", 18)):
        for _ in range(times):
            sheet.keyboard.press(key)
    sheet.keyboard.press("Space")
    expect(digits(sheet)).to_have_text(["7"])
    sheet.keyboard.press("Delete")
    expect(sheet.locator("#digits")).to_have_text("–")
    first = sheet.locator(f"[data-stage={FIRST}] .map").first
    first.focus()
    sheet.keyboard.press("ArrowRight")
    expect(sheet.locator("#lens-title")).to_have_text(f"{FIRST} · filter 2")
    sheet.keyboard.press("ArrowDown")
    expect(sheet.locator("#lens-title")).to_have_text(f"{FIRST} · filter 18")
    assert sheet.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    sheet.keyboard.press("Escape")
    expect(sheet.locator("#lens")).to_be_hidden()


def test_brightness_can_be_each_maps_own(sheet: Page) -> None:
    """A faint map is as bright as a strong one when that is asked for."""
    draw(sheet, "7", left=0.35)
    expect(digits(sheet)).to_have_text(["7"])
    settle(sheet)
    shared = maps(sheet, MAPS[1].name)
    sheet.get_by_text("each map's own").click()
    assert maps(sheet, MAPS[1].name) != shared
    sheet.get_by_text("a layer's own").click()
    assert maps(sheet, MAPS[1].name) == shared


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_system_and_can_be_read(sheet: Page, scheme: Literal["light", "dark"]) -> None:
    """Every text has the contrast that WCAG AA asks for, on exercise paper and on the chalk board."""
    sheet.emulate_media(color_scheme=scheme)
    brightness = luminance(sheet, "--paper")
    assert (brightness > 0.8) if scheme == "light" else (brightness < 0.05)
    for foreground, background in _PAIRS:
        light, dark = sorted((luminance(sheet, foreground), luminance(sheet, background)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= _AA, (foreground, background)


def test_telegrams_theme_is_worn(window: Page, address: str) -> None:
    """A dark Telegram on a light system gets a dark page in its colours, and follows when they change."""
    window.emulate_media(color_scheme="light")
    theme = {"bg_color": "#17212b", "text_color": "#f5f5f5", "hint_color": "#708499", "button_color": "#5288c1"}
    open_sheet(window, address, launch(tgWebAppThemeParams=json.dumps(theme)))
    root = window.locator(":root")
    expect(root).to_have_attribute("data-theme", "dark")
    assert window.evaluate("getComputedStyle(document.querySelector('.answer')).backgroundColor") == "rgb(23, 33, 43)"
    for foreground, background in (("--text", "--paper"), ("--text", "--accent-soft"), ("--muted", "--surface")):
        light, dark = sorted((luminance(window, foreground), luminance(window, background)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= _AA, (foreground, background)
    window.evaluate(
        "Telegram.WebView.receiveEvent('theme_changed', {theme_params: {bg_color: '#ffffff', text_color: '#000000'}})"
    )
    expect(root).to_have_attribute("data-theme", "light")


def test_telegram_is_told_that_the_page_is_ready(window: Page, address: str) -> None:
    """It is asked for room, told not to close the page when a stroke goes down, and felt when a digit is read."""
    window.add_init_script(
        "window.posted = []; window.TelegramWebviewProxy = {postEvent: (type, data) => posted.push([type, data])}"
    )
    open_sheet(window, address, launch())
    draw(window, "7", left=0.35)
    expect(digits(window)).to_have_text(["7"])
    posted = dict(window.evaluate("posted"))
    assert {"web_app_ready", "web_app_expand", "web_app_trigger_haptic_feedback"} <= set(posted)
    assert json.loads(posted["web_app_setup_swipe_behavior"]) == {"allow_vertical_swipe": False}


def test_the_page_alone_offers_no_sending(sheet: Page) -> None:
    """Without Telegram's word on who draws, the page draws and predicts."""
    expect(sheet.locator("#send")).to_be_hidden()


def test_send_to_chat_sends_the_drawing_and_who_sends_it(window: Page, address: str, complaints: list[str]) -> None:
    """The picture and the init data go out; what the bot answers is told, good or bad."""
    said = iter([(403, {"error": "Open the page from the chat again."}), (200, {"message_id": 5})])
    sent: list[Request] = []

    def answer(route: Route) -> None:
        status, body = next(said)
        sent.append(route.request)
        route.fulfill(status=status, json=body)

    window.route("**/draw/send", answer)
    open_sheet(window, address, launch(tgWebAppData="user=%7B%7D&auth_date=1&hash=ab"))
    button = window.get_by_role("button", name="Send to chat")
    expect(button).to_be_disabled()
    draw(window, "7", left=0.35)
    button.click()
    expect(window.locator("#sent")).to_have_text("Open the page from the chat again.")
    button.click()
    expect(window.locator("#sent")).to_contain_text("Sent.")
    assert [request.headers["x-telegram-init-data"] for request in sent] == ["user=%7B%7D&auth_date=1&hash=ab"] * 2
    body = sent[1].post_data_buffer
    assert body is not None
    assert body.startswith(b"\x89PNG")
    assert [complaint for complaint in complaints if "403" not in complaint] == []  # the browser's own line
    complaints.clear()


def test_another_model_is_shown_without_a_reload(sheet: Page) -> None:
    """When an answer names a version that the page does not know, it learns what that one looks like."""
    sheet.evaluate("window.stayed = true")
    draw(sheet, "1", left=0.2)
    expect(digits(sheet)).to_have_text(["1"])

    def renamed(route: Route) -> None:
        body = {**route.fetch().json(), "version": "20990101-000000-continue-0"}
        route.fulfill(json=body)

    sheet.route("**/draw/model", renamed)
    sheet.route("**/draw/read", renamed)
    draw(sheet, "7", left=0.55)
    expect(digits(sheet)).to_have_text(["1", "7"])
    expect(sheet.locator("#model")).to_contain_text("20990101-000000-continue-0")
    expect(sheet.locator("#stages.idle")).to_have_count(0)
    assert sheet.evaluate("window.stayed")
    sheet.unroute_all(behavior="wait")


def test_a_model_put_into_service_in_the_chat_is_shown_at_the_next_stroke(browser: Browser, tmp_path: Path) -> None:
    """The same with a real bot: an admin serves another version, and the open page has it, name and layers."""
    name = "20990101-000000-continue-0"
    a_version(tmp_path / "data" / "models", name)
    with running_bot(tmp_path) as bot:
        page = browser.new_page()
        open_sheet(page, bot.origin)
        draw(page, "1", left=0.2)
        expect(digits(page)).to_have_text(["1"])
        expect(page.locator("#model")).not_to_contain_text(name)
        press(bot, bot.replies(say(bot, "/models"))[0], serve_button(name))
        draw(page, "7", left=0.55)
        expect(page.locator("#model")).to_contain_text(name)
        expect(digits(page)).to_have_text(["1", "7"])
        expect(page.locator("#stages.idle")).to_have_count(0)
        page.close()


def test_a_late_answer_does_not_replace_a_newer_one(sheet: Page) -> None:
    """The newest drawing wins, whatever the order in which answers come."""
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    sheet.evaluate("Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")  # no live asking
    sheet.route("**/draw/read", hold_the_first)
    draw(sheet, "1", left=0.2)
    draw(sheet, "7", left=0.55)
    expect(digits(sheet)).to_have_text(["1", "7"])
    with sheet.expect_response("**/draw/read"):
        held[0].continue_()
    sheet.wait_for_timeout(200)
    expect(digits(sheet)).to_have_text(["1", "7"])


def test_a_bot_that_is_busy_is_asked_again(sheet: Page, complaints: list[str]) -> None:
    """What went wrong is said, the drawing stays, and the answer comes when it can."""
    refusals = [429, 429]

    def refuse(route: Route) -> None:
        if refusals:
            refusals.pop()
            route.fulfill(status=429, json={"error": "Wait 1 s, then go on."}, headers={"Retry-After": "1"})
        else:
            route.continue_()

    sheet.route("**/draw/read", refuse)
    draw(sheet, "7", left=0.35)
    expect(sheet.get_by_role("alert")).to_have_text("Wait 1 s, then go on.")
    expect(digits(sheet)).to_have_text(["7"])
    expect(sheet.get_by_role("alert")).to_be_hidden()
    assert [complaint for complaint in complaints if "429" not in complaint] == []  # the browser's own lines
    complaints.clear()
