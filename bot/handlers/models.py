"""/models and /rollback: which versions there are, and serving another one."""

import logging
import re

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import ContextTypes

from bot import model_replies, replies
from bot.models import Listed, Models, NothingBefore, ServedMeanwhile
from bot.store import StoreUnavailable
from model import ModelUnavailable

_log = logging.getLogger(__name__)

PRESSES = re.compile(r"models:(?:(serve|surely):([\w-]{1,45})|leave)$")
"""The callback data of this module's buttons: a version's folder; `surely` is pressed below a warning."""


def serve_button(name: str) -> InlineKeyboardButton:
    """The button that serves a version, after a warning where one is due."""
    return InlineKeyboardButton(model_replies.serve_button(name), callback_data=f"models:serve:{name}")


class ModelHandlers:
    """Lets `admins` see and change which model is in service."""

    def __init__(self, models: Models, admins: frozenset[int]) -> None:
        self._models = models
        self._admins = admins

    async def models(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """List the versions, with buttons to serve another."""
        message, user = update.effective_message, update.effective_user
        assert message is not None  # the filter guarantees it
        if user is None or user.id not in self._admins:
            await message.reply_text(replies.ADMINS_ONLY)
            return
        listed = await self._models.versions()
        buttons = [
            [serve_button(each.name)]
            for each in model_replies.shown_of(listed)
            if each.metrics is not None and not each.is_served
        ]
        await message.reply_text(
            model_replies.models(listed),
            ParseMode.HTML,
            reply_markup=InlineKeyboardMarkup(buttons) if buttons else None,
        )

    async def rollback(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Serve what was served before."""
        message, user = update.effective_message, update.effective_user
        assert message is not None  # the filter guarantees it
        if user is None or user.id not in self._admins:
            await message.reply_text(replies.ADMINS_ONLY)
            return
        try:
            answer = model_replies.now_served(await self._models.go_back())
        except NothingBefore:
            answer = model_replies.NOTHING_BEFORE
        except StoreUnavailable as error:
            _log.error("the served model could not be changed: %s", error)
            answer = model_replies.DATABASE_TROUBLE
        await message.reply_text(answer, ParseMode.HTML)

    async def pressed(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Serve, warn, or leave it, as the pressed button says."""
        query = update.callback_query
        assert query is not None  # the filter guarantees it
        match = PRESSES.match(query.data or "")
        assert match is not None  # likewise
        if query.from_user.id not in self._admins:
            await query.answer(replies.ADMINS_ONLY, show_alert=True)
            return
        if match[1] is None:
            await query.answer()
            await _edit(query, model_replies.SERVE_LEFT)
            return
        found = next((each for each in await self._models.versions() if each.name == match[2]), None)
        if found is None or found.metrics is None:
            await query.answer(model_replies.MODEL_GONE, show_alert=True)
        elif match[1] == "serve" and not found.is_safe:
            await query.answer()
            await self._warn(query, found)
        else:
            await self._serve(query, found)

    async def _warn(self, query: CallbackQuery, found: Listed) -> None:
        if isinstance(query.message, Message):
            row = [
                InlineKeyboardButton(model_replies.SERVE_ANYWAY, callback_data=f"models:surely:{found.name}"),
                InlineKeyboardButton(model_replies.DO_NOT_SERVE, callback_data="models:leave"),
            ]
            await query.message.reply_text(
                model_replies.serve_warning(found), ParseMode.HTML, reply_markup=InlineKeyboardMarkup([row])
            )

    async def _serve(self, query: CallbackQuery, found: Listed) -> None:
        try:
            version = await self._models.serve(found.name, query.from_user.id)
        except ModelUnavailable as error:
            _log.error("%s", error)
            await query.answer(model_replies.MODEL_GONE, show_alert=True)
        except ServedMeanwhile:
            await query.answer(model_replies.SERVED_MEANWHILE, show_alert=True)
        except StoreUnavailable as error:
            _log.error("the served model could not be changed: %s", error)
            await query.answer(model_replies.DATABASE_TROUBLE, show_alert=True)
        else:
            await query.answer()
            await _edit(query, model_replies.now_served(version))


async def _edit(query: CallbackQuery, text: str) -> None:
    """Say what came of a press in place of what was pressed."""
    try:
        await query.edit_message_text(text, ParseMode.HTML)
    except TelegramError as error:  # deleted meanwhile
        _log.info("a message about models could not be edited: %s", error)
