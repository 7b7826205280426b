"""The commands about versions that there are: `card` and `sign`; and the key that they and trainings sign with."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from model.errors import ModelError
from model.record import renew_cards
from model.registry import SHIPPED, open_version
from model.signature import KeyUnusable, Signer

_KEY: Final = "MODELS_PRIVATE_KEY"


def define_card(command: argparse.ArgumentParser) -> None:
    """Give the command its options."""
    command.add_argument("folders", nargs="*", type=Path, default=[SHIPPED], metavar="DIR", help="default: the shipped")
    add_key(command)
    command.set_defaults(run=_card)


def define_sign(command: argparse.ArgumentParser) -> None:
    """Give the command its options."""
    command.add_argument("folders", nargs="+", type=Path, metavar="DIR", help="a version's folder")
    add_key(command)
    command.set_defaults(run=_sign)


def add_key(command: argparse.ArgumentParser) -> None:
    """Add the option `signing_key`: a path, or None where no key is named."""
    command.add_argument(
        "--signing-key",
        type=Path,
        metavar="FILE",
        default=os.environ.get(_KEY) or None,
        help=f"an elliptic curve key in PEM form, to sign with (default: {_KEY})",
    )


def explained(error: ModelError) -> str:
    """Say what went wrong, and of a key which setting names it."""
    return f"{_KEY} can't be used: {error}" if isinstance(error, KeyUnusable) else str(error)


def _card(options: argparse.Namespace) -> int:
    return _each(options, renew_cards)


def _sign(options: argparse.Namespace) -> int:
    if options.signing_key is None:
        return _complain(f"there is no key to sign with: name one by --signing-key or {_KEY}")

    def sign(folder: Path, signer: Signer | None) -> None:
        assert signer is not None  # there is a key
        signer.sign(open_version(folder).folder)

    return _each(options, sign)


def _each(options: argparse.Namespace, do: Callable[[Path, Signer | None], object]) -> int:
    """Do something to each version, with the key if there is one."""
    try:
        signer = Signer(options.signing_key) if options.signing_key else None
        for folder in options.folders:
            do(folder, signer)
            print(folder)
    except KeyUnusable as error:
        return _complain(explained(error))
    except OSError as error:
        return _complain(f"it can't be written: {error}")
    return 0


def _complain(problem: str) -> int:
    print(problem, file=sys.stderr)
    return 1
