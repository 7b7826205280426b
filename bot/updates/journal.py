"""The updates that wait to be handled, each written down before Telegram is told that it arrived.

Between the client library's polling and `order`: whatever kills the bot, the next start finds what was not answered.
"""

import asyncio
import json
import logging
from collections import Counter
from typing import Any, Final

from telegram import Bot, Update
from telegram.request import BaseRequest, RequestData

from bot.store import StoreUnavailable, Updates

_log = logging.getLogger(__name__)

_MOST_TEXTS: Final = 5  # of one chat: of more that wait, nobody reads each answer


class Journal(asyncio.Queue[object]):
    """A queue that outlives its process. What is put into it waits from `flush` on, which `Confirming` calls.

    The client library's own signal to stop goes through it as well.
    """

    def __init__(self, updates: Updates) -> None:
        super().__init__()
        self._updates = updates
        self._fresh: list[Update] = []
        self._writing = asyncio.Lock()
        self._texts: Counter[int] = Counter()  # of each chat, those that wait

    async def put(self, item: object) -> None:
        """Take an update from the poll, or pass on what is none."""
        if isinstance(item, Update):
            self._fresh.append(item)
        else:
            await super().put(item)

    async def flush(self) -> None:
        """Write down what the poll has brought, all at once, and let it wait, unless it came before."""
        # The library breaks a poll off and goes on to the last one, which confirms: not before this one is written.
        async with self._writing:
            fresh, self._fresh = self._without_floods(self._fresh), []
            if not fresh:
                return
            writing = asyncio.ensure_future(self._wait(fresh))
            try:
                await asyncio.shield(writing)
            except asyncio.CancelledError:
                await writing
                raise

    async def _wait(self, fresh: list[Update]) -> None:
        new = await self._noted(fresh)
        for update in fresh:
            if update.update_id in new:
                await super().put(update)
            else:
                self.handled(update)
        if len(new) < len(fresh):
            _log.info("%d updates came again", len(fresh) - len(new))

    def handled(self, update: Update) -> None:
        """Let another text of the chat wait in place of this update, if it is one that did."""
        chat = _chatter_in(update)
        if chat is not None and self._texts[chat] > 0:
            self._texts[chat] -= 1

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

    async def _noted(self, updates: list[Update]) -> set[int]:
        try:
            return await self._updates.note({update.update_id: update.to_json() for update in updates})
        except StoreUnavailable as error:
            # They may be lost with this process; refusing them would lose them for sure.
            _log.debug("%d updates can't be written down, and are handled all the same: %s", len(updates), error)
            return {update.update_id for update in updates}

    def _without_floods(self, updates: list[Update]) -> list[Update]:
        """All but the texts of a chat in which many wait: the first have the answer that all would have."""
        kept = []
        for update in updates:
            chat = _chatter_in(update)
            if chat is not None:
                if self._texts[chat] >= _MOST_TEXTS:
                    continue
                self._texts[chat] += 1
            kept.append(update)
        self._texts = +self._texts  # without the chats in which none waits
        if len(kept) < len(updates):
            _log.warning("a flood: %d texts are left without an answer", len(updates) - len(kept))
        return kept


class Confirming(BaseRequest):
    """The transport of polling, whose next poll confirms what the last one brought: first that is written down."""

    def __init__(self, inner: BaseRequest, journal: Journal) -> None:
        self._inner, self._journal = inner, journal

    @property
    def read_timeout(self) -> float | None:
        """The transport's."""
        return self._inner.read_timeout

    async def initialize(self) -> None:
        """Open the transport."""
        await self._inner.initialize()

    async def shutdown(self) -> None:
        """Close the transport."""
        await self._inner.shutdown()

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *timeouts: Any, **more: Any
    ) -> tuple[int, bytes]:
        """Write down what came, then poll."""
        await self._journal.flush()
        return await self._inner.do_request(url, method, request_data, *timeouts, **more)


def _chatter_in(update: Update) -> int | None:
    """The chat of an update that is a text and asks for nothing by name; None for any other."""
    message = update.message
    is_chatter = message is not None and message.text is not None and not message.text.startswith("/")
    return message.chat_id if message is not None and is_chatter else None
