"""/retrain: asks once, trains in a process of its own, shows live progress, and serves what passed its comparison."""

import logging
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Protocol

from telegram import CallbackQuery, InlineKeyboardMarkup, Message, Update
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import ContextTypes

from bot import words
from bot.buttons.keyboards import keyboard
from bot.buttons.presses import Serve, Train, pressed
from bot.handlers.presses import admins_only, answer, edit, pressed_message
from bot.learning.events import (
    Event,
    Exporting,
    Progress,
    Trained,
    TrainingCancelled,
    TrainingFailed,
    TrainingRunning,
)
from bot.learning.lessons import Lessons, gather_lessons
from bot.learning.models import Models
from bot.learning.promotion import Promotion
from bot.learning.trainer import RECIPES
from bot.store import Store, StoreUnavailable
from model import ModelUnavailable

_log = logging.getLogger(__name__)

# Telegram throttles edits harder than messages; one in 3 s is safe in a group too (20 a minute).
_EDIT_EVERY_S = 3.0


class Trains(Protocol):
    """What trains: here, as `bot/learning/trainer.py` does, or wherever a cluster has room; one training at a time."""

    @property
    def is_ours(self) -> bool:
        """Whether a training is under way that was started here."""

    async def is_running(self) -> bool:
        """Whether a training is under way, whoever started it."""

    async def can_cancel(self) -> bool:
        """Whether one is under way that `cancel` reaches."""

    def train(
        self, recipe: str, *, lessons: Lessons | None = None, served: Path | None = None
    ) -> AsyncGenerator[Event]:
        """Train, yielding events up to Trained. Raises TrainingRunning, TrainingFailed, TrainingCancelled."""

    async def cancel(self) -> None:
        """Stop the training that is under way, if it can be reached, and wait until it has stopped."""

    async def close(self) -> None:
        """Stop the one that was started here, if any: the bot ends."""


