"""Every word of /retrain up to its start: its question, and what is said instead. As pure as `replies`."""

import html
from collections.abc import Mapping, Sequence

from bot.learning.lessons import Lessons
from bot.words.language import Button, Plural, Text
from model import Blames

START = Button("✅ Train")

LEAVE = Button("✖ Leave it")

LEFT = Text("Left as it is: nothing was trained.")

RUNNING = Text("A training is running already. Its message shows how far it is; it can be cancelled there.")

STALE = Text("That button is from an earlier training. Send /retrain to start a new one.")

_USAGE = Text("I know these recipes: {recipes}")


def usage(recipes: Sequence[str]) -> str:
    """Say which recipes /retrain takes."""
    return _USAGE(recipes=", ".join(f"/retrain {recipe}" for recipe in recipes))


RECIPES: Mapping[str, Text] = {
    "continue": Text(
        "The served model goes on: with what was corrected, and enough of MNIST that it forgets nothing. About 2 "
        "minutes on 2 cores."
    ),
    "seed": Text("All 60,000 MNIST digits, 5 epochs: about 2 minutes on 2 cores."),
    "full": Text("The recipe of the shipped model, from nothing: about 25 minutes on 2 cores."),
}
"""What each recipe of /retrain does."""

_QUESTION = Text("Train a new model with the <b>{recipe}</b> recipe?")

_READ_MEANWHILE = Text("Photos are read as usual meanwhile.")


def question(recipe: str, lessons: Lessons, waiting: int, blames: Blames) -> str:
    """Ask before training, saying on what, and whom of the reader that teaches."""
    parts = [
        f"{_QUESTION(recipe=html.escape(recipe))}\n{html.escape(RECIPES[recipe]())}",
        _material(recipe, lessons, waiting),
        _pupils(blames) if recipe != "seed" else "",
        _READ_MEANWHILE(),
    ]
    return "\n\n".join(filter(None, parts))


_MNIST_ALONE = Text(
    "It trains on MNIST alone, all 60,000 digits, so there are none left to judge it on: it will be kept."
)

_WITH_CORRECTIONS = Plural("It trains on MNIST plus {n} correction.", "It trains on MNIST plus {n} corrections.")

_WITH_SOME_HELD_BACK = Plural(
    "It trains on MNIST plus {n} correction, {held_back} of which are held back to compare old and new on.",
    "It trains on MNIST plus {n} corrections, {held_back} of which are held back to compare old and new on.",
)

_WAITING = Plural(
    "{n} correction waits for /review, and would not count.", "{n} corrections wait for /review, and would not count."
)


def _material(recipe: str, lessons: Lessons, waiting: int) -> str:
    if recipe == "seed":
        return _MNIST_ALONE()
    held_back = len(lessons.held_back)
    lines = [
        _WITH_SOME_HELD_BACK(lessons.total, held_back=held_back) if held_back else _WITH_CORRECTIONS(lessons.total)
    ]
    if waiting:
        lines.append(_WAITING(waiting))
    lines += _left_out(lessons)
    return "\n".join(lines)


_OVER_SHARE = Plural(
    "{n} correction is left out: nobody whose corrections are reviewed gives more than half of what is learned.",
    "{n} corrections are left out: nobody whose corrections are reviewed gives more than half of what is learned.",
)

_SET_ASIDE = Plural(
    "{n} correction was set aside for /review just now, which says why.",
    "{n} corrections were set aside for /review just now, which says why.",
)


def _left_out(lessons: Lessons) -> list[str]:
    """Say which corrections are not learned from although they were approved."""
    lines = [_SET_ASIDE(len(lessons.suspected))] if lessons.suspected else []
    return [*lines, _OVER_SHARE(len(lessons.over_share))] if lessons.over_share else lines


_TEACHES_CLASSIFIER = Plural(
    "{n} of them teaches the classifier: which digit it is.", "{n} of them teach the classifier: which digit it is."
)

_TEACHES_JUDGE = Plural(
    "{n} of them teaches the judge: whether it is a digit.", "{n} of them teach the judge: whether it is a digit."
)

_TEACHES_SCORER = Plural(
    "{n} of them teaches the scorer: how much the judge's word counts.",
    "{n} of them teach the scorer: how much the judge's word counts.",
)

_STRANGE = Plural(
    "What the scorer knew of {n} of them is of another edition of the reader and left out; the crop teaches all the "
    "same.",
    "What the scorer knew of {n} of them is of another edition of the reader and left out; the crops teach all the "
    "same.",
)


def _pupils(blames: Blames) -> str:
    """Say how many corrections teach whom; nothing where there is none."""
    counted = (
        (_TEACHES_CLASSIFIER, blames.classifier),
        (_TEACHES_JUDGE, blames.judge),
        (_TEACHES_SCORER, blames.scorer),
        (_STRANGE, blames.strange),
    )
    return "\n".join(sentence(count) for sentence, count in counted if count)
