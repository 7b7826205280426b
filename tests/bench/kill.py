"""`kill -9` of the bot and of its training at random instants of the loop: photo, ✗, keypad, /retrain, verdict.

python -m tests.bench.kill [--rounds 100] [--first 0] [--at-once 2]

After every single kill: no correction that was thanked for is lost, the database opens, one whole version is served,
and a new /retrain comes to its verdict. Two bots are killed side by side, each in a folder of its own, for much of a
round is waiting. A hundred rounds take an hour and more on 2 idle cores: each is one training and the part of another.
"""

import argparse
import itertools
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.killing import Loop


class Bench:
    """Kills so many times, in several loops at once."""

    def __init__(self, rounds: int, first: int) -> None:
        self.rounds = rounds
        self.loops: list[Loop] = []
        self._numbers = itertools.count(first)
        self._under_way = 0
        self._lock = threading.Lock()
        self._broken = False

    @property
    def kills(self) -> int:
        """How many processes were killed: a training may be over before it is."""
        return sum(sum(loop.kills.values()) for loop in self.loops)

    def run(self) -> None:
        """Go through rounds until there were enough kills, or a promise was broken anywhere."""
        with tempfile.TemporaryDirectory() as folder:
            loop = Loop(Path(folder))
            self.loops.append(loop)
            try:
                loop.undisturbed()
                print(
                    f"undisturbed, correcting takes {loop.correcting_s:.1f} s, the training {loop.training_s:.1f} s",
                    flush=True,
                )
                while (number := self._next()) is not None:
                    print(f"round {number}: {loop.round(number)}; all is well, and a new training works", flush=True)
                    self._under_way -= 1
            except BaseException:
                self._broken = True
                raise

    def _next(self) -> int | None:
        with self._lock:
            if self._broken or self.kills + self._under_way >= self.rounds:
                return None
            self._under_way += 1
            return next(self._numbers)


def main() -> int:
    """Kill, and print a line a round; any promise that is broken ends it with a traceback."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.kill", description="Kill the bot at random instants.")
    parser.add_argument("--rounds", type=int, default=100, help="how often to kill")
    parser.add_argument("--first", type=int, default=0, help="the first round's number: it says whom to kill when")
    parser.add_argument("--at-once", type=int, default=2, help="how many bots")
    options = parser.parse_args()
    began = time.monotonic()
    bench = Bench(options.rounds, options.first)
    with ThreadPoolExecutor(options.at_once) as threads:
        for each in [threads.submit(bench.run) for _ in range(options.at_once)]:
            each.result()
    killed = " and ".join(
        f"{victim} {sum(loop.kills[victim] for loop in bench.loops)} times" for victim in bench.loops[0].kills
    )
    print(
        f"killed {killed}, in {time.monotonic() - began:.0f} s. Every time: no thanked correction lost, one whole "
        "model served, the database opens, a new /retrain works"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
