"""A candidate that passed its comparison reads the crops of live readings beside the served version, unseen.

Both read the same crops, in a thread of their own: what differs is the candidate's doing. Who waits for an answer never
waits for it: what it has no time for is counted and passed over, and a candidate that fails or is slow is dropped. When
its time is over it is served, if the version that it was compared with still is and more of the differences that an
admin judged speak for it than against it, or as many. All of its state is in the store: any process may stop or start.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, Protocol

from bot.learning.depot import DepotUnavailable
from bot.learning.models import Models, ServedMeanwhile
from bot.pool import in_a_thread
from bot.store import Ending, Misread, Remembered, Seen, Shadow, Shadows, StoreUnavailable
from model import CropReader, Digit, ModelUnavailable, Opinion, Reading, Version

_log = logging.getLogger(__name__)

MOST_WAITING: Final = 64  # readings whose crops wait; a process makes about 30 in two seconds
MOST_MISSED: Final = 100  # readings that did not fit, in one process: then the candidate can't keep up
_PATIENCE_S: Final = 5.0  # for all that waits, however little …
_A_CROP_S: Final = 0.05  # … and for each crop more: both versions together take 4 ms on a busy machine
_OTHERS_S: Final = 60.0  # after its time: who can't load a candidate leaves it so long to those who can

Tell = Callable[[Shadow], Awaitable[None]]
"""What is done with a candidate that has ended by itself."""


class ReadsCrops(Protocol):
    """What is needed of model.CropReader."""

    def read(self, digits: Sequence[Digit]) -> Sequence[Opinion]:
        """Read the crops of digits anew."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """A candidate and the version that it reads beside."""

    candidate: str  # its folder's name
    served: str  # the other's name, as its readings have it
    new: ReadsCrops
    old: ReadsCrops

    def differences(self, waiting: Sequence[tuple[int, Reading]]) -> list[Misread]:
        """Read what waits: only what the candidate reads otherwise than what was said, and than the other would."""
        return [different for reading_id, read in waiting for different in self._of(reading_id, read)]

    def _of(self, reading_id: int, read: Reading) -> Iterator[Misread]:
        digits = crops_of(read)
        opinions = zip(digits, self.new.read(digits), self.old.read(digits), strict=True)
        for place, (digit, new, old) in enumerate(opinions):
            said = digit.digit if read.lines else None
            # A reading knows more than a crop shows: what both would read otherwise is not the candidate's doing.
            if new.digit not in (said, old.digit):
                yield Misread(reading_id, place, said, new.digit, new.confidence)


def crops_of(read: Reading) -> tuple[Digit, ...]:
    """What counted in a reading, in the order that the store keeps it."""
    return (*read.digits, *read.doubtful)


class ShadowReader:
    """Has a candidate read beside the served version in this process, if there is one."""

    def __init__(
        self,
        models: Models,
        shadows: Shadows,
        load: Callable[[Version], ReadsCrops] = CropReader,
        *,
        is_on: bool = True,
        every_s: float = 2.0,
        patience_s: float = _PATIENCE_S,
    ) -> None:
        self._models = models
        self._shadows = shadows
        self._load = load
        self._is_on = is_on
        self._every_s = every_s
        self._patience_s = patience_s
        self._pair: _Pair | None = None
        self._waiting: deque[tuple[int, Reading]] = deque()
        self._missed = 0  # crops, since the store was told
        self._times_full = 0
        self._failed = ""  # the candidate that can't be loaded here, as the log has said

    def offer(self, remembered: Sequence[Remembered], reads: Sequence[Reading]) -> None:
        """Have what was answered read by the candidate too, some time; at once back, whatever it does."""
        if self._pair is None:
            return
        for kept, read in zip(remembered, reads, strict=False):  # nothing is remembered without the database
            if read.version != self._pair.served:
                continue
            if len(self._waiting) < MOST_WAITING:
                self._waiting.append((kept.id, read))
            else:
                self._times_full += 1
                self._missed += len(crops_of(read))

    async def follow(self, tell: Tell) -> None:
        """Do what is to be done every few seconds, until cancelled; where no candidate may read, end those that did."""
        if not self._is_on:
            with suppress(StoreUnavailable):  # the store has logged it; /models can end them too
                await self._shadows.end_all("off")
            return
        while True:
            with suppress(StoreUnavailable):  # likewise; it is tried again
                await self.turn(tell)
            await asyncio.sleep(self._every_s)

    async def turn(self, tell: Tell) -> None:
        """Read what waits, and end the candidate if there is a reason, or its time is over. Raises StoreUnavailable."""
        shadow = await self._shadows.latest()
        if shadow is None or shadow.ended is not None:
            self._let_go()
            return
        here = self._models.served.name
        top = await self._models.on_top()
        if top == shadow.version:
            await self._end(shadow, "served")  # whoever served it says so
        elif top != shadow.served:
            await self._end(shadow, "changed", tell)
        elif (problem := await self._take(shadow) or await self._read(shadow)) is not None:
            await self._end(shadow, problem, tell)
        elif shadow.until <= self._shadows.now():
            await self._decide(shadow, here, tell)

    async def _take(self, shadow: Shadow) -> Ending | None:
        """Load a candidate that is not loaded yet; why it must end, if it must."""
        if self._pair is not None and self._pair.candidate == shadow.version:
            return None
        self._let_go()
        try:
            new, old = await self._models.version(shadow.version), await self._models.version(shadow.served)
            readers = await asyncio.to_thread(lambda: (self._load(new), self._load(old)))
        except ModelUnavailable as error:
            if self._failed != shadow.version:
                _log.error("candidate %s can't be had here (yet): %s", shadow.version, error)
            self._failed = shadow.version
            is_over = shadow.until + _OTHERS_S <= self._shadows.now()
            return "gone" if is_over and not isinstance(error, DepotUnavailable) else None
        except Exception:  # noqa: BLE001 whatever it fails at, it alone is dropped
            _log.exception("version %s can't be loaded", shadow.version)
            return "crashed"
        self._pair = _Pair(shadow.version, old.name, *readers)
        _log.info("version %s reads beside the served one", shadow.version)
        return None

    async def _read(self, shadow: Shadow) -> Ending | None:
        """Have the candidate read what waits, and store what came of it; why it must end, if it must."""
        pair, waiting, missed = self._pair, tuple(self._waiting), self._missed
        if pair is None or not (waiting or missed):
            return None
        self._waiting.clear()
        self._missed = 0
        problem: Ending | None = "full" if self._times_full >= MOST_MISSED else None
        differences: list[Misread] = []
        crops = sum(len(crops_of(read)) for _, read in waiting)
        try:
            async with asyncio.timeout(self._patience_s + _A_CROP_S * crops):
                differences = await in_a_thread(lambda: pair.differences(waiting))
        except TimeoutError:
            problem = "slow"
        except Exception:  # noqa: BLE001 likewise
            _log.exception("version %s failed at a crop", shadow.version)
            problem = "crashed"
        if problem in ("slow", "crashed"):
            crops, missed = 0, missed + crops
        await self._shadows.add(shadow.version, Seen(crops, missed, differences))
        return problem

    async def _decide(self, shadow: Shadow, here: str, tell: Tell) -> None:
        """Serve the candidate, in place of `here`, or refuse it."""
        shadow = await self._shadows.latest() or shadow  # with what was read just now
        if shadow.worse > shadow.better:
            await self._end(shadow, "against", tell)
            return
        if self._pair is None:  # another process may have its files
            return
        try:
            await self._models.serve(shadow.version, shadow.by_id, instead_of=here)
        except (ServedMeanwhile, DepotUnavailable) as error:  # the next turn sees what is served then
            _log.info("version %s is not served yet: %s", shadow.version, error or type(error).__name__)
        except ModelUnavailable as error:
            _log.error("%s", error)
            await self._end(shadow, "gone", tell)
        else:
            await self._shadows.end(shadow.version, "served")
            self._let_go()
            _log.info("version %s has read beside the served one, and is served now", shadow.version)
            await tell(replace(shadow, ended="served"))

    async def _end(self, shadow: Shadow, why: Ending, tell: Tell | None = None) -> None:
        """Have a candidate read no more; of all processes the first one tells."""
        self._let_go()
        if await self._shadows.end(shadow.version, why) and tell is not None:
            _log.warning("version %s reads beside the served one no more: %s", shadow.version, why)
            await tell(replace(await self._shadows.latest() or shadow, ended=why))

    def _let_go(self) -> None:
        self._pair = None
        self._waiting.clear()
        self._missed = self._times_full = 0
