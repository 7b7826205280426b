"""Ephemeral messages in groups: what concerns one person is seen by that person, or goes out as ever.

Whatever is sent is held against aiogram's methods, which follow Telegram's documents.
"""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiogram import methods, types
from telegram import Message

from bot import words
from bot.api.ephemeral import EphemeralMessages
from bot.learning.trainer import Trainer
from tests.fakes import ANONYMOUS, BOT, GROUP, PERSON, PRIVATE, Bot, Call, ScriptedReader
from tests.pressing import KEYPAD, alert, buttons, labels, mention, press, sent, tally

_METHODS: dict[str, type[methods.TelegramMethod[Any]]] = {
    "sendMessage": methods.SendMessage,
    "editEphemeralMessageText": methods.EditEphemeralMessageText,
    "deleteEphemeralMessage": methods.DeleteEphemeralMessage,
}
_MESSAGE = {"date": 1, "chat": GROUP, "from": BOT}


def strangers(model: Any) -> list[str]:
    """The fields, also of objects within, that aiogram takes but does not know."""
    within = [value for _, value in model if isinstance(value, types.TelegramObject)]
    return [*(model.model_extra or {}), *(name for value in within for name in strangers(value))]


@pytest.fixture(autouse=True)
async def group(bot: Bot) -> AsyncIterator[Bot]:
    """A bot that is a member of groups on a Telegram with ephemeral messages; aiogram must know all that it sent."""
    bot.telegram.ephemeral = "member"
    yield bot
    for call in bot.telegram.calls:
        if call.method in _METHODS:
            assert strangers(_METHODS[call.method].model_validate(call.parameters)) == []


def only_to(call: Call) -> int | None:
    """Who alone sees the message that a call sends; None: everybody."""
    receiver = call.parameters.get("ephemeral_message_parameters", {}).get("receiver_user_id")
    return int(receiver) if receiver is not None else None


def the_ephemeral(bot: Bot, text: str = "7", **fields: Any) -> dict[str, Any]:
    """The ephemeral message that the bot sent last, as Telegram gives it with a press or a reply."""
    numbers = {"message_id": 0, "ephemeral_message_id": bot.telegram.last_id, "receiver_user": PERSON}
    message = {**_MESSAGE, **numbers, "text": text, **fields}
    assert strangers(types.Message.model_validate(message)) == []
    return message


async def press_under(bot: Bot, message: dict[str, Any], data: str) -> str:
    """Press a button under this message of the group; what pops up."""
    query = {"id": "q", "from": PERSON, "chat_instance": "c", "data": data, "message": message}
    await bot.deliver([bot.update(callback_query=query)])
    return alert(bot)


async def ask(bot: Bot, digits: str) -> dict[str, Any]:
    """Ask for a reading; the bot's public answer, as Telegram gives it with a press or a reply."""
    await bot.handle(message=bot.photo(digits, chat=GROUP, caption="@digits_bot", caption_entities=mention()))
    answer = sent(bot, "sendMessage", "sendPhoto")[-1].parameters
    assert "ephemeral_message_parameters" not in answer
    text = re.sub("<.*?>", "", answer.get("text") or answer["caption"])
    return {**_MESSAGE, "message_id": bot.telegram.last_id, "text": text, "reply_markup": answer["reply_markup"]}


def button(reading: dict[str, Any], text: str) -> str:
    """The callback data of a button under a message."""
    return buttons(Call("", reading))[text]


async def test_the_keypad_is_seen_by_who_pressed(bot: Bot) -> None:
    """Under the reading's words; the reading itself stays as everybody sees it, and the thanks replace the keypad."""
    reading = await ask(bot, "7")
    await press_under(bot, reading, button(reading, "✗"))
    keypad = sent(bot, "sendMessage")[-1]
    named = {"receiver_user_id": PERSON["id"], "callback_query_id": "q"}
    assert keypad.parameters["ephemeral_message_parameters"] == named
    assert keypad.parameters["text"] == f"7\n97 % sure\n\n{words.corrections.WHICH_DIGIT()}"
    assert list(buttons(keypad)) == KEYPAD
    thanks = words.corrections.corrected("7", 4, changed=1, is_trusted=False)
    number = bot.telegram.last_id
    assert await press_under(bot, the_ephemeral(bot, "7\n97 % sure"), buttons(keypad)["4"]) == thanks
    (edit,) = sent(bot, "editEphemeralMessageText")
    assert edit.parameters == {
        "chat_id": GROUP["id"],
        "receiver_user_id": PERSON["id"],
        "ephemeral_message_id": number,
        "text": f"7\n97 % sure\n\n{thanks}",
        "parse_mode": "HTML",
    }
    assert not sent(bot, "editMessageText")
    assert await labels(bot) == [(7, 4)]


