"""The order in which updates are handled: one after another within a chat, different chats side by side.

python-telegram-bot's own `concurrent_updates` would let a person's second photo overtake the first.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable

from telegram import Update
from telegram.ext import BaseUpdateProcessor

from bot.albums import Albums

# Far above what is ever under way: waiting updates cost little, and readings have a bound of their own.
_MAX_WAITING = 4096


class ChatOrder(BaseUpdateProcessor):
    """Holds back an update until the earlier ones of its chat are done, an album's answer included."""

    def __init__(self, albums: Albums) -> None:
        super().__init__(_MAX_WAITING)
        self._albums = albums
        self._turns: dict[int, asyncio.Lock] = {}
        self._waiting: Counter[int] = Counter()

    async def do_process_update(self, update: object, coroutine: Awaitable[object]) -> None:
        """Await `coroutine`, which handles `update`, when the chat's turn comes."""
        chat = update.effective_chat if isinstance(update, Update) else None
        if chat is None or not isinstance(update, Update):
            await coroutine
            return
        message = update.effective_message
        self._waiting[chat.id] += 1
        try:
            async with self._turns.setdefault(chat.id, asyncio.Lock()):
                await self._albums.answered(chat.id, but=message.media_group_id if message else None)
                await coroutine
        finally:
            self._waiting[chat.id] -= 1
            if not self._waiting[chat.id]:
                del self._waiting[chat.id], self._turns[chat.id]

    async def initialize(self) -> None:
        """Nothing to set up."""

    async def shutdown(self) -> None:
        """Nothing to take down."""
