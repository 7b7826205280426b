"""Each update is handled once, also when Telegram offers it again after a crash, or to another process."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.store import Claim, StoreUnavailable, Updates

_log = logging.getLogger(__name__)


class Postponed(BaseException):
    """An update can't be answered just now, and is to be handled anew. No Exception: no error handler is to see it."""


@asynccontextmanager
async def held(updates: Updates, update_id: int) -> AsyncIterator[None]:
    """Handle an update that is ours: when the block ends well it is done, when it is broken off it is given back."""
    try:
        yield
    except BaseException:
        try:
            await updates.release(update_id)
        except StoreUnavailable as error:  # its lease will end, or the next start gives it back
            _log.debug("update %s is broken off, which can't be noted: %s", update_id, error)
        raise
    await finished(updates, update_id)


async def finished(updates: Updates, update_id: int, keep: str | None = None) -> None:
    """Note that an update is done for good, and what it said where that is to be kept; the log says if it can't be."""
    try:
        await updates.finish(update_id, keep)
    except StoreUnavailable as error:
        _log.debug("update %s is done, which can't be noted: %s", update_id, error)


async def claimed(updates: Updates, update_id: int) -> Claim:
    """Take an update on that nobody else is offered: when nobody can tell whether it was handled, handle it.

    An answer twice is better than none.
    """
    try:
        return await updates.claim(update_id)
    except StoreUnavailable as error:
        _log.debug("update %s can't be noted, and is handled all the same: %s", update_id, error)
        return Claim.HANDLE
