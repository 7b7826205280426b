"""The model versions: which there are, which is in service, and putting another there while the bot runs.

The store says which is served, to every process that shares it. A reader is swapped as a whole: whatever is being read
is read to its end by the reader that began.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple

from bot.learning.budget import ALLOWED, Budget, figures_of, latest, lost, own_figures
from bot.learning.depot import Depot, DepotUnavailable
from bot.learning.lessons import as_arrays
from bot.learning.versions import Versions
from bot.pool import Reader, ReadingPool
from bot.store import Correction, Record, Records, Served, Service, Shadows, StoreUnavailable
from model import Blames, Metrics, ModelUnavailable, Verifier, Version, load_reader

_log = logging.getLogger(__name__)

SHIPPED_NAME: Final = "shipped"
"""What the version that comes with the bot is called in the store and on buttons, whatever it is named in itself."""

KEPT: Final = 12
"""How many versions are kept, some 3 MB each, beside those that were last in service; /models lists as many."""

Outcome = Literal["promoted", "beside", "worse", "unjudged", "changed", "spent"]
"""What became of a new version: served; or it reads beside the served one first; or kept, for it is worse, can't be
judged, was compared with another, or is no worse than the served one but loses too much against the best that ever
served."""


class Judged(NamedTuple):
    """A new version and what became of it."""

    version: Version
    outcome: Outcome
    lost: int = 0  # digits, against the best that ever served


class NothingBefore(Exception):
    """There is no earlier version to go back to."""


class ServedMeanwhile(Exception):
    """Somebody put another version into service a moment before."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A version as /models shows it."""

    name: str  # of its folder; SHIPPED_NAME for the one that came with the bot
    metrics: Metrics | None  # None when it is damaged
    is_served: bool
    lost: int = 0  # digits, against the best that ever served

    @property
    def is_safe(self) -> bool:
        """Whether it may be served without a warning: it passed its comparison, or came with the bot."""
        passed = self.metrics is not None and self.metrics.comparison is not None and self.metrics.comparison.is_good
        return (passed and not self.is_spent) or self.name == SHIPPED_NAME

    @property
    def is_spent(self) -> bool:
        """Whether it loses more than promotions may lose in all."""
        return self.lost > ALLOWED


class Models:
    """The versions below `folder` and in `depot`, and the one that comes with the bot, which `pool` has at first.

    Of the versions the newest `keep` are kept, and those that were last in service. What other processes put into
    service is served here too while `follow` runs, which asks the store every `poll_s` seconds. With a `verifier` only
    what is signed is served, and the one that comes with the bot: whoever installed the bot trusts that.
    """

    def __init__(
        self,
        folder: Path,
        service: Service,
        records: Records,
        pool: ReadingPool,
        load: Callable[[Path], Reader] = load_reader,
        *,
        keep: int = KEPT,
        depot: Depot | None = None,
        verifier: Verifier | None = None,
        poll_s: float = 5.0,
        shadows: Shadows | None = None,
        beside_s: float = 0.0,
    ) -> None:
        """For `beside_s` a version that passed reads beside the served one, as `shadows` says; 0: it is served."""
        self.folder = folder
        self._versions = Versions(folder, load, depot, verifier)
        self._service = service
        self._records = records
        self._pool = pool
        self._keep = keep
        self._poll_s = poll_s
        self._shadows = shadows
        self.beside_s = beside_s
        self._shipped = pool.reader
        self._served = SHIPPED_NAME
        self._changing = asyncio.Lock()
        self._failed = ""  # the version that was to be served and could not be, as the log has said

    @property
    def served(self) -> Version:
        """The version in service."""
        return self._pool.reader.version

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

    async def versions(self) -> tuple[Listed, ...]:
        """All there are, the newest first, the one that came with the bot last."""
        found = await self._versions.metrics(self._keep)
        best: Mapping[str, Record] = {}
        with suppress(StoreUnavailable):  # the store has logged it; the versions themselves are known all the same
            best = await self._records.best()
        listed = [
            Listed(name, metrics, name == self._served, 0 if metrics is None else lost(own_figures(metrics), best) or 0)
            for name, metrics in found.items()
        ]
        return (*listed, Listed(SHIPPED_NAME, self._shipped.version.metrics, self._served == SHIPPED_NAME))

    async def budget(self) -> Budget:
        """How much of what promotions may lose in all the served version has used. Raises StoreUnavailable."""
        best = await self._records.best()
        found = await self._versions.metrics(self._keep)
        figures = figures_of(self.served.metrics, [metrics for metrics in found.values() if metrics is not None])
        return Budget(latest(best), lost(figures, best))

    async def version(self, name: str) -> Version:
        """A version, checked; what is missing or damaged here is fetched. Raises ModelUnavailable."""
        return self._shipped.version if name == SHIPPED_NAME else await self._versions.opened(name)

    async def on_top(self) -> str:
        """The name of the version in service, maybe not in this process yet. Raises StoreUnavailable."""
        return _top(await self._service.pile())

    async def judge(self, name: str, by_id: int) -> Judged:
        """Serve a fresh version if its comparison and the budget allow. Raises ModelUnavailable, StoreUnavailable."""
        version = await self._versions.opened(name)
        await self._versions.share(name)  # one that is refused too: whoever presses its button may reach any process
        comparison = version.metrics.comparison
        if comparison is None or not comparison.is_judged:
            return Judged(version, "unjudged")
        if comparison.served == self.served.name:
            # What the served one reads of these editions of the sets may not have been known before.
            await self._records.raise_to(figures_of(self.served.metrics, [version.metrics]), self._served)
        if not comparison.is_good:
            return Judged(version, "worse")
        if comparison.served != self.served.name:
            return Judged(version, "changed")
        loss = lost(comparison.figures("new"), await self._records.best()) or 0
        if loss > ALLOWED:
            return Judged(version, "spent", loss)
        if self._shadows is not None and self.beside_s:
            await self._shadows.begin(name, served=self._served, lasts_s=self.beside_s, by_id=by_id)
            return Judged(version, "beside", loss)
        try:
            await self.serve(name, by_id, instead_of=comparison.served)
        except ServedMeanwhile:
            return Judged(version, "changed", loss)
        return Judged(version, "promoted", loss)

    async def serve(self, name: str, by_id: int, *, instead_of: str | None = None) -> Version:
        """Serve a version from now on, whatever its comparison said; at once in this process, soon in all others.

        Raises ModelUnavailable for one that is damaged, ServedMeanwhile, StoreUnavailable: then nothing has changed.
        """
        async with self._changing:
            if instead_of is not None and instead_of != self.served.name:
                raise ServedMeanwhile
            reader = await self._reader(name)
            if name != SHIPPED_NAME:
                await self._versions.share(name)
            pile = await self._service.pile()
            # Another process's version, which is not served here yet, is not the one that was compared with.
            if instead_of is not None and _top(pile) != self._served:
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
            needed = {each.version for each in pile[: self._keep]} | {self._served}
            gone = await self._versions.delete_old(self._keep, needed)
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
            if wanted == self._served:
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
            if wanted != self._served and wanted == _top(await self._service.pile()):
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
        return await self._versions.reader(name, is_local=is_local)

    def _swap(self, name: str, reader: Reader) -> None:
        self._pool.reader, self._served = reader, name


def _top(pile: tuple[Served, ...]) -> str:
    return pile[0].version if pile else SHIPPED_NAME
