"""The order in which updates are handled: each once, one after another within a chat, different chats side by side.

python-telegram-bot's own `concurrent_updates` would let a person's second photo overtake the first.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager

from telegram import Chat, Update
from telegram.ext import BaseUpdateProcessor

from bot.albums import Albums
from bot.once import once
from bot.store import Updates

# Far above what is ever under way: waiting updates cost little, and readings have a bound of their own.
_MAX_WAITING = 4096


class ChatOrder(BaseUpdateProcessor):
    """Holds back an update until the earlier ones of its chat are done, an album's answer included."""

    def __init__(self, albums: Albums, updates: Updates) -> None:
        super().__init__(_MAX_WAITING)
        self._albums = albums
        self._updates = updates
        self._turns: dict[int, asyncio.Lock] = {}
        self._waiting: Counter[int] = Counter()

    async def do_process_update(self, update: object, coroutine: Awaitable[object]) -> None:
        """Await `coroutine`, which handles `update`, when the chat's turn comes."""
        if not isinstance(update, Update):
            await coroutine
            return
        async with AsyncExitStack() as until_done:
            message = update.effective_message
            album = message.media_group_id if message else None
            async with self._turn(update.effective_chat, album):
                if not await until_done.enter_async_context(once(self._updates, update.update_id)):
                    if isinstance(coroutine, Coroutine):
                        coroutine.close()  # else Python complains that nobody awaited it
                    return
                await coroutine
            if album is not None and update.effective_chat is not None:
                # A picture is done when its album is answered: awaited outside the turn, which the next picture needs.
                await self._albums.answered(update.effective_chat.id, but=None)

    @asynccontextmanager
    async def _turn(self, chat: Chat | None, album: str | None) -> AsyncIterator[None]:
        if chat is None:
            yield
            return
        self._waiting[chat.id] += 1
        try:
            async with self._turns.setdefault(chat.id, asyncio.Lock()):
                await self._albums.answered(chat.id, but=album)
                yield
        finally:
            self._waiting[chat.id] -= 1
            if not self._waiting[chat.id]:
                del self._waiting[chat.id], self._turns[chat.id]

    async def initialize(self) -> None:
        """Nothing to set up."""

    async def shutdown(self) -> None:
        """Nothing to take down."""
