"""Several bots behind one webhook, as processes that a supervisor would keep running: for `tests.bench.cluster`."""

import asyncio
import contextlib
import random
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

import httpx
import psutil

from tests import loopback
from tests.processes import environment

COMMAND: Final = (sys.executable, "-m", "bot")
_START_S: Final = 120  # on a busy machine
_LEAVE_S: Final = 1.0  # from when a bot gets no more updates until it is told to stop


class Replicas(Protocol):
    """What a scenario does to the bots, however they run. As a context they are started, and stopped in the end."""

    origins: list[str]
    """Where the webhook is served now."""

    async def __aenter__(self) -> Any:
        """Start them; they answer then."""

    async def __aexit__(self, *error: object) -> None:
        """Stop them."""

    async def kill(self) -> bool:
        """Kill one that answers with SIGKILL; False when there is none. Whoever keeps them starts another."""

    async def roll(self) -> None:
        """Give each another configuration, one after the other, then do with one less."""

    def cpu_s(self) -> float:
        """Seconds of a processor that all of it took, as long as none is killed."""


class PlainProcesses:
    """So many of `python -m bot`; a killed one is started again at once."""

    def __init__(self, count: int, folder: Path, settings: Mapping[str, str]) -> None:
        """Each keeps its data in a folder of its own below `folder`, with its log."""
        self._folder = folder
        self._settings = settings
        self._bots: dict[str, Process] = {}
        self.origins = [f"http://127.0.0.1:{port}" for port in free_ports(count)]

    async def __aenter__(self) -> "PlainProcesses":
        for origin in self.origins:
            await self._start(origin)
        await asyncio.gather(*(until_healthy(origin) for origin in self.origins))
        return self

    async def __aexit__(self, *error: object) -> None:
        for bot in self._bots.values():
            with contextlib.suppress(ProcessLookupError):
                bot.send_signal(signal.SIGTERM)
        for bot in self._bots.values():
            try:
                await asyncio.wait_for(bot.wait(), 20)
            except TimeoutError:
                bot.kill()

    async def kill(self) -> bool:
        """Kill one that answers, and start it again."""
        answering = [origin for origin in self.origins if await is_healthy(origin)]
        if not answering:
            return False
        origin = random.choice(answering)
        self._bots[origin].kill()
        await self._bots[origin].wait()
        await self._start(origin)
        return True

    async def roll(self) -> None:
        """Stop and start one after the other, each out of the way of updates meanwhile, then stop the last."""
        origins = list(self.origins)
        for origin in origins:
            await self._leave(origin)
            await self._start(origin, LOG_LEVEL="ERROR")
            await until_healthy(origin)
            self.origins.append(origin)
        await self._leave(origins[-1])

    async def _leave(self, origin: str) -> None:
        """Stop a bot in good order, after whoever balances the load was told."""
        self.origins.remove(origin)
        await asyncio.sleep(_LEAVE_S)
        self._bots[origin].send_signal(signal.SIGTERM)
        await self._bots[origin].wait()

    def cpu_s(self) -> float:
        """Seconds of a processor that all of them took."""
        return sum(cpu_s(bot.pid) for bot in self._bots.values())

    async def _start(self, origin: str, **changed: str) -> None:
        port = origin.rpartition(":")[2]
        home = self._folder / port
        home.mkdir(exist_ok=True)
        surroundings = environment(**self._settings, HTTP_PORT=port, DATA_DIR=str(home / "data")) | changed
        with (home / "log").open("ab") as log:
            self._bots[origin] = await asyncio.create_subprocess_exec(
                *COMMAND, cwd=home, env=surroundings, stdout=DEVNULL, stderr=log
            )


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody has; others may take them in between, which nobody did so far."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [probe.getsockname()[1] for probe in probes]


def cpu_s(pid: int) -> float:
    """Seconds of a processor that a process and all that it started and that still run took."""
    top = psutil.Process(pid)
    family = [top, *top.children(recursive=True)]
    return sum(sum(one.cpu_times()[:2]) for one in family)


async def is_healthy(origin: str) -> bool:
    """Whether /healthz says 200 now."""
    try:
        async with httpx.AsyncClient(verify=loopback.PLAIN, trust_env=False, timeout=2) as http:
            return (await http.get(f"{origin}/healthz")).is_success
    except httpx.HTTPError:
        return False


async def until_healthy(*origins: str) -> None:
    """Wait until /healthz of all says 200; raises TimeoutError."""
    async with asyncio.timeout(_START_S):
        for origin in origins:
            while not await is_healthy(origin):  # noqa: ASYNC110 there is no event
                await asyncio.sleep(0.1)


def named(processes: Iterable[psutil.Process], beginning: str) -> list[psutil.Process]:
    """Those whose command line begins so."""
    found = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):  # it ended a moment ago
            if " ".join(process.cmdline()).startswith(beginning):
                found.append(process)
    return found
