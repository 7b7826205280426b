"""/retrain: asks once, trains in a process of its own, shows live progress, says what came out."""

import logging
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import ContextTypes

from bot import replies
from bot.pool import ReadingPool
from bot.trainer import RECIPES, Event, Exporting, Progress, Trained, Trainer, TrainingCancelled, TrainingFailed

_log = logging.getLogger(__name__)

PRESSES = r"^train:"
"""The callback data of this module's buttons, as a pattern."""

# Telegram throttles edits harder than messages; one in 3 s is safe in a group too (20 a minute).
_EDIT_EVERY_S = 3.0


class TrainingHandlers:
    """Lets `admins` train a new model."""

    def __init__(self, trainer: Trainer, pool: ReadingPool, admins: frozenset[int]) -> None:
        self._trainer = trainer
        self._pool = pool
        self._admins = admins

    async def retrain(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Ask whether to train, by the recipe that is named or the first one."""
        message, user = update.effective_message, update.effective_user
        assert message is not None  # the filter guarantees it
        recipe = context.args[0].lower() if context.args else next(iter(RECIPES))
        if user is None or user.id not in self._admins:
            await message.reply_text(replies.ADMINS_ONLY)
        elif recipe not in RECIPES:
            await message.reply_text(replies.retrain_usage(list(RECIPES)))
        elif self._trainer.is_running:
            await message.reply_text(replies.RETRAIN_RUNNING)
        else:
            buttons = _buttons(("✅ Train", f"train:go:{recipe}"), ("✖ Leave it", "train:leave"))
            question = replies.retrain_question(recipe, RECIPES[recipe])
            await message.reply_text(question, ParseMode.HTML, reply_markup=buttons)

    async def pressed(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Start, leave or cancel, as the pressed button says."""
        query = update.callback_query
        assert query is not None  # the filter guarantees it
        assert query.data is not None  # likewise
        if query.from_user.id not in self._admins:
            await query.answer(replies.ADMINS_ONLY, show_alert=True)
            return
        match query.data.split(":"):
            case ["train", "go", recipe] if recipe in RECIPES:
                await self._go(query, recipe, update, context)
            case ["train", "leave"]:
                await query.answer()
                await query.edit_message_text(replies.RETRAIN_LEFT)
            case ["train", "cancel"] if self._trainer.is_running:
                await query.answer(replies.RETRAIN_CANCELLING)
                await self._trainer.cancel()
            case _:
                await query.answer(replies.RETRAIN_STALE, show_alert=True)

    async def _go(self, query: CallbackQuery, recipe: str, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        if self._trainer.is_running:
            await query.answer(replies.RETRAIN_RUNNING, show_alert=True)
            return
        if not isinstance(query.message, Message):  # too old for Telegram to hand out
            await query.answer(replies.RETRAIN_STALE, show_alert=True)
            return
        events = self._trainer.train(recipe)
        await query.answer()
        # In the background: the chat's other updates, Cancel among them, must not wait for the end.
        context.application.create_task(self._follow(query.message, events), update, name="training")

    async def _follow(self, message: Message, events: AsyncGenerator[Event]) -> None:
        """Edit the training's message as it goes on, and send the verdict as a message of its own."""
        board = _Board(message)
        start = time.monotonic()
        await board.show(replies.TRAINING_STARTS)
        try:
            async with aclosing(events):
                async for event in events:
                    match event:
                        case Progress():
                            await board.show_when_due(_progress(event))
                        case Exporting():
                            await board.show(replies.TRAINING_EXPORTS)
                        case Trained():
                            trained = event
        except TrainingCancelled:
            await board.close(replies.RETRAIN_CANCELLED)
            return
        except TrainingFailed as error:
            await board.close(replies.training_failed(str(error)))
            return
        await board.close(replies.TRAINING_DONE)
        verdict = replies.verdict(
            version=trained.version,
            test_accuracy=trained.test_accuracy,
            served_accuracy=self._pool.reader.version.metrics.test_accuracy,
            took_s=time.monotonic() - start,
        )
        await message.reply_text(verdict, ParseMode.HTML, allow_sending_without_reply=True)


class _Board:
    """The one message that shows a training's progress."""

    def __init__(self, message: Message) -> None:
        self._message = message
        self._shown = ""
        self._due = 0.0

    async def show_when_due(self, text: str) -> None:
        """Show `text`, unless the last edit was a moment ago: the next event brings a newer one."""
        if time.monotonic() >= self._due:
            await self.show(text)

    async def show(self, text: str) -> None:
        """Show `text` above the Cancel button."""
        await self._edit(text, _buttons(("✖ Cancel", "train:cancel")))

    async def close(self, text: str) -> None:
        """Show `text` for good, without buttons."""
        await self._edit(text, None)

    async def _edit(self, text: str, buttons: InlineKeyboardMarkup | None) -> None:
        if text == self._shown:
            return
        self._shown, self._due = text, time.monotonic() + _EDIT_EVERY_S
        try:
            await self._message.edit_text(text, ParseMode.HTML, reply_markup=buttons)
        except TelegramError as error:  # a deleted message or a slow line must not end a training
            _log.info("the progress could not be shown: %s", error)


def _progress(event: Progress) -> str:
    return replies.training_progress(
        epoch=event.epoch,
        epochs=event.epochs,
        fraction=event.fraction,
        accuracy=event.accuracy,
        eta_s=event.eta_s,
    )


def _buttons(*row: tuple[str, str]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(text, callback_data=data) for text, data in row]])
