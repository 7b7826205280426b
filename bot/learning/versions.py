"""The versions that there are: in a folder of this machine, and in the depot that all replicas share, if there is one.

A version never changes. It is a folder, written whole before anybody knows of it; which one is served, `models` knows.
"""

import asyncio
import logging
import shutil
from collections.abc import Callable, Mapping, Set
from pathlib import Path
from typing import Final, TypeVar

from bot.learning.depot import Depot, DepotUnavailable
from bot.pool import Reader
from model import Metrics, ModelUnavailable, Verifier, Version, load_reader, open_version

_log = logging.getLogger(__name__)

SHIPPED_NAME: Final = "shipped"
"""What the version that comes with the bot is called in the store and on buttons, whatever it is named in itself."""

KEPT: Final = 12
"""How many versions are kept, some 3 MB each, beside those that were last in service; /models lists as many."""

_T = TypeVar("_T")


class Versions:
    """The versions below `folder` and in `depot`; `load` makes a reader of one's folder.

    The newest `keep` are kept. With a `verifier` a version that is not signed for it is treated like a damaged one,
    wherever it comes from; the one that comes with the bot is none of them: whoever installed the bot trusts that.
    """

    def __init__(
        self,
        folder: Path,
        load: Callable[[Path], Reader] = load_reader,
        depot: Depot | None = None,
        verifier: Verifier | None = None,
        *,
        keep: int = KEPT,
    ) -> None:
        self.folder = folder
        self.keep = keep
        self._load = load
        self._depot = depot
        self._verifier = verifier
        self._far: dict[str, Metrics] = {}  # of what was seen in the depot only

    async def opened(self, name: str) -> Version:
        """A version, checked and in the folder. Raises ModelUnavailable; DepotUnavailable when it may be elsewhere."""
        return await self._here(name, open_version)

    async def reader(self, name: str, *, is_local: bool = False) -> Reader:
        """The reader of a version, likewise; `is_local` asks nobody else for it."""
        return await self._here(name, self._load, is_local=is_local)

    async def share(self, name: str) -> None:
        """See that every replica can have this version. Raises ModelUnavailable."""
        if self._depot is not None:
            await self._depot.push(self._path(name))

    async def metrics(self) -> Mapping[str, Metrics | None]:
        """The figures of all versions by name, the newest first; None for a damaged one.

        Of those that are only in the depot, those that are among the newest. When it can't be reached, the log says so.
        """
        found = await asyncio.to_thread(self._all_here)
        if self._depot is not None:
            try:
                far = sorted(found.keys() | await self._depot.names(), reverse=True)[: self.keep]
                for name in far:
                    if name not in found:
                        found[name] = await self._far_metrics(self._depot, name)
            except DepotUnavailable as error:
                _log.warning("only the versions of this machine are listed: %s", error)
        return {name: found[name] for name in sorted(found, reverse=True)}

    async def delete_old(self, needed: Set[str]) -> Set[str]:
        """Delete all whole ones from the folder but the newest and those that are needed; their names."""
        return await asyncio.to_thread(self._delete_old, needed)

    async def _here(self, name: str, use: Callable[[Path], _T], *, is_local: bool = False) -> _T:
        """Use a version's folder; what is missing or damaged there comes from the depot."""
        path = self._path(name)

        def checked() -> _T:
            self._check(path, name)
            return use(path)

        try:
            return await asyncio.to_thread(checked)
        except ModelUnavailable:
            if self._depot is None or is_local:
                raise
            await self._depot.pull(name, self.folder, self._check)
            _log.info("version %s is fetched from the models' depot", name)
        return await asyncio.to_thread(checked)

    def _check(self, folder: Path, name: str) -> None:
        """See that what is to be the version `name` is signed, if that is wanted. Raises ModelUnavailable."""
        if self._verifier is not None and folder.is_dir():  # whoever opens a folder that is missing says so
            self._verifier.check(folder, name)

    async def _far_metrics(self, depot: Depot, name: str) -> Metrics | None:
        """The figures of a version in the depot, asked for once. Raises DepotUnavailable."""
        try:
            self._far[name] = self._far.get(name) or await depot.metrics(name)
        except DepotUnavailable:
            raise
        except ModelUnavailable as error:
            _log.warning("%s", error)
            return None
        return self._far[name]

    def _path(self, name: str) -> Path:
        # Names come back from buttons: never out of the folder.
        if Path(name).name != name or name.startswith("."):
            raise ModelUnavailable(f"{name!r} is no version's name")
        return self.folder / name

    def _all_here(self) -> dict[str, Metrics | None]:
        found: dict[str, Metrics | None] = {}
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if not path.is_dir() or path.name.startswith("."):
                continue
            try:
                self._check(path, path.name)
                found[path.name] = open_version(path).metrics
            except ModelUnavailable as error:
                _log.warning("%s", error)
                found[path.name] = None
        return found

    def _delete_old(self, needed: Set[str]) -> Set[str]:
        gone = set()
        for name, metrics in sorted(self._all_here().items(), reverse=True)[self.keep :]:
            if name in needed or metrics is None:  # what is no version is nothing of ours
                continue
            # First out of sight: whoever is killed meanwhile leaves no half of a version.
            hidden = self.folder / f".old-{name}"
            try:
                (self.folder / name).rename(hidden)
                shutil.rmtree(hidden)
            except OSError as error:
                _log.warning("version %s, one of the oldest, can't be deleted: %s", name, error)
            else:
                _log.info("version %s, one of the oldest, is deleted", name)
                gone.add(name)
        return gone
