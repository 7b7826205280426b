"""The comparison of libraries: the weights that they get, and what is said of those that can't take part."""

import json
import sys
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.bench import one_digit
from tests.bench.digit_networks import ANSWERS, timed
from tests.bench.figures import NOTES
from tests.bench.folded import SIDE, Stage, fold, read, write
from tests.bench.one_digit import Candidate, Row, WorkFailed, measured, report
from tests.bench.peer_environments import NotInstalled


def linear() -> None:
    """Stands for Keras' function of this name."""


def relu() -> None:
    """Likewise."""


class Layer(SimpleNamespace):
    """Stands for a Keras layer, whose kind is its class's name."""

    def get_weights(self) -> list[NDArray[Any]]:
        """Give the weights as Keras orders them."""
        return list(self.weights)


class Conv2D(Layer):
    """Stands for Keras' layer of this name."""


class BatchNormalization(Layer):
    """Likewise."""


class Activation(Layer):
    """Likewise."""


class Flatten(Layer):
    """Likewise."""


class Dense(Layer):
    """Likewise."""


class Attention(Layer):
    """Likewise; one that nothing here can rebuild."""


def network(random: np.random.Generator) -> list[Layer]:
    """A convolution that halves the picture, normalised, and a dense layer."""
    kernel, dense = random.normal(size=(3, 3, 1, 2)), random.normal(size=(14 * 14 * 2, 4))
    norm = [random.random(2) + 0.5 for _ in range(4)]  # gamma, beta, mean, variance
    return [
        Conv2D(weights=[kernel], strides=(2, 2), kernel_size=(3, 3), padding="same", use_bias=False, activation=linear),
        BatchNormalization(weights=norm, epsilon=1e-3),
        Activation(weights=[], activation=relu),
        Flatten(weights=[]),
        Dense(weights=[dense, random.random(4)], use_bias=True, activation=linear),
    ]


def as_keras_would(layers: list[Layer], digit: NDArray[Any]) -> NDArray[Any]:
    """The network's numbers for one digit, from the layers as they are, rows before channels."""
    (kernel,), (gamma, beta, mean, variance), (dense, bias) = (layers[place].weights for place in (0, 1, 4))
    padded = np.pad(digit, (0, 1))  # TensorFlow puts the one zero that is needed last
    maps = np.zeros((14, 14, 2))
    for row, column in product(range(14), repeat=2):
        patch = padded[2 * row : 2 * row + 3, 2 * column : 2 * column + 3]
        maps[row, column] = np.tensordot(patch, kernel[:, :, 0], 2)
    normal = (maps - mean) / np.sqrt(variance + 1e-3) * gamma + beta
    return np.asarray(np.maximum(normal, 0).ravel() @ dense + bias)


def as_others_do(stages: list[Stage], digit: NDArray[Any]) -> NDArray[Any]:
    """The numbers from folded stages, channels before rows."""
    first, last = stages
    padded = np.pad(digit, (first.before, first.after))
    out = int(first.positions**0.5)
    maps = np.zeros((len(first.kernel), out, out))
    for row, column in product(range(out), repeat=2):
        top, left = first.stride * row, first.stride * column
        patch = padded[top : top + 3, left : left + 3]
        maps[:, row, column] = (first.kernel[:, 0] * patch).sum(axis=(1, 2)) + first.bias
    assert first.then == "relu"
    return np.asarray(last.kernel @ np.maximum(maps, 0).ravel() + last.bias)


def test_folded_weights_are_the_same_network(tmp_path: Path) -> None:
    """Normalisation folded in, zeros and channels where others have them, through the file: the same numbers."""
    random = np.random.default_rng(0)
    layers, digit = network(random), random.random((SIDE, SIDE))
    write(fold(layers), tmp_path / "weights.npz")
    stages = read(tmp_path / "weights.npz")
    assert np.allclose(as_others_do(stages, digit), as_keras_would(layers, digit), atol=1e-4)
    assert [stage.multiply_adds for stage in stages] == [14 * 14 * 9 * 2, 14 * 14 * 2 * 4]


def test_a_layer_that_nobody_can_rebuild_is_an_error() -> None:
    """Another network than those of today is no silent mistake."""
    with pytest.raises(ValueError, match="the kind Attention"):
        fold([Attention(weights=[])])


def test_each_call_counts_for_as_many_digits_as_it_had() -> None:
    """At least five calls are timed, in batches that begin anew at the end of the digits."""
    sizes: list[int] = []

    def probabilities(digits: NDArray[np.float32]) -> NDArray[np.float32]:
        sizes.append(len(digits))
        return digits

    assert len(timed(probabilities, np.zeros((4, 28, 28), np.float32), 2, 0)) == 5
    assert sizes == [2] * 5


def test_a_library_that_cannot_be_installed_is_said_in_its_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reason stands where its times would, and the others have theirs."""

    def nowhere(*_: str) -> Path:
        raise NotInstalled("can't be installed: no network")

    monkeypatch.setattr(one_digit, "interpreter", nowhere)
    missing = measured(Candidate("peer", "A peer", ("peer==1",)), [1], 0, tmp_path)
    there = Row(Candidate("ours", "LiteRT, ours"), {(1, 1): [300.0, 200.0, 400.0]})
    monkeypatch.setenv(NOTES, str(tmp_path / "notes"))
    report([there, missing], 12_000_000, {1: 48e9})
    _, _, ours, peer, limit = capsys.readouterr().out.splitlines()
    assert ours.split()[2:4] == ["300", "(200–400)"]
    assert "too few cores" in ours
    assert peer == "A peer          can't be installed: no network"
    assert limit.split()[2] == "250"
    names = [json.loads(line)["name"] for line in (tmp_path / "notes").read_text().splitlines()]
    assert names == ["ours.1.1", "limit.1"]


def test_a_library_whose_answers_differ_is_said_to_be_another_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The largest difference from ours stands in the row."""
    answers = iter([np.zeros((2, 10)), np.full((2, 10), 0.25)])

    def work(*_: object) -> dict[str, list[float]]:
        np.save(tmp_path / ANSWERS, next(answers))
        return {"1": [1.0], "256": [1.0]}

    monkeypatch.setattr(one_digit, "work", work)
    ours, other = (measured(Candidate(name, name), [1], 0, tmp_path) for name in ("ours", "other"))
    assert "SAME" not in ours.line()
    assert other.line().endswith("2e-01 NOT THE SAME")


@pytest.mark.skipif(sys.platform != "linux", reason="it pins processes to a core")
def test_a_process_that_fails_says_why_in_a_line(tmp_path: Path) -> None:
    """The last line of what it said."""
    with pytest.raises(WorkFailed, match="failed: KeyError: 'nothing'"):
        one_digit.work(Path(sys.executable), "nothing", 1, 0, tmp_path)
