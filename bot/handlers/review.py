"""/review: an admin looks at what people corrected before anything learns from it."""

import logging

from telegram import CallbackQuery, InputMediaPhoto, Update
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import ContextTypes

from bot import buttons, words
from bot.buttons import Review
from bot.drawn.pictures import Claim, contact_sheet
from bot.handlers.presses import admins_only, answer, pressed_message
from bot.store import Correction, Store

_log = logging.getLogger(__name__)

_ON_A_SHEET = 20


class ReviewHandlers:
    """Lets `admins` approve or drop corrections, a sheet at once or one by one."""

    def __init__(self, store: Store, admins: frozenset[int]) -> None:
        self._corrections = store.corrections
        self.admins = admins

    @admins_only
    async def review(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Show the oldest corrections that wait, on one sheet."""
        message = update.effective_message
        assert message is not None  # the filter guarantees it
        shown = await self._corrections.pending(_ON_A_SHEET)
        if not shown:
            await message.reply_text(words.review.REVIEW_EMPTY())
            return
        _, waiting = await self._corrections.count()
        span = shown[0].id, shown[-1].id
        rows = [
            [
                (words.review.approve_all(len(shown)), Review("approve", *span)),
                (words.review.drop_all(len(shown)), Review("drop", *span)),
            ]
        ]
        if len(shown) > 1:
            rows.append([(words.review.ONE_BY_ONE(), Review("each", *span))])
        sheet = contact_sheet([_claim(correction) for correction in shown])
        await message.reply_photo(
            sheet, words.review.review_sheet(len(shown), waiting), reply_markup=buttons.keyboard(*rows)
        )

    @admins_only
    async def pressed(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Do what the pressed button says."""
        query = update.callback_query
        assert query is not None  # the filter guarantees it
        press = buttons.pressed(query.data)
        assert isinstance(press, Review)  # likewise
        verdict, first, last = press.verdict, press.first, press.last
        match verdict:
            case "each":
                await answer(query)
                await self._next(query, after=first - 1, last=last)
            case "approve" | "drop":
                settled = await self._settle(verdict == "approve", first, last, query.from_user.id)
                await answer(query, "" if settled else words.review.REVIEW_STALE(), alert=not settled)
                await self._close(
                    query, approved=settled * (verdict == "approve"), dropped=settled * (verdict == "drop")
                )
            case _:
                settled = (
                    1 if verdict == "later" else await self._settle(verdict == "yes", first, first, query.from_user.id)
                )
                await answer(query, "" if settled else words.review.REVIEW_STALE())
                await self._next(query, after=first, last=last)

    async def _settle(self, is_right: bool, first: int, last: int, admin_id: int) -> int:  # noqa: FBT001 a verdict is a yes or a no
        if is_right:
            return await self._corrections.approve(first, last, by_id=admin_id)
        return await self._corrections.drop(first, last)

    async def _next(self, query: CallbackQuery, *, after: int, last: int) -> None:
        """Show the next correction of a sheet, alone and large."""
        following = await self._corrections.pending(1, after=after, until=last)
        if not following:
            await self._close(query, approved=0, dropped=0)
            return
        (shown,) = following
        caption = words.review.review_one(shown.said, shown.label, shown.confidence)
        verdicts = buttons.keyboard(
            [
                (words.review.APPROVE(), Review("yes", shown.id, last)),
                (words.review.DROP(), Review("no", shown.id, last)),
                (words.review.LATER(), Review("later", shown.id, last)),
            ]
        )
        picture = InputMediaPhoto(contact_sheet([_claim(shown)], zoom=8), caption, ParseMode.HTML)
        message = pressed_message(query)
        if message is not None:
            try:
                await message.edit_media(picture, reply_markup=verdicts)
            except TelegramError as error:  # deleted meanwhile
                _log.info("the next correction could not be shown: %s", error)

    async def _close(self, query: CallbackQuery, *, approved: int, dropped: int) -> None:
        """Say what came of a sheet, in its own message."""
        _, waiting = await self._corrections.count()
        message = pressed_message(query)
        if message is not None:
            try:
                await message.edit_caption(words.review.reviewed(approved, dropped, waiting), reply_markup=None)
            except TelegramError as error:  # deleted meanwhile, or pressed twice
                _log.info("the sheet could not be closed: %s", error)


def _claim(correction: Correction) -> Claim:
    return Claim(correction.bitmap, correction.label, correction.said)
