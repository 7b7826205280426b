"""A person's side of the buttons and questions, on the fake Telegram, and what came of it in the store."""

from typing import Any

from telegram import Update

from bot.store import Tally
from tests.fakes import ADMIN_ID, BOT, PERSON, PRIVATE, Bot, Call

KEYPAD = [*"1234567890", "not a digit"]


def sent(bot: Bot, *methods: str) -> list[Call]:
    """The calls of these methods, in order."""
    return [call for call in bot.telegram.calls if call.method in methods]


def buttons(call: Call) -> dict[str, str]:
    """A message's buttons that are pressed: text to callback data, in order."""
    rows = (call.parameters.get("reply_markup") or {"inline_keyboard": []})["inline_keyboard"]
    return {each["text"]: each["callback_data"] for row in rows for each in row if "callback_data" in each}


def copied(call: Call) -> dict[str, str]:
    """A message's buttons that copy: text to what is copied, in order."""
    rows = (call.parameters.get("reply_markup") or {"inline_keyboard": []})["inline_keyboard"]
    return {each["text"]: each["copy_text"]["text"] for row in rows for each in row if "copy_text" in each}


def shown(bot: Bot) -> Call:
    """The latest message, or the latest edit of one."""
    return sent(bot, "sendMessage", "sendPhoto", "editMessageText", "editMessageCaption", "editMessageMedia")[-1]


def alert(bot: Bot) -> str:
    """What the last pressed button was answered with."""
    return str(sent(bot, "answerCallbackQuery")[-1].parameters.get("text", ""))


def a_press(
    bot: Bot, data: str, person: dict[str, Any] = PERSON, chat: dict[str, Any] = PRIVATE, *, is_old: bool = False
) -> Update:
    """A pressed button under message 500, which says "7", unless it is so old that Telegram only names it."""
    message = {"message_id": 500, "date": 1, "chat": chat, "from": BOT, "text": "7\n97 % sure"}
    if is_old:
        message = {"message_id": 500, "date": 0, "chat": chat}
    return bot.update(
        callback_query={"id": "q", "from": person, "chat_instance": "c", "data": data, "message": message}
    )


async def press(bot: Bot, data: str, person: dict[str, Any] = PERSON, chat: dict[str, Any] = PRIVATE) -> str:
    """Press a button; what pops up."""
    before = len(sent(bot, "answerCallbackQuery"))
    await bot.deliver([a_press(bot, data, person, chat)])
    assert len(sent(bot, "answerCallbackQuery")) == before + 1  # every press is answered, once
    return alert(bot)


async def press_shown(bot: Bot, text: str, person: dict[str, Any] = PERSON, chat: dict[str, Any] = PRIVATE) -> str:
    """Press the button of this text under the latest message; what pops up."""
    return await press(bot, buttons(shown(bot))[text], person, chat)


async def labels(bot: Bot) -> list[tuple[int, int | None]]:
    """What was said and what it is, of the corrections that wait and then of those that count."""
    corrections = bot.store.corrections
    return [(each.said, each.label) for each in (*await corrections.waiting(100), *await corrections.approved())]


async def approve_all(bot: Bot) -> None:
    """Have an admin approve every correction that waits."""
    waiting = await bot.store.corrections.waiting(100)
    sheet = await bot.store.sheets.lay([each.id for each in waiting])
    await bot.store.sheets.approve(sheet.number, by_id=ADMIN_ID)


async def tally(bot: Bot) -> Tally:
    """What was counted in all."""
    return (await bot.store.readings.tally())[1]


def mention() -> list[dict[str, object]]:
    """The entity of a text that is @digits_bot."""
    return [{"type": "mention", "offset": 0, "length": 11}]


def reply_to_last(bot: Bot, text: str, **fields: object) -> dict[str, object]:
    """A text that replies to the message that the bot sent last."""
    question = bot.message(text="?", **fields) | {"from": BOT, "message_id": bot.telegram.last_id}
    return bot.message(text=text, reply_to_message=question, **fields)


async def wrong_number(bot: Bot, digits: str = "4071") -> None:
    """Send a photo and say that its number was read wrong."""
    await bot.handle(message=bot.photo(digits))
    await press_shown(bot, "✗")


async def wrong_length(bot: Bot, digits: str = "4071") -> None:
    """Send a photo and say that its number has more digits, or fewer: the bot asks for it as a whole."""
    await wrong_number(bot, digits)
    await press_shown(bot, "another length")
