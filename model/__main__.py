"""The command line: python -m model read | evaluate | train | card | sign | fetch."""

import argparse
import errno
import json
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from model import load_reader
from model.errors import ModelError, UnreadablePhoto
from model.evaluate import Evaluation, evaluate
from model.mnist import SOURCES, fetch, load_mnist
from model.quiet import quiet_native_code
from model.record import renew_cards
from model.registry import SHIPPED, Version, open_version
from model.signature import KeyUnusable, Signer
from model.training.ending import end_with_parent, ending_when_told
from model.training.progress import Report, json_lines, terminal
from model.training.recipes import RECIPES
from model.training.train import Job, train
from model.training.train_finder import FINDER_RECIPE, train_finder
from model.training.train_judge import JUDGE_RECIPE, train_judge
from model.training.train_line import LINE_RECIPE, train_line
from model.training.train_signs import SIGNS_RECIPE, train_signs

# What `read` says of each reason in words for a person.
_UNREADABLE: Final = {
    "empty": "the file is empty",
    "not an image": "this is not a picture",
    "cut short": "the picture is cut short",
    "too large": "the picture has too many pixels",
    "unsupported": "pictures of this kind are not read",
    "too costly": "decoding it takes too much time or memory",
}

_KEY: Final = "MODELS_PRIVATE_KEY"

# Named by their import: looking for one loads nothing.
_TRAINING_SIDE: Final = ("keras", "matplotlib", "rich", "tensorflow")
_INSTALL_TRAINING: Final = (
    "install it: `make setup` in a checkout, elsewhere pip install 'WHEEL[train]' with the wheel of digit-bot"
)

