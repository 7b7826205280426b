"""Wrong corrections on purpose: whether a training ever puts a worse model into service.

python -m tests.bench.poison [--trials 100] [--first 0] [--seed 0] [--epochs 1] [--digits 4000]
                             [--undefended | --honest]

A trial is five people who correct the bot, one of whom gives wrong labels (a fifth of all), or one or two of whom are
off by one in all. Their pictures are read by the shipped reader and stored, suspected, approved by an admin who
approves whatever does not look wrong, sorted and learned from, all as the bot does it; then the gate. A model that
passes it is compared with the one in service on what neither has learned from. Prints a line a trial and a table; 1
when a model that was promoted reads significantly worse. `--undefended` leaves all but the gate away, to see what the
rules are good for; `--honest` has nobody lie, to see what learning costs by itself; with `--first` two processes can
share the trials, of which each takes a core for a minute.
"""

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from bot.learning.lessons import Lessons, gather_lessons, note_suspicions, save
from bot.store import Correction, Store
from model import Reading, load_reader
from model.classify import Classifier
from model.gate import ALPHA, Paired, paired
from model.generate.crops import Cutter
from model.generate.letters import letters, schooled
from model.generate.pens import load_hand
from model.generate.photolike import make, photolike
from model.mnist import load_mnist
from model.registry import SHIPPED, Version, open_version
from model.training.told_apart import Seen, taken_for_digits
from model.training.train import Job, train
from tests.bench.other_digits import picture
from tests.bench.writers import PLAIN, WRITERS, write

Kind = Literal["a fifth wrong, one sender", "shifted by one, one sender", "shifted by one, two senders"]
Manner = Literal["at once", "slowly", "in a hand of theirs"]

_KINDS: Final[tuple[Kind, ...]] = (
    "a fifth wrong, one sender",
    "shifted by one, one sender",
    "a fifth wrong, one sender",
    "shifted by one, two senders",
)
_MANNERS: Final[tuple[Manner, ...]] = ("at once", "slowly", "in a hand of theirs")
_PEOPLE: Final = 5
_EACH: Final = 12  # corrections of each person
_ADMIN: Final = 1
_APART_S: Final[dict[Manner, int]] = {"at once": 60, "slowly": 2 * 24 * 3600, "in a hand of theirs": 60}
_ORDINARY, _OF_A_HAND, _THINGS = 160, 20, 80  # pictures that people choose from
_MEASURED: Final = 160  # test digits that are photographed, and as many things
_HANDS: Final = 10  # unseen digits of each kind by each hand
_SETS: Final = 3  # on which a promoted model is compared

Bitmaps = NDArray[np.float32]
Labels = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A picture of one thing, as it was read: one digit, or none but something that might be one."""

    label: int | None  # what it is
    reading: Reading

    @property
    def said(self) -> int | None:
        """What was read."""
        return self.reading.digits[0].digit if self.reading.digits else None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who corrects the bot."""

    id: int
    is_honest: bool
    hand: str


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a trial."""

    kind: Kind
    sent: int  # wrong corrections
    set_aside: int
    over_share: int
    held_back: int
    learned: int
    honest: int  # honest corrections that were learned
    doubted: int  # honest ones that were set aside
    is_promoted: bool
    compared: dict[str, Paired] = field(default_factory=dict)  # of one that was promoted

    def is_worse(self, trials: int) -> bool:
        """Whether it reads worse; of `trials` models that are as good, one is said to in one run of twenty."""
        return any(each.chance < ALPHA / (_SETS * trials) for each in self.compared.values())

    def outcome(self, trials: int) -> str:
        """The same in words."""
        if not self.is_promoted:
            return "refused by the gate"
        return "promoted and WORSE" if self.is_worse(trials) else "promoted, as good"


class World:
    """What there is to photograph, read once, and what models are measured on."""

    def __init__(self) -> None:
        """Make and read the pictures; a minute or two."""
        self._reader = load_reader()
        self._old: dict[str, Labels] = {}
        mnist = load_mnist()
        validation, test = mnist.split()[1], (mnist.test_images, mnist.test_labels)
        crops, labels = photolike(*validation)
        self.ordinary = self._read(crops[:_ORDINARY], labels[:_ORDINARY].tolist())
        self.hands = {
            hand: self._read(write(hand, digits, 1), digits)
            for hand, digits in ((hand, _odd(hand, _OF_A_HAND)) for hand in WRITERS)
        }
        cutter = Cutter(schooled(load_hand(*(part[:2_000] for part in mnist.split()[0]))), letters())
        random = np.random.default_rng(2)
        things = np.array([cutter.other(random) for _ in range(_THINGS + _MEASURED)], np.float32)
        self.things = self._read(things[:_THINGS], [None] * _THINGS)
        photographed, are = make(test[0][:_MEASURED], test[1][:_MEASURED])
        self._digits = test[0].astype(np.float32) / np.float32(255), test[1]
        every = [digit for digit in PLAIN for _ in range(_HANDS)]
        self._by_hands = np.concatenate([write(hand, every, 3) for hand in WRITERS]), np.array(every * len(WRITERS))
        unseen = [
            *self._read(photographed.astype(np.float32) / np.float32(255), are.tolist()),
            *self._read(things[_THINGS:], [None] * _MEASURED),
        ]
        seen = [((shown.reading.digits or shown.reading.doubtful)[0], shown.label is not None) for shown in unseen]
        self._things = Seen(
            np.array([crop.bitmap for crop, _ in seen if crop.features]),
            np.array([crop.features for crop, _ in seen if crop.features], np.float32),
            np.array([is_digit for crop, is_digit in seen if crop.features]),
        )

    def _read(self, crops: NDArray[Any], labels: Sequence[int | None]) -> list[Shown]:
        read = [self._reader.read(picture(np.rint(255 * crop).astype(np.uint8))) for crop in crops]
        shown = [Shown(label, reading) for label, reading in zip(labels, read, strict=True)]
        return [each for each in shown if len(each.reading.digits or each.reading.doubtful) == 1]

    def compared(self, old: Version, new: Version) -> dict[str, Paired]:
        """Compare two versions: on MNIST's test digits, on odd hands, and on whether something is a digit at all."""
        found = {}
        for name, (x, y) in (("test digits", self._digits), ("odd hands", self._by_hands)):
            if name not in self._old:  # the same in every trial
                self._old[name] = _read_by(old, x)
            found[name] = paired(self._old[name], _read_by(new, x), y)
        first, second = (taken_for_digits(each, self._things) for each in (old, new))
        found["digit or not"] = paired(first, second, self._things.are_digits)
        return found


