"""The command line: python -m model read | evaluate | train | card | sign | fetch."""

import argparse
import os
import sys
from collections.abc import Sequence

from model.commands.mnist import define_evaluate, define_fetch
from model.commands.read import define_read
from model.commands.train import define_train
from model.commands.versions import define_card, define_sign
from model.errors import ModelError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and give the exit status: 0, 1 when something could not be done, 2 for a wrong command line."""
    options = command_line().parse_args(arguments)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except ModelError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read the output has gone; nothing more can be said, not even at the interpreter's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


def command_line() -> argparse.ArgumentParser:
    """Make the parser of every command; it sets `run`, which takes the options and gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m model", description="Read, train and measure handwritten digits.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    define_read(commands.add_parser("read", help="read pictures"))
    define_evaluate(commands.add_parser("evaluate", help="measure a model on the MNIST test set"))
    define_train(commands.add_parser("train", help="train a model"))
    define_card(
        commands.add_parser("card", help="write a version's model card and data card anew, of its metrics.json")
    )
    define_sign(commands.add_parser("sign", help="sign versions that you trust"))
    define_fetch(commands.add_parser("fetch", help="get and verify MNIST"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