# The networks beside the classifier; their recipes are modules of their own.
_OTHER_RECIPES: Final[dict[str, Callable[[Job, Report], object]]] = {
    FINDER_RECIPE: train_finder,
    JUDGE_RECIPE: train_judge,
    SIGNS_RECIPE: train_signs,
    LINE_RECIPE: train_line,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and give the exit status: 0, 1 when something could not be done, 2 for a wrong command line."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except ModelError as error:
        return _complain(str(error))
    except BrokenPipeError:
        # Whoever read the output has gone; nothing more can be said, not even at the interpreter's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m model", description="Read, train and measure handwritten digits.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    reading = commands.add_parser("read", help="read pictures")
    reading.add_argument("--json", action="store_true", help="print one JSON object a picture")
    reading.add_argument("photos", nargs="+", metavar="PHOTO")
    reading.set_defaults(run=_read)

    measuring = commands.add_parser("evaluate", help="measure a model on the MNIST test set")
    measuring.add_argument("--json", action="store_true", help="print one JSON object")
    measuring.add_argument("--model", type=Path, default=SHIPPED, metavar="PATH", help="a version's folder")
    measuring.set_defaults(run=_evaluate)

    training = commands.add_parser("train", help="train a model")
    training.add_argument("--recipe", choices=(*RECIPES, *_OTHER_RECIPES), default="seed")
    training.add_argument("--epochs", type=_positive, metavar="N", help="default: the recipe's")
    training.add_argument("--batch-size", type=_positive, metavar="N", help="default: the recipe's")
    training.add_argument("--seed", type=int, default=0, metavar="N")
    training.add_argument("--digits", type=_positive, metavar="N", help="train on the first N digits only")
    training.add_argument(
        "--corrections", type=Path, metavar="FILE", help="npz with x (N, 28, 28) float32 in 0..1 and y"
    )
    training.add_argument(
        "--held-back", type=Path, metavar="FILE", help="likewise: corrections to compare on, not to learn from"
    )
    training.add_argument(
        "--served", type=Path, metavar="DIR", help="the version to compare with, which `--recipe continue` goes on from"
    )
    training.add_argument(
        "--material", type=Path, metavar="DIR", help="other people's handwriting and photos, to learn from beside MNIST"
    )
    training.add_argument("--output", type=Path, metavar="DIR", help="the folder of the new version")
    training.add_argument(
        "--models",
        type=Path,
        metavar="DIR",
        default=Path(os.environ.get("DATA_DIR") or "data", "models"),
        help="without --output: where to make a folder named after the version (default: data/models)",
    )
    _add_key(training)
    training.add_argument("--events", action="store_true", help="print one JSON event a line")
    training.add_argument("--end-with-parent", action="store_true", help="end when standard input is closed")
    training.set_defaults(run=_train)

    cards = commands.add_parser("card", help="write a version's model card and data card anew, of its metrics.json")
    cards.add_argument("folders", nargs="*", type=Path, default=[SHIPPED], metavar="DIR", help="default: the shipped")
    _add_key(cards)
    cards.set_defaults(run=_card)

    signing = commands.add_parser("sign", help="sign versions that you trust")
    signing.add_argument("folders", nargs="+", type=Path, metavar="DIR", help="a version's folder")
    _add_key(signing)
    signing.set_defaults(run=_sign)

    fetching = commands.add_parser("fetch", help="get and verify MNIST")
    fetching.add_argument("--from", dest="source", choices=SOURCES, metavar="SOURCE", help=", ".join(SOURCES))
    fetching.set_defaults(run=_fetch)
    return parser


def _add_key(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--signing-key",
        type=Path,
        metavar="FILE",
        default=os.environ.get(_KEY) or None,
        help=f"an elliptic curve key in PEM form, to sign with (default: {_KEY})",
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


def _complain(problem: str) -> int:
    print(problem, file=sys.stderr)
    return 1


def _read(options: argparse.Namespace) -> int:
    reader = load_reader()
    status = 0
    for photo in options.photos:
        line: dict[str, Any] = {"file": photo, "lines": [], "text": [], "confidence": 0.0, "digits": [], "error": None}
        try:
            reading = reader.read(Path(photo).read_bytes())
        except UnreadablePhoto as error:
            line["error"] = _UNREADABLE[error.reason]
        except OSError as error:
            line["error"] = f"the file can't be read: {error.strerror}"
        else:
            line["lines"], line["text"] = list(reading.texts), list(reading.as_written)
            line["confidence"] = round(float(reading.confidence), 4)
            line["digits"] = [
                {"digit": digit.digit, "confidence": round(float(digit.confidence), 4), "box": list(digit.box)}
                for digit in reading.digits
            ]
        if line["error"]:
            status = 1
        print(json.dumps(line, ensure_ascii=False) if options.json else _readable(line), flush=True)
    return status


def _readable(line: dict[str, Any]) -> str:
    if line["error"]:
        return f"{line['file']}: {line['error']}"
    if not line["lines"]:
        return f"{line['file']}: no digit"
    return f"{line['file']}: {'  |  '.join(line['text'])}  ({line['confidence']:.0%})"


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
    print(_table(version, found))
    return 0


def _table(version: Version, found: Evaluation) -> str:
    """What an evaluation found, for a person."""
    lines = [
        f"{version.name}: network {version.metrics.network}, {version.metrics.parameters:,} parameters",
        f"test accuracy {found.accuracy:.2%}, loss {found.loss:.4f}",
        "",
        "written     right   " + "".join(f"{f'as {digit}':>6}" for digit in range(10)),
    ]
    for digit, row in enumerate(found.confusion):
        lines.append(f"{digit:>7}  {found.per_digit[digit]:>8.2%}   " + "".join(f"{count or '·':>6}" for count in row))
    return "\n".join(lines)


def _train(options: argparse.Namespace) -> int:
    job = Job(
        recipe=options.recipe,
        epochs=options.epochs,
        batch_size=options.batch_size,
        seed=options.seed,
        output=options.output,
        models=options.models,
        digits=options.digits,
        corrections=options.corrections,
        held_back=options.held_back,
        served=options.served,
        signing_key=options.signing_key,
        material=options.material,
        command=shlex.join(["python", "-m", "model", *sys.argv[1:]]),
    )
    try:
        _require_training_side()
        with nullcontext(json_lines) if options.events else terminal() as show:
            report = ending_when_told(show)
            if options.end_with_parent:
                end_with_parent()
            _OTHER_RECIPES.get(job.recipe, train)(job, report)
    except ModelError as error:
        problem, status = _explained(error), 1
    except ImportError as error:
        problem, status = f"the training side is not installed ({error}); {_INSTALL_TRAINING}", 1
    except OSError as error:
        problem, status = _not_written(error), 1
    except KeyboardInterrupt:
        problem, status = "the training was interrupted; nothing was kept", 130
    else:
        return 0
    if options.events:
        json_lines({"event": "error", "message": problem})
    print(problem, file=sys.stderr)
    return status


def _require_training_side() -> None:
    """Raise ImportError where the `train` extra is missing: known at once, not after MNIST was sought without Keras."""
    missing = [name for name in _TRAINING_SIDE if find_spec(name) is None]
    if missing:
        raise ImportError(f"no {', '.join(missing)}")


def _not_written(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "there is no room left on the disk: free some, then train again; nothing was kept"
    return f"the model can't be written: {error}"


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
        return _complain(_explained(error))
    except OSError as error:
        return _complain(f"it can't be written: {error}")
    return 0


def _explained(error: ModelError) -> str:
    return f"{_KEY} can't be used: {error}" if isinstance(error, KeyUnusable) else str(error)


def _fetch(options: argparse.Namespace) -> int:
    print(f"MNIST is in {fetch(options.source, say=_say)}")
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
