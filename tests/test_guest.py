"""Guest mode on a fake Telegram: the bot is named in a chat where it is no member, and answers there once."""

from typing import Any

import pytest
from telegram import Update

from bot import words
from bot.store import StoreUnavailable, Tally
from bot.updates.journal import Journal
from model import UnreadablePhoto
from tests.fakes import ADMIN, BOT, GROUP, STRANGER, Bot
from tests.pressing import mention, sent, tally

ASKED = {"text": "@digits_bot", "entities": mention(), "chat": GROUP, "guest_query_id": "77"}


def answering(bot: Bot, answered: dict[str, Any] | None, **fields: Any) -> dict[str, Any]:
    """A guest's message that names the bot, in answer to somebody's message or to nothing."""
    return bot.message(**({"reply_to_message": answered} if answered else {}), **(ASKED | fields))


def of_somebody(bot: Bot, **fields: Any) -> dict[str, Any]:
    """What somebody else wrote in the group."""
    return bot.message(chat=GROUP, **fields) | {"from": STRANGER}


async def answers(bot: Bot, message: dict[str, Any]) -> list[str]:
    """Handle a guest's message; the texts that it was answered with, and nothing else was said anywhere."""
    before = len(sent(bot, "answerGuestQuery"))
    assert await bot.handle(guest_message=message) == []
    assert sent(bot, "sendChatAction") == []  # the chat can't be spoken to
    calls = sent(bot, "answerGuestQuery")[before:]
    assert {call.parameters["guest_query_id"] for call in calls} <= {"77"}
    return [call.parameters["result"]["input_message_content"]["message_text"] for call in calls]


async def test_the_photo_that_is_answered_with_the_bots_name_is_read(bot: Bot) -> None:
    """The digits and how sure, as in a chat, in HTML; several digits too, for no picture can be sent there."""
    assert await answers(bot, answering(bot, bot.photo("7"))) == ["<code>7</code>\n97 % sure"]
    assert await answers(bot, answering(bot, bot.photo("4071"))) == ["<code>4071</code>\n97 % sure"]
    result = sent(bot, "answerGuestQuery")[-1].parameters["result"]
    assert (result["type"], result["input_message_content"]["parse_mode"]) == ("article", "HTML")


async def test_nothing_is_kept_of_it_and_nobody_is_asked_to_judge_it(bot: Bot) -> None:
    """A press there would come without a message, and whoever's photo it is has not asked for anything."""
    await answers(bot, answering(bot, bot.photo("7")))
    assert "reply_markup" not in sent(bot, "answerGuestQuery")[-1].parameters["result"]
    assert await tally(bot) == Tally()
    (forgotten,) = await bot.handle(message=bot.command("/forget"))
    assert forgotten == words.privacy.forgotten(0, 0)


async def test_a_photo_whose_own_caption_names_the_bot_is_read(bot: Bot) -> None:
    """Also when it answers another one: what is shown now is what is asked about."""
    message = bot.photo("7", chat=GROUP, guest_query_id="77", caption="@digits_bot", caption_entities=mention())
    assert await answers(bot, message) == ["<code>7</code>\n97 % sure"]
    assert await answers(bot, message | {"reply_to_message": bot.photo("42")}) == ["<code>7</code>\n97 % sure"]


async def test_a_part_of_an_album_is_read_alone(bot: Bot) -> None:
    """Telegram brings the one picture that is answered, or whose caption names the bot, and none beside it."""
    assert await answers(bot, answering(bot, bot.photo("4", media_group_id="a"))) == ["<code>4</code>\n97 % sure"]
    own = bot.photo("7", chat=GROUP, guest_query_id="77", media_group_id="b", caption="@digits_bot")
    assert await answers(bot, own) == ["<code>7</code>\n97 % sure"]


async def test_what_is_quoted_from_another_chat_is_read(bot: Bot) -> None:
    """A reply to a message of another chat brings its photo by itself."""
    quoted = {
        "origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Eve"},
        "photo": bot.photo("42")["photo"],
    }
    assert await answers(bot, answering(bot, None, external_reply=quoted)) == ["<code>42</code>\n97 % sure"]


