"""Pictures in, replies out, on a fake Telegram and a scripted reader: a photo's bytes are the digits that it shows."""

import asyncio
import io
import threading
from pathlib import Path

import pytest
from PIL import Image
from telegram import Update

from bot import words
from bot.learning.trainer import Trainer
from bot.settings import Settings
from bot.store import EDITABLE_S, Claim, StoreUnavailable, Tally
from bot.updates import order
from model import UnreadablePhoto
from tests.fakes import ADMIN, BOT, GROUP, PERSON, Bot, Call, ScriptedReader, a_reading
from tests.pressing import buttons, tally


async def test_a_photo_is_answered_as_a_reply_with_its_digits(bot: Bot) -> None:
    """The answer is one message that starts with the digits, gives the confidence, and replies to the photo."""
    photo = bot.photo("7")
    assert await bot.handle(message=photo) == ["<code>7</code>\n97 % sure"]
    (sent,) = [call for call in bot.telegram.calls if call.method == "sendMessage"]
    assert sent.parameters["reply_parameters"]["message_id"] == photo["message_id"]


async def test_a_number_comes_back_on_its_photo(bot: Bot) -> None:
    """One message: the picture with what was read, the digits and the confidence as its caption, both buttons."""
    photo = bot.photo("4071")
    assert await bot.handle(message=photo) == ["<code>4071</code>\n97 % sure"]
    (sent,) = [call for call in bot.telegram.calls if call.method in {"sendMessage", "sendPhoto"}]
    assert sent.method == "sendPhoto"
    assert sent.parameters["reply_parameters"]["message_id"] == photo["message_id"]
    assert list(buttons(sent))[:2] == [words.corrections.RIGHT, words.corrections.WRONG]
    (file,) = sent.files
    assert Image.open(io.BytesIO(file)).format == "JPEG"


async def test_a_photo_under_a_spoiler_comes_back_under_one(bot: Bot) -> None:
    """Whoever hides a photo does not want the bot to show it; any other comes back open."""
    await bot.handle(message=bot.photo("4071", has_media_spoiler=True))
    await bot.handle(message=bot.photo("4071"))
    hidden, shown = (call for call in bot.telegram.calls if call.method == "sendPhoto")
    assert hidden.parameters["has_spoiler"] is True
    assert "has_spoiler" not in shown.parameters


