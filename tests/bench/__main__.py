"""`make bench`: every measurement that the documentation quotes and that takes minutes, one after the other."""

import subprocess
import sys

BENCHMARKS = ("read_speed", "chat_load", "draw", "why", "while_training", "learning")


def main() -> int:
    """Run the benchmarks that are named on the command line, or all of them."""
    for name in sys.argv[1:] or BENCHMARKS:
        print(f"── {name}", flush=True)
        # A process each: what one leaves in memory must not weigh on the next.
        status = subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=False).returncode
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
