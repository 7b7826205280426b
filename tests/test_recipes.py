"""When the seed recipe trains anew, with trainings that are made up."""

from typing import Any

import pytest

from model.training.recipes import ATTEMPTS, SEED_STEP, Fitted, settled


def train(seed: int, *reached: float) -> tuple[Fitted, list[int], list[dict[str, Any]]]:
    """Let trainings that learned with 0.98 reach these accuracies in the end, one after the other.

    What was taken, from which starts it was trained, and what was reported.
    """
    starts: list[int] = []
    notes: list[dict[str, Any]] = []

    def attempt(start: int) -> Fitted:
        starts.append(start)
        return Fitted(network=None, history=[{"accuracy": 0.5}, {"accuracy": 0.98}], start=start)

    return settled(attempt, lambda _: reached[len(starts) - 1], seed, notes.append), starts, notes


@pytest.mark.parametrize("reached", [0.98, 0.991])
def test_a_training_that_ends_as_good_as_it_learned_is_taken(reached: float) -> None:
    """One start, the one that was asked for, and nothing to say."""
    fitted, starts, notes = train(3, reached)
    assert (fitted.start, starts, notes) == (3, [3], [])


def test_a_training_that_stops_on_a_bad_step_is_done_anew_from_another_start() -> None:
    """The second start is no other seed's first one; a note says why it takes twice as long."""
    fitted, starts, notes = train(1, 0.979, 0.99)
    assert (fitted.start, starts) == (1 + SEED_STEP, [1, 1 + SEED_STEP])
    assert [note["message"] for note in notes] == ["it stopped on a bad step (97.90% of its own digits): once more"]


def test_after_the_last_attempt_the_training_is_taken_as_it_is() -> None:
    """It never goes on for ever, and does not promise to."""
    fitted, starts, notes = train(0, *[0.9] * ATTEMPTS)
    assert len(starts) == ATTEMPTS
    assert fitted.start == starts[-1]
    assert notes[-1]["message"].endswith("kept all the same")
