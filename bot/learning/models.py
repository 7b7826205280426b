"""The model in service: which version it is, and putting another there while the bot runs.

The store says which is served, to every process that shares it. A reader is swapped as a whole: whatever is being read
is read to its end by the reader that began.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing, suppress

from bot.learning.budget import own_figures
from bot.learning.depot import DepotUnavailable
from bot.learning.lessons import as_arrays
from bot.learning.versions import SHIPPED_NAME, Versions
from bot.pool import Reader, ReadingPool
from bot.store import Correction, Served, Service, StoreUnavailable
from model import Blames, ModelUnavailable, Version

_log = logging.getLogger(__name__)


class NothingBefore(Exception):
    """There is no earlier version to go back to."""


class ServedMeanwhile(Exception):
    """Somebody put another version into service a moment before."""


class Models:
    """Which of `versions` is in service, or the one that comes with the bot, which `pool` has at first.

    What other processes put into service is served here too while `follow` runs, which asks the store every `poll_s`
    seconds.
    """

    def __init__(self, versions: Versions, service: Service, pool: ReadingPool, *, poll_s: float = 5.0) -> None:
        self.versions = versions
        self._service = service
        self._pool = pool
        self._poll_s = poll_s
        self._shipped = pool.reader
        self._served_name = SHIPPED_NAME
        self._changing = asyncio.Lock()
        self._failed = ""  # the version that was to be served and could not be, as the log has said

    @property
    def served(self) -> Version:
        """The version in service."""
        return self._pool.reader.version

    @property
    def served_name(self) -> str:
        """What the version in service is called in the store: like its folder, or SHIPPED_NAME."""
        return self._served_name

    async def restore(self) -> None:
        """Serve what the store says; instead of a version that can't be had here, the one that was served before it.

        The store's word stands all the same: other processes may have that version, and `follow` tries again.
        Raises StoreUnavailable.
        """
        async with self._changing:
            name, reader, _ = await self._first_whole(await self._service.pile())
            self._swap(name, reader)

    async def follow(self) -> None:
        """Serve what any process puts into service, until cancelled.

        A version that can't be had, or a database that is away, leaves all as it is and is tried again.
        """
        async with aclosing(self._service.changes(self._poll_s)) as changes:
            async for _ in changes:
                with suppress(StoreUnavailable):  # the store has logged it
                    await self._catch_up()

    async def blames(self, corrections: Sequence[Correction]) -> Blames:
        """Count who of the served version erred in what was corrected: whom a training would teach."""
        reader = self._pool.reader

        def counted() -> Blames:
            known = as_arrays(corrections)
            return reader.blames(known["said"], known["y"], known["features"], known["edition"])

        return await self._pool.aside(counted)

    async def version(self, name: str) -> Version:
        """A version, checked; what is missing or damaged here is fetched. Raises ModelUnavailable."""
        return self._shipped.version if name == SHIPPED_NAME else await self.versions.opened(name)

    async def on_top(self) -> str:
        """The name of the version in service, maybe not in this process yet. Raises StoreUnavailable."""
        return _top(await self._service.pile())

    async def serve(self, name: str, by_id: int, *, instead_of: str | None = None) -> Version:
        """Serve a version from now on, whatever its comparison said; at once in this process, soon in all others.

        Raises ModelUnavailable for one that is damaged, ServedMeanwhile, StoreUnavailable: then nothing has changed.
        """
        async with self._changing:
            if instead_of is not None and instead_of != self.served.name:
                raise ServedMeanwhile
            reader = await self._reader(name)
            if name != SHIPPED_NAME:
                await self.versions.share(name)
            pile = await self._service.pile()
            # Another process's version, which is not served here yet, is not the one that was compared with.
            if instead_of is not None and _top(pile) != self._served_name:
                raise ServedMeanwhile
            figures = own_figures(reader.version.metrics)
            if not await self._service.put(name, on=pile[0].id if pile else 0, by_id=by_id, figures=figures):
                raise ServedMeanwhile
            self._swap(name, reader)
            return reader.version

    async def tidy(self) -> None:
        """Delete old versions that nobody will miss; never from the depot. Raises StoreUnavailable."""
        async with self._changing:
            pile = await self._service.pile()
            needed = {each.version for each in pile[: self.versions.keep]} | {self._served_name}
            gone = await self.versions.delete_old(needed)
            await self._service.take([each.id for each in pile if each.version in gone])

    async def go_back(self) -> Version:
        """Serve what was served before. Raises NothingBefore, StoreUnavailable.

        What can't be had here is passed over, for good and for all: the admin is told what is served, everywhere.
        """
        async with self._changing:
            pile = await self._service.pile()
            if not pile:
                raise NothingBefore
            name, reader, skipped = await self._first_whole(pile[1:])
            await self._service.take([each.id for each in pile[: 1 + skipped]])
            self._swap(name, reader)
            return self.served

    async def _catch_up(self) -> None:
        """Serve what is on top of the pile. Raises StoreUnavailable."""
        async with self._changing:
            wanted = _top(await self._service.pile())
            if wanted == self._served_name:
                self._failed = ""
                return
        # A download takes its time: nobody who serves another version or goes back waits for it.
        try:
            reader = await self._reader(wanted)
        except ModelUnavailable as error:
            if self._failed != wanted:
                _log.error("version %s is in service, and can't be served here (yet): %s", wanted, error)
            self._failed = wanted
            return
        async with self._changing:
            if wanted != self._served_name and wanted == _top(await self._service.pile()):
                self._swap(wanted, reader)
                _log.info("version %s is served: another process put it into service", reader.version.name)

    async def _first_whole(self, pile: tuple[Served, ...]) -> tuple[str, Reader, int]:
        """The first of a pile that can be had, and how many before it can't; below the pile is the shipped one."""
        skipped, is_local = 0, False
        name, reader = SHIPPED_NAME, self._shipped
        for each in pile:
            try:
                name, reader = each.version, await self._reader(each.version, is_local=is_local)
                break
            except ModelUnavailable as error:
                _log.error("version %s was to be served, and can't be: %s", each.version, error)
                is_local = is_local or isinstance(error, DepotUnavailable)  # nobody waits for it twice
                skipped += 1
        if skipped:
            _log.error("version %s is served instead", reader.version.name)
        return name, reader, skipped

    async def _reader(self, name: str, *, is_local: bool = False) -> Reader:
        if name == SHIPPED_NAME:
            return self._shipped
        return await self.versions.reader(name, is_local=is_local)

    def _swap(self, name: str, reader: Reader) -> None:
        self._pool.reader, self._served_name = reader, name


def _top(pile: tuple[Served, ...]) -> str:
    return pile[0].version if pile else SHIPPED_NAME
