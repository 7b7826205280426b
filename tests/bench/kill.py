"""`kill -9` of the bot and of its training at random instants of the loop: photo, ✗, keypad, /retrain, verdict.

python -m tests.bench.kill [--rounds 100] [--first 0]

After every single kill: no correction that was thanked for is lost, the database opens, one whole version is served,
and a new /retrain comes to its verdict. A round takes about 20 s on 2 idle cores.
"""

import argparse
import itertools
import tempfile
import time
from pathlib import Path

from tests.killing import Loop


def main() -> int:
    """Kill, and print a line a round; any promise that is broken ends it with a traceback."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.kill", description="Kill the bot at random instants.")
    parser.add_argument("--rounds", type=int, default=100, help="how often to kill")
    parser.add_argument("--first", type=int, default=0, help="the first round's number: it says whom to kill when")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        loop = Loop(Path(folder))
        loop.undisturbed()
        print(f"undisturbed, a loop takes {loop.loop_s:.1f} s, {loop.training_s:.1f} s of it the training", flush=True)
        for number in itertools.count(options.first):
            print(f"round {number}: {loop.round(number)}; all is well, and a new training works", flush=True)
            if sum(loop.kills.values()) >= options.rounds:
                break
    killed = " and ".join(f"{victim} {times} times" for victim, times in loop.kills.items())
    print(
        f"killed {killed}, in {time.monotonic() - began:.0f} s. Every time: no thanked correction lost, one whole "
        "model served, the database opens, a new /retrain works"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
