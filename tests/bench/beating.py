"""Runs a program as `python -m` does, and writes down each pause of its event loops.

    python -m tests.bench.beating FILE MODULE

FILE gets a line for each pause worth a word: when it was over, by time.monotonic(), and its seconds. It is the same for
any program that has asyncio make its loop.
"""

import asyncio
import runpy
import sys
from pathlib import Path
from typing import Final, TextIO

_BEAT_S: Final = 0.005
_WORTH_S: Final = 0.002  # shorter ones are the timer's own


class BeatingLoop(asyncio.SelectorEventLoop):
    """An event loop that would do something every few milliseconds, and notices when it does not come to it."""

    def __init__(self, pauses: TextIO) -> None:
        super().__init__()
        self._pauses = pauses

    def run_forever(self) -> None:
        """Run until it is stopped."""
        self._next = self.call_later(_BEAT_S, self._beat, self.time() + _BEAT_S)
        try:
            super().run_forever()
        finally:
            self._next.cancel()

    def _beat(self, due: float) -> None:
        now = self.time()
        if now - due > _WORTH_S:
            print(now, now - due, file=self._pauses, flush=True)
        self._next = self.call_later(_BEAT_S, self._beat, now + _BEAT_S)


class _Policy(asyncio.DefaultEventLoopPolicy):
    def __init__(self, pauses: TextIO) -> None:
        super().__init__()
        self._pauses = pauses

    def new_event_loop(self) -> BeatingLoop:
        return BeatingLoop(self._pauses)


def longest(path: Path, since: float, until: float) -> float:
    """The seconds of the longest pause that a file has of this time; 0 where none was worth a word."""
    pauses = [[float(number) for number in line.split()] for line in path.read_text().splitlines()]
    return max((seconds for at, seconds in pauses if since <= at <= until), default=0.0)


def main() -> None:
    """Run the program."""
    path, module = sys.argv[1:]
    with Path(path).open("a") as pauses:
        asyncio.set_event_loop_policy(_Policy(pauses))
        sys.argv = [module]
        runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
