"""The command `train`: a job from its options, the recipe that does it, and how a training that fails is told."""

import argparse
import errno
import os
import shlex
import sys
from collections.abc import Callable
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from model.commands.versions import add_key, explained
from model.errors import ModelError
from model.training.ending import end_with_parent, ending_when_told
from model.training.memory import keep_freed_memory
from model.training.progress import Report, json_lines, terminal
from model.training.recipes import RECIPES
from model.training.train import Job, train
from model.training.train_finder import FINDER_RECIPE, train_finder
from model.training.train_judge import JUDGE_RECIPE, train_judge
from model.training.train_line import LINE_RECIPE, train_line
from model.training.train_signs import SIGNS_RECIPE, train_signs

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


def define_train(command: argparse.ArgumentParser) -> None:
    """Give the command its options."""
    command.add_argument("--recipe", choices=(*RECIPES, *_OTHER_RECIPES), default="seed")
    command.add_argument("--epochs", type=_positive, metavar="N", help="default: the recipe's")
    command.add_argument("--batch-size", type=_positive, metavar="N", help="default: the recipe's")
    command.add_argument("--seed", type=int, default=0, metavar="N")
    command.add_argument("--digits", type=_positive, metavar="N", help="train on the first N digits only")
    command.add_argument(
        "--corrections", type=Path, metavar="FILE", help="npz with x (N, 28, 28) float32 in 0..1 and y"
    )
    command.add_argument(
        "--held-back", type=Path, metavar="FILE", help="likewise: corrections to compare on, not to learn from"
    )
    command.add_argument(
        "--served", type=Path, metavar="DIR", help="the version to compare with, which `--recipe continue` goes on from"
    )
    command.add_argument(
        "--material", type=Path, metavar="DIR", help="other people's handwriting and photos, to learn from beside MNIST"
    )
    command.add_argument("--output", type=Path, metavar="DIR", help="the folder of the new version")
    command.add_argument(
        "--models",
        type=Path,
        metavar="DIR",
        default=Path(os.environ.get("DATA_DIR") or "data", "models"),
        help="without --output: where to make a folder named after the version (default: data/models)",
    )
    add_key(command)
    command.add_argument("--events", action="store_true", help="print one JSON event a line")
    command.add_argument("--end-with-parent", action="store_true", help="end when standard input is closed")
    command.set_defaults(run=_train)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


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
            keep_freed_memory()
            _OTHER_RECIPES.get(job.recipe, train)(job, report)
    except ModelError as error:
        problem, status = explained(error), 1
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
