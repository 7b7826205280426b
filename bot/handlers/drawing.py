"""/draw opens the draw page as a Mini App; so does the menu button beside the chat's input."""

import logging
from urllib.parse import urlsplit

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MenuButtonDefault,
    MenuButtonWebApp,
    Update,
    WebAppInfo,
)
from telegram.constants import ChatType
from telegram.error import TelegramError
from telegram.ext import ContextTypes

from bot import words

_log = logging.getLogger(__name__)

PATH = "/draw"
"""Where the draw page is, below the web side's address."""

FROM_A_GROUP = "draw"
"""The parameter of /start with which a group's members come to the private chat."""


class DrawingHandlers:
    """Opens `page`, the address of the draw page; empty where it can't be reached from a chat."""

    def __init__(self, page: str, admins: frozenset[int]) -> None:
        self._page = page
        self._admins = admins

    async def draw(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Answer with a button that opens the page; in a group, with the way to one."""
        message, user = update.effective_message, update.effective_user
        assert message is not None  # the filter guarantees it
        if not self._page:
            is_admin = user is not None and user.id in self._admins
            text, button = (words.drawing.DRAW_NEEDS_SETTING() if is_admin else words.drawing.DRAW_NOT_HERE()), None
        elif message.chat.type == ChatType.PRIVATE:
            text = words.drawing.DRAW()
            button = InlineKeyboardButton(words.drawing.DRAW_BUTTON(), web_app=WebAppInfo(self._page))
        else:  # where Telegram refuses such a button
            text = words.drawing.DRAW_IN_PRIVATE()
            link = f"https://t.me/{context.bot.username}?start={FROM_A_GROUP}"
            button = InlineKeyboardButton(words.drawing.PRIVATE_BUTTON(), url=link)
        await message.reply_text(text, reply_markup=InlineKeyboardMarkup([[button]]) if button else None)


async def publish_menu_button(bot: Bot, page: str) -> None:
    """Have every chat's menu button open the draw page; without one, take back the button of an earlier start.

    Failing is logged: the bot works without.
    """
    try:
        if page:
            button = MenuButtonWebApp(words.drawing.MENU_BUTTON(), WebAppInfo(page))
            await bot.set_chat_menu_button(menu_button=button)
            return
        shown = await bot.get_chat_menu_button()
        if isinstance(shown, MenuButtonWebApp) and urlsplit(shown.web_app.url).path == PATH:
            await bot.set_chat_menu_button(menu_button=MenuButtonDefault())
    except TelegramError as error:
        _log.warning("the menu button could not be set: %s", error)
