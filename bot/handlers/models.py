"""/models and /rollback: which versions there are, and serving another one."""

import logging

from telegram import CallbackQuery, Update
from telegram.constants import ParseMode
from telegram.ext import ContextTypes

from bot import words
from bot.buttons.keyboards import keyboard
from bot.buttons.presses import Beside, Press, Serve, pressed
from bot.handlers.presses import admins_only, answer, edit, say
from bot.learning.models import Models, NothingBefore, ServedMeanwhile
from bot.learning.promotion import Listed, Promotion
from bot.store import Shadow, Store, StoreUnavailable
from model import ModelUnavailable

_log = logging.getLogger(__name__)


class ModelHandlers:
    """Lets `admins` see and change which model is in service."""

    def __init__(self, models: Models, promotion: Promotion, store: Store, admins: frozenset[int]) -> None:
        self._models = models
        self._promotion = promotion
        self._replicas = store.replicas
        self._shadows = store.shadows
        self.admins = admins

    @admins_only
    async def models(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """List the versions, with buttons to serve another."""
        message = update.effective_message
        assert message is not None  # the filter guarantees it
        listed = await self._promotion.listed()
        offered: list[list[tuple[str, Press]]] = [
            [(words.models.serve_button(each.name), Serve("serve", each.name))]
            for each in words.models.shown_of(listed)
            if each.metrics is not None and not each.is_served
        ]
        shadow = await self._shadow()
        beside = words.shadow.status(shadow, self._shadows.now()) if shadow else ""
        offered += [_beside(shadow)] if shadow and (shadow.unjudged or shadow.ended is None) else []
        await message.reply_text(
            words.models.models(listed) + await self._budget() + beside + await self._processes(),
            ParseMode.HTML,
            reply_markup=keyboard(*offered) if offered else None,
        )

    async def _budget(self) -> str:
        try:
            return words.budget.budget(await self._promotion.budget())
        except StoreUnavailable as error:
            _log.debug("what may be lost can't be told: %s", error)
            return ""

    async def _shadow(self) -> Shadow | None:
        try:
            return await self._shadows.latest()
        except StoreUnavailable as error:  # the versions themselves are known all the same
            _log.debug("which candidate reads beside the served one can't be told: %s", error)
            return None

    async def _processes(self) -> str:
        try:
            versions = await self._replicas.versions()
        except StoreUnavailable as error:  # the versions themselves are known all the same
            _log.debug("which processes serve can't be told: %s", error)
            return ""
        return words.models.processes(list(versions.values()), self._models.served.name)

    @admins_only
    async def rollback(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Serve what was served before."""
        message = update.effective_message
        assert message is not None  # the filter guarantees it
        try:
            said = words.models.now_served(await self._models.go_back())
        except NothingBefore:
            said = words.models.NOTHING_BEFORE()
        except StoreUnavailable as error:
            _log.error("the served model could not be changed: %s", error)
            said = words.models.DATABASE_TROUBLE()
        await message.reply_text(said, ParseMode.HTML)

    @admins_only
    async def pressed(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Serve, warn, or leave it, as the pressed button says."""
        query = update.callback_query
        assert query is not None  # the filter guarantees it
        press = pressed(query.data)
        assert isinstance(press, Serve)  # likewise
        if press.act == "leave":
            await answer(query)
            await edit(query, words.models.SERVE_LEFT())
            return
        found = next((each for each in await self._promotion.listed() if each.name == press.name), None)
        if found is None or found.metrics is None:
            await answer(query, words.models.MODEL_GONE(), alert=True)
        elif press.act == "serve" and not found.is_safe:
            await answer(query)
            await self._warn(query, found)
        else:
            await self._serve(query, found)

    async def _warn(self, query: CallbackQuery, found: Listed) -> None:
        choice = keyboard(
            [(words.models.SERVE_ANYWAY(), Serve("surely", found.name)), (words.models.DO_NOT_SERVE(), Serve("leave"))]
        )
        await say(query, words.models.serve_warning(found), choice)

    async def _serve(self, query: CallbackQuery, found: Listed) -> None:
        try:
            version = await self._models.serve(found.name, query.from_user.id)
        except ModelUnavailable as error:
            _log.error("%s", error)
            await answer(query, words.models.MODEL_GONE(), alert=True)
        except ServedMeanwhile:
            await answer(query, words.models.SERVED_MEANWHILE(), alert=True)
        except StoreUnavailable as error:
            _log.error("the served model could not be changed: %s", error)
            await answer(query, words.models.DATABASE_TROUBLE(), alert=True)
        else:
            await answer(query)
            await edit(query, words.models.now_served(version))


def _beside(shadow: Shadow) -> list[tuple[str, Press]]:
    show: list[tuple[str, Press]] = [(words.shadow.SHOW(), Beside("show", shadow.version))] if shadow.unjudged else []
    return [*show, *([(words.shadow.STOP(), Beside("stop", shadow.version))] if shadow.ended is None else [])]
