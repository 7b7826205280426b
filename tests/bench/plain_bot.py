"""The bot beside a plain one of the usual kind: `python -m tests.bench.plain_bot [--photos 1000]`.

The plain one, `tests.bench.usual_bot`, is python-telegram-bot with one handler that calls Keras' `predict`. Both run as
they are, one after the other, and poll the same stand-in for Telegram over HTTP, ours with its limits lifted by their
settings. A quarter of the photos comes from one chat, a quarter from 8 and half from 64; each chat sends its next photo
when the one before is answered. An event loop's pauses are taken in the same way from both, by `tests.bench.beating`.

The plain one does less for a photo: it shrinks the whole of it and names a digit, whatever is there. What the photos
show therefore decides how the times compare: the local chat's samples are pages and numbers, unless `--folder` has
others. Linux only.
"""

import argparse
import asyncio
import itertools
import signal
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

import psutil
from starlette.requests import Request
from starlette.responses import Response

from bot.local.wire import Json, Params
from bot.web.server import serving
from tests.bench.beating import longest
from tests.bench.figures import note
from tests.bench.replicas import cpu_s, free_ports
from tests.bench.transports import PolledTelegram
from tests.processes import ROOT, environment

_BOTS: Final = {"ours": "bot", "plain": "tests.bench.usual_bot"}
_SHARES: Final = {1: 0.25, 8: 0.25, 64: 0.5}  # of the photos, by the number of chats
_SAMPLES: Final = ROOT / "bot" / "local" / "page" / "samples"
_TOKEN: Final = "123456789:AAF" + 32 * "x"
_SETTINGS: Final = {
    "BOT_TOKEN": _TOKEN,
    "READINGS_PER_MINUTE": "100000",
    "MESSAGES_PER_SECOND": "1000",
    "LOG_LEVEL": "WARNING",
}
_QUIET: Final = {"TF_CPP_MIN_LOG_LEVEL": "3"}
_PATIENCE_S: Final = 120.0  # for the start, and for an answer


class NotStarted(Exception):
    """Why a bot is not there, with the end of its log."""


class Chats(PolledTelegram):
    """Telegram whose people wait for their answers."""

    def __init__(self, token: str, photos: Sequence[Path]) -> None:
        super().__init__(token, photos)
        self.asked_for_updates = asyncio.Event()
        self._waiting_for: dict[int, asyncio.Future[None]] = {}  # by the message that is to be answered

    async def ask(self, chat: int, name: str) -> float:
        """Send a photo, and give the seconds until its answer. Raises TimeoutError."""
        update = self.photo(chat, name)
        answered = self._waiting_for[update.message_id] = asyncio.get_running_loop().create_future()
        began = time.monotonic()
        self.put([update])
        async with asyncio.timeout(_PATIENCE_S):
            await answered
        return time.monotonic() - began

    async def _call(self, request: Request) -> Response:
        if request.path_params["method"].lower() == "getupdates":
            self.asked_for_updates.set()
        return await super()._call(request)

    def _say(self, params: Params) -> Json:
        message = super()._say(params)
        answered = self._waiting_for.pop(self.said[-1].reply_to or 0, None)
        if answered is not None and not answered.done():
            answered.set_result(None)
        return message


@dataclass(frozen=True, slots=True)
class Load:
    """What came of the photos of so many chats."""

    rate: float  # photos a second
    took_s: Sequence[float]  # from a photo to its answer
    pause_s: float

    @property
    def late_s(self) -> float:
        """The time in which 95 of 100 are answered."""
        return sorted(self.took_s)[int(0.95 * len(self.took_s))]


@dataclass(slots=True)
class Course:
    """How a bot did."""

    name: str
    ready_s: float = 0.0
    first_s: float = 0.0  # the first photo, which may find things unready
    start_mb: float = 0.0
    end_mb: float = 0.0
    cpu_s: float = 0.0  # of a processor, for all photos under load
    loads: dict[int, Load] = field(default_factory=dict)  # by the number of chats

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of a processor for a photo."""
        return 1000 * self.cpu_s / sum(len(load.took_s) for load in self.loads.values())

    @property
    def pause_s(self) -> float:
        """The event loop's longest pause under load."""
        return max(load.pause_s for load in self.loads.values())


async def put_through(telegram: Chats, names: Iterator[str], count: int, chats: int) -> tuple[float, list[float]]:
    """Have chats send so many photos, each when its last one is answered: the seconds, in all and of each."""
    left, took_s = iter(range(count)), list[float]()

    async def talk(chat: int) -> None:
        for _ in left:
            took_s.append(await telegram.ask(chat, next(names)))

    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for chat in range(chats):
            group.create_task(talk(1000 + chat))
    return time.monotonic() - began, took_s


async def course(name: str, photos: int, files: Sequence[Path], folder: Path) -> Course:
    """Start a bot, put so many photos of these files through it, and stop it. Raises NotStarted, TimeoutError."""
    found, telegram, names = Course(name), Chats(_TOKEN, files), itertools.cycle(path.name for path in files)
    pauses = folder / "pauses"
    async with serving(telegram.app, "127.0.0.1", 0) as origin:
        began = time.monotonic()
        async with _running(_BOTS[name], origin, folder, pauses) as bot:
            await _until_ready(telegram, bot, folder / "log")
            found.ready_s, found.start_mb = time.monotonic() - began, _memory_mb(bot.pid)
            found.first_s = await telegram.ask(1000, next(names))
            cpu_before_s = cpu_s(bot.pid)
            for chats, share in _SHARES.items():
                count, since = max(round(share * photos), chats), time.monotonic()
                seconds, took_s = await put_through(telegram, names, count, chats)
                pause_s = longest(pauses, since, time.monotonic())
                found.loads[chats] = Load(count / seconds, took_s, pause_s)
            found.end_mb, found.cpu_s = _memory_mb(bot.pid), cpu_s(bot.pid) - cpu_before_s
            telegram.put([])  # lets go of the poll
    return found


