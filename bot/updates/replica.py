"""This process among those that serve one bot by a webhook: it says that it lives, and takes over what others left.

The webhook is set by whoever starts, and removed by the last one that stops: nobody fights a second process.
"""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from telegram import Bot, Update
from telegram.error import TelegramError

from bot.store import RENEWED_LEASE_S, Store, StoreUnavailable
from bot.updates.arrivals import Arrivals

_log = logging.getLogger(__name__)

_BEAT_S: Final = RENEWED_LEASE_S / 4
_LOOK_EVERY: Final = 12  # beats between two looks at whether Telegram still knows the webhook
_CONNECTIONS: Final = 100  # updates that Telegram brings at once: its most


class Replica:
    """One of the processes of a bot whose updates are brought to `url`, with `secret`."""

    def __init__(
        self, bot: Bot, store: Store, arrivals: Arrivals, version: Callable[[], str], *, url: str, secret: str
    ) -> None:
        """`version` names the model that this process reads with."""
        self.name = f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(3)}"
        self._bot = bot
        self._store = store
        self._arrivals = arrivals
        self._version = version
        self._url = url
        self._secret = secret
        self._left = asyncio.Event()
        self._life: asyncio.Task[None] | None = None
        store.updates.lease_s = RENEWED_LEASE_S

    async def join(self) -> None:
        """Be one of those who serve, until `leave`, and have Telegram bring updates. Raises TelegramError."""
        await self._beat()
        await self._set()
        if self._life is None:
            self._life = asyncio.create_task(self._live())

    async def leave(self) -> None:
        """Serve no more; the last one to leave has Telegram keep its updates."""
        if self._life is None:
            return
        self._left.set()
        await self._life
        try:
            others = await self._store.replicas.leave(self.name)
        except StoreUnavailable as error:
            _log.warning("whether others serve can't be told, so the webhook stays set: %s", error)
            return
        if others:
            _log.info("the webhook stays set for %d others", others)
            return
        try:
            if (await self._bot.get_webhook_info()).url == self._url:
                await self._bot.delete_webhook()
        except TelegramError as error:
            _log.warning("the webhook could not be removed: %s", type(error).__name__)

    async def _live(self) -> None:
        """Say again and again that this process lives."""
        beats = 0
        while not self._left.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._left.wait(), _BEAT_S)
                return
            await self._beat()
            beats += 1
            if beats % _LOOK_EVERY == 0:
                await self._look()

    async def _set(self) -> None:
        await self._bot.set_webhook(
            self._url, max_connections=_CONNECTIONS, allowed_updates=Update.ALL_TYPES, secret_token=self._secret
        )

    async def _beat(self) -> None:
        try:
            await self._store.updates.renew()
            await self._store.replicas.seen(self.name, self._version())
            await self._arrivals.sweep()
        except StoreUnavailable as error:  # Telegram keeps what comes meanwhile
            _log.debug("%s", error)

    async def _look(self) -> None:
        """Set the webhook again where somebody removed it: one who polled for a moment, say."""
        try:
            found = await self._bot.get_webhook_info()
            if found.last_error_message:
                _log.warning(
                    "Telegram could not bring an update at %s: %s", found.last_error_date, found.last_error_message
                )
            if not found.url:
                _log.warning("the webhook was removed, and is set again")
                await self._set()
            elif found.url != self._url:
                _log.warning("the webhook is set to another address than WEBHOOK_URL: another bot serves there")
        except TelegramError as error:
            _log.warning("Telegram can't be asked for the webhook: %s", type(error).__name__)