def _read_by(version: Version, x: Bitmaps) -> Labels:
    answered: Labels = Classifier(version.classifier_path, 2).probabilities(x).argmax(axis=1)
    return answered


def _misread(shown: Sequence[Shown]) -> bool:
    """Whether most are, so that there is something to correct."""
    return sum(each.said != each.label for each in shown) > len(shown) / 2


def _odd(hand: str, count: int) -> list[int]:
    return [list(WRITERS[hand])[number % len(WRITERS[hand])] for number in range(count)]


async def corrected(
    store: Store, clock: list[float], world: World, plot: tuple[Kind, Manner], seed: int, *, is_honest: bool
) -> set[int]:
    """Let people correct readings, in turn; whose labels are wrong. `clock` holds the store's time."""
    kind, manner = plot
    random = np.random.default_rng(seed)
    hands = random.permutation([hand for hand, shown in world.hands.items() if _misread(shown)])
    liars = 0 if is_honest else 2 if "two" in kind else 1
    people = [Person(_ADMIN + number, number < _PEOPLE - liars, str(hands[number])) for number in range(_PEOPLE)]
    given = Counter[int]()
    start = clock[0]
    for round_ in range(_EACH):
        for person in random.permuted(np.array(people, object)).tolist():
            clock[0] = start + (round_ * len(people) + person.id) * (_APART_S[manner] if not person.is_honest else 60)
            while given[person.id] <= round_:
                shown, label = _answer(world, person, kind, manner, random)
                if label != shown.said:
                    (reading,) = await store.readings.remember([shown.reading], chat_id=person.id, user_id=person.id)
                    is_trusted = person.id == _ADMIN
                    saying = {"giver_id": person.id, "is_trusted": is_trusted}
                    if shown.reading.digits:
                        await store.judgements.correct_digit(reading.id, 0, label, **saying)
                    else:
                        await store.judgements.correct(reading.id, [label], **saying)
                    given[person.id] += 1
    clock[0] = start + _EACH * _PEOPLE * max(_APART_S.values())
    return {person.id for person in people if not person.is_honest}


def _answer(
    world: World, person: Person, kind: Kind, manner: Manner, random: np.random.Generator
) -> tuple[Shown, int | None]:
    """A picture, and what somebody says that it is."""
    own = person.is_honest or manner == "in a hand of theirs"
    source = [*world.hands[person.hand]] if own and random.random() < 0.7 else [*world.ordinary, *world.things]
    shown = source[int(random.integers(len(source)))]
    if person.is_honest:
        return shown, shown.label
    if kind.startswith("shifted"):
        return shown, None if shown.label is None else (shown.label + 1) % 10
    wrong = [label for label in (*range(10), None) if label != shown.label]
    return shown, wrong[int(random.integers(len(wrong)))]


async def sorted_out(store: Store, *, is_defended: bool) -> tuple[Lessons, list[Correction]]:
    """Let an admin approve what does not look wrong, and sort it as /retrain does; and all there is."""
    corrections = store.corrections
    if is_defended:
        await note_suspicions(corrections)
    sheet = await store.sheets.lay([each.id for each in await corrections.waiting() if each.reason is None])
    await store.sheets.approve(sheet.number, by_id=_ADMIN)
    if is_defended:
        lessons = await gather_lessons(corrections)
    else:
        counting = await corrections.approved()
        learned = tuple(each for each in counting if each.id % 5)
        lessons = Lessons(learned, tuple(each for each in counting if not each.id % 5))
    return lessons, [*await corrections.approved(), *await corrections.waiting()]


