"""What a person sees and does in a conversation that goes on."""

from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.browser.driving import answered, open_chat
from tests.pictures import encode, paper, write

_AT_THE_END = """() => {
    const log = document.querySelector("#log");
    return log.scrollHeight - log.scrollTop - log.clientHeight < 5;
}"""


def _say(page: Page, words: str) -> None:
    text = page.get_by_role("textbox", name="Message")
    text.fill(words)
    text.press("Enter")


def test_pressed_button_changes_the_message_at_once(page: Page) -> None:
    """/retrain asks first; pressing ✖ edits the question live, marks it as edited and takes its buttons away."""
    with answered(page) as question:
        _say(page, "/retrain")
    expect(question.locator(".key")).to_have_count(2)
    asked = question.locator(".words").inner_text()
    question.get_by_role("button", name="✖").click()
    expect(question.locator(".edited")).to_be_visible()
    expect(question.locator(".words")).not_to_have_text(asked)
    expect(question.locator(".key")).to_have_count(0)


def test_alert_of_a_pressed_button_is_shown(page: Page) -> None:
    """What the bot answers to a press appears over the page and is announced."""
    with answered(page) as question:
        _say(page, "/retrain")

    def answer(route: Route) -> None:
        route.fulfill(json={"alert": "That button is from an earlier training.", "modal": True})

    page.route("**/local/presses", answer)
    question.get_by_role("button", name="✖").click()
    expect(page.get_by_role("status")).to_contain_text("an earlier training")


def test_guest_has_a_chat_of_their_own(page: Page) -> None:
    """The switch leads to another person's chat, kept in the address; a guest is no admin."""
    page.get_by_role("link", name="Guest").click()
    page.wait_for_url("**/?user=guest")
    expect(page.locator("#bot-status")).to_contain_text("ready")
    expect(page.get_by_role("link", name="Guest")).to_have_attribute("aria-current", "page")
    with answered(page) as answer:
        _say(page, "/retrain")
    expect(answer).to_contain_text("admin")


def test_digits_are_copied_by_a_tap(page: Page) -> None:
    """The number that was read is a tap away from wherever it is needed."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    with answered(page) as answer:
        page.get_by_role("button", name="Send the sample: On ruled paper").click()
    answer.locator(".digits").click()
    expect(page.get_by_role("status")).to_contain_text("Copied 4825")
    assert page.evaluate("navigator.clipboard.readText()") == "4825"


def test_a_button_copies_what_was_read(page: Page) -> None:
    """Each line of writing by its own button, and the bot is not asked."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    with answered(page) as answer:
        page.get_by_role("button", name="Send the sample: Two lines").click()
    line = answer.locator(".key:has(svg)").first
    written = line.inner_text()
    line.click()
    expect(page.get_by_role("status")).to_contain_text(f"Copied {written}")
    assert page.evaluate("navigator.clipboard.readText()") == written
    assert answer.locator(".words").inner_text().startswith(written)


def test_the_digits_of_a_number_stay_in_their_row_on_a_telephone(page: Page) -> None:
    """Eight of them beside each other, none cut off, each as high as a finger."""
    page.set_viewport_size({"width": 390, "height": 740})
    eight = encode(write(paper(1150, 260), "40713562", 60, 80, pen=9))
    page.get_by_role("button", name="Send a picture").click()
    with answered(page) as answer:
        with page.expect_file_chooser() as chooser:
            page.get_by_role("menuitem", name="Photos").click()
        chooser.value.set_files({"name": "eight.png", "mimeType": "image/png", "buffer": eight})
    answer.get_by_role("button", name="✗").click()
    keys = answer.locator(".key-row").first.locator(".key")
    expect(keys).to_have_text([*"40713562"])
    boxes = [box for box in (key.bounding_box() for key in keys.all()) if box is not None]
    assert len({box["y"] for box in boxes}) == 1
    assert boxes[-1]["x"] + boxes[-1]["width"] <= 390
    assert min(box["height"] for box in boxes) >= 44


def test_photo_is_enlarged_and_closed_with_escape(page: Page) -> None:
    """A photo can be looked at closely, and left again with the keyboard; the focus comes back."""
    with answered(page):
        page.get_by_role("button", name="Send the sample: Yellow note").click()
    photo = page.locator(".message.user .photo").last
    photo.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#viewer-image")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#viewer")).to_be_hidden()
    expect(photo).to_be_focused()


def test_reply_goes_to_the_chosen_message(page: Page) -> None:
    """A message can be answered: the quote is shown over the field and in the bubble."""
    with answered(page) as first:
        _say(page, "/help")
    first.hover()
    first.get_by_role("button", name="Reply to").click()
    expect(page.locator("#replying")).to_contain_text("What I read")
    with answered(page):
        _say(page, "thank you")
    expect(page.locator(".message.user").last.locator(".quote")).to_contain_text("What I read")


def test_newest_message_does_not_disturb_who_reads_further_up(page: Page, address: str) -> None:
    """Scrolled up, the page stays where it is and offers the new message; otherwise it follows by itself."""
    for _ in range(3):
        with answered(page):
            _say(page, "/privacy")
    log = page.locator("#log")
    page.wait_for_function(_AT_THE_END)
    log.evaluate("log => { log.scrollTop = 0; }")
    expect(page.locator("#newest")).to_be_visible()
    page.request.post(f"{address}/local/messages", form={"text": "/stats", "user": "admin"})  # from another window
    expect(page.locator("#newest")).to_contain_text("1 new message")
    assert log.evaluate("log => log.scrollTop") == 0
    page.locator("#newest").click()
    expect(page.locator("#newest")).to_be_hidden()
    page.wait_for_function(_AT_THE_END)


def test_lost_connection_is_told_and_mended_by_itself(page: Page, address: str, complaints: list[str]) -> None:
    """When the bot cannot be reached a banner says so, and nothing written is lost; both mend."""
    page.context.set_offline(True)
    page.request.post(f"{address}/local/messages", form={"text": "wake up"})  # ends the request that is held
    expect(page.locator("#banner")).to_contain_text("cannot be reached")
    _say(page, "are you there?")
    failed = page.locator("#outbox .failed")
    expect(failed).to_contain_text("Not sent.")
    page.context.set_offline(False)
    expect(page.locator("#banner")).to_be_hidden()
    failed.get_by_role("button", name="Try again").click()
    expect(page.locator(".message.user .words").last).to_have_text("are you there?")
    expect(failed).to_have_count(0)
    complaints.clear()  # the browser's own lines about the requests that failed


def test_typing_indicator_shows_what_the_bot_does(page: Page) -> None:
    """While the bot works the person sees it, and no longer than that."""
    page.route(
        "**/local/state?*",
        lambda route: route.fulfill(
            json={
                "bot": {"name": "Digit bot", "username": "b"}, "action": "typing", "commands": [], "deleted": [],
                "revision": 10**9,
            }
        ),
    )  # fmt: skip
    page.reload()
    expect(page.locator("#typing")).to_contain_text("is writing")
    page.unroute("**/local/state?*")
    page.reload()
    expect(page.locator("#bot-status")).to_contain_text("ready")
    expect(page.locator("#typing")).to_be_hidden()


def test_conversation_is_there_after_a_reload(page: Page, address: str, number_photo: Path) -> None:
    """Closing the page loses nothing: photo and answer are shown again."""
    with answered(page):
        page.locator("#photo-input").set_input_files(number_photo)
    shown = page.locator(".message").count()
    open_chat(page, address)
    expect(page.locator(".message")).to_have_count(shown)
    expect(page.locator(".message.bot .digits").last).to_have_text("4825")