async def test_a_number_that_can_not_be_sent_as_a_photo_is_said_in_words(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    """A group without photos still gets its digits, with the buttons; the log says why they came so."""
    bot.telegram.failures["sendPhoto"] = (400, "Bad Request: not enough rights to send photos to the chat")
    await bot.handle(message=bot.photo("4071"))
    sent = bot.telegram.calls[-1]
    assert (sent.method, sent.parameters["text"]) == ("sendMessage", "<code>4071</code>\n97 % sure")
    assert list(buttons(sent))[:2] == [words.corrections.RIGHT, words.corrections.WRONG]
    assert "not enough rights" in caplog.text.lower()


async def test_a_number_too_long_for_a_caption_is_said_in_words(bot: Bot) -> None:
    """Telegram takes 1024 characters under a photo, four times that in a message."""
    (answer,) = await bot.handle(message=bot.photo("7" * 1024))
    assert answer.startswith("<code>7777")
    assert not [call for call in bot.telegram.calls if call.method == "sendPhoto"]


async def test_a_chat_action_shows_while_a_photo_is_read(bot: Bot) -> None:
    """The chat shows that the bot is at work."""
    gate = bot.reader.gate = threading.Event()
    handling = asyncio.create_task(bot.handle(message=bot.photo("7")))
    await bot.until(lambda: "sendChatAction" in [call.method for call in bot.telegram.calls])
    assert not bot.telegram.sent()
    gate.set()
    assert await handling


async def test_the_largest_size_of_a_photo_is_read(bot: Bot) -> None:
    """Telegram offers several sizes; the last one, the largest, is fetched."""
    photo = bot.photo("7")
    photo["photo"].insert(0, {**photo["photo"][0], "file_id": "thumb", "file_unique_id": "t"})
    await bot.handle(message=photo)
    fetched = [call.parameters["file_id"] for call in bot.telegram.calls if call.method == "getFile"]
    assert fetched == ["photo7"]


def a_file(bot: Bot, kind: str, **fields: object) -> dict[str, object]:
    """A message with a file that is read as 7."""
    bot.telegram.files["f1"] = b"7"
    return bot.message(**{kind: {"file_id": "f1", "file_unique_id": "u1", **fields}})


async def test_a_file_is_judged_by_its_bytes_not_its_mime_type(bot: Bot) -> None:
    """A document that claims to be a zip is read all the same, when its bytes are a picture."""
    document = a_file(bot, "document", mime_type="application/zip", file_name="a.zip")
    assert await bot.handle(message=document) == ["<code>7</code>\n97 % sure"]


async def test_a_static_sticker_is_read(bot: Bot) -> None:
    """A static sticker is a picture."""
    sticker = a_file(bot, "sticker", width=512, height=512, is_animated=False, is_video=False, type="regular")
    assert await bot.handle(message=sticker) == ["<code>7</code>\n97 % sure"]


async def test_an_animations_thumbnail_is_read(bot: Bot) -> None:
    """A GIF arrives as an MP4; its thumbnail is what can be read."""
    bot.telegram.files["thumb"] = b"8"
    thumbnail = {"file_id": "thumb", "file_unique_id": "t", "width": 90, "height": 90}
    gif = {"file_id": "mp4", "file_unique_id": "m", "mime_type": "video/mp4"}
    animation = {**gif, "width": 90, "height": 90, "duration": 1, "thumbnail": thumbnail}
    assert await bot.handle(message=bot.message(animation=animation, document=gif)) == ["<code>8</code>\n97 % sure"]


async def test_an_animation_without_a_thumbnail_is_said_to_have_no_picture(bot: Bot) -> None:
    """Nothing is downloaded, and the answer says what to send instead."""
    gif = {"file_id": "mp4", "file_unique_id": "m", "width": 90, "height": 90, "duration": 1}
    assert await bot.handle(message=bot.message(animation=gif, document=gif)) == [words.replies.NO_THUMBNAIL()]


async def test_a_file_over_the_limit_is_refused_before_it_is_fetched(bot: Bot) -> None:
    """A 21 MB file gets its answer without a download."""
    document = a_file(bot, "document", file_size=21 * 1024 * 1024)
    assert await bot.handle(message=document) == [words.replies.too_big()]
    assert not [call for call in bot.telegram.calls if call.method == "getFile"]


@pytest.mark.parametrize("reason", ["empty", "not an image", "cut short", "too large", "unsupported"])
async def test_each_unreadable_file_gets_its_own_answer(bot: Bot, reason: str) -> None:
    """What was wrong is said in words of its own, never as the exception's text."""
    bot.reader.failure = UnreadablePhoto(reason, "internal detail")  # type: ignore[arg-type]
    (answer,) = await bot.handle(message=bot.photo("7"))
    assert answer == words.replies.unreadable(reason)  # type: ignore[arg-type]
    assert "internal detail" not in answer


async def test_a_failed_download_asks_for_the_picture_again(bot: Bot) -> None:
    """Telegram failing to hand out a file, twice, is not the person's fault and not silent."""
    bot.telegram.failures["getFile"] = (500, "Internal Server Error")
    assert await bot.handle(message=bot.photo("7")) == [words.replies.DOWNLOAD_FAILED()]
    assert [call.method for call in bot.telegram.calls].count("getFile") == 2


async def test_an_error_nobody_expected_is_logged_and_apologised_for(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    """The person gets an apology without the exception's text; the log gets the exception."""
    bot.reader.failure = ZeroDivisionError("secret detail")
    (alert, apology) = await bot.handle(message=bot.photo("7"))
    assert apology == words.replies.APOLOGY()
    assert "ZeroDivisionError" in alert
    assert "secret detail" not in alert
    assert "ZeroDivisionError" in caplog.text


async def test_more_pictures_than_the_limit_are_refused_with_the_seconds_to_wait(tmp_path: Path) -> None:
    """The limit is 60 a minute unless settings say otherwise: the picture after it gets a friendly no."""
    assert Settings.model_fields["readings_per_minute"].default == 60
    async with Bot(ScriptedReader(), Trainer(tmp_path), readings_per_minute=3) as bot:
        answers = [(await bot.handle(message=bot.photo("7")))[0] for _ in range(4)]
    assert [answer.startswith("<code>") for answer in answers] == [True] * 3 + [False]
    assert "more than 3 pictures a minute" in answers[-1]


async def test_an_admin_has_no_limit(tmp_path: Path) -> None:
    """The limit is for people, not for admins."""
    async with Bot(ScriptedReader(), Trainer(tmp_path), readings_per_minute=1) as bot:
        answers = [(await bot.handle(message=bot.photo("7", **{"from": ADMIN})))[0] for _ in range(3)]
    assert all(answer.startswith("<code>") for answer in answers)


# ── albums and order


async def test_an_album_gets_one_answer_with_a_line_a_picture(bot: Bot) -> None:
    """Three pictures of one album: one message, the readings in order, as a reply to the first."""
    album = [bot.photo(digits, media_group_id="a") for digits in ("12", "", "7")]
    await bot.deliver([bot.update(message=photo) for photo in album])
    assert bot.telegram.sent() == ["<code>12</code> · 97 % sure\nno digit\n<code>7</code> · 97 % sure"]
    (sent,) = [call for call in bot.telegram.calls if call.method == "sendMessage"]
    assert sent.parameters["reply_parameters"]["message_id"] == album[0]["message_id"]


def a_video(bot: Bot, **fields: object) -> dict[str, object]:
    """A message with a video."""
    video = {"file_id": "v", "file_unique_id": "v", "width": 90, "height": 90, "duration": 1}
    return bot.message(video=video, **fields)


async def test_an_album_with_a_video_among_the_photos_gets_one_answer(bot: Bot) -> None:
    """The video has its line, in its place; nobody is greeted."""
    album = [bot.photo("12", media_group_id="a"), a_video(bot, media_group_id="a"), bot.photo("7", media_group_id="a")]
    await bot.deliver([bot.update(message=part) for part in album])
    lines = ["<code>12</code> · 97 % sure", words.replies.NO_PICTURE(), "<code>7</code> · 97 % sure"]
    assert bot.telegram.sent() == ["\n".join(lines)]


async def test_an_album_of_videos_is_greeted_once(bot: Bot) -> None:
    """There is nothing to read in it: one friendly line, not one for each."""
    await bot.deliver([bot.update(message=a_video(bot, media_group_id="a")) for _ in range(3)])
    assert bot.telegram.sent() == [words.replies.NOT_A_PICTURE()]


async def test_what_follows_an_album_is_answered_after_it(bot: Bot) -> None:
    """A photo sent right after an album waits for the album's answer."""
    album = [bot.photo(digits, media_group_id="a") for digits in ("1", "2")]
    await bot.deliver([bot.update(message=photo) for photo in (*album, bot.photo("9"))])
    assert [text[6] for text in bot.telegram.sent()] == ["1", "9"]


async def test_two_albums_of_one_chat_get_an_answer_each(bot: Bot) -> None:
    """Albums are told apart by their group, and answered in their order."""
    photos = [bot.photo(digits, media_group_id=group) for digits, group in (("1", "a"), ("2", "a"), ("3", "b"))]
    await bot.deliver([bot.update(message=photo) for photo in photos])
    assert [text.count("sure") for text in bot.telegram.sent()] == [2, 1]


async def test_the_photos_of_one_chat_are_answered_in_order_while_others_go_ahead(bot: Bot) -> None:
    """With the first photo of one chat held back, its second waits too; another chat's is answered meanwhile."""
    gate = bot.reader.gate = threading.Event()
    other = {"id": 9, "type": "private", "first_name": "Bob"}
    first, second = bot.update(message=bot.photo("1")), bot.update(message=bot.message(text="hello"))
    running = asyncio.create_task(bot.deliver([first, second]))
    await bot.until(lambda: len(bot.reader.photos) == 1)
    await bot.deliver([bot.update(message=bot.message(text="hello", chat=other))])
    assert [call.parameters["chat_id"] for call in sends(bot)] == [9]
    gate.set()
    await running
    assert [call.parameters["chat_id"] for call in sends(bot)] == [9, 7, 7]
    assert bot.telegram.sent()[1:] == ["<code>1</code>\n97 % sure", words.replies.NOT_A_PICTURE()]


def sends(bot: Bot) -> list[Call]:
    """The messages that the bot sent."""
    return [call for call in bot.telegram.calls if call.method == "sendMessage"]


# ── edits


async def test_an_edited_caption_is_not_answered_again(bot: Bot) -> None:
    """The same photo under another caption brings nothing new."""
    photo = bot.photo("7")
    await bot.handle(message=photo)
    assert await bot.handle(edited_message={**photo, "caption": "seven", "edit_date": 4_000_000_001}) == []


async def test_an_edit_that_brings_another_photo_is_answered(bot: Bot) -> None:
    """A message whose photo was replaced is read anew."""
    photo = bot.photo("7")
    await bot.handle(message=photo)
    edited = bot.photo("8") | {"message_id": photo["message_id"], "edit_date": 4_000_000_001}
    assert await bot.handle(edited_message=edited) == ["<code>8</code>\n97 % sure"]


async def test_an_edit_that_adds_a_photo_to_a_text_is_answered(bot: Bot) -> None:
    """A text that becomes a photo is a new picture."""
    text = bot.message(text="look")
    await bot.handle(message=text)
    edited = bot.photo("8") | {"message_id": text["message_id"], "edit_date": 4_000_000_001}
    assert await bot.handle(edited_message=edited) == ["<code>8</code>\n97 % sure"]


async def test_an_edit_of_a_message_from_before_the_start_is_answered_when_its_picture_is_new(bot: Bot) -> None:
    """What was answered is in the database, so neither a start nor this machine's clock matters."""
    old = {"message_id": 1, "date": 1_000_000, "edit_date": 1_000_060}
    assert await bot.handle(edited_message=bot.photo("8") | old) == ["<code>8</code>\n97 % sure"]
    assert await bot.handle(edited_message=bot.photo("8", caption="eight") | old) == []


async def test_an_edit_of_a_message_of_days_ago_is_left_alone(bot: Bot) -> None:
    """Its picture may have been answered, which is forgotten by then; most edits only mend a caption."""
    old = {"date": 1_000_000, "edit_date": 1_000_000 + EDITABLE_S + 1}
    assert await bot.handle(edited_message=bot.photo("8") | old) == []


async def test_without_the_database_photos_are_answered_and_edits_are_not(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could tell an edited caption from a new picture: then silence is the better error."""

    async def away(*_: object, **__: object) -> bool:
        raise StoreUnavailable("away")

    monkeypatch.setattr(bot.store.answered, "note", away)
    photo = bot.photo("7")
    assert await bot.handle(message=photo) == ["<code>7</code>\n97 % sure"]
    assert await bot.handle(edited_message={**photo, "caption": "seven", "edit_date": 4_000_000_001}) == []


async def test_an_edited_text_or_command_is_not_answered_again(bot: Bot) -> None:
    """Mending a typing error in a text does not bring the friendly line a second time."""
    assert await bot.handle(edited_message=bot.message(text="hi", edit_date=4_000_000_001)) == []
    command = bot.message(text="/help", entities=[{"type": "bot_command", "offset": 0, "length": 5}])
    assert await bot.handle(edited_message=command | {"edit_date": 4_000_000_001}) == []


# ── groups


def entity(kind: str, text: str) -> list[dict[str, object]]:
    """The entity of a text that is nothing else."""
    return [{"type": kind, "offset": 0, "length": len(text)}]


async def test_in_a_group_an_unasked_photo_is_left_alone(bot: Bot) -> None:
    """The bot does not answer every picture that people share."""
    assert await bot.handle(message=bot.photo("7", chat=GROUP)) == []


@pytest.mark.parametrize("name", ["@digits_bot", "@Digits_Bot"])
async def test_in_a_group_a_photo_that_mentions_the_bot_is_read(bot: Bot, name: str) -> None:
    """The caption names the bot, in whatever case."""
    photo = bot.photo("7", chat=GROUP, caption=name, caption_entities=entity("mention", name))
    assert await bot.handle(message=photo) == ["<code>7</code>\n97 % sure"]


async def test_in_a_group_a_photo_that_mentions_another_bot_is_left_alone(bot: Bot) -> None:
    """Somebody else is meant."""
    photo = bot.photo("7", chat=GROUP, caption="@other_bot", caption_entities=entity("mention", "@other_bot"))
    assert await bot.handle(message=photo) == []


async def test_in_a_group_a_photo_that_answers_the_bot_is_read(bot: Bot) -> None:
    """Replying to the bot's message with a picture asks for a reading."""
    said = bot.message(text="hello", chat=GROUP) | {"from": BOT}
    photo = bot.photo("7", chat=GROUP, reply_to_message=said)
    assert await bot.handle(message=photo) == ["<code>7</code>\n97 % sure"]


@pytest.mark.parametrize("command", ["/read", "/read@digits_bot"])
async def test_read_reads_the_picture_that_it_answers(bot: Bot, command: str) -> None:
    """/read in reply to somebody's picture reads that picture, and the answer replies to the picture."""
    photo = bot.photo("7", chat=GROUP)
    asked = bot.message(text=command, chat=GROUP, entities=entity("bot_command", command), reply_to_message=photo)
    assert await bot.handle(message=asked) == ["<code>7</code>\n97 % sure"]
    assert sends(bot)[0].parameters["reply_parameters"]["message_id"] == photo["message_id"]


@pytest.mark.parametrize("command", ["/read", "/read@digits_bot"])
async def test_in_a_group_a_photo_captioned_read_is_read(bot: Bot, command: str) -> None:
    """/read as the caption asks for that very photo."""
    photo = bot.photo("7", chat=GROUP, caption=command, caption_entities=entity("bot_command", command))
    assert await bot.handle(message=photo) == ["<code>7</code>\n97 % sure"]


async def test_in_a_group_a_mention_in_reply_to_a_picture_reads_it(bot: Bot) -> None:
    """'@digits_bot' under somebody's picture asks for that picture."""
    photo = bot.photo("7", chat=GROUP)
    asked = bot.message(
        text="@digits_bot", chat=GROUP, entities=entity("mention", "@digits_bot"), reply_to_message=photo
    )
    assert await bot.handle(message=asked) == ["<code>7</code>\n97 % sure"]


def quoted(bot: Bot, digits: str, **fields: object) -> dict[str, object]:
    """What an answer holds of a picture that was sent in another chat."""
    photo = bot.photo(digits)
    user = {"type": "user", "date": 1, "sender_user": PERSON}
    return {"origin": user, "message_id": photo["message_id"], "photo": photo["photo"], **fields}


@pytest.mark.parametrize(
    ("text", "kind"), [("/read", "bot_command"), ("/read@digits_bot", "bot_command"), ("@digits_bot", "mention")]
)
async def test_a_picture_quoted_from_another_chat_is_read(bot: Bot, text: str, kind: str) -> None:
    """Telegram sends it along; the answer replies to who asks, since the picture is in no message of this chat."""
    asked = bot.message(text=text, chat=GROUP, entities=entity(kind, text), external_reply=quoted(bot, "4071"))
    assert await bot.handle(message=asked) == ["<code>4071</code>\n97 % sure"]
    (sent,) = [call for call in bot.telegram.calls if call.method == "sendPhoto"]
    assert sent.parameters["chat_id"] == GROUP["id"]
    assert sent.parameters["reply_parameters"]["message_id"] == asked["message_id"]


async def test_a_picture_quoted_under_a_spoiler_comes_back_under_one(bot: Bot) -> None:
    """The spoiler comes with the quote."""
    hidden = quoted(bot, "4071", has_media_spoiler=True)
    await bot.handle(message=bot.message(text="/read", entities=entity("bot_command", "/read"), external_reply=hidden))
    (sent,) = [call for call in bot.telegram.calls if call.method == "sendPhoto"]
    assert sent.parameters["has_spoiler"] is True


async def test_a_quote_without_a_picture_says_how_to_use_the_command(bot: Bot) -> None:
    """A text of another chat holds nothing to read."""
    quote = {key: value for key, value in quoted(bot, "7").items() if key != "photo"}
    asked = bot.message(text="/read", entities=entity("bot_command", "/read"), external_reply=quote)
    assert await bot.handle(message=asked) == [words.replies.READ_WHAT()]


async def test_read_without_a_picture_says_how_to_use_it(bot: Bot) -> None:
    """The command alone explains itself."""
    asked = bot.message(text="/read", entities=entity("bot_command", "/read"))
    assert await bot.handle(message=asked) == [words.replies.READ_WHAT()]


async def test_in_a_group_thanks_in_reply_to_the_bot_stay_unanswered(bot: Bot) -> None:
    """A text that answers the bot without a picture or a mention asks for nothing."""
    said = bot.message(text="7", chat=GROUP) | {"from": BOT}
    assert await bot.handle(message=bot.message(text="thanks", chat=GROUP, reply_to_message=said)) == []


# ── Telegram out of reach


async def test_a_photo_that_can_not_be_answered_is_answered_later(bot: Bot) -> None:
    """Nobody has to send it again, nobody is told of the trouble, and it counts once."""
    await until_answered(bot, [bot.update(message=bot.photo("7"))])
    assert bot.telegram.sent() == [words.replies.reading(a_reading("7"))] * 10
    assert len(bot.reader.photos) == 3
    assert await tally(bot) == Tally(readings=1)


async def test_an_album_that_can_not_be_answered_is_answered_later(bot: Bot) -> None:
    """All of it comes again, gets its one answer, and counts once."""
    await until_answered(bot, [bot.update(message=bot.photo(text, media_group_id="a")) for text in "12"])
    assert bot.telegram.sent() == [words.replies.album([a_reading("1"), a_reading("2")])] * 10
    assert len(bot.reader.photos) == 6
    assert await tally(bot) == Tally(readings=2)


async def test_an_edit_that_can_not_be_answered_is_answered_later(bot: Bot) -> None:
    """That its picture was seen before does not make it an old one."""
    await until_answered(bot, [bot.update(edited_message=bot.photo("7", edit_date=4_000_000_001))])
    assert len(bot.reader.photos) == 3


async def until_answered(bot: Bot, updates: list[Update]) -> None:
    """Deliver updates whose answer fails at all four tries, twice, and once more; the tenth try gets through."""
    bot.telegram.failures["sendMessage"], bot.telegram.lasting["sendMessage"] = (500, "Internal Server Error"), 9
    await bot.deliver(updates)
    await bot.until(lambda: len(bot.telegram.sent()) == 10)
    await bot.until(lambda: bot.application.update_processor.current_concurrent_updates == 0)


async def test_a_photo_that_can_never_be_answered_is_given_up(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an hour and more nobody waits for it; it does not go round for ever."""
    monkeypatch.setattr(order, "_MOST_LATER", 3)
    bot.telegram.failures["sendMessage"] = (500, "Internal Server Error")
    update = bot.update(message=bot.photo("7"))
    await bot.deliver([update])
    await bot.until(lambda: len(bot.reader.photos) == 3)
    await bot.until(lambda: bot.application.update_processor.current_concurrent_updates == 0)
    assert await bot.store.updates.claim(update.update_id) is Claim.SKIP
    assert await tally(bot) == Tally()