def trained(lessons: Lessons, folder: Path, *, epochs: int, digits: int) -> Version:
    """Train as plain /retrain does, but shorter."""
    files: dict[str, Path | None] = {"learned": None, "held_back": None}
    for name, chosen in (("learned", lessons.learned), ("held_back", lessons.held_back)):
        if chosen:
            files[name] = folder / f"{name}.npz"
            save(chosen, folder / f"{name}.npz")
    job = Job(
        "continue",
        epochs=epochs,
        models=folder,
        digits=digits,
        corrections=files["learned"],
        held_back=files["held_back"],
        served=SHIPPED,
    )
    return train(job, lambda _event: None)


async def trial(number: int, world: World, options: argparse.Namespace) -> Fate:
    """One trial, from the first picture to the comparison."""
    kind, manner = _KINDS[number % len(_KINDS)], _MANNERS[number % len(_MANNERS)]
    clock = [1e9]
    with tempfile.TemporaryDirectory() as name:
        store = Store("", Path(name), bot="poison", now=lambda: clock[0])
        await store.open()
        seed = options.seed * 10_000 + number
        liars = await corrected(store, clock, world, (kind, manner), seed, is_honest=options.honest)
        lessons, every = await sorted_out(store, is_defended=not options.undefended)
        await store.close()
        version = trained(lessons, Path(name), epochs=options.epochs, digits=options.digits)
        comparison = version.metrics.comparison
        assert comparison is not None  # it was trained against the shipped one
        compared = world.compared(open_version(SHIPPED), version) if comparison.is_good else {}

    def wrong(corrections: Sequence[Correction]) -> int:
        return sum(each.giver_id in liars for each in corrections)

    aside = [each for each in every if not each.is_approved]
    return Fate(
        kind,
        sent=wrong(every),
        set_aside=wrong(aside),
        over_share=wrong(lessons.over_share),
        held_back=wrong(lessons.held_back),
        learned=wrong(lessons.learned),
        honest=len(lessons.learned) - wrong(lessons.learned),
        doubted=len(aside) - wrong(aside),
        is_promoted=comparison.is_good,
        compared=compared,
    )


def told(number: int, fate: Fate, took_s: float) -> str:
    """One trial in a line."""
    manner = _MANNERS[number % len(_MANNERS)]
    differences = ", ".join(f"{name} +{each.only_new} -{each.only_old}" for name, each in fate.compared.items())
    return (
        f"{number + 1:3} {fate.kind}, {manner}: of {fate.sent} wrong ones {fate.set_aside} set aside, "
        f"{fate.over_share} over the share, {fate.held_back} held back, {fate.learned} learned "
        f"(honest: {fate.honest} learned, {fate.doubted} set aside); "
        f"{'promoted: ' + differences if fate.is_promoted else 'refused by the gate'}; {took_s:.0f} s"
    )


def table(fates: Sequence[Fate]) -> str:
    """What became of all trials, by kind, in Markdown."""
    outcomes = ("refused by the gate", "promoted, as good", "promoted and WORSE")
    head = ("kind", "trials", "wrong ones", "set aside", "over the share", "held back", "learned", *outcomes)
    lines = [head, ("---",) * len(head)]
    for kind in dict.fromkeys(fate.kind for fate in fates):
        some = [fate for fate in fates if fate.kind == kind]
        sums = [
            sum(column)
            for column in zip(*((f.sent, f.set_aside, f.over_share, f.held_back, f.learned) for f in some), strict=True)
        ]
        counts = Counter(fate.outcome(len(fates)) for fate in some)
        lines.append((kind, *map(str, (len(some), *sums, *(counts[outcome] for outcome in outcomes)))))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def together(fates: Sequence[Fate]) -> str:
    """What all promoted models read and what they lost, set by set."""
    compared = [fate.compared for fate in fates if fate.is_promoted]
    sums = (
        f"{name} {sum(each[name].only_new - each[name].only_old for each in compared):+} "
        f"of {sum(each[name].digits for each in compared):,}"
        for name in (compared[0] if compared else ())
    )
    return f"{len(compared)} promoted models, all together: {', '.join(sums)}"


async def main() -> int:
    """Print a line a trial and the table; 1 when a promoted model reads worse."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.poison", description="Poison trainings.")
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="number of the first trial")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=1, help="of each training; plain /retrain has 3")
    parser.add_argument("--digits", type=int, default=4_000, help="of MNIST that each training replays at most")
    manners = parser.add_mutually_exclusive_group()
    manners.add_argument("--undefended", action="store_true", help="learn from everything: the gate alone decides")
    manners.add_argument("--honest", action="store_true", help="nobody lies: what learning costs by itself")
    options = parser.parse_args()
    began = time.monotonic()
    world = World()
    print(f"pictures made and read: {time.monotonic() - began:.0f} s", flush=True)
    fates = []
    for number in range(options.first, options.first + options.trials):
        began = time.monotonic()
        fates.append(await trial(number, world, options))
        print(told(number, fates[-1], time.monotonic() - began), flush=True)
    print(table(fates))
    print(together(fates))
    return int(any(fate.is_worse(len(fates)) for fate in fates))


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
