"""The depot: where the trained versions are kept for all replicas, wherever fsspec reaches (a folder, S3).

A version there is a folder as on the disk. Its metrics.json comes last: a version that was uploaded by half is none.
What is fetched is checked against its checksums before it has a name here.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from bot.pool import in_a_thread
from model import SIGNATURE, Metrics, ModelUnavailable, open_version, writing_version

_T = TypeVar("_T")

Check = Callable[[Path, str], None]
"""Looks at the folder of what is to be the version of this name."""

_LAST: Final = "metrics.json"
_LONGEST: Final = 200  # characters of what a file system says that are worth a line in the log


class WrongDepot(Exception):
    """MODELS_URL names no place that can be used. The message is one line, without the address."""


class DepotUnavailable(ModelUnavailable):
    """The depot can't be reached (now), or does not answer in time."""


class Depot:
    """The versions below `url`, an fsspec URL such as file:///mnt/models or s3://bucket/path.

    Every method gives up after `patience_s` and raises DepotUnavailable. Raises WrongDepot, nothing is asked for yet.
    """

    def __init__(self, url: str, patience_s: float = 30.0) -> None:
        self._files, self._root = _file_system(url)
        self._password = urlsplit(url).password
        self._patience_s = patience_s
        self._turn = asyncio.Lock()

    async def push(self, folder: Path) -> None:
        """Upload the version in `folder`, under the folder's name; nothing is done when it is there already.

        Raises ModelUnavailable when it is damaged, or when another version has its name.
        """
        await self._do(lambda visit: _push(visit, folder))

    async def pull(self, name: str, into: Path, check: Check = lambda _folder, _name: None) -> None:
        """Download the version `name` to a folder of that name in `into`, in place of the one that is there.

        Raises ModelUnavailable when the depot has no such version, a damaged one, or one that `check` raises it for:
        then nothing has changed.
        """
        await self._do(lambda visit: _pull(visit, name, into, check))

    async def names(self) -> frozenset[str]:
        """The names of all versions."""
        return await self._do(lambda visit: visit.names())

    async def metrics(self, name: str) -> Metrics:
        """The figures of a version, which is not downloaded for them. Raises ModelUnavailable as `pull` does."""
        return await self._do(lambda visit: _metrics(name, visit.read(name, _LAST)))

    async def _do(self, work: Callable[["_Visit"], _T]) -> _T:
        """Do something in a thread, one at a time: a mount that hangs for good holds one thread, not all of them."""
        try:
            # What is asynchronous inside ends by itself, a little sooner, and says more.
            async with asyncio.timeout(1.2 * self._patience_s):
                await self._turn.acquire()
                done = in_a_thread(lambda: work(_Visit(self._files, self._root, self._patience_s, self._password)))
                done.add_done_callback(self._has_ended)
                return await asyncio.shield(done)
        except TimeoutError:
            raise DepotUnavailable(f"the models' depot gave no answer in {self._patience_s:g} s") from None

    def _has_ended(self, done: "asyncio.Future[Any]") -> None:
        self._turn.release()
        done.exception()  # nobody else looks at it once the patience is over


