"""Reading, and drawing what was read, off the event loop: the one place where the bot crosses into threads."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import copy_context
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.drawn.pictures import annotated
from bot.vitals import Vitals
from model import Bitmap, Blames, Reading, Version, Why

_T = TypeVar("_T")


class Reader(Protocol):
    """What the bot needs of model.DigitReader; `read` may be called from several threads at once."""

    version: Version

    def read(self, photo: bytes) -> Reading:
        """Read one photo. Raises UnreadablePhoto."""

    def why(self, bitmap: Bitmap, digit: int) -> Why:
        """Say what in a digit's bitmap the answer `digit` hangs on."""

    def blames(
        self, said: NDArray[np.int_], label: NDArray[np.int_], features: NDArray[np.float32], editions: NDArray[np.str_]
    ) -> Blames:
        """Count who erred in corrected crops, see `model.DigitReader.blames`."""


class ReadingPool:
    """Reads photos in worker threads, `threads` at once; LiteRT, OpenCV and Pillow let go of the GIL meanwhile.

    `turn` also bounds how many downloaded photos wait in memory: a caller holds it from before the download until
    the reading is there. `reader` may be replaced at any time: what is being read is read to its end by the old one.
    """

    def __init__(self, reader: Reader, threads: int) -> None:
        self.reader = reader
        self.threads = threads
        self.vitals = Vitals()
        self.waiting = 0  # photos that are read or wait for it
        self._slots = asyncio.Semaphore(2 * threads)  # one is fetched while another is read
        self._is_stopping = False
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="reading")
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="aside")

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a slot and hold it. Raises CancelledError when the bot stops meanwhile."""
        async with self._slots:
            if self._is_stopping:
                raise asyncio.CancelledError
            yield

    def stop(self) -> None:
        """Give no slot to anybody any more."""
        self._is_stopping = True

    async def read(self, photo: bytes) -> Reading:
        """Read one photo. Raises UnreadablePhoto."""
        start = time.monotonic()
        self.waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self.reader.read, photo)
        finally:
            self.waiting -= 1
            self.vitals.reading_ms.append(1000 * (time.monotonic() - start))

    async def draw(self, photo: bytes, reading: Reading) -> bytes:
        """Draw what was read on its photo: a JPEG. Raises UnreadablePhoto."""
        return await self.run(lambda: annotated(photo, reading))

    async def run(self, work: Callable[[], _T]) -> _T:
        """Do anything that computes in one of the threads, after what waits for them, in the caller's language."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, copy_context().run, work)

    async def aside(self, work: Callable[[], _T]) -> _T:
        """Do anything that computes in a thread of its own, one at a time: it never keeps a photo waiting."""
        return await asyncio.get_running_loop().run_in_executor(self._aside, copy_context().run, work)

    def close(self) -> None:
        """Let the readings under way end and take no more."""
        for threads in (self._threads, self._aside):
            threads.shutdown(cancel_futures=True)


def in_a_thread(work: Callable[[], _T]) -> "asyncio.Future[_T]":
    """Do it in a thread of its own; one of a pool would keep the process from ending for as long as it hangs."""
    done: Future[_T] = Future()

    def run() -> None:
        done.set_running_or_notify_cancel()
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 whoever waits for it gets it
            done.set_exception(error)

    threading.Thread(target=run, daemon=True, name="apart").start()
    return asyncio.wrap_future(done)
