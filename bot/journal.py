"""The updates that wait to be handled, each written down before Telegram is told that it arrived.

Between the client library's polling and `order`: whatever kills the bot, the next start finds what was not answered.
"""

import asyncio
import json
import logging

from telegram import Bot, Update

from bot.store import StoreUnavailable, Updates

_log = logging.getLogger(__name__)

Queue = asyncio.Queue[object]  # the client library's own signal to stop goes through it as well


class Journal(Queue):
    """A queue that outlives its process. The next poll, which confirms an update, comes only after `put` returns."""

    def __init__(self, updates: Updates) -> None:
        super().__init__()
        self._updates = updates

    async def put(self, item: object) -> None:
        """Write an update down and let it wait, unless it came before."""
        if isinstance(item, Update) and not await self._noted(item):
            _log.info("update %s came again", item.update_id)
            return
        await super().put(item)

    async def resume(self, bot: Bot) -> int:
        """Let wait again what an earlier process of this bot did not get to the end of. Gives how many.

        Raises StoreUnavailable.
        """
        unfinished = await self._updates.unfinished()
        for content in unfinished:
            await super().put(Update.de_json(json.loads(content), bot))
        if unfinished:
            _log.info("%d updates from before the start are handled now", len(unfinished))
        return len(unfinished)

    async def _noted(self, update: Update) -> bool:
        try:
            return await self._updates.note(update.update_id, update.to_json())
        except StoreUnavailable as error:
            # It may be lost with this process; refusing it would lose it for sure.
            _log.error("update %s can't be written down, and is handled all the same: %s", update.update_id, error)
            return True