class _Visit:
    """The file system, for as long as one call may take: each step has what is left of it."""

    def __init__(self, files: Any, root: str, patience_s: float, password: str | None) -> None:
        self._files = files
        self._root = root
        self._until = time.monotonic() + patience_s
        self._password = password

    def names(self) -> frozenset[str]:
        """Which folders hold a metrics.json."""
        found = (path.split("/") for path in self._below(self._root))
        return frozenset(path[0] for path in found if path[1:] == [_LAST] and not path[0].startswith("."))

    def sizes(self, name: str) -> dict[str, int]:
        """The files of a version, each with its bytes; empty for one that is not there."""
        return {path: int(info["size"]) for path, info in self._below(f"{self._root}/{name}").items()}

    def read(self, name: str, file: str) -> bytes:
        """A file of a version. Raises ModelUnavailable when it is missing."""
        try:
            read: bytes = self._step(self._files.cat_file, f"{self._root}/{name}/{file}")
        except FileNotFoundError as error:
            raise ModelUnavailable(f"the models' depot has no {name}/{file}") from error
        return read

    def write(self, name: str, file: str, content: bytes) -> None:
        """Put a file there."""
        try:
            self._step(self._files.pipe_file, f"{self._root}/{name}/{file}", content)
        except FileNotFoundError as error:  # the bucket
            raise DepotUnavailable(
                "the models' depot can't be used: the place that MODELS_URL names is none"
            ) from error

    def delete(self, name: str, file: str) -> None:
        """Take a file away."""
        with suppress(FileNotFoundError):  # another replica was quicker
            self._step(self._files.rm_file, f"{self._root}/{name}/{file}")

    def _below(self, folder: str) -> Mapping[str, Mapping[str, Any]]:
        """What is known of each file below `folder`, by its path from there; nothing where there is no such folder."""
        self._files.invalidate_cache()  # others write there too
        try:
            found = self._step(self._files.find, folder, detail=True)
        except FileNotFoundError:
            return {}
        start = len(folder.rstrip("/")) + 1
        return {path[start:]: info for path, info in found.items()}

    def _step(self, do: Callable[..., Any], path: str, *more: object, **options: object) -> Any:
        """Do one thing in what is left of the time. Raises DepotUnavailable, FileNotFoundError."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise DepotUnavailable("the models' depot is too slow: the time was over before all was done")
        if self._files.async_impl:  # all others know nothing of time
            options["timeout"] = left
        try:
            return do(path, *more, **options)
        except FileNotFoundError:
            raise
        except Exception as error:  # each file system has errors of its own
            raise DepotUnavailable(f"the models' depot can't be used: {self._reason(error)}") from error

    def _reason(self, error: Exception) -> str:
        if isinstance(error, TimeoutError):
            return "no answer in time"
        said = " ".join(f"{type(error).__name__}: {error}".split())
        return (said.replace(self._password, "…") if self._password else said)[:_LONGEST]


def _push(visit: _Visit, folder: Path) -> None:
    name, version = folder.name, open_version(folder)
    try:
        content = {file: (folder / file).read_bytes() for file in (*version.metrics.files, *_signature(folder), _LAST)}
    except OSError as error:
        raise ModelUnavailable(f"version {name} can't be read ({error.strerror or error})") from error
    there = visit.sizes(name)
    if _LAST in there:
        found = visit.read(name, _LAST)
        if found == content[_LAST] and all(there.get(file) == len(data) for file, data in content.items()):
            return
        if found != content[_LAST] and _is_metrics(found):
            raise ModelUnavailable(f"the models' depot has another version that is called {name}")
        visit.delete(name, _LAST)  # until all is mended it is no version
    for file, data in content.items():  # metrics.json comes last
        visit.write(name, file, data)


def _pull(visit: _Visit, name: str, into: Path, check: Check) -> None:
    last = visit.read(name, _LAST)
    signature = {SIGNATURE} & visit.sizes(name).keys()
    try:
        with writing_version(into / name) as fresh:
            for file in (*_metrics(name, last).files, *signature):
                (fresh / file).write_bytes(visit.read(name, file))
            (fresh / _LAST).write_bytes(last)
            _check(name, fresh)
            check(fresh, name)
    except OSError as error:
        raise ModelUnavailable(f"version {name} can't be written to {into} ({error.strerror or error})") from error


def _signature(folder: Path) -> Sequence[str]:
    """The signature's name where there is one: metrics.json, which it is over, can't vouch for it."""
    return [SIGNATURE] if (folder / SIGNATURE).exists() else []


def _check(name: str, folder: Path) -> None:
    try:
        open_version(folder)
    except ModelUnavailable as error:
        raise _damaged(name) from error


def _metrics(name: str, text: bytes) -> Metrics:
    try:
        return Metrics.from_json(text)
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(name) from error


def _is_metrics(text: bytes) -> bool:
    try:
        _metrics("", text)
    except ModelUnavailable:
        return False
    return True


def _damaged(name: str) -> ModelUnavailable:
    return ModelUnavailable(f"version {name} is damaged in the models' depot; serve it anew where it is whole")


def _file_system(url: str) -> tuple[Any, str]:
    """Give what reads `url`, and the path in it. Raises WrongDepot."""
    needs = (
        "MODELS_URL can't be used, for a package is missing: install digit-bot[cluster], it is for file:// and s3://"
    )
    # The folder of a version is made with its first file. Nothing is shared with others who use fsspec.
    options: dict[str, object] = {"auto_mkdir": True} if url.startswith("file:") else {}
    try:
        from fsspec.core import url_to_fs

        files, root = url_to_fs(url, skip_instance_cache=True, **options)
    except ImportError as error:
        raise WrongDepot(needs) from error
    except (ValueError, TypeError):  # the cause holds the address
        raise WrongDepot("MODELS_URL is wrong: it takes an address that fsspec knows, like s3://BUCKET/PATH") from None
    return files, str(root).rstrip("/")
