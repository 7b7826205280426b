"""Connections that stand open and ask for nothing: `python -m tests.bench.half_open [--connections 1000]`, Linux only.

The local chat's bot may open 1,024 files. Prints how long /healthz and a photo's answer take before and while so many
half-sent requests are held open, each opened anew when it is dropped.
"""

import argparse
import resource
import socket
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

from tests.processes import BotProcess, healthz, running_bot
from tests.talking import SEVEN

_FILES = 1024  # that the bot may open
_ROUNDS = 10
_HALF = b"POST /local/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n"


class Crowd:
    """Half-sent requests, so many at once until it is told to go."""

    def __init__(self, port: int, size: int) -> None:
        self._port, self._size = port, size
        self._over = threading.Event()
        self.opened = 0
        self._thread = threading.Thread(target=self._stand)
        self._thread.start()

    def _stand(self) -> None:
        held: list[socket.socket] = []
        while not self._over.is_set():
            if len(held) >= self._size:
                held.pop(0).close()
            try:
                one = socket.create_connection(("127.0.0.1", self._port), timeout=1)
                one.sendall(_HALF)
            except OSError:
                time.sleep(0.01)
                continue
            held.append(one)
            self.opened += 1
            time.sleep(0.002)
        for one in held:
            one.close()

    def leave(self) -> None:
        """Close all of them."""
        self._over.set()
        self._thread.join()


def times(bot: BotProcess) -> str:
    """How long /healthz and a photo's answer take, in words."""
    health, photo = [], []
    for _ in range(_ROUNDS):
        began = time.monotonic()
        healthz(bot.origin)
        health.append(time.monotonic() - began)
        began = time.monotonic()
        bot.replies(bot.send(SEVEN))
        photo.append(time.monotonic() - began)
    return " and ".join(
        f"{what} {median(s):.2f} s (at most {max(s):.2f})" for what, s in (("healthz", health), ("a photo", photo))
    )


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser("python -m tests.bench.half_open", description="Half-sent requests.")
    parser.add_argument("--connections", type=int, default=1000, metavar="N", help="held open at once")
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, hard))
    with tempfile.TemporaryDirectory() as folder, running_bot(Path(folder)) as bot:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        print(f"alone: {times(bot)}")
        crowd = Crowd(int(bot.origin.rpartition(":")[2]), options.connections)
        time.sleep(5)
        print(f"beside {options.connections} half-sent requests: {times(bot)}; {crowd.opened} were opened in all")
        crowd.leave()


if __name__ == "__main__":
    main()
