"""When updates are handled: each once, one after another within a chat, different chats side by side.

python-telegram-bot's own `concurrent_updates` would let a person's second photo overtake the first.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

from telegram import Chat, Update
from telegram.ext import BaseUpdateProcessor

from bot.albums import Albums
from bot.journal import Journal
from bot.logs import handling
from bot.once import Postponed, finished, once
from bot.store import Updates
from bot.vitals import Vitals

_log = logging.getLogger(__name__)

# Far above what is ever under way: waiting updates cost little, and readings have a bound of their own.
_MAX_WAITING = 20_000
# What has begun when the bot is told to stop has so long to end: containers are killed 10 s after.
_GRACE_S = 7.0
# While Telegram can't be reached, a picture is tried again after so long, then twice as long each time.
_LATER_S, _LATER_MAX_S = 5.0, 60.0
_MOST_LATER = 100  # times, an hour and a half


class ChatOrder(BaseUpdateProcessor):
    """Holds back an update until the earlier ones of its chat are done, an album's answer included."""

    def __init__(self, albums: Albums, updates: Updates, journal: Journal, vitals: Vitals) -> None:
        """`journal` is where updates come from, and where one goes that is to be handled later."""
        super().__init__(_MAX_WAITING)
        self._albums = albums
        self._updates = updates
        self._journal = journal
        self._vitals = vitals
        self._postponed: Counter[int] = Counter()  # how often each was
        self._turns: dict[int, asyncio.Lock] = {}
        self._waiting: Counter[int] = Counter()
        self._begun: set[asyncio.Task[object]] = set()
        self._is_stopping = False

    @property
    def under_way(self) -> int:
        """How many updates of all chats are not handled yet."""
        return self._waiting.total()

    def stop(self, grace_s: float = _GRACE_S) -> None:
        """Begin no update any more; what has begun is broken off after a while. All of it is the next start's."""
        self._is_stopping = True
        asyncio.get_running_loop().call_later(grace_s, self._break_off)

    def _break_off(self) -> None:
        for task in self._begun:
            task.cancel()

    async def do_process_update(self, update: object, coroutine: Awaitable[object]) -> None:
        """Await `coroutine`, which handles `update`, when the chat's turn comes, or handle it later."""
        if not isinstance(update, Update):
            await coroutine
            return
        handling.set(update.update_id)  # in this update's own task
        self._vitals.update(update)
        try:
            await self._handle(update, coroutine)
        except Postponed:
            if isinstance(coroutine, Coroutine):
                coroutine.close()  # it may not have begun
            await self._postpone(update)
        else:
            self._postponed.pop(update.update_id, None)
        finally:
            self._journal.handled(update)

    async def _postpone(self, update: Update) -> None:
        count = self._postponed[update.update_id] = self._postponed[update.update_id] + 1
        if count >= _MOST_LATER:
            _log.error("update %s is given up: Telegram could not be told an answer %d times", update.update_id, count)
            del self._postponed[update.update_id]
            await finished(self._updates, update.update_id)
            return
        wait_s = min(_LATER_S * 2 ** (count - 1), _LATER_MAX_S)
        _log.warning("update %s can't be answered now; again in %.0f s", update.update_id, wait_s)
        asyncio.get_running_loop().call_later(wait_s, self._journal.put_nowait, update)

    async def _handle(self, update: Update, coroutine: Awaitable[object]) -> None:
        async with AsyncExitStack() as until_done:
            message = update.effective_message
            album = message.media_group_id if message else None
            async with self._turn(update.effective_chat, album):
                until_done.enter_context(self._counted())
                if self._is_stopping or not await until_done.enter_async_context(once(self._updates, update.update_id)):
                    if isinstance(coroutine, Coroutine):
                        coroutine.close()  # else Python complains that nobody awaited it
                    return
                await coroutine
            if album is not None and update.effective_chat is not None:
                # A picture is done when its album is answered: awaited outside the turn, which the next picture needs.
                await self._albums.answered(update.effective_chat.id, but=None)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        task = asyncio.current_task()
        assert task is not None  # the client library runs each update in one
        self._begun.add(task)
        try:
            yield
        finally:
            self._begun.discard(task)

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