async def test_one_digit_of_a_number_is_corrected_aside(bot: Bot) -> None:
    """The digits, the keypad and the thanks are one message; everybody's reading stays as it is."""
    reading = await ask(bot, "42")
    await press_under(bot, reading, button(reading, "✗"))
    await press_under(bot, the_ephemeral(bot), buttons(sent(bot, "sendMessage")[-1])["2"])
    keypad = sent(bot, "editEphemeralMessageText")[-1]
    assert list(buttons(keypad)) == KEYPAD
    await press_under(bot, the_ephemeral(bot), buttons(keypad)["7"])
    thanks = sent(bot, "editEphemeralMessageText")[-1]
    assert "So it is <b>47</b>, and not 42." in thanks.parameters["text"]
    assert buttons(thanks) == {}
    assert not sent(bot, "editMessageText", "editMessageCaption")
    assert await labels(bot) == [(2, 7)]


async def test_right_below_the_digits_is_noted_aside(bot: Bot) -> None:
    """Whoever pressed ✗ by mistake is thanked there, and the buttons of the choice are gone."""
    reading = await ask(bot, "42")
    await press_under(bot, reading, button(reading, "✗"))
    await press_under(bot, the_ephemeral(bot), buttons(sent(bot, "sendMessage")[-1])["✓"])
    (thanks,) = sent(bot, "editEphemeralMessageText")
    assert words.corrections.RIGHT_NOTED() in thanks.parameters["text"]
    assert buttons(thanks) == {}
    assert (await tally(bot)).right == 1


async def test_a_press_is_answered_after_the_ephemeral_message(bot: Bot) -> None:
    """The message names the press, which may be spent once it is answered."""
    reading = await ask(bot, "42")
    bot.telegram.calls.clear()
    await press_under(bot, reading, button(reading, "✗"))
    assert [call.method for call in bot.telegram.calls] == ["sendMessage", "answerCallbackQuery"]


async def test_the_right_number_is_asked_and_thanked_for_aside(bot: Bot) -> None:
    """The reply to an ephemeral question is one itself, and so is what is said to it."""
    reading = await ask(bot, "42")
    await press_under(bot, reading, button(reading, "✗"))
    await press_under(bot, the_ephemeral(bot), buttons(sent(bot, "sendMessage")[-1])["another length"])
    question = sent(bot, "sendMessage")[-1]
    assert only_to(question) == PERSON["id"]
    assert question.parameters["text"] == words.corrections.which_number("42", in_group=True)
    reply = bot.message(text="47", chat=GROUP, reply_to_message=the_ephemeral(bot))
    thanks = await bot.handle(message=reply | {"message_id": 0, "ephemeral_message_id": 5, "date": 1})
    assert thanks == [words.corrections.number_corrected("42", "47", changed=1, is_trusted=False)]
    assert only_to(sent(bot, "sendMessage")[-1]) == PERSON["id"]
    assert sent(bot, "sendMessage")[-1].parameters["reply_parameters"] == {"ephemeral_message_id": 5}
    assert await labels(bot) == [(2, 7)]


async def test_two_ephemeral_questions_are_told_apart(bot: Bot) -> None:
    """Both have the message number 0: each reply finds the reading that it is about."""
    questions = []
    for digits in ("12", "34"):
        reading = await ask(bot, digits)
        await press_under(bot, reading, button(reading, "✗"))
        questions.append(the_ephemeral(bot))
    for question, number in zip(questions, ("13", "35"), strict=True):
        await bot.handle(message=bot.message(text=number, chat=GROUP, reply_to_message=question))
    assert sorted(await labels(bot)) == [(2, 3), (4, 5)]


async def test_a_vanished_question_is_answered_by_a_reply_to_the_reading(bot: Bot) -> None:
    """Telegram lets ephemeral messages disappear. Only who was asked may answer so, and only with a number."""
    reading = await ask(bot, "42")
    await press_under(bot, reading, button(reading, "✗"))
    for text in ("thanks", "47"):
        await bot.handle(message=bot.message(text=text, chat=GROUP, reply_to_message=reading, **{"from": ANONYMOUS}))
    assert await labels(bot) == []
    for text in ("thanks", "47 of what?"):
        assert await bot.handle(message=bot.message(text=text, chat=GROUP, reply_to_message=reading)) == []
    await bot.handle(message=bot.message(text="47", chat=GROUP, reply_to_message=reading))
    assert await labels(bot) == [(2, 7)]