async def test_a_picture_that_can_not_be_read_is_answered_with_why(bot: Bot) -> None:
    """No digit in it, too big, no picture at all, out of reach: each has its friendly line."""
    (nothing,) = await answers(bot, answering(bot, bot.photo("")))
    assert nothing.startswith("I see no digit here.")
    document = {"file_id": "f", "file_unique_id": "f", "file_size": 21 << 20}
    (big,) = await answers(bot, answering(bot, of_somebody(bot, document=document)))
    assert big.startswith("That file is over 20 MB")
    bot.reader.failure = UnreadablePhoto("not an image", "lottie")
    sticker = {"file_id": "f", "file_unique_id": "f", "width": 9, "height": 9, "type": "regular"}
    moving = of_somebody(bot, sticker=sticker | {"is_animated": True, "is_video": False})
    bot.telegram.files["f"] = b"lottie"
    (unreadable,) = await answers(bot, answering(bot, moving))
    assert unreadable.startswith("That file isn't a picture I know.")
    bot.telegram.failures["getFile"] = (400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    (away,) = await answers(bot, answering(bot, bot.photo("7")))
    assert away.startswith("I couldn't get that picture")


async def test_a_picture_more_than_the_limit_is_refused_politely(bot: Bot) -> None:
    """The limit is a person's, wherever they ask; an admin has none."""
    per_minute = bot.answers.per_minute
    for _ in range(per_minute):
        assert bot.answers.wait_s(7) == 0  # the same person, in a chat of their own
    (refused,) = await answers(bot, answering(bot, bot.photo("7")))
    assert refused.startswith(f"That's more than {per_minute} pictures a minute.")
    assert await answers(bot, answering(bot, bot.photo("7"), **{"from": ADMIN})) == ["<code>7</code>\n97 % sure"]


@pytest.mark.parametrize(
    "answered",
    [None, {"text": "7"}, {"video": {"file_id": "v", "file_unique_id": "v", "width": 1, "height": 1, "duration": 1}}],
    ids=["nothing", "a text", "a video"],
)
async def test_whoever_answers_no_picture_is_told_what_to_answer(bot: Bot, answered: dict[str, Any] | None) -> None:
    """The bot is named, so it says something, and what it says helps."""
    target = None if answered is None else of_somebody(bot, **answered)
    assert await answers(bot, answering(bot, target)) == [words.replies.GUEST_WHAT()]


async def test_talk_below_the_bots_answer_is_left_alone(bot: Bot) -> None:
    """Telegram brings what answers the bot's own messages too: a "thanks" gets no answer, a new photo does."""
    reading = bot.message(text="7\n97 % sure", chat=GROUP) | {"from": BOT}
    thanks = bot.message(text="thanks", chat=GROUP, guest_query_id="77", reply_to_message=reading)
    assert await answers(bot, thanks) == []
    another = bot.photo("42", chat=GROUP, guest_query_id="77", reply_to_message=reading)
    assert await answers(bot, another) == ["<code>42</code>\n97 % sure"]


async def test_an_update_that_comes_again_is_answered_once(bot: Bot) -> None:
    """As any other; and what was written down before a kill is whole when it is handled after it."""
    update = bot.update(guest_message=answering(bot, bot.photo("7")))
    journal = Journal(bot.store.updates)
    await journal.put(update)
    await journal.flush()
    resumed = Journal(bot.store.updates)
    assert await resumed.resume(bot.application.bot) == 1
    again = resumed.get_nowait()
    assert isinstance(again, Update)
    await bot.deliver([again, update])
    (call,) = sent(bot, "answerGuestQuery")
    assert call.parameters["guest_query_id"] == "77"


async def test_a_guest_is_answered_while_the_database_is_away(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it is kept, so nothing is missed."""

    async def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("away")

    for method in ("claim", "finish", "release"):
        monkeypatch.setattr(bot.store.updates, method, away)
    assert await answers(bot, answering(bot, bot.photo("7"))) == ["<code>7</code>\n97 % sure"]


async def test_an_answer_that_is_not_awaited_any_more_is_dropped(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    """It took too long, or was given before a kill: one line in the log, no alarm, and nothing is said elsewhere."""
    too_late = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    bot.telegram.failures["answerGuestQuery"] = (400, too_late)
    await answers(bot, answering(bot, bot.photo("7")))
    assert len(sent(bot, "answerGuestQuery")) == 1
    (line,) = [record for record in caplog.records if "answered no more" in record.message]
    assert line.levelname == "WARNING"


async def test_a_guest_is_answered_later_when_telegram_is_out_of_reach(bot: Bot) -> None:
    """When all four tries of the call have failed, the update is handled anew."""
    bot.telegram.failures["answerGuestQuery"], bot.telegram.lasting["answerGuestQuery"] = (502, "Bad Gateway"), 4
    await bot.deliver([bot.update(guest_message=answering(bot, bot.photo("7")))])
    await bot.until(lambda: len(sent(bot, "answerGuestQuery")) == 5)
    await bot.until(lambda: bot.application.update_processor.current_concurrent_updates == 0)
    assert len(bot.reader.photos) == 2


async def test_a_mistake_of_ours_is_apologised_for_by_the_query(bot: Bot) -> None:
    """The group can't be written to: the admins are told by a message, whoever asked by the one answer there is."""
    bot.reader.failure = ZeroDivisionError("secret")
    message = answering(bot, bot.photo("7"))
    (alert,) = await bot.handle(guest_message=message)
    assert "ZeroDivisionError" in alert
    (call,) = sent(bot, "answerGuestQuery")
    assert call.parameters["result"]["input_message_content"]["message_text"] == words.replies.APOLOGY()


async def test_help_says_where_guests_find_it_only_when_it_is_switched_on(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """BotFather's switch is told by getMe."""
    (before,) = await bot.handle(message=bot.command("/help"))
    assert "@digits_bot" not in before
    monkeypatch.setitem(BOT, "supports_guest_queries", value=True)
    await bot.application.bot.get_me()
    (after,) = await bot.handle(message=bot.command("/help"))
    assert "answer a picture with @digits_bot" in after.lower()
