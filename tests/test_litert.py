"""LiteRT's interpreters: as many as run at once, each for one thread at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import ai_edge_litert.interpreter as litert
import numpy as np
import pytest

from model import SHIPPED, ModelUnavailable, open_version
from model.litert import Network
from model.parts import FINDER, verified

BLANK = np.zeros((1, 28, 28, 1), np.float32)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every interpreter that is made from here on."""
    found: list[Any] = []

    class Counted(litert.Interpreter):  # type: ignore[misc]  # LiteRT gives no types
        def __init__(self, *args: object, **settings: object) -> None:
            super().__init__(*args, **settings)
            found.append(self)

    monkeypatch.setattr(litert, "Interpreter", Counted)
    return found


def classifier(*, shared: bool = False) -> Network:
    """The shipped classifier's network, with no interpreter but the one that loading makes."""
    return Network(open_version(SHIPPED).classifier_path, mend="nothing", shared=shared)


def test_threads_that_take_turns_need_one_interpreter(made: list[Any]) -> None:
    """Whoever comes next uses the one that the thread before left: memory is not taken for each thread."""
    network = classifier()
    answers = []
    for _ in range(3):
        thread = threading.Thread(target=lambda: answers.append(network.run(BLANK)))
        thread.start()
        thread.join()
    assert len(made) == 1
    assert len(answers) == 3
    assert all((answer == answers[0]).all() for answer in answers)


@pytest.mark.parametrize(("shared", "most"), [(False, 4), (True, 1)])
def test_threads_at_once_do_not_disturb_each_other(made: list[Any], shared: bool, most: int) -> None:  # noqa: FBT001 (a parameter of the test)
    """Four threads get what each would get alone; a shared network makes one interpreter for all of them."""
    network = classifier(shared=shared)
    inputs = np.random.default_rng(1).random((40, *BLANK.shape), np.float32)
    alone = [network.run(each) for each in inputs]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(network.run, inputs))
    assert all((one == other).all() for one, other in zip(alone, together, strict=True))
    assert 1 <= len(made) <= most


def test_nobody_gets_an_interpreter_that_failed(made: list[Any]) -> None:
    """After an input that the model can't take, the next one gets a new interpreter and the right answer."""
    network = classifier()
    before = network.run(BLANK)
    with pytest.raises((ValueError, RuntimeError)):
        network.run(np.zeros((1, 28, 27, 3), np.float32))
    assert (network.run(BLANK) == before).all()
    assert len(made) == 2


def test_another_is_ready_for_another_shape(made: list[Any]) -> None:
    """Two of one model keep their shapes: neither is made ready anew when the other one is used."""
    one = Network(verified(FINDER), mend="nothing", shared=True)
    other = one.another()
    small, large = np.zeros((1, 32, 32, 1), np.float32), np.zeros((1, 64, 96, 1), np.float32)
    assert one.run(small).shape[1:3] == (8, 8)
    assert other.run(large).shape[1:3] == (16, 24)
    assert [interpreter.get_input_details()[0]["shape"].tolist() for interpreter in made] == [
        [1, 32, 32, 1],
        [1, 64, 96, 1],
    ]


def test_bytes_that_are_no_model(tmp_path: Any) -> None:
    """The error names the file and how it is mended."""
    path = tmp_path / "model.tflite"
    path.write_bytes(b"no model")
    with pytest.raises(ModelUnavailable, match=r"model\.tflite can't be served.*mend it with: make it"):
        Network(path, mend="make it")
