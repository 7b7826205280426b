"""/models and /rollback: which versions there are, and serving another one."""

import logging
import re

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.constants import ParseMode
from telegram.ext import ContextTypes

from bot import model_replies
from bot.handlers.presses import admins_only, answer, edit, keyboard, say
from bot.models import Listed, Models, NothingBefore, ServedMeanwhile
from bot.store import Replicas, StoreUnavailable
from model import ModelUnavailable

_log = logging.getLogger(__name__)

PRESSES = re.compile(r"models:(?:(serve|surely):([\w-]{1,45})|leave)$")
"""The callback data of this module's buttons: a version's folder; `surely` is pressed below a warning."""


def serve_button(name: str) -> InlineKeyboardButton:
    """The button that serves a version, after a warning where one is due."""
    return InlineKeyboardButton(model_replies.serve_button(name), callback_data=f"models:serve:{name}")


class ModelHandlers:
    """Lets `admins` see and change which model is in service."""

    def __init__(self, models: Models, replicas: Replicas, admins: frozenset[int]) -> None:
        self._models = models
        self._replicas = replicas
        self.admins = admins

    @admins_only
    async def models(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """List the versions, with buttons to serve another."""
        message = update.effective_message
        assert message is not None  # the filter guarantees it
        listed = await self._models.versions()
        buttons = [
            [serve_button(each.name)]
            for each in model_replies.shown_of(listed)
            if each.metrics is not None and not each.is_served
        ]
        await message.reply_text(
            model_replies.models(listed) + await self._processes(),
            ParseMode.HTML,
            reply_markup=InlineKeyboardMarkup(buttons) if buttons else None,
        )

    async def _processes(self) -> str:
        try:
            versions = await self._replicas.versions()
        except StoreUnavailable as error:  # the versions themselves are known all the same
            _log.debug("which processes serve can't be told: %s", error)
            return ""
        return model_replies.processes(list(versions.values()), self._models.served.name)

    @admins_only
    async def rollback(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Serve what was served before."""
        message = update.effective_message
        assert message is not None  # the filter guarantees it
        try:
            said = model_replies.now_served(await self._models.go_back())
        except NothingBefore:
            said = model_replies.NOTHING_BEFORE
        except StoreUnavailable as error:
            _log.error("the served model could not be changed: %s", error)
            said = model_replies.DATABASE_TROUBLE
        await message.reply_text(said, ParseMode.HTML)

    @admins_only
    async def pressed(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Serve, warn, or leave it, as the pressed button says."""
        query = update.callback_query
        assert query is not None  # the filter guarantees it
        match = PRESSES.match(query.data or "")
        assert match is not None  # likewise
        if match[1] is None:
            await answer(query)
            await edit(query, model_replies.SERVE_LEFT)
            return
        found = next((each for each in await self._models.versions() if each.name == match[2]), None)
        if found is None or found.metrics is None:
            await answer(query, model_replies.MODEL_GONE, alert=True)
        elif match[1] == "serve" and not found.is_safe:
            await answer(query)
            await self._warn(query, found)
        else:
            await self._serve(query, found)

    async def _warn(self, query: CallbackQuery, found: Listed) -> None:
        buttons = keyboard(
            [(model_replies.SERVE_ANYWAY, f"models:surely:{found.name}"), (model_replies.DO_NOT_SERVE, "models:leave")]
        )
        await say(query, model_replies.serve_warning(found), buttons)

    async def _serve(self, query: CallbackQuery, found: Listed) -> None:
        try:
            version = await self._models.serve(found.name, query.from_user.id)
        except ModelUnavailable as error:
            _log.error("%s", error)
            await answer(query, model_replies.MODEL_GONE, alert=True)
        except ServedMeanwhile:
            await answer(query, model_replies.SERVED_MEANWHILE, alert=True)
        except StoreUnavailable as error:
            _log.error("the served model could not be changed: %s", error)
            await answer(query, model_replies.DATABASE_TROUBLE, alert=True)
        else:
            await answer(query)
            await edit(query, model_replies.now_served(version))