class TrainingHandlers:
    """Lets `admins` train a new model."""

    def __init__(
        self, trainer: Trains, models: Models, promotion: Promotion, store: Store, admins: frozenset[int]
    ) -> None:
        self._trainer = trainer
        self._models = models
        self._promotion = promotion
        self._store = store
        self.admins = admins

    @admins_only
    async def retrain(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Ask whether to train, by the recipe that is named or the first one."""
        message = update.effective_message
        assert message is not None  # the filter guarantees it
        recipe = context.args[0].lower() if context.args else RECIPES[0]
        if recipe not in RECIPES:
            await message.reply_text(words.retrain.usage(RECIPES))
        elif await self._trainer.is_running():
            await message.reply_text(words.retrain.RUNNING())
        else:
            try:
                lessons = await gather_lessons(self._store.corrections)
                _, waiting = await self._store.corrections.count()
            except StoreUnavailable as error:
                _log.error("the corrections could not be read: %s", error)
                await message.reply_text(words.models.DATABASE_TROUBLE())
                return
            blames = await self._models.blames(lessons.learned)
            question = words.retrain.question(recipe, lessons, waiting, blames)
            choice = keyboard([(words.retrain.START(), Train("go", recipe)), (words.retrain.LEAVE(), Train("leave"))])
            await message.reply_text(question, ParseMode.HTML, reply_markup=choice)

    @admins_only
    async def pressed(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Start, leave or cancel, as the pressed button says."""
        query = update.callback_query
        assert query is not None  # the filter guarantees it
        match pressed(query.data):
            case Train("go", recipe) if recipe in RECIPES:
                await self._go(query, recipe, update, context)
            case Train("leave"):
                await answer(query)
                await edit(query, words.retrain.LEFT())
            case Train("cancel") if await self._trainer.can_cancel():
                await answer(query, words.training.CANCELLING())
                await self._trainer.cancel()
            case _:
                await answer(query, words.retrain.STALE(), alert=True)

    async def _go(self, query: CallbackQuery, recipe: str, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        message = pressed_message(query)
        if message is None:
            await answer(query, words.retrain.STALE(), alert=True)
            return
        try:
            # "seed" is a recipe to the letter: nothing is added to it.
            taught = None if recipe == "seed" else await gather_lessons(self._store.corrections)
        except StoreUnavailable as error:
            _log.error("the corrections could not be read: %s", error)
            await answer(query, words.models.DATABASE_TROUBLE(), alert=True)
            return
        if await self._trainer.is_running():
            await answer(query, words.retrain.RUNNING(), alert=True)
            return
        events = self._trainer.train(recipe, lessons=taught, served=self._models.served.folder)
        await answer(query)
        # In the background: the chat's other updates, Cancel among them, must not wait for the end.
        following = self._follow(message, query.from_user.id, events)
        context.application.create_task(following, update, name="training")

    async def _follow(self, message: Message, admin_id: int, events: AsyncGenerator[Event]) -> None:
        """Edit the training's message as it goes on, and send the verdict as a message of its own."""
        board = _Board(message)
        start = time.monotonic()
        await board.show(words.training.STARTS())
        try:
            async with aclosing(events):
                async for event in events:
                    match event:
                        case Progress():
                            await board.show_when_due(_progress(event))
                        case Exporting():
                            await board.show(words.training.EXPORTS())
                        case Trained():
                            trained = event
            old = self._models.served
            new, outcome, lost = await self._promotion.judge(trained.folder.name, admin_id)
        except TrainingRunning:
            await board.close(words.retrain.RUNNING())
        except TrainingCancelled:
            await board.close(words.training.CANCELLED())
        except (TrainingFailed, ModelUnavailable) as error:
            await board.close(words.training.failed(str(error)))
        except StoreUnavailable as error:
            _log.error("a trained model could not be served: %s", error)
            await board.close(words.training.NOT_PUT_INTO_SERVICE())
        else:
            await board.close(words.training.DONE())
            verdict = words.verdict.verdict(
                new, old, outcome, time.monotonic() - start, lost=lost, beside_s=self._promotion.beside_s
            )
            serve = words.models.serve_button(trained.folder.name), Serve("serve", trained.folder.name)
            offered = keyboard([serve]) if outcome != "promoted" else None
            await message.reply_text(verdict, ParseMode.HTML, reply_markup=offered, allow_sending_without_reply=True)
            await self._tidy()

    async def _tidy(self) -> None:
        try:
            await self._models.tidy()
        except StoreUnavailable as error:  # after the next training, then
            _log.warning("old versions could not be deleted: %s", error)


class _Board:
    """The one message that shows a training's progress; `clock` gives seconds that only grow."""

    def __init__(self, message: Message, clock: Callable[[], float] = time.monotonic) -> None:
        self._message = message
        self._clock = clock
        self._shown = ""
        self._due = 0.0

    async def show_when_due(self, text: str) -> None:
        """Show `text`, unless the last edit was a moment ago: the next event brings a newer one."""
        if self._clock() >= self._due:
            await self.show(text)

    async def show(self, text: str) -> None:
        """Show `text` above the Cancel button."""
        await self._edit(text, keyboard([(words.training.CANCEL(), Train("cancel"))]))

    async def close(self, text: str) -> None:
        """Show `text` for good, without buttons."""
        await self._edit(text, None)

    async def _edit(self, text: str, buttons: InlineKeyboardMarkup | None) -> None:
        if text == self._shown:
            return
        self._shown, self._due = text, self._clock() + _EDIT_EVERY_S
        try:
            await self._message.edit_text(text, ParseMode.HTML, reply_markup=buttons)
        except TelegramError as error:  # a deleted message or a slow line must not end a training
            _log.info("the progress could not be shown: %s", error)


def _progress(event: Progress) -> str:
    return words.training.progress(
        epoch=event.epoch,
        epochs=event.epochs,
        fraction=event.fraction,
        accuracy=event.accuracy,
        eta_s=event.eta_s,
    )
