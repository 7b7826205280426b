"""A person's side of the buttons, on the fake Telegram."""

from typing import Any

from telegram import Update

from tests.fakes import BOT, PERSON, PRIVATE, Bot, Call


def sent(bot: Bot, *methods: str) -> list[Call]:
    """The calls of these methods, in order."""
    return [call for call in bot.telegram.calls if call.method in methods]


def buttons(call: Call) -> dict[str, str]:
    """A message's buttons: text to callback data, in order."""
    markup = call.parameters.get("reply_markup") or {"inline_keyboard": []}
    return {button["text"]: button["callback_data"] for row in markup["inline_keyboard"] for button in row}


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
