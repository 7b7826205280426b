"""A version's model card, README.md in Hugging Face's form, and what the data card (`model.data_card`) shares with it.

Both are made of metrics.json alone, so that whoever has a version's folder can make them again and compare. This module
knows no file and no network.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import Any, Final

HELD_OUT: Final = 5_000  # the last training digits of MNIST, which every recipe but `seed` leaves out
_ALL: Final = 60_000
_Z: Final = 1.959964  # of a normal distribution, 95 % lies within so many standard deviations
_PAIRED: Final = ("digits", "old", "new", "only_old", "only_new")
SETS: Final = {
    "validation": f"MNIST's last {HELD_OUT:,} training digits",
    "photos": "digits in generated photos, cut out by the reader",
    "readings": "whole generated photos, read by the whole of each version",
    "things": "pictures of a digit or another thing, told apart",
    "corrections": "people's corrections, held back",
}
_CHANGES: Final = {
    "calibration": ("how far its confidence is off", ".4f"),
    "time_ms": ("a reading's median time, ms", ".1f"),
    "size": ("bytes on the disk", ",.0f"),
}
_RECIPES: Final = {
    "seed": "The network of 93,322 parameters from nothing: adam, categorical cross-entropy, no augmentation.",
    "full": "From nothing: augmented digits, a cosine schedule, weights averaged over the last thousand batches.",
    "continue": "A trained network goes on: a fresh optimiser and a small rate, a replay of MNIST's training digits, "
    "and a few corrections in every batch, each augmented anew.",
}


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share, 0..1, by Wilson's score; (0, 1) of nothing."""
    if not total:
        return 0.0, 1.0
    share, spread = right / total, _Z**2 / total
    middle = (share + spread / 2) / (1 + spread)
    reach = _Z * sqrt(share * (1 - share) / total + spread / (4 * total)) / (1 + spread)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def model_card(metrics: Mapping[str, Any]) -> str:
    """Write README.md of what metrics.json says."""
    return page(
        _front_of_model(metrics),
        f"# Handwritten digits: {metrics['version']}",
        "## What it is",
        f"""
A convolutional network (`{metrics["network"]}`, {metrics["parameters"]:,} parameters) that says which digit, 0 to 9, a
bitmap of 28×28 pixels shows: ink 1, paper 0, the digit in a box of 20×20 and centred by mass, as MNIST was made.
`model.keras` is for training, `model.tflite` for serving, `layers.tflite` shows every stage. It was made on
{metrics["date"][:10]}{_continued(metrics)}.
""",
        "## Intended use",
        """
Reading single handwritten digits that were cut out and normalised as above, as a part of a reader of photos that finds
the digits and refuses what is none. An answer should be shown with its confidence, to a person who can correct it.
""",
        "## Data",
        f"{_learned_from(metrics)} [DATA.md](DATA.md) says what was drawn, and counts the corrections.",
        "## Recipe",
        _recipe(metrics),
        "## Figures",
        f"""
Shares of digits read right, with Wilson's intervals of 95 %. Nothing was chosen by the test digits, which are read
last. The mean cross-entropy on them is {metrics["test_loss"]:.4f}.
""",
        _figures(metrics),
        *_compared(metrics),
        "## Limits",
        """
- It has ten answers and none for *not a digit*: on anything else it answers a digit, often a sure one.
- These figures are of scans from MNIST and of what code drew, not of photos as people take them.
- MNIST's writers were American: a crossed 7, a 1 with a long upstroke or an open 4 of other schools is read less well.
- An interval says how far chance reaches among digits of the same kind, not what another kind would give.
""",
        "## How to reproduce",
        reproduced(metrics),
    )


def page(*parts: str) -> str:
    """Put a card's parts below each other."""
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _figures(metrics: Mapping[str, Any]) -> str:
    confusion, validation = metrics["confusion"], metrics["validation_accuracy"]
    right = sum(row[digit] for digit, row in enumerate(confusion))
    known = [("MNIST's test digits", right, sum(map(sum, confusion)))]
    if validation is not None:
        known.append((SETS["validation"], round(validation * HELD_OUT), HELD_OUT))
    known += [(f"the {digit}s among the test digits", row[digit], sum(row)) for digit, row in enumerate(confusion)]
    return table(
        ("digits", "right", "of", "share", "95 % interval"),
        ((name, f"{got:,}", f"{of:,}", _percent(got / max(1, of)), _interval(got, of)) for name, got, of in known),
    )


