"""A version's data card, DATA.md in Hugging Face's form: what was drawn for it, and how many corrections taught it.

It is made of metrics.json alone, as `model.card` is. Of people's corrections it gives the number and nothing else.
"""

from collections.abc import Mapping
from typing import Any

from model.card import SETS, front, is_paired, page, reproduced, table


def data_card(metrics: Mapping[str, Any]) -> str:
    """Write DATA.md of what metrics.json says."""
    material = metrics["dataset"].get("material") or []
    return page(
        _front_of_data(metrics),
        f"# What {metrics['version']} was made with",
        "## What it is",
        """
Pictures that the training's code drew and people corrected. None of them is in this folder: what was drawn can be drawn
again, and what people corrected is theirs.
""",
        table(("what", "how many", "what it is"), _made(metrics)),
        "## How it was made",
        f"""
By `model.generate` from MNIST, from seed {metrics["seed"]}: pens, papers, light and cameras are drawn by code, and the
crops are cut by the reader's own stages. Other people's collections among the sources:
{", ".join(material) or "none"}.
""",
        "## Personal data",
        """
Corrections are counted here and described in no other way: no picture, no writer, no date. Their owners can delete them
from the bot that holds them; the weights that learned from them stay.
""",
        "## Limits",
        "What code draws is as varied as its author thought of: it stands in for photos, and is none.",
        "## How to reproduce",
        reproduced(metrics),
    )


def _made(metrics: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Give what the data were, each with its number."""
    comparison, redrawn = metrics["comparison"] or {}, metrics.get("redrawn")
    digits = f"{metrics['dataset']['training_digits']:,}"
    rows = [("MNIST", digits, "training digits as they are: the source of all that is drawn")]
    if redrawn is None:
        rows.append(("redrawn digits", "not recorded", "training digits drawn anew with other pens, by code"))
    elif redrawn:
        rows.append(("redrawn digits", f"{redrawn:,}", "training digits drawn anew with other pens, by code"))
    for key, counts in comparison.items():
        if key not in ("validation", "corrections") and is_paired(counts):
            name = SETS.get(key, key)
            rows.append((name, f"{counts['digits']:,}", "drawn by code, to compare versions on and not to learn from"))
    rows.append(("corrections", f"{metrics['corrections']:,}", "28×28 crops that people corrected, learned from"))
    if is_paired(comparison.get("corrections")):
        held = f"{comparison['corrections']['digits']:,}"
        rows.append(("corrections held back", held, "likewise, compared on and never learned from"))
    return rows


def _front_of_data(metrics: Mapping[str, Any]) -> str:
    count = metrics["dataset"]["training_digits"] + (metrics.get("redrawn") or 0)
    size = next((name for most, name in ((1e4, "1K<n<10K"), (1e5, "10K<n<100K")) if count < most), "100K<n<1M")
    return front(
        {
            "license": "mit",
            "pretty_name": f"What {metrics['version']} was made with",
            "task_categories": ["image-classification"],
            "tags": ["handwriting", "digits", "synthetic"],
            "source_datasets": ["extended|mnist"],
            "size_categories": [size],
        }
    )