async def test_a_vanished_question_is_asked_again(bot: Bot) -> None:
    """Pressing ✗ once more brings it back, where a public question is still there to be answered."""
    reading = await ask(bot, "42")
    for _ in range(2):
        assert await press_under(bot, reading, button(reading, "✗")) == ""
    assert [only_to(call) for call in sent(bot, "sendMessage")] == [PERSON["id"]] * 2


async def test_right_pops_up_and_changes_nothing_for_the_others(bot: Bot) -> None:
    """Who pressed ✓ is thanked; the reading says nothing of it."""
    reading = await ask(bot, "7")
    assert await press_under(bot, reading, button(reading, "✓")) == words.corrections.RIGHT_NOTED()
    assert not sent(bot, "editMessageText", "editEphemeralMessageText")
    assert (await tally(bot)).right == 1


async def test_the_picture_of_an_album_is_chosen_aside(bot: Bot) -> None:
    """Its digits take the place of the choice, which goes when the question comes; the album's reading stays."""
    parts = [
        bot.photo(text, chat=GROUP, media_group_id="a", caption="@digits_bot", caption_entities=mention())
        for text in ("12", "34")
    ]
    await bot.deliver([bot.update(message=part) for part in parts])
    answer = sent(bot, "sendMessage")[-1].parameters
    album = {**_MESSAGE, "message_id": 1, "text": "12\n34", "reply_markup": answer["reply_markup"]}
    await press_under(bot, album, button(album, "✗"))
    choice, number = sent(bot, "sendMessage")[-1], bot.telegram.last_id
    assert only_to(choice) == PERSON["id"]
    await press_under(bot, the_ephemeral(bot, "12\n34"), buttons(choice)["2: 34"])
    (digits,) = sent(bot, "editEphemeralMessageText")
    assert list(buttons(digits)) == ["3", "4", "another length", "✓"]
    await press_under(bot, the_ephemeral(bot, "12\n34"), buttons(digits)["another length"])
    (gone,) = sent(bot, "deleteEphemeralMessage")
    assert gone.parameters["ephemeral_message_id"] == number
    question = sent(bot, "sendMessage")[-1]
    assert only_to(question) == PERSON["id"]
    assert question.parameters["text"] == words.corrections.which_number("34", in_group=True)
    assert not sent(bot, "editMessageText", "editMessageCaption")


# ── where it can't be


async def test_a_press_that_comes_too_late_is_answered_as_ever(bot: Bot) -> None:
    """The keypad is put below the reading; the next press of that chat costs no call in vain."""
    first, second = await ask(bot, "7"), await ask(bot, "8")
    bot.telegram.failures["sendMessage"] = 400, "Bad Request: QUERY_ID_INVALID"
    bot.telegram.lasting["sendMessage"] = 1
    for reading in (first, second):
        await press_under(bot, reading, button(reading, "✗"))
        assert list(buttons(sent(bot, "editMessageText")[-1])) == KEYPAD
    assert [only_to(call) for call in sent(bot, "sendMessage")] == [None, None, PERSON["id"]]
    keypad = sent(bot, "editMessageText")[-1]
    under = second | {"reply_markup": keypad.parameters["reply_markup"]}
    thanks = await press_under(bot, under, buttons(keypad)["4"])
    assert sent(bot, "editMessageText")[-1].parameters["text"] == f"{second['text']}\n\n{thanks}"
    assert await labels(bot) == [(8, 4)]


async def test_a_server_that_knows_no_ephemeral_messages_shows_the_keypad_to_all(bot: Bot) -> None:
    """It sends an ordinary message; the next keypad is put below the reading, as ever."""
    bot.telegram.ephemeral = "unknown"
    first, second = await ask(bot, "7"), await ask(bot, "8")
    await press_under(bot, first, button(first, "✗"))
    assert list(buttons(sent(bot, "sendMessage")[-1])) == KEYPAD
    await press_under(bot, second, button(second, "✗"))
    assert list(buttons(sent(bot, "editMessageText")[-1])) == KEYPAD


