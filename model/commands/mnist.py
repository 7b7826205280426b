"""The commands about MNIST: `evaluate` measures a version on its test set, `fetch` gets it."""

import argparse
import json
import sys
from pathlib import Path

from model.evaluate import Evaluation, evaluate
from model.mnist import SOURCES, fetch, load_mnist
from model.quiet import quiet_native_code
from model.registry import SHIPPED, Version, open_version


def define_evaluate(command: argparse.ArgumentParser) -> None:
    """Give the command its options."""
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.add_argument("--model", type=Path, default=SHIPPED, metavar="PATH", help="a version's folder")
    command.set_defaults(run=_evaluate)


def define_fetch(command: argparse.ArgumentParser) -> None:
    """Give the command its options."""
    command.add_argument("--from", dest="source", choices=SOURCES, metavar="SOURCE", help=", ".join(SOURCES))
    command.set_defaults(run=_fetch)


def _evaluate(options: argparse.Namespace) -> int:
    version = open_version(options.model)
    mnist = load_mnist(_say)
    with quiet_native_code():
        found = evaluate(version.classifier_path, mnist.test_images, mnist.test_labels)
    if options.json:
        figures = {
            "version": version.name,
            "network": version.metrics.network,
            "parameters": version.metrics.parameters,
            "test_accuracy": found.accuracy,
            "test_loss": found.loss,
            "per_digit": found.per_digit,
            "confusion": found.confusion,
        }
        print(json.dumps(figures))
        return 0
    print(table(version, found))
    return 0


def table(version: Version, found: Evaluation) -> str:
    """Say what an evaluation found, for a person."""
    lines = [
        f"{version.name}: network {version.metrics.network}, {version.metrics.parameters:,} parameters",
        f"test accuracy {found.accuracy:.2%}, loss {found.loss:.4f}",
        "",
        "written     right   " + "".join(f"{f'as {digit}':>6}" for digit in range(10)),
    ]
    for digit, row in enumerate(found.confusion):
        lines.append(f"{digit:>7}  {found.per_digit[digit]:>8.2%}   " + "".join(f"{count or '·':>6}" for count in row))
    return "\n".join(lines)


def _fetch(options: argparse.Namespace) -> int:
    print(f"MNIST is in {fetch(options.source, say=_say)}")
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
