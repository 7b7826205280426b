"""Every way something gets from the person to the bot."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.driving import SAMPLES, answered, drag_files

TYPES = {".jpg": "image/jpeg", ".webp": "image/webp", ".png": "image/png"}


def test_photo_dropped_anywhere_is_answered_with_its_digits(page: Page, number_photo: Path) -> None:
    """Dragging a photo over the page shows where to drop it; letting go sends it and the reply quotes it."""
    drag_files(page, [number_photo], types=TYPES, drop=False)
    expect(page.locator("#drop")).to_be_visible()
    with answered(page) as answer:
        drag_files(page, [number_photo], types=TYPES)
    expect(page.locator("#drop")).to_be_hidden()
    expect(answer.locator(".digits")).to_have_text("4825")
    expect(answer.locator(".words")).to_contain_text("%")
    expect(answer.locator(".quote img")).to_be_visible()
    expect(page.locator("#outbox li")).to_have_count(0)


def test_picture_dropped_on_the_file_zone_is_sent_unchanged(page: Page, number_photo: Path) -> None:
    """The smaller drop target sends a document: its name is shown, and it is read all the same."""
    drag_files(page, [number_photo], types=TYPES, drop=False)
    with answered(page) as answer:
        drag_files(page, [number_photo], types=TYPES, target='.drop-zone[data-as="document"]')
    expect(page.locator(".message.user").last).to_contain_text(number_photo.name)
    expect(answer.locator(".digits")).to_have_text("4825")


def test_photo_chosen_from_the_menu_is_read(page: Page, number_photo: Path) -> None:
    """The + button offers the file picker."""
    page.get_by_role("button", name="Send a picture").click()
    with answered(page) as answer:
        with page.expect_file_chooser() as chooser:
            page.get_by_role("menuitem", name="Photos").click()
        chooser.value.set_files(number_photo)
    expect(answer.locator(".digits")).to_have_text("4825")


def test_picture_pasted_from_the_clipboard_is_read(page: Page, number_photo: Path) -> None:
    """A screenshot in the clipboard needs no file: paste sends it."""
    with answered(page) as answer:
        page.evaluate(
            """(bytes) => {
                const clipboardData = new DataTransfer();
                clipboardData.items.add(new File([new Uint8Array(bytes)], "image.jpg", { type: "image/jpeg" }));
                const text = document.getElementById("text");
                text.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
            }""",
            list(number_photo.read_bytes()),
        )
    expect(answer.locator(".digits")).to_have_text("4825")


def test_several_photos_at_once_are_one_album_with_one_answer(page: Page) -> None:
    """Pictures chosen together are shown together and answered in one message, in their order."""
    photos = [SAMPLES / "a-seven.jpg", SAMPLES / "on-ruled-paper.jpg", SAMPLES / "yellow-note.jpg"]
    with answered(page) as answer:
        drag_files(page, photos, types=TYPES)
    expect(page.locator(".message.user").last.locator(".album img")).to_have_count(3)
    expect(answer.locator(".digits")).to_have_text(["7", "4825", "219"])


def test_clicked_sample_is_sent_and_read(page: Page) -> None:
    """A newcomer without a photo sees the bot work after one click."""
    with answered(page) as answer:
        page.get_by_role("button", name="Send the sample: Two lines").click()
    expect(page.locator(".message.user").last.locator(".photo img")).to_be_visible()
    expect(answer.locator(".digits")).to_have_text(["1604", "9753"])


def test_typed_text_is_sent_by_enter_and_answered(page: Page) -> None:
    """Enter sends, Shift+Enter makes a line; markup in a text is shown as text."""
    text = page.get_by_role("textbox", name="Message")
    text.fill("<img src=x onerror=alert(1)>")
    text.press("Shift+Enter")
    text.press_sequentially("hello")
    with answered(page) as answer:
        text.press("Enter")
    expect(page.locator(".message.user .words").last).to_have_text("<img src=x onerror=alert(1)>\nhello")
    expect(page.locator(".words img")).to_have_count(0)
    expect(answer).to_contain_text("digits")
    expect(text).to_have_value("")


def test_slash_lists_the_commands_and_the_chosen_one_is_sent(page: Page) -> None:
    """Commands need not be remembered: a slash lists them, typing narrows the list, arrows and Enter choose."""
    text = page.get_by_role("textbox", name="Message")
    text.press_sequentially("/")
    options = page.locator("#hints [role=option]")
    expect(options.filter(has_text="/stats")).to_be_visible()
    text.press_sequentially("st")
    expect(options).to_have_count(2)  # /start, /stats
    text.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    with answered(page) as answer:
        text.press("Enter")
    expect(page.locator("#hints")).to_be_hidden()
    expect(answer).to_contain_text("Test accuracy")


def test_broken_photo_is_refused_kindly_and_can_go_as_a_file(page: Page, tmp_path: Path, complaints: list[str]) -> None:
    """What cannot be a photo stays in the chat with the reason and a way on: as a file, which the bot answers."""
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture at all")
    drag_files(page, [broken], types=TYPES)
    failed = page.locator("#outbox .failed")
    expect(failed).to_contain_text("Not sent.")
    with answered(page) as answer:
        failed.get_by_role("button", name="Send as a file").click()
    expect(answer).to_contain_text("picture")
    expect(failed).to_have_count(0)
    assert [complaint for complaint in complaints if "400" not in complaint] == []  # the browser's own line
    complaints.clear()


def test_message_is_sent_with_the_keyboard_alone(page: Page) -> None:
    """Nobody needs a mouse: one types at once, and from the top of the page a link leads back to the field."""
    text = page.get_by_role("textbox", name="Message")
    expect(text).to_be_focused()
    skip = page.get_by_role("link", name="Skip to the message field")
    skip.focus()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(text).to_be_focused()
    assert text.evaluate("field => getComputedStyle(field).outlineStyle") != "none"
    page.keyboard.type("hello")
    with answered(page):
        page.keyboard.press("Enter")
    expect(text).to_be_focused()
