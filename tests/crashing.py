"""The bot as a process of its own at a Bot API that outlives it, killed and stopped while it answers photos."""

import asyncio
import contextlib
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.local_server import Local, local_stage
from tests.processes import environment
from tests.talking import SEVEN

PEOPLE: Final = ("admin", "guest")


@dataclass
class World:
    """Telegram, two people who send photos, and a bot that comes and goes."""

    local: Local
    folder: Path
    photos: list[int] = field(default_factory=list)  # the ids of the messages that should be answered
    _bot: Process | None = None

    @property
    def pid(self) -> int:
        """The bot's process id."""
        assert self._bot is not None  # it was started
        return self._bot.pid

    async def start(self) -> None:
        """Start the bot and wait until it answers."""
        surroundings = environment(
            BOT_TOKEN=self.local.chat.token,
            BOT_API_URL=self.local.origin,
            DATA_DIR=str(self.folder / "data"),
            HTTP_PORT="0",
            READINGS_PER_MINUTE="100000",
            MESSAGES_PER_SECOND="100000",
            LOG_LEVEL="ERROR",
        )
        command = [sys.executable, "-m", "bot"]
        self._bot = await asyncio.create_subprocess_exec(*command, cwd=self.folder, env=surroundings, stdout=PIPE)
        assert self._bot.stdout is not None  # asked for above
        line = await self._bot.stdout.readline()
        assert line.startswith(b"web side: "), line

    async def send(self, count: int) -> None:
        """Send so many photos, from each person in turn."""
        photo = SEVEN.read_bytes()
        for number in range(count):
            files = {"photo": ("7.jpg", photo)}
            self.photos.append(await self.local.say(user=PEOPLE[number % len(PEOPLE)], files=files))

    async def end(self, how: signal.Signals) -> float:
        """Kill or stop the bot. Gives the seconds until it is gone."""
        assert self._bot is not None  # it was started
        began = time.monotonic()
        with contextlib.suppress(ProcessLookupError):
            self._bot.send_signal(how)
        await self._bot.wait()
        return time.monotonic() - began

    async def answers(self) -> Counter[int]:
        """How many answers each photo has."""
        said = [message for user in PEOPLE for message in await self.local.messages(user=user)]
        return Counter(message["reply_to"] for message in said if message["from"] == "bot" and message["reply_to"])

    async def all_answered(self, patience_s: float = 60) -> Counter[int]:
        """Wait until every photo has an answer. Gives how many each has; raises TimeoutError."""
        async with asyncio.timeout(patience_s):
            while set(self.photos) - set(answers := await self.answers()):  # noqa: ASYNC110 there is no event
                await asyncio.sleep(0.05)
        return answers


@contextlib.asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    """A world without a bot yet; one that is left over is killed at the end."""
    async with (
        local_stage() as stage,
        stage.local_chat(keep_messages=100_000, keep_files=100_000, keep_updates=100_000) as local,
    ):
        found = World(local, folder)
        try:
            yield found
        finally:
            if found._bot is not None and found._bot.returncode is None:
                await found.end(signal.SIGKILL)
