"""The bot as people run it: a process of its own."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coverage import Coverage

from bot.settings import Settings
from tests import loopback

ROOT = Path(__file__).parent.parent


def environment(**settings: str) -> dict[str, str]:
    """This process's environment with these settings and no others, for a process that finds the project anywhere."""
    names = {name.upper() for name in Settings.model_fields} - {"MNIST_DIR"}
    kept = {name: text for name, text in os.environ.items() if name not in names}
    return kept | {"PYTHONPATH": str(ROOT)} | settings


def measured() -> dict[str, str]:
    """What has coverage.py measure a process too, if it measures this one.

    Not for all of them: it makes a training, which measures nothing that the tests do not, half as long again.
    """
    running = Coverage.current()
    if running is None:
        return {}
    data = Path(str(running.get_option("run:data_file"))).absolute()
    return {"COVERAGE_PROCESS_START": str(ROOT / "pyproject.toml"), "COVERAGE_FILE": str(data)}


@dataclass(frozen=True, slots=True)
class BotProcess:
    """A running bot in its local chat."""

    process: subprocess.Popen[str]
    origin: str

    def memory_mb(self, field: str = "VmHWM") -> float:
        """The bot's resident memory: at its peak (VmHWM) or now (VmRSS)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]

    def family(self) -> list[int]:
        """The process ids of the bot and of what it started."""
        found, new = [], [self.process.pid]
        while new:
            found += new
            new = [
                int(child)
                for pid in new
                for task in Path(f"/proc/{pid}/task").iterdir()
                for child in (task / "children").read_text().split()
            ]
        return found

    def send(self, path: Path | str, *, kind: str = "photo", content: bytes | None = None, user: str = "admin") -> int:
        """Send a file as the page does; the message's id."""
        file = (Path(path).name, content if content is not None else Path(path).read_bytes())
        answer = loopback.post(f"{self.origin}/local/messages", files={kind: file}, data={"user": user}, timeout=60)
        answer.raise_for_status()
        return int(answer.json()["message_id"])

    def replies(self, after: int, *, timeout_s: float = 30, user: str = "admin") -> list[dict[str, Any]]:
        """The bot's messages after `after`, waiting for the first one."""
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            query = {"after": str(after), "user": user, "wait": "5"}
            messages = loopback.get(f"{self.origin}/local/messages", params=query, timeout=60).json()
            if said := [message for message in messages if message["from"] == "bot" and message["message_id"] > after]:
                return said
        raise TimeoutError(f"no reply after message {after}")


@contextlib.contextmanager
def running_bot(folder: Path, **settings: str) -> Iterator[BotProcess]:
    """Run the bot in its local chat on a free port, and stop it as Ctrl-C would.

    It works in `folder`, with its data there too: a developer's own .env is not found. Each of `settings` is a variable
    of its environment.
    """
    surroundings = environment(LOCAL_CHAT_PORT="0", DATA_DIR=str(folder / "data"), **settings)
    with announced([sys.executable, "-m", "bot"], folder, surroundings) as bot:
        yield bot


@contextlib.contextmanager
def announced(command: Sequence[str | Path], folder: Path, surroundings: Mapping[str, str]) -> Iterator[BotProcess]:
    """Run a command that starts a local chat from `folder`, wait until it says so, and stop it as Ctrl-C would."""
    process = subprocess.Popen(command, cwd=folder, env=surroundings, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None  # asked for above
    try:
        line = process.stdout.readline()
        assert line.startswith("local chat: http://127.0.0.1:"), line
        yield BotProcess(process, line.removeprefix("local chat: ").strip())
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        finally:
            process.kill()
            process.stdout.close()


def healthz(origin: str) -> dict[str, Any]:
    """What /healthz says."""
    with urllib.request.urlopen(f"{origin}/healthz", timeout=10) as answer:  # noqa: S310 our own loopback address
        status: dict[str, Any] = json.load(answer)
        return status
