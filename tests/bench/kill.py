"""`kill -9` of the bot and of its training at random instants of the loop: photo, ✗, keypad, /retrain, verdict.

python -m tests.bench.kill [--rounds 100] [--first 0] [--longest 25] [--every 10]

After each round: no correction that was thanked for is lost, the database opens, the served version is whole. Every so
many rounds, and after the last, also: a new bot serves one version, and a new training comes to its verdict.
"""

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.killing import Loop, instant


def main() -> int:
    """Kill, and print a line a round; any promise that is broken ends it with a traceback."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.kill", description="Kill the bot at random instants.")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="the first round's number: it says whom to kill when")
    parser.add_argument("--longest", type=float, default=25.0, help="seconds that a loop takes on this machine")
    parser.add_argument("--every", type=int, default=10, help="rounds between two looks at whether training works")
    options = parser.parse_args()
    began = time.monotonic()
    killed: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        loop = Loop(Path(folder))
        for number in range(options.first, options.first + options.rounds):
            victim, after_s = instant(number, options.longest)
            before = len(loop.outcomes)
            loop.round(victim, after_s)
            killed[victim] += 1
            outcome = loop.outcomes[-1] if len(loop.outcomes) > before else "broken off"
            print(f"round {number}: {victim} after {after_s:.1f} s, {outcome}, {loop.thanked} corrections", flush=True)
            if (number - options.first + 1) % options.every == 0 or number == options.first + options.rounds - 1:
                loop.check_alive()
                print("  a new bot serves one whole version, and trains", flush=True)
    said = ", ".join(f"{victim} {times}" for victim, times in killed.items())
    print(f"{options.rounds} rounds in {time.monotonic() - began:.0f} s, killed: {said}; every promise held")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