@asynccontextmanager
async def _running(module: str, origin: str, folder: Path, pauses: Path) -> AsyncIterator[Process]:
    own = {"BOT_API_URL": origin, "DATA_DIR": str(folder / "data"), "HTTP_PORT": str(free_ports(1)[0])}
    command = [sys.executable, "-m", "tests.bench.beating", str(pauses), module]
    with (folder / "log").open("ab") as log:
        bot = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env=environment(**_SETTINGS, **own) | _QUIET, stdout=DEVNULL, stderr=log
        )
    try:
        yield bot
    finally:
        if bot.returncode is None:
            bot.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(bot.wait(), 20)
        except TimeoutError:
            bot.kill()


async def _until_ready(telegram: Chats, bot: Process, log: Path) -> None:
    """Wait until it asks for updates."""
    asked, ended = (asyncio.create_task(work) for work in (telegram.asked_for_updates.wait(), bot.wait()))
    await asyncio.wait([asked, ended], timeout=_PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
    if not asked.done():
        asked.cancel()
        raise NotStarted(f"it does not start; its log ends: {log.read_text()[-1000:]}")
    ended.cancel()


def _memory_mb(pid: int) -> float:
    """The resident memory of a process and of what it started."""
    top = psutil.Process(pid)
    return float(sum(one.memory_info().rss for one in (top, *top.children(recursive=True))) / 2**20)


@dataclass(frozen=True, slots=True)
class Row:
    """A figure that both have."""

    name: str
    what: str
    form: str
    values: Callable[[Course], Sequence[float]]
    is_rate: bool = False  # more is better


def rows() -> Iterator[Row]:
    """All figures, in the table's order."""
    yield Row("ready", "ready after", "{:.2f} s", lambda it: [it.ready_s])
    yield Row("first", "the first photo", "{:.0f} ms", lambda it: [1000 * it.first_s])
    yield Row("memory_start", "memory at the start", "{:.0f} MB", lambda it: [it.start_mb])
    yield Row("memory_end", "memory after all photos", "{:.0f} MB", lambda it: [it.end_mb])
    for chats in _SHARES:
        yield from _rows_of(chats)
    yield Row("cpu", "a processor's time for a photo", "{:.0f} ms", lambda it: [it.cpu_ms])
    yield Row("pause", "the event loop's longest pause of all", "{:.0f} ms", lambda it: [1000 * it.pause_s])


def _rows_of(chats: int) -> Iterator[Row]:
    who = f"{chats} chat{'s' if chats > 1 else ''}"

    def load(it: Course) -> Load:
        return it.loads[chats]

    yield Row(f"rate.{chats}", f"photos a second, {who}", "{:.1f}/s", lambda it: [load(it).rate], is_rate=True)
    yield Row(
        f"median.{chats}", f"a photo to its answer, {who}", "{:.0f} ms", lambda it: [1000 * s for s in load(it).took_s]
    )
    yield Row(f"late.{chats}", f"95 % of them within, {who}", "{:.0f} ms", lambda it: [1000 * load(it).late_s])
    yield Row(
        f"pause.{chats}", f"the event loop's longest pause, {who}", "{:.0f} ms", lambda it: [1000 * load(it).pause_s]
    )


def report(ours: Course, plain: Course) -> None:
    """Print the table, and note what is in it."""
    print(f"{'':44}{'ours':>12}{'plain':>12}{'ratio':>9}")
    for row in rows():
        mine, its = row.values(ours), row.values(plain)
        for it, values in ((ours, mine), (plain, its)):
            note(f"{it.name}.{row.name}", f"{row.what}, {it.name}", row.form, *values)
        over, under = (median(mine), median(its)) if row.is_rate else (median(its), median(mine))
        shown = "–"
        if under:  # a loop that never paused has no ratio
            shown = f"{over / under:.1f}"
            how = "ours over the plain one's" if row.is_rate else "the plain one's over ours"
            note(f"ratio.{row.name}", f"{row.what}, {how}", "{:.1f}", over / under)
        print(f"{row.what:44}{row.form.format(median(mine)):>12}{row.form.format(median(its)):>12}{shown:>9}")
    print("ratio: how many times better ours is; below 1 the plain one is")


def main() -> None:
    """Measure ours, then the plain one."""
    parser = argparse.ArgumentParser("python -m tests.bench.plain_bot", description="The bot beside a plain one.")
    parser.add_argument("--photos", type=int, default=1000, metavar="N", help="for each bot (1000)")
    parser.add_argument("--folder", type=Path, default=_SAMPLES, help="of JPEG files; else the local chat's samples")
    options = parser.parse_args()
    files = sorted(options.folder.rglob("*.jpg"))
    if not files:
        parser.error(f"no JPEG file in {options.folder}")
    found = []
    for name in _BOTS:
        with tempfile.TemporaryDirectory() as folder:
            try:
                found.append(asyncio.run(course(name, options.photos, files, Path(folder))))
            except NotStarted as problem:
                sys.exit(f"{name}: {problem}")
        counts = ", ".join(f"{len(load.took_s):,} by {chats}" for chats, load in found[-1].loads.items())
        print(f"{name}: photos by so many chats: {counts}", flush=True)
    report(*found)


if __name__ == "__main__":
    main()