def _front_of_model(metrics: Mapping[str, Any]) -> str:
    accuracy = [{"type": "accuracy", "value": metrics["test_accuracy"], "name": "test accuracy"}]
    accuracy.append({"type": "loss", "value": metrics["test_loss"], "name": "test cross-entropy"})
    results = [_result("test", accuracy)]
    if metrics["validation_accuracy"] is not None:
        seen = {"type": "accuracy", "value": metrics["validation_accuracy"], "name": "validation accuracy"}
        results.append(_result(f"train[-{HELD_OUT}:]", [seen]))
    return front(
        {
            "license": "mit",
            "library_name": "keras",
            "pipeline_tag": "image-classification",
            "tags": ["handwriting", "digits", "mnist", "litert", "tflite"],
            "datasets": ["ylecun/mnist"],
            "metrics": ["accuracy"],
            "model-index": [{"name": metrics["version"], "results": results}],
        }
    )


def _result(split: str, values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "task": {"type": "image-classification", "name": "Handwritten digits"},
        "dataset": {"type": "ylecun/mnist", "name": "MNIST", "split": split},
        "metrics": list(values),
    }


def front(fields: Mapping[str, Any]) -> str:
    """Write the head of a card, which Hugging Face's tools read: its values are JSON, which is YAML."""
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()]
    return "\n".join(["---", *lines, "---"])


def _continued(metrics: Mapping[str, Any]) -> str:
    return f", and goes on from version {metrics['continued']}" if metrics.get("continued") else ""


def _learned_from(metrics: Mapping[str, Any]) -> str:
    parts = [f"{metrics['dataset']['training_digits']:,} of MNIST's training digits"]
    if metrics.get("redrawn"):
        parts.append(f"{metrics['redrawn']:,} digits that were drawn anew")
    if metrics["corrections"]:
        parts.append(f"{metrics['corrections']:,} corrections")
    more = ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]
    return f"It learned from {more}."


def _recipe(metrics: Mapping[str, Any]) -> str:
    about = _RECIPES.get(metrics["recipe"], "")
    figures = f"{metrics['epochs']} epochs, batches of {metrics['batch_size']}, seed {metrics['seed']}"
    return f"`{metrics['recipe']}`: {figures}. {about}".rstrip()


def _compared(metrics: Mapping[str, Any]) -> list[str]:
    """How it did beside the version that was served then; empty when it was compared with none."""
    comparison = metrics["comparison"]
    if not comparison:
        return []
    sets = [(SETS.get(name, name), counts) for name, counts in comparison.items() if is_paired(counts)]
    parts = [
        f"Beside {comparison['served']}, which was served then, on what it did not learn from:",
        table(
            ("compared on", "of", "before", "this version", "95 % interval", "only before", "only this"),
            (
                (
                    name,
                    *(f"{counts[key]:,}" for key in ("digits", "old", "new")),
                    _interval(counts["new"], counts["digits"]),
                    *(f"{counts[key]:,}" for key in ("only_old", "only_new")),
                )
                for name, counts in sets
            ),
        ),
    ]
    changes = [
        (name, *(format(comparison[key][which], form) for which in ("old", "new")))
        for key, (name, form) in _CHANGES.items()
        if comparison.get(key)
    ]
    return [*parts, table(("of the whole version", "before", "this version"), changes)] if changes else parts


def reproduced(metrics: Mapping[str, Any]) -> str:
    """The command, of the figures and not of the record: a record may name the folders of whoever trained."""
    options = ["recipe", "epochs", "batch_size", "seed"]
    words = [f"--{option.replace('_', '-')} {metrics[option]}" for option in options]
    digits = metrics["dataset"]["training_digits"]
    if digits != (_ALL if metrics["recipe"] == "seed" else _ALL - HELD_OUT):
        words.append(f"--digits {digits}")
    if metrics["dataset"].get("material"):
        words.append("--material MATERIAL")
    if metrics["comparison"] or metrics.get("continued"):
        words.append("--served SERVED")
    if metrics["corrections"]:
        words.append("--corrections CORRECTIONS")
    if metrics["comparison"] and metrics["comparison"]["corrections"]:
        words.append("--held-back HELD_BACK")
    libraries = ", ".join(f"{name} {release}" for name, release in sorted(metrics["libraries"].items()))
    again = "the same weights, to the bit" if metrics.get("deterministic") else "weights as good, not the same"
    return f"""```
python -m model train {" ".join(words)}
```

With the same corrections, on the same machine, with {libraries}: {again}."""


def is_paired(counts: object) -> bool:
    """Whether a part of a comparison counts what two versions read of one set."""
    return isinstance(counts, Mapping) and all(isinstance(counts.get(key), int) for key in _PAIRED)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _percent(share: float) -> str:
    return f"{share:.2%}".replace("%", " %")


def _interval(right: int, total: int) -> str:
    low, high = wilson(right, total)
    return f"{low:.2%} to {high:.2%}".replace("%", " %")
