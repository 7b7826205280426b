"""Why? under a reading, on a fake Telegram: where the photo comes from, and what is said when it is gone."""

import io
from pathlib import Path
from typing import Any

from PIL import Image
from telegram.constants import MessageLimit

from bot import words
from bot.drawn.why import MOST_ROWS
from bot.handlers.why import WhyHandlers
from bot.learning.trainer import Trainer
from model import open_version
from tests.fakes import ADMIN, BLANK, BOT, GROUP, PERSON, PRIVATE, Bot, Call, ScriptedReader
from tests.pressing import alert, buttons, sent
from tests.test_corrections import break_store
from tests.versions import a_version

WITH_PHOTO, WITHOUT = 700, 400  # pixels: with the photo of `BLANK` on top, a picture of one row is higher than that


READ = [{"type": "bot_command", "offset": 0, "length": 5}]  # of the caption /read


async def why(
    bot: Bot, data: str, *, answers: Any = None, person: Any = PERSON, chat: Any = PRIVATE, **message: Any
) -> tuple[list[Call], str]:
    """Press Why? under the bot's message 500 in reply to `answers`; the pictures sent for it, and what popped up."""
    pressed = {"message_id": 500, "date": 1, "chat": chat, "from": BOT, "text": "7\n97 % sure"} | message
    if answers is not None:
        pressed["reply_to_message"] = answers
    before, presses = len(sent(bot, "sendPhoto")), len(sent(bot, "answerCallbackQuery"))
    query = {"id": "q", "from": person, "chat_instance": "c", "data": data, "message": pressed}
    await bot.deliver([bot.update(callback_query=query)])
    assert len(sent(bot, "answerCallbackQuery")) == presses + 1  # every press is answered, once
    return sent(bot, "sendPhoto")[before:], alert(bot)


def the_button(bot: Bot) -> str:
    """The data of the Why? under the bot's last answer."""
    return buttons(sent(bot, "sendMessage", "sendPhoto")[-1])[words.why.WHY()]


def height(call: Call) -> int:
    """How high the picture is that was sent, which must be one."""
    picture = Image.open(io.BytesIO(call.files[0]))
    picture.load()
    return picture.height


async def test_why_stands_in_a_row_below(bot: Bot) -> None:
    """Below ✓ and ✗; a picture without digits has nothing to explain."""
    await bot.handle(message=bot.photo("7"))
    rows = sent(bot, "sendMessage")[-1].parameters["reply_markup"]["inline_keyboard"]
    assert [[button["text"] for button in row] for row in rows] == [
        [words.corrections.RIGHT, words.corrections.WRONG],
        [words.corrections.COPY(), words.why.WHY()],
    ]
    await bot.handle(message=bot.photo(""))
    assert words.why.WHY() not in buttons(sent(bot, "sendMessage")[-1])


async def test_the_photo_is_fetched_again_and_explained(bot: Bot) -> None:
    """One picture, in reply to the reading: the photo over the digit; the caption says which method it is."""
    photo = bot.photo("7")
    await bot.handle(message=photo)
    (picture,), said = await why(bot, the_button(bot), answers=photo)
    assert said == ""
    assert picture.parameters["reply_parameters"]["message_id"] == 500
    assert picture.parameters["chat_id"] == PRIVATE["id"]
    assert "occlusion" in picture.parameters["caption"]
    assert words.why._GONE_PHOTO() not in picture.parameters["caption"]
    assert height(picture) > WITH_PHOTO
    assert [digit for _, digit in bot.reader.explained] == [7]
    assert [call.parameters["file_id"] for call in sent(bot, "getFile")] == ["photo7"] * 2


async def test_a_photo_quoted_from_another_chat_is_explained(bot: Bot) -> None:
    """The reading answers the /read, which still holds the quote: the photo is over the digit."""
    quote = {"origin": {"type": "user", "date": 1, "sender_user": PERSON}, "photo": bot.photo("7")["photo"]}
    asked = bot.message(text="/read", entities=READ, external_reply=quote)
    await bot.handle(message=asked)
    (picture,), _ = await why(bot, the_button(bot), answers=asked)
    assert height(picture) > WITH_PHOTO


async def test_a_photo_under_a_spoiler_is_explained_under_one(bot: Bot) -> None:
    """Whether the reading answers it or came on it; any other is shown openly."""
    photo = bot.photo("7")
    await bot.handle(message=photo)
    hidden = photo | {"has_media_spoiler": True}
    button = the_button(bot)
    on_it = {"photo": photo["photo"], "caption": "7", "text": None, "has_media_spoiler": True}
    pictures = [
        (await why(bot, button, answers=hidden, message_id=501))[0],
        (await why(bot, button, message_id=502, **on_it))[0],
        (await why(bot, button, answers=photo, message_id=503))[0],
    ]
    assert [picture.parameters.get("has_spoiler") for (picture,) in pictures] == [True, True, None]


