"""The candidate that reads beside the served version: stopped, what it reads otherwise judged, its end told."""

import asyncio
import logging

from telegram import Bot, CallbackQuery, InputMediaPhoto, Update
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import ContextTypes

from bot import words
from bot.buttons.keyboards import keyboard
from bot.buttons.presses import Beside, Differs, pressed
from bot.drawn.pictures import Claim, contact_sheet
from bot.handlers.language import Languages
from bot.handlers.presses import admins_only, answer, pressed_message
from bot.store import Difference, Shadow, Store
from bot.words.language import speaking

_log = logging.getLogger(__name__)

_ON_A_SHEET = 20


class ShadowHandlers:
    """Lets `admins` judge what a candidate reads otherwise, and stop it."""

    def __init__(self, store: Store, admins: frozenset[int]) -> None:
        self._shadows = store.shadows
        self._differences = store.differences
        self.admins = admins

    @admins_only
    async def pressed(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Stop the candidate, or send a sheet of what it reads otherwise, as the pressed button says."""
        query = update.callback_query
        assert query is not None  # the filter guarantees it
        press = pressed(query.data)
        assert isinstance(press, Beside)  # likewise
        if press.act == "stop":
            is_stopped = await self._shadows.end(press.name, "stopped")
            await answer(query, words.shadow.STOPPED() if is_stopped else words.shadow.GONE(), alert=True)
            return
        found = await self._differences.unjudged(press.name, _ON_A_SHEET)
        shadow = await self._shadows.latest()
        if not found or shadow is None or query.message is None:
            await answer(query, words.shadow.NOTHING_DIFFERS(), alert=True)
            return
        await answer(query)
        sheet = await asyncio.to_thread(contact_sheet, [_claim(each) for each in found])
        judge = keyboard([(words.review.ONE_BY_ONE(), Differs("each", found[0].id, found[-1].id))])
        caption = words.shadow.sheet(len(found), shadow.unjudged)
        await query.get_bot().send_photo(query.message.chat.id, sheet, caption, reply_markup=judge)

    @admins_only
    async def judged(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Keep what an admin says of a difference, and show the next one of its sheet."""
        query = update.callback_query
        assert query is not None  # the filter guarantees it
        press = pressed(query.data)
        assert isinstance(press, Differs)  # likewise
        first, last = press.first, press.last
        match press.verdict:
            case "each" | "later":
                is_settled = True
            case "neither":
                is_settled = await self._differences.pass_over(first)
            case verdict:
                is_better = verdict == "new"
                is_settled = await self._differences.judge(first, is_better=is_better, by_id=query.from_user.id)
        await answer(query, "" if is_settled else words.shadow.SETTLED())
        await self._next(query, after=first - 1 if press.verdict == "each" else first, last=last)

    async def _next(self, query: CallbackQuery, *, after: int, last: int) -> None:
        """Show the next difference of a sheet, alone and large; after the last one, what came of it."""
        message = pressed_message(query)
        if message is None:
            return
        found = await self._differences.following(after, last)
        try:
            if found is None:
                shadow = await self._shadows.latest()
                await message.edit_caption(words.shadow.done(shadow) if shadow else words.shadow.GONE())
                return
            choice = keyboard(
                [
                    (words.shadow.candidate_right(found), Differs("new", found.id, last)),
                    (words.shadow.served_right(found), Differs("old", found.id, last)),
                ],
                [
                    (words.shadow.NEITHER(), Differs("neither", found.id, last)),
                    (words.review.LATER(), Differs("later", found.id, last)),
                ],
            )
            picture = await asyncio.to_thread(contact_sheet, [_claim(found)], zoom=8)
            caption = words.shadow.which_is_right(found)
            await message.edit_media(InputMediaPhoto(picture, caption, ParseMode.HTML), reply_markup=choice)
        except TelegramError as error:  # deleted meanwhile, or pressed twice
            _log.info("the next difference could not be shown: %s", error)


def _claim(difference: Difference) -> Claim:
    # What the served version refused is drawn as "missed", as a claim that repeats what was said is.
    said = difference.said if difference.said is not None else difference.instead
    assert said is not None  # else nothing would differ
    return Claim(difference.bitmap, difference.instead, said)


async def tell_admins(bot: Bot, languages: Languages, admins: frozenset[int], shadow: Shadow) -> None:
    """Tell every admin what came of a candidate."""
    for admin in admins:
        with speaking(await languages.of(admin)):
            said = words.shadow.outcome(shadow)
        try:
            await bot.send_message(admin, said, ParseMode.HTML)
        except TelegramError as error:  # an admin who never wrote to the bot can't be written to
            _log.warning("admin %s could not be told of a candidate: %s", admin, type(error).__name__)
