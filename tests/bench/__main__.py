"""`make bench`: every measurement that the documentation quotes and that needs no photos of yours, one after the other.

Those of your photos are `make photos`, `python -m tests.bench.worse FOLDER` and `python -m tests.bench.ablations`.
"""

import argparse
import subprocess
import sys
from typing import Final

BENCHMARKS: Final = (
    *("read_speed", "bombs", "chat_load", "draw", "why", "unseen", "seed_accuracy"),
    *("while_training", "learning"),  # the longest last
)


def main() -> int:
    """Run the benchmarks that are named on the command line, or all of them; stop at the first that fails."""
    parser = argparse.ArgumentParser("python -m tests.bench", description="Measure what the documentation quotes.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    for name in options.names or BENCHMARKS:
        print(f"── {name}", flush=True)
        # A process each: what one leaves in memory must not weigh on the next.
        status = subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=False).returncode
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
