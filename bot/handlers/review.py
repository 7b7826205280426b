"""/review: an admin looks at what people corrected before anything learns from it, first at what would teach most."""

import logging

from telegram import CallbackQuery, InputMediaPhoto, Update
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import ContextTypes

from bot import words
from bot.buttons.keyboards import keyboard
from bot.buttons.presses import Review, pressed
from bot.drawn.pictures import Claim, contact_sheet
from bot.handlers.presses import admins_only, answer, pressed_message
from bot.learning.lessons import note_suspicions
from bot.learning.worth import CONSIDERED, by_worth
from bot.store import Correction, Store
from model import edition

_log = logging.getLogger(__name__)

_ON_A_SHEET = 20


class ReviewHandlers:
    """Lets `admins` approve or drop corrections, a sheet at once or one by one."""

    def __init__(self, store: Store, admins: frozenset[int]) -> None:
        self._corrections = store.corrections
        self._sheets = store.sheets
        self.admins = admins

    @admins_only
    async def review(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Show the corrections that wait and would teach most, on one sheet."""
        message = update.effective_message
        assert message is not None  # the filter guarantees it
        await note_suspicions(self._corrections)
        considered = await self._corrections.waiting(CONSIDERED)
        counting, waiting = await self._corrections.kinds()
        best = by_worth(considered, counting, edition())[:_ON_A_SHEET]
        sheet = await self._sheets.lay([each.id for each in best])
        if not sheet.corrections:
            await message.reply_text(words.review.REVIEW_EMPTY())
            return
        shown = len(sheet.corrections)
        rows = [
            [
                (words.review.approve_all(shown), Review("approve", sheet.number, shown)),
                (words.review.drop_all(shown), Review("drop", sheet.number, shown)),
            ]
        ]
        if shown > 1:
            rows.append([(words.review.ONE_BY_ONE(), Review("each", sheet.number, shown))])
        picture = contact_sheet([_claim(correction) for correction in sheet.corrections])
        caption = words.review.review_sheet(sheet.corrections, waiting)
        await message.reply_photo(picture, caption, reply_markup=keyboard(*rows))

    @admins_only
    async def pressed(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Do what the pressed button says."""
        query = update.callback_query
        assert query is not None  # the filter guarantees it
        press = pressed(query.data)
        assert isinstance(press, Review)  # likewise
        admin_id = query.from_user.id
        match press.verdict:
            case "each":
                await answer(query)
                await self._next(query, press.sheet, after=0)
            case "later":
                await answer(query)
                await self._next(query, press.sheet, after=press.place)
            case "yes" | "no":
                settled = await self._settle(press, press.verdict == "yes", admin_id, place=press.place)
                await answer(query, "" if settled else words.review.REVIEW_STALE())
                await self._next(query, press.sheet, after=press.place)
            case "approve" | "drop":
                is_right = press.verdict == "approve"
                settled = await self._settle(press, is_right, admin_id)
                await answer(query, "" if settled else words.review.REVIEW_STALE(), alert=not settled)
                done = (settled, 0) if is_right else (0, settled)
                await self._close(query, *done, not_touched=press.place - settled)

    async def _settle(self, press: Review, is_right: bool, admin_id: int, place: int | None = None) -> int:  # noqa: FBT001 a verdict is a yes or a no
        if is_right:
            return await self._sheets.approve(press.sheet, by_id=admin_id, place=place)
        return await self._sheets.drop(press.sheet, place=place)

    async def _next(self, query: CallbackQuery, sheet: int, *, after: int) -> None:
        """Show the next correction of a sheet that waits, alone and large."""
        found = await self._sheets.next_on(sheet, after=after)
        if found is None:
            await self._close(query)
            return
        caption = words.review.review_one(found.correction)
        verdicts = keyboard(
            [
                (words.review.APPROVE(), Review("yes", sheet, found.place)),
                (words.review.DROP(), Review("no", sheet, found.place)),
                (words.review.LATER(), Review("later", sheet, found.place)),
            ]
        )
        picture = InputMediaPhoto(contact_sheet([_claim(found.correction)], zoom=8), caption, ParseMode.HTML)
        message = pressed_message(query)
        if message is not None:
            try:
                await message.edit_media(picture, reply_markup=verdicts)
            except TelegramError as error:  # deleted meanwhile
                _log.info("the next correction could not be shown: %s", error)

    async def _close(self, query: CallbackQuery, approved: int = 0, dropped: int = 0, *, not_touched: int = 0) -> None:
        """Say what came of a sheet, in its own message."""
        _, waiting = await self._corrections.count()
        message = pressed_message(query)
        if message is not None:
            try:
                caption = words.review.reviewed(approved, dropped, waiting, not_touched)
                await message.edit_caption(caption, reply_markup=None)
            except TelegramError as error:  # deleted meanwhile, or pressed twice
                _log.info("the sheet could not be closed: %s", error)


def _claim(correction: Correction) -> Claim:
    return Claim(correction.bitmap, correction.label, correction.kind.read_as)
