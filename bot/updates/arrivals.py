"""The updates that Telegram brings to the webhook, at whichever process: what `journal` is to polling.

Telegram keeps an update until it is told that it is done, and brings a chat's next one after that. Of an album each
picture would wait for the next so: they are written down and confirmed one by one, and the first process that finds an
album quiet takes all of it.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, Final

from telegram import Message, Update

from bot.api.connection import BotApplication
from bot.store import Album, Claim, StoreUnavailable, Updates
from bot.updates.once import Postponed
from bot.updates.order import ChatOrder

_log = logging.getLogger(__name__)

_QUIET_S: Final = 0.6  # as bot.updates.albums waits


class Arrivals:
    """Handles what comes, each update once, however many processes there are and however often it is brought."""

    def __init__(self, application: BotApplication, updates: Updates, quiet_s: float = _QUIET_S) -> None:
        """`quiet_s` is how long an album waits for another picture."""
        order = application.update_processor
        assert isinstance(order, ChatOrder)  # built with one
        self._application = application
        self._order = order
        self._updates = updates
        self._quiet_s = quiet_s
        self._tasks: set[asyncio.Task[bool]] = set()
        self._gathering: set[Album] = set()

    async def take(self, update: Update) -> bool:
        """Handle an update; False when it is to come again a little later."""
        # Whoever brings it may go away in the middle: it is handled to its end all the same.
        return await asyncio.shield(self._begun(self._take(update)))

    async def sweep(self) -> None:
        """Take on what was written down and left, by a process that died or could not reach Telegram."""
        for content in await self._updates.unfinished():
            self._begun(self._take(Update.de_json(json.loads(content), self._application.bot)))

    async def ended(self) -> None:
        """Wait until what has begun is over: told to stop, the order of chats breaks off what lasts too long."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _begun(self, coroutine: Coroutine[Any, Any, bool]) -> asyncio.Task[bool]:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _take(self, update: Update) -> bool:
        message = update.message or update.business_message
        try:
            if message is not None and message.media_group_id:
                return await self._noted(update, message, message.media_group_id)
            chat = update.effective_chat
            claim = partial(self._updates.claim, update.update_id, after_albums_of=chat.id if chat else None)
            said = await self._handled(update, claim)
        except StoreUnavailable as error:
            _log.debug("update %s is left to Telegram: %s", update.update_id, error)
            return False
        return said is not Claim.WAIT

    async def _noted(self, update: Update, message: Message, name: str) -> bool:
        album = Album(message.chat_id, name)
        await self._updates.note({update.update_id: update.to_json()}, album)
        if album not in self._gathering:
            self._gathering.add(album)
            self._begun(self._gather(album))
        return True

    async def _gather(self, album: Album) -> bool:
        """Answer an album once no other picture of it has come for a while, unless another process does."""
        try:
            count = 0
            while (waiting := await self._updates.waiting(album)) != count:
                count = waiting
                await asyncio.sleep(self._quiet_s)
            parts = await self._updates.claim_album(album)
        except StoreUnavailable as error:
            _log.debug("an album is left: %s", error)
            return False
        finally:
            self._gathering.discard(album)
        said = await asyncio.gather(*(self._part(content, claim) for claim, content in parts.values()))
        return Claim.WAIT not in said

    async def _part(self, content: str, claim: Claim) -> Claim:
        update = Update.de_json(json.loads(content), self._application.bot)
        taken = [claim]

        async def as_taken() -> Claim:
            return taken.pop() if taken else await self._updates.claim(update.update_id)

        return await self._handled(update, as_taken)

    async def _handled(self, update: Update, claim: Callable[[], Awaitable[Claim]]) -> Claim:
        coroutine = self._application.process_update(update)
        try:
            return await self._order.handle(update, coroutine, claim)
        except (Postponed, asyncio.CancelledError):
            return Claim.WAIT
