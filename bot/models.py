"""The model versions: which there are, which is in service, and putting another there while the bot runs.

A version is a folder, written whole before anybody knows of it; the store says which is served. A reader is swapped as
a whole: whatever is being read is read to its end by the reader that began.
"""

import asyncio
import logging
import shutil
from collections.abc import Callable, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from bot.pool import Reader, ReadingPool
from bot.store import Served, Service
from model import Metrics, ModelUnavailable, Version, load_reader, open_version

_log = logging.getLogger(__name__)

SHIPPED_NAME: Final = "shipped"
"""What the version that comes with the bot is called in the store and on buttons, whatever it is named in itself."""

KEPT: Final = 12
"""How many versions are kept, some 3 MB each, beside those that were last in service; /models lists as many."""

Outcome = Literal["promoted", "worse", "unjudged", "changed"]
"""What became of a new version: served; or kept, for it is worse, can't be judged, or was compared with another."""


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

    @property
    def is_safe(self) -> bool:
        """Whether it may be served without a warning: it passed its comparison, or came with the bot."""
        passed = self.metrics is not None and self.metrics.comparison is not None and self.metrics.comparison.is_good
        return passed or self.name == SHIPPED_NAME


class Models:
    """The versions below `folder`, and the one that comes with the bot, which `pool` reads with at first.

    Of the versions the newest `keep` are kept, and those that were last in service.
    """

    def __init__(
        self,
        folder: Path,
        service: Service,
        pool: ReadingPool,
        load: Callable[[Path], Reader] = load_reader,
        *,
        keep: int = KEPT,
    ) -> None:
        self.folder = folder
        self._service = service
        self._pool = pool
        self._load = load
        self._keep = keep
        self._shipped = pool.reader
        self._served = SHIPPED_NAME
        self._changing = asyncio.Lock()

    @property
    def served(self) -> Version:
        """The version in service."""
        return self._pool.reader.version

    async def restore(self) -> None:
        """Serve what the store says; instead of a version that is damaged or gone, the one that was served before it.

        Raises StoreUnavailable.
        """
        async with self._changing:
            await self._serve_first(await self._service.pile())

    async def versions(self) -> tuple[Listed, ...]:
        """All there are, the newest first, the one that came with the bot last."""
        return await asyncio.to_thread(self._listed)

    async def judge(self, name: str, by_id: int) -> tuple[Version, Outcome]:
        """Serve a fresh version if its comparison allows it. Raises ModelUnavailable, StoreUnavailable."""
        version = await asyncio.to_thread(open_version, self._path(name))
        comparison = version.metrics.comparison
        if comparison is None or not comparison.is_judged:
            return version, "unjudged"
        if not comparison.is_good:
            return version, "worse"
        if comparison.served != self.served.name:
            return version, "changed"
        try:
            await self.serve(name, by_id, instead_of=comparison.served)
        except ServedMeanwhile:
            return version, "changed"
        return version, "promoted"

    async def serve(self, name: str, by_id: int, *, instead_of: str | None = None) -> Version:
        """Serve a version from now on, whatever its comparison said; at once in the running bot.

        Raises ModelUnavailable for one that is damaged, ServedMeanwhile, StoreUnavailable: then nothing has changed.
        """
        async with self._changing:
            if instead_of is not None and instead_of != self.served.name:
                raise ServedMeanwhile
            reader = await self._reader(name)
            pile = await self._service.pile()
            if not await self._service.put(name, on=pile[0].id if pile else 0, by_id=by_id):
                raise ServedMeanwhile
            self._swap(name, reader)
            return reader.version

    async def tidy(self) -> None:
        """Delete old versions that nobody will miss. Raises StoreUnavailable."""
        async with self._changing:
            pile = await self._service.pile()
            gone = await asyncio.to_thread(self._delete_old, {each.version for each in pile[: self._keep]})
            await self._service.take([each.id for each in pile if each.version in gone])

    async def go_back(self) -> Version:
        """Serve what was served before. Raises NothingBefore, StoreUnavailable."""
        async with self._changing:
            pile = await self._service.pile()
            if not pile:
                raise NothingBefore
            await self._serve_first(pile[1:], and_take=pile[:1])
            return self.served

    async def _serve_first(self, pile: tuple[Served, ...], and_take: tuple[Served, ...] = ()) -> None:
        """Serve the first of a pile that is whole, and take the others before it off, for nobody to wait for them."""
        broken = []
        name, reader = SHIPPED_NAME, self._shipped
        for each in pile:
            try:
                name, reader = each.version, await self._reader(each.version)
                break
            except ModelUnavailable as error:
                _log.error("version %s was to be served, and can't be: %s", each.version, error)
                broken.append(each)
                name, reader = SHIPPED_NAME, self._shipped
        if broken:
            _log.error("version %s is served instead", reader.version.name)
        if broken or and_take:
            await self._service.take([each.id for each in (*and_take, *broken)])
        self._swap(name, reader)

    async def _reader(self, name: str) -> Reader:
        if name == SHIPPED_NAME:
            return self._shipped
        return await asyncio.to_thread(self._load, self._path(name))

    def _swap(self, name: str, reader: Reader) -> None:
        self._pool.reader, self._served = reader, name

    def _path(self, name: str) -> Path:
        # Names come back from buttons: never out of the folder.
        if Path(name).name != name or name.startswith("."):
            raise ModelUnavailable(f"{name!r} is no version's name")
        return self.folder / name

    def _delete_old(self, piled: Set[str]) -> Set[str]:
        """Delete the oldest whole versions that are neither served nor in the pile; their names."""
        gone = set()
        for old in [each for each in self._listed() if each.name != SHIPPED_NAME][self._keep :]:
            if old.is_served or old.name in piled or old.metrics is None:  # what is no version is nothing of ours
                continue
            # First out of sight: whoever is killed meanwhile leaves no half of a version.
            hidden = self.folder / f".old-{old.name}"
            try:
                (self.folder / old.name).rename(hidden)
                shutil.rmtree(hidden)
            except OSError as error:
                _log.warning("version %s, one of the oldest, can't be deleted: %s", old.name, error)
            else:
                _log.info("version %s, one of the oldest, is deleted", old.name)
                gone.add(old.name)
        return gone

    def _listed(self) -> tuple[Listed, ...]:
        folders = [path for path in self.folder.iterdir() if _is_version(path)] if self.folder.is_dir() else []
        found = []
        for path in sorted(folders, key=lambda path: path.name, reverse=True):
            try:
                metrics = open_version(path).metrics
            except ModelUnavailable as error:
                _log.warning("%s", error)
                metrics = None
            found.append(Listed(path.name, metrics, path.name == self._served))
        shipped = Listed(SHIPPED_NAME, self._shipped.version.metrics, self._served == SHIPPED_NAME)
        return (*found, shipped)


def _is_version(path: Path) -> bool:
    return path.is_dir() and not path.name.startswith(".")
