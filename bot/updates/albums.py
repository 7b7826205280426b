"""Albums: Telegram sends each picture of one as an update of its own, with no end marker; people expect one answer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from telegram import Message

from bot.updates.once import Postponed

_MAX_PICTURES = 10  # an album's most (Bot API)


@dataclass(slots=True)
class _Album:
    id: str
    messages: list[Message] = field(default_factory=list)
    grew: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False  # what comes now is too late for this answer and gets one of its own
    done: asyncio.Event = field(default_factory=asyncio.Event)
    broken_off: type[BaseException] | None = None  # why all of it comes again: the bot stops, Telegram is away


class Albums:
    """Collects the pictures of each chat's album until none has come for `quiet_s` seconds."""

    def __init__(self, quiet_s: float = 0.6) -> None:
        self._quiet_s = quiet_s
        self._open: dict[int, _Album] = {}

    def add(
        self, message: Message, answer: Callable[[list[Message]], Awaitable[None]]
    ) -> Callable[[], Awaitable[None]] | None:
        """Add a picture to its album.

        For an album's first picture this returns what the caller must run in the background: it waits for the others
        and then calls `answer` once, with all of them in order.
        """
        assert message.media_group_id is not None  # the caller tells albums from single pictures
        album = self._open.get(message.chat_id)
        if album is not None and album.id == message.media_group_id and not album.closed:
            album.messages.append(message)
            album.grew.set()
            return None
        album = self._open[message.chat_id] = _Album(message.media_group_id, [message])
        return lambda: self._collect(message.chat_id, album, answer)

    async def answered(self, chat_id: int, but: str | None) -> None:
        """Wait until the album that is being collected in a chat has its answer, unless it is the album `but`.

        Raises CancelledError or Postponed when it will have none yet.
        """
        album = self._open.get(chat_id)
        if album is not None and album.id != but:
            await album.done.wait()
            if album.broken_off:
                raise album.broken_off

    async def _collect(self, chat_id: int, album: _Album, answer: Callable[[list[Message]], Awaitable[None]]) -> None:
        try:
            while len(album.messages) < _MAX_PICTURES:
                album.grew.clear()
                try:
                    await asyncio.wait_for(album.grew.wait(), self._quiet_s)
                except TimeoutError:
                    break
            album.closed = True
            await answer(sorted(album.messages, key=lambda message: message.message_id))
        except (asyncio.CancelledError, Postponed) as error:  # those who wait for the answer are told
            album.broken_off = type(error)
        finally:
            if self._open.get(chat_id) is album:
                del self._open[chat_id]
            album.done.set()
