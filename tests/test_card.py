"""The two cards of a version."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from model import SHIPPED
from model.__main__ import command_line
from model.card import model_card, wilson
from model.data_card import data_card

PAIRED = {"digits": 1_141, "old": 1_100, "new": 1_102, "only_old": 4, "only_new": 6}


def metrics(**changes: Any) -> dict[str, Any]:
    """What the shipped metrics.json says, with changes."""
    read: dict[str, Any] = json.loads((SHIPPED / "metrics.json").read_text())
    del read["files"]
    return read | changes


@pytest.fixture
def continued() -> dict[str, Any]:
    """What the metrics of a version say that learned from people."""
    held = PAIRED | {"digits": 4, "old": 0, "new": 3, "only_old": 0, "only_new": 3}
    comparison = {"served": "v1", "validation": PAIRED, "photos": PAIRED, "corrections": held, "is_judged": True}
    comparison |= {"readings": PAIRED, "things": PAIRED, "calibration": {"old": 0.02, "new": 0.0101}, "time_ms": None}
    command = "python -m model train --corrections /home/alice/x.npz"
    return metrics(
        recipe="continue", version="v2", corrections=16, redrawn=8_000, comparison=comparison, continued="v1",
        command=command, deterministic=True,
    )  # fmt: skip


def head_of(card: str) -> dict[str, Any]:
    """What Hugging Face's tools read of a card."""
    _, head, _ = card.split("---\n", 2)
    read: dict[str, Any] = yaml.safe_load(head)
    return read


def test_the_shipped_cards_are_those_of_its_metrics() -> None:
    """Whoever changes the words or the model runs `python -m model card`."""
    assert (SHIPPED / "README.md").read_text(encoding="utf-8") == model_card(metrics())
    assert (SHIPPED / "DATA.md").read_text(encoding="utf-8") == data_card(metrics())
    vouched = json.loads((SHIPPED / "metrics.json").read_text())["files"]
    assert {"README.md", "DATA.md"} <= vouched.keys()


def test_the_front_matter_has_what_hugging_face_asks_for() -> None:
    """Each result names its task, its data and its metrics; the figures are those of metrics.json."""
    read = head_of(model_card(metrics()))
    assert read["license"] == "mit"
    assert (read["library_name"], read["pipeline_tag"]) == ("keras", "image-classification")
    assert read["datasets"] == ["ylecun/mnist"]
    (model,) = read["model-index"]
    assert model["name"] == metrics()["version"]
    test, validation = model["results"]
    assert test["task"]["type"] == "image-classification"
    assert test["dataset"]["split"] == "test"
    assert {each["type"]: each["value"] for each in test["metrics"]} == {
        "accuracy": metrics()["test_accuracy"],
        "loss": metrics()["test_loss"],
    }
    assert validation["metrics"][0]["value"] == metrics()["validation_accuracy"]


def test_the_figures_are_those_of_the_metrics() -> None:
    """The table's counts are the confusion's, the share is the accuracy, and the interval lies around it."""
    card, known = model_card(metrics()), metrics()
    row = re.search(r"test digits \| ([\d,]+) \| ([\d,]+) \| ([\d.]+) % \| ([\d.]+) % to ([\d.]+) %", card)
    assert row is not None
    right, total = (int(text.replace(",", "")) for text in row.groups()[:2])
    assert total == sum(map(sum, known["confusion"]))
    assert right / total == pytest.approx(known["test_accuracy"])
    share, low, high = map(float, row.groups()[2:])
    assert share == pytest.approx(100 * known["test_accuracy"], abs=0.005)
    assert low < share < high
    for digit, accuracy in known["per_digit"].items():
        assert re.search(rf"the {digit}s among the test digits .*\| {100 * accuracy:.2f} % \|", card)


def test_a_version_without_validation_claims_none() -> None:
    """The seed recipe sees all 60,000 digits."""
    card = model_card(metrics(recipe="seed", validation_accuracy=None))
    assert "last 5,000" not in card
    assert len(head_of(card)["model-index"][0]["results"]) == 1


@pytest.mark.parametrize(
    ("right", "total", "low", "high"), [(81, 263, 0.2553, 0.3662), (10, 10, 0.7225, 1.0), (0, 0, 0.0, 1.0)]
)
def test_wilson_s_interval(right: int, total: int, low: float, high: float) -> None:
    """The example of Newcombe (1998), table I; all of ten; and nothing."""
    assert wilson(right, total) == pytest.approx((low, high), abs=5e-5)


def test_a_continued_version_says_how_it_did_beside_the_served_one(continued: dict[str, Any]) -> None:
    """Each set that both read, with its counts; from which version it goes on."""
    card = model_card(continued)
    assert "goes on from version v1" in card
    assert "| digits in generated photos, cut out by the reader | 1,141 | 1,100 | 1,102 |" in card
    assert "| whole generated photos, read by the whole of each version | 1,141 | 1,100 | 1,102 |" in card
    assert "| how far its confidence is off | 0.0200 | 0.0101 |" in card
    assert "median time" not in card
    assert "the same weights, to the bit" in card


def test_the_data_card_counts_and_names_nobody(continued: dict[str, Any]) -> None:
    """Corrections are a number there; the folders of whoever trained are in neither card."""
    card = data_card(continued)
    assert "| redrawn digits | 8,000 |" in card
    assert "| digits in generated photos, cut out by the reader | 1,141 |" in card
    assert "| corrections | 16 |" in card
    assert "| corrections held back | 4 |" in card
    assert "alice" not in card + model_card(continued)
    assert head_of(card)["size_categories"] == ["10K<n<100K"]


def test_the_command_is_one_that_the_command_line_takes(continued: dict[str, Any]) -> None:
    """What is to be put in stands in capitals."""
    command = next(line for line in model_card(continued).splitlines() if line.startswith("python -m model "))
    options = command_line().parse_args(command.split()[3:])
    assert (options.recipe, options.epochs, options.seed) == ("continue", 40, 0)
    assert (options.served, options.held_back) == (Path("SERVED"), Path("HELD_BACK"))


def test_older_metrics_give_a_card_too() -> None:
    """A version of before says less: what is not known is not claimed."""
    known = metrics()
    del known["redrawn"]
    assert "not recorded" in data_card(known)
    assert "weights as good, not the same" in model_card(known)