async def test_of_many_digits_the_least_sure_are_explained(bot: Bot) -> None:
    """As many as a phone can show; the caption says how many there are."""
    photo = bot.photo("1234567")
    await bot.handle(message=photo)
    (picture,), _ = await why(bot, the_button(bot), answers=photo)
    assert len(bot.reader.explained) == MOST_ROWS
    assert f"the {MOST_ROWS} that I am least sure of, out of 7" in picture.parameters["caption"]


async def test_a_photo_that_is_gone_is_explained_by_its_crops(bot: Bot) -> None:
    """The message that was answered is deleted: the kept crop is shown, and the caption says so kindly."""
    await bot.handle(message=bot.photo("7"))
    (picture,), said = await why(bot, the_button(bot))
    assert (said, height(picture) < WITHOUT) == ("", True)
    assert words.why._GONE_PHOTO() in picture.parameters["caption"]
    assert [digit for _, digit in bot.reader.explained] == [7]


async def test_a_photo_that_telegram_no_longer_has_is_explained_by_its_crops(bot: Bot) -> None:
    """The message is there and its file is not."""
    photo = bot.photo("7")
    await bot.handle(message=photo)
    bot.telegram.failures["getFile"] = (400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    (picture,), _ = await why(bot, the_button(bot), answers=photo)
    assert words.why._GONE_PHOTO() in picture.parameters["caption"]


async def test_a_photo_that_was_replaced_is_not_shown_as_the_one_that_was_read(bot: Bot) -> None:
    """The same model reads something else in it now, so it is another photo: the crops explain what was said."""
    await bot.handle(message=bot.photo("7"))
    (picture,), _ = await why(bot, the_button(bot), answers=bot.photo("8"))
    assert [digit for _, digit in bot.reader.explained] == [7]
    assert height(picture) < WITHOUT


async def test_a_drawing_or_a_drawn_number_is_shown_as_it_was_sent(bot: Bot) -> None:
    """What the reading itself came on is still there, when nothing that it answers is."""
    await bot.handle(message=bot.photo("42"))
    bot.telegram.files["own"] = BLANK
    own = [{"file_id": "own", "file_unique_id": "o", "width": 200, "height": 100}]
    (picture,), _ = await why(bot, the_button(bot), photo=own, caption="42", text=None)
    assert [digit for _, digit in bot.reader.explained] == [4, 2]
    assert height(picture) > WITH_PHOTO
    assert words.why._GONE_PHOTO() not in picture.parameters["caption"]


async def test_a_drawing_of_one_digit_is_read_again_for_its_box(bot: Bot) -> None:
    """Nothing is drawn on it, so the reading's own photo serves; one that reads otherwise is not taken for it."""
    await bot.handle(message=bot.photo("7"))
    data = the_button(bot)
    own = bot.photo("7")["photo"]
    (picture,), _ = await why(bot, data, photo=own, caption="7", text=None)
    assert bot.reader.photos[-1] == bot.telegram.files["photo7"]
    assert height(picture) > WITH_PHOTO
    assert words.why._GONE_PHOTO() not in picture.parameters["caption"]


async def test_an_album_is_explained_by_its_crops(bot: Bot) -> None:
    """The digits of all its pictures; which picture each is from is in the picture."""
    album = [bot.photo(digits, media_group_id="a") for digits in ("12", "", "7")]
    await bot.deliver([bot.update(message=photo) for photo in album])
    (picture,), _ = await why(bot, the_button(bot), answers=album[0])
    assert sorted(digit for _, digit in bot.reader.explained) == [1, 2, 7]
    assert words.why._ALBUM() in picture.parameters["caption"]


async def test_a_message_too_old_for_telegram_is_explained_by_its_crops(bot: Bot) -> None:
    """Telegram then names the message and no more."""
    await bot.handle(message=bot.photo("7"))
    data = the_button(bot)
    message = {"message_id": 500, "date": 0, "chat": PRIVATE}
    query = {"id": "q", "from": PERSON, "chat_instance": "c", "data": data, "message": message}
    await bot.deliver([bot.update(callback_query=query)])
    (picture,) = sent(bot, "sendPhoto")
    assert picture.parameters["reply_parameters"]["message_id"] == 500
    assert alert(bot) == ""


async def test_a_forgotten_reading_is_explained_by_its_photo(bot: Bot) -> None:
    """After /forget, or a week, nothing is kept; the photo in the chat is enough."""
    photo = bot.photo("7")
    await bot.handle(message=photo)
    data = the_button(bot)
    await bot.store.people.forget(PERSON["id"])  # type: ignore[arg-type]
    (picture,), _ = await why(bot, data, answers=photo)
    assert height(picture) > WITH_PHOTO


async def test_when_reading_and_photo_are_gone_it_is_said(bot: Bot) -> None:
    """There is nothing to explain, and the person is told what to do."""
    assert await why(bot, "why:999") == ([], words.why.GONE())


async def test_pressed_twice_it_explains_once(bot: Bot) -> None:
    """Also when two people of a group press; the second press says where the picture is."""
    photo = bot.photo("7", chat=GROUP, caption="/read", caption_entities=READ)
    await bot.handle(message=photo)
    data = the_button(bot)
    first, _ = await why(bot, data, answers=photo, chat=GROUP)
    second = await why(bot, data, answers=photo, chat=GROUP, person=ADMIN)
    assert (len(first), second) == (1, ([], words.why.SHOWN_BEFORE()))


async def test_a_minute_later_it_explains_again(bot: Bot) -> None:
    """The picture may have been deleted meanwhile: the button is no dead end."""
    now = 0.0
    handlers = WhyHandlers(bot.answers, bot.store, lambda: now)
    await bot.handle(message=bot.photo("7"))
    query = {"id": "q", "from": PERSON, "chat_instance": "c", "data": the_button(bot)}
    message = {"message_id": 500, "date": 1, "chat": PRIVATE, "from": BOT, "text": "7"}
    context: Any = bot.application.context_types.context(bot.application)
    for now in (0.0, 59.0, 60.0):  # noqa: B007 the clock reads it
        await handlers.pressed(bot.update(callback_query=query | {"message": message}), context)
    assert len(sent(bot, "sendPhoto")) == 2


async def test_others_in_the_chat_may_ask_and_other_chats_may_not(bot: Bot) -> None:
    """What a group sees anybody in it may have explained; a button's number from elsewhere shows nothing."""
    photo = bot.photo("7", chat=GROUP, caption="/read", caption_entities=READ)
    await bot.handle(message=photo)
    data = the_button(bot)
    assert await why(bot, data, person={**PERSON, "id": 99}, chat=PRIVATE) == ([], words.why.GONE())
    pictures, _ = await why(bot, data, answers=photo, person={**PERSON, "id": 99}, chat=GROUP)
    assert len(pictures) == 1


async def test_after_another_model_came_into_service(bot: Bot, tmp_path: Path) -> None:
    """The picture is the present model's view, and the caption says that it is, and what it reads otherwise."""
    photo = bot.photo("7")
    await bot.handle(message=photo)
    data = the_button(bot)
    bot.pool.reader = ScriptedReader(open_version(a_version(tmp_path, "v2")))
    (same,), _ = await why(bot, data, answers=photo)
    assert "the one in service now." in same.parameters["caption"]
    bot.pool.reader = ScriptedReader(open_version(a_version(tmp_path, "v3")))
    (other,), _ = await why(bot, data, answers=bot.photo("8"))
    assert "which reads <b>8</b> and not 7" in other.parameters["caption"]


async def test_a_page_of_digits_that_another_model_reads_otherwise(bot: Bot, tmp_path: Path) -> None:
    """Two long numbers would be more than Telegram takes below a photo: that they differ is said without them."""
    await bot.handle(message=bot.photo("7" * 520))
    data = the_button(bot)
    bot.pool.reader = ScriptedReader(open_version(a_version(tmp_path, "v2")))
    (picture,), _ = await why(bot, data, answers=bot.photo("8" * 520))
    assert "which reads it differently" in picture.parameters["caption"]
    assert len(picture.parameters["caption"]) <= MessageLimit.CAPTION_LENGTH


async def test_explanations_count_as_readings(tmp_path: Path) -> None:
    """Each costs about as much: whoever presses is told when to go on."""
    async with Bot(ScriptedReader(), Trainer(tmp_path), readings_per_minute=1) as bot:
        photo = bot.photo("7")
        await bot.handle(message=photo)
        pictures, said = await why(bot, the_button(bot), answers=photo)
        assert (pictures, "more than 1 pictures a minute" in said) == ([], True)


async def test_a_chat_that_takes_no_photos(bot: Bot) -> None:
    """It is said in the pop-up, and the next press tries again."""
    photo = bot.photo("7")
    await bot.handle(message=photo)
    data = the_button(bot)
    bot.telegram.failures["sendPhoto"] = (400, "Bad Request: not enough rights to send photos to the chat")
    _, said = await why(bot, data, answers=photo)
    assert said == words.why.NOT_SENT()
    del bot.telegram.failures["sendPhoto"]
    pictures, _ = await why(bot, data, answers=photo)
    assert len(pictures) == 1


async def test_without_its_database_the_bot_explains_from_the_photo(bot: Bot) -> None:
    """What was said is not known, the photo is there: that is enough."""
    photo = bot.photo("7")
    await bot.handle(message=photo)
    data = the_button(bot)
    await break_store(bot)
    (picture,), said = await why(bot, data, answers=photo)
    assert (said, height(picture) > WITH_PHOTO) == ("", True)
