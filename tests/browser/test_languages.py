"""Both pages in German and in Arabic on a phone: their words, their direction, and nothing that sticks out."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bot.words.language import LANGUAGES, Plural, speaking
from bot.words.pages import CHAT, DRAW, Words
from tests.browser.drawing import digits, draw, settle
from tests.browser.driving import PATIENCE_MS, answered

PHONE = {"width": 390, "height": 844}
LOOKED_AT = pytest.mark.parametrize("code", ["de", "ar"])


def word(words: Words, name: str, code: str) -> str:
    """What a page says in a language, whatever of it is translated by now."""
    text = words[name]
    assert not isinstance(text, Plural)
    with speaking(LANGUAGES[code]):
        return text()


def fits(page: Page) -> bool:
    """Whether nothing of a page sticks out sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def middle(part: Locator) -> float:
    """How far from the left something is, in pixels."""
    box = part.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2


@pytest.fixture
def phone(browser: Browser, address: str, code: str) -> Iterator[Page]:
    """A phone whose browser speaks a language, in the guest's chat."""
    context = browser.new_context(viewport=PHONE, locale=code)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(f"{address}/?user=guest")
    expect(page.locator("html")).to_have_attribute("lang", code)
    expect(page.locator("#bot-status")).to_have_text(word(CHAT, "ready", code))
    yield page
    context.close()


@LOOKED_AT
def test_the_chat_speaks_the_browsers_language(phone: Page, code: str) -> None:
    """Title, fields and buttons have its words; the page runs as it does, and nothing is wider than the screen."""
    is_rtl = LANGUAGES[code].is_rtl
    expect(phone.locator("html")).to_have_attribute("dir", "rtl" if is_rtl else "ltr")
    expect(phone).to_have_title(word(CHAT, "title", code))
    expect(phone.locator("#text")).to_have_attribute("placeholder", word(CHAT, "write", code))
    for part, name in (("#attach", "send-picture"), ("#send", "send")):
        expect(phone.locator(part)).to_have_accessible_name(word(CHAT, name, code))
        expect(phone.locator(part)).to_be_in_viewport(ratio=1)
    assert (middle(phone.locator("#send")) < middle(phone.locator("#text"))) is is_rtl
    with answered(phone) as answer:
        phone.locator(".sample").first.click()
    expect(answer.locator(".digits")).to_have_css("direction", "ltr")
    bubble = answer.locator(".bubble")
    assert (middle(bubble) > PHONE["width"] / 2) is is_rtl  # the bot's are where a line begins
    assert fits(phone)
    assert phone.locator("#log").evaluate("log => log.scrollWidth <= log.clientWidth")
    answer.get_by_role("button", name="✗").click()
    one, two = (answer.get_by_role("button", name=digit, exact=True) for digit in "12")
    expect(two).to_be_visible()
    assert middle(one) < middle(two)  # keypads and the digits of a number run from left to right


@LOOKED_AT
def test_the_bot_is_told_in_which_language_it_is_written_to(phone: Page, code: str) -> None:
    """Whoever opens the chat says what they speak, as Telegram's apps do."""
    with phone.expect_request("**/local/language") as request:
        phone.reload()
    assert request.value.post_data_json == {"user": "guest", "language": code}


@pytest.mark.parametrize("code", ["en"])
def test_another_language_is_chosen_and_stays(phone: Page) -> None:
    """The languages stand there by their own names; the choice is remembered, and the draw page follows it."""
    names = phone.locator("#language option")
    expect(names).to_have_text([each.name for each in LANGUAGES.values()])
    phone.locator("#language").select_option("ar")
    expect(phone.locator("html")).to_have_attribute("dir", "rtl")
    expect(phone.locator("#language")).to_have_value("ar")
    phone.reload()
    expect(phone.locator("#text")).to_have_attribute("placeholder", word(CHAT, "write", "ar"))
    phone.locator("#menu-button").click()
    frame = phone.frame_locator("#web-app-frame")
    expect(frame.locator("html")).to_have_attribute("lang", "ar")
    expect(frame.locator("#undo span")).to_have_text(word(DRAW, "undo", "ar"))


@LOOKED_AT
def test_the_draw_page_speaks_it_too(phone: Page, address: str, code: str) -> None:
    """Drawn on, it says in the person's language how sure it is; digits run from left to right in all of them."""
    phone.goto(f"{address}/draw")
    expect(phone.locator("html")).to_have_attribute("dir", "rtl" if LANGUAGES[code].is_rtl else "ltr")
    expect(phone.locator(".stage").last).to_be_attached(timeout=PATIENCE_MS)
    expect(phone.locator("#inside")).to_have_text(word(DRAW, "inside", code))
    expect(phone.locator("#undo")).to_have_attribute("title", word(DRAW, "undo-key", code))
    draw(phone, "42", left=0.12, height=0.5)
    expect(digits(phone)).to_have_text(["4", "2"])
    settle(phone)
    assert middle(digits(phone).first) < middle(digits(phone).last)
    with speaking(LANGUAGES[code]):
        said = DRAW["sure-tap"].unfilled()
    assert isinstance(said, str)
    for part in said.replace("\u2068", "").replace("\u2069", "").split("{share}"):
        expect(phone.locator("#sure")).to_contain_text(part.strip())
    assert fits(phone)
    phone.locator(".map").first.click()
    expect(phone.locator("#lens")).to_be_visible()
    assert fits(phone)


@pytest.mark.parametrize(
    ("address_says", "telegram_says", "spoken"),
    [("?language=fr", "ar", "fr"), ("", "ar", "ar"), ("", "pt-br", "pt"), ("", "tlh", "en"), ("", None, "de")],
)
def test_whom_the_draw_page_asks_for_its_language(
    browser: Browser, address: str, address_says: str, telegram_says: str | None, spoken: str
) -> None:
    """Its address, else Telegram, else the browser; one that is not spoken is English."""
    context = browser.new_context(viewport=PHONE, locale="de-AT")  # type: ignore[arg-type]
    page = context.new_page()
    user = f"%7B%22id%22%3A7%2C%22language_code%22%3A%22{telegram_says}%22%7D"
    launched = f"#tgWebAppVersion=8.0&tgWebAppData=user%3D{user.replace('%', '%25')}" if telegram_says else ""
    page.goto(f"{address}/draw{address_says}{launched}")
    expect(page.locator(".stage").last).to_be_attached(timeout=PATIENCE_MS)
    expect(page.locator("html")).to_have_attribute("lang", spoken)
    expect(page.locator("#clear span")).to_have_text(word(DRAW, "clear", spoken))
    context.close()


def test_without_an_answer_the_page_speaks_english(browser: Browser, address: str) -> None:
    """The words of another language don't come: the page works as ever, in English."""
    context = browser.new_context(viewport=PHONE, locale="de")  # type: ignore[arg-type]
    page = context.new_page()
    page.route("**/draw/words?*", lambda route: route.abort())
    page.goto(f"{address}/draw")
    expect(page.locator(".stage").last).to_be_attached(timeout=PATIENCE_MS)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    draw(page, "7", left=0.35)
    expect(page.locator("#sure")).to_contain_text("% sure")
    context.close()