async def test_in_a_private_chat_nothing_is_ephemeral(bot: Bot) -> None:
    """Telegram would refuse it, and nobody else is there."""
    await bot.handle(message=bot.photo("7"))
    await press(bot, button(sent(bot, "sendMessage")[-1].parameters, "✗"), PERSON, PRIVATE)
    await bot.handle(message=bot.command("/read"))
    assert [only_to(call) for call in sent(bot, "sendMessage")] == [None, None]
    assert list(buttons(sent(bot, "editMessageText")[-1])) == KEYPAD


# ── hints, which answer no press: an administrator alone may send them so


def now() -> int:
    """This second, as Telegram dates messages."""
    return int(datetime.now(UTC).timestamp())


def read_command(bot: Bot, **fields: Any) -> dict[str, Any]:
    """/read in the group, in answer to nothing."""
    return bot.command("/read") | {"chat": GROUP, "date": now(), **fields}


async def test_an_administrator_hints_aside(bot: Bot) -> None:
    """How /read is used is for who used it, in reply to it."""
    bot.telegram.ephemeral = "administrator"
    command = read_command(bot)
    assert await bot.handle(message=command) == [words.replies.READ_WHAT()]
    (hint,) = sent(bot, "sendMessage")
    assert only_to(hint) == PERSON["id"]
    assert hint.parameters["reply_parameters"] == {"message_id": command["message_id"]}


async def test_what_stands_in_the_way_is_told_aside_and_the_reading_is_not(tmp_path: Path) -> None:
    """The limit concerns who met it; digits, and that there are none, are everybody's."""
    async with Bot(ScriptedReader(), Trainer(tmp_path / "models"), readings_per_minute=2) as bot:
        bot.telegram.ephemeral = "administrator"
        for digits in ("7", "", "8"):
            await bot.handle(message=bot.photo(digits, chat=GROUP, caption="@digits_bot", caption_entities=mention()))
        assert [only_to(call) for call in sent(bot, "sendMessage")] == [None, None, PERSON["id"]]


async def test_a_member_hints_as_ever_and_asks_once(bot: Bot) -> None:
    """Telegram refuses it to a bot that is no administrator: the hint goes out all the same."""
    for _ in range(2):
        await bot.handle(message=read_command(bot))
    assert [only_to(call) for call in sent(bot, "sendMessage")] == [PERSON["id"], None, None]


async def test_who_may_be_away_is_answered_as_ever(bot: Bot) -> None:
    """Nobody gets an ephemeral message later: after a stop of the bot, say, the answer has to stay."""
    bot.telegram.ephemeral = "administrator"
    await bot.handle(message=read_command(bot, date=now() - 60))
    assert [only_to(call) for call in sent(bot, "sendMessage")] == [None]


async def test_who_writes_in_a_chats_name_is_answered_as_ever(bot: Bot) -> None:
    """Telegram does not say which person that is."""
    bot.telegram.ephemeral = "administrator"
    await bot.handle(message=read_command(bot, sender_chat=GROUP, **{"from": ANONYMOUS}))
    assert [only_to(call) for call in sent(bot, "sendMessage")] == [None]


async def test_a_photo_in_reply_to_an_ephemeral_message_is_read_aside(bot: Bot) -> None:
    """Nobody else has seen it."""
    reading = await ask(bot, "12")
    await press_under(bot, reading, button(reading, "✗"))
    photo = bot.photo("34", chat=GROUP, reply_to_message=the_ephemeral(bot))
    await bot.handle(message=photo | {"message_id": 0, "ephemeral_message_id": 5})
    answer = sent(bot, "sendMessage")[-1]
    assert only_to(answer) == PERSON["id"]
    assert "34" in answer.parameters["text"]
    assert "✗" in buttons(answer)


async def test_a_refusal_is_forgotten_after_an_hour(bot: Bot) -> None:
    """Somebody may have made the bot an administrator meanwhile."""
    at = 1_000_000.0
    aside = EphemeralMessages(lambda: at)
    asked = Message.de_json(read_command(bot, date=2_000_000), bot.application.bot)
    assert asked is not None
    await aside.reply(asked, asked.reply_text, "?")
    bot.telegram.ephemeral = "administrator"
    for later, receivers in ((3_000, [PERSON["id"], None, None]), (3_700, [PERSON["id"], None, None, PERSON["id"]])):
        at = 1_000_000.0 + later
        await aside.reply(asked, asked.reply_text, "?")
        assert [only_to(call) for call in sent(bot, "sendMessage")] == receivers
