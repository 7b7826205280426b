"""When updates are handled: each once, one after another within a chat, different chats side by side.

python-telegram-bot's own `concurrent_updates` would let a person's second photo overtake the first.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial

from telegram import Chat, Update
from telegram.ext import BaseUpdateProcessor

from bot.logs import handling
from bot.store import Claim, Updates
from bot.updates.albums import Albums
from bot.updates.journal import Journal
from bot.updates.once import Postponed, claimed, finished, held
from bot.updates.quarantine import Quarantine
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

    def __init__(
        self,
        albums: Albums,
        updates: Updates,
        journal: Journal,
        vitals: Vitals,
        given_up: Callable[[Update], Awaitable[None]],
    ) -> None:
        """`journal` is where polled updates come from, and where one goes that is to be handled later.

        `given_up` is told of an update that the bot dies of.
        """
        super().__init__(_MAX_WAITING)
        self._albums = albums
        self._updates = updates
        self._journal = journal
        self._vitals = vitals
        self._given_up = given_up
        self._postponed: Counter[int] = Counter()  # how often each was
        self._turns: dict[int, asyncio.Lock] = {}
        self._waiting: Counter[int] = Counter()
        self._begun: set[asyncio.Task[object]] = set()
        self._is_stopping = False
        self._quarantine = Quarantine()

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
        """Await `coroutine`, which handles a polled `update`, when the chat's turn comes, or handle it later."""
        if not isinstance(update, Update):
            await coroutine
            return
        try:
            claim = await self.handle(update, coroutine, partial(claimed, self._updates, update.update_id))
        except Postponed:
            await self._postpone(update)
        else:
            self._postponed.pop(update.update_id, None)
            if claim in (Claim.SKIP, Claim.WAIT) and not self._is_stopping:
                _log.info("update %s came again: it is %s", update.update_id, "done" if claim is Claim.SKIP else "held")
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

    async def handle(
        self, update: Update, coroutine: Awaitable[object], claim: Callable[[], Awaitable[Claim]]
    ) -> Claim:
        """Await `coroutine`, which handles `update`, when the chat's turn comes, if the `claim` then says so.

        Gives what it said; once the bot is stopping that is WAIT. Raises Postponed, and what `claim` does.
        """
        handling.set(update.update_id)  # in this update's own task
        self._vitals.update(update)
        message = update.effective_message
        album = message.media_group_id if message else None
        try:
            async with AsyncExitStack() as until_done:
                async with self._turn(update.effective_chat, album):
                    until_done.enter_context(self._counted())
                    said = Claim.WAIT if self._is_stopping else await claim()
                    if said is Claim.ALONE:  # until it is, it is nobody's, lest a death meanwhile be laid to it
                        await self._updates.release(update.update_id)
                        await until_done.enter_async_context(self._quarantine.alone())
                        said = Claim.WAIT if self._is_stopping else await claim()
                    else:
                        await until_done.enter_async_context(self._quarantine.outside())
                    if said is Claim.GIVE_UP:
                        await self._give_up(update)
                    if said not in (Claim.HANDLE, Claim.ALONE):
                        return said
                    await until_done.enter_async_context(held(self._updates, update.update_id))
                    await coroutine
                if album is not None and update.effective_chat is not None:
                    # A picture is done when its album is: awaited outside the turn, which the next picture needs.
                    await self._albums.answered(update.effective_chat.id, but=None)
        finally:
            if isinstance(coroutine, Coroutine):
                coroutine.close()  # else Python complains where nobody awaited it
        return said

    async def _give_up(self, update: Update) -> None:
        """End an update that the bot dies of; what it said is kept for whoever looks into it."""
        _log.error("update %s is given up: the bot died of it again and again", update.update_id)
        await finished(self._updates, update.update_id, keep=update.to_json())
        await self._given_up(update)

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
