"""Each update is handled once, also when Telegram offers it again after a crash."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.store import Claim, StoreUnavailable, Updates

_log = logging.getLogger(__name__)


class Postponed(BaseException):
    """An update can't be answered just now, and is to be handled anew. No Exception: no error handler is to see it."""


@asynccontextmanager
async def once(updates: Updates, update_id: int) -> AsyncIterator[bool]:
    """Yield whether to handle an update: not when it was handled, or somebody is at it.

    When the block ends well the update is done for good; when it is broken off, the update may be handled again.
    """
    try:
        claim = await updates.claim(update_id)
    except StoreUnavailable as error:
        # Nobody can tell whether it was handled. An answer twice is better than none.
        _log.debug("update %s can't be noted, and is handled all the same: %s", update_id, error)
        yield True
        return
    if claim is Claim.GIVE_UP:
        _log.error("update %s is given up: the bot died of it again and again", update_id)
        await finished(updates, update_id)
    if claim is not Claim.HANDLE:
        _log.info("update %s came again: %s", update_id, "it is under way" if claim is Claim.WAIT else "it is done")
        yield False
        return
    try:
        yield True
    except BaseException:
        try:
            await updates.release(update_id)
        except StoreUnavailable as error:  # the next start gives it back
            _log.debug("update %s is broken off, which can't be noted: %s", update_id, error)
        raise
    await finished(updates, update_id)


async def finished(updates: Updates, update_id: int) -> None:
    """Note that an update is done for good; the log says where that can't be noted."""
    try:
        await updates.finish(update_id)
    except StoreUnavailable as error:
        _log.debug("update %s is done, which can't be noted: %s", update_id, error)
