"""The networks, their augmentation, and their way to LiteRT."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model import SHIPPED, Layer, Layers, open_version
from model.mnist import Mnist
from model.quiet import quiet_native_code
from model.registry import LAYERS, sha256
from model.training.augment import augment
from model.training.batches import Digits
from model.training.export import ExportDiffers, export
from model.training.network import build, stages

# Keras 3.15 copies TensorFlow's arrays in a way that NumPy 2 deprecates; not ours to mend.
pytestmark = [
    pytest.mark.slow,  # TensorFlow
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
]


@pytest.fixture
def digits(mnist: Mnist) -> Digits:
    """Two hundred test digits."""
    return Digits.of(mnist.test_images[:200], mnist.test_labels[:200])


def test_seed_network_is_the_one_of_the_design() -> None:
    """The seed network keeps its layers, in order, and its 93,322 parameters, whatever else changes."""
    network = build("seed")
    assert network.count_params() == 93_322
    assert [type(layer).__name__ for layer in network.layers] == [
        "Conv2D",
        "MaxPooling2D",
        "Conv2D",
        "MaxPooling2D",
        "Conv2D",
        "Flatten",
        "Dense",
        "Dense",
    ]
    convolutions = [layer for layer in network.layers if type(layer).__name__ == "Conv2D"]
    assert [(layer.filters, layer.kernel_size, layer.activation.__name__) for layer in convolutions] == [
        (32, (3, 3), "relu"),
        (64, (3, 3), "relu"),
        (64, (3, 3), "relu"),
    ]


def test_normalised_convolution_is_one_stage() -> None:
    """What LiteRT fuses is named as one stage, by its convolution, with its parts."""
    names = [[layer.name for layer in stage] for stage in stages(build("full").layers)]
    assert names[0] == ["conv1", "conv1_norm", "conv1_relu"]
    assert [name for name, *_ in names] == [
        *(f"conv{number}" for number in range(1, 8)),
        *("flatten", "dense1", "probabilities"),
    ]


@dataclass(frozen=True, slots=True)
class Exported:
    """A network's files."""

    folder: Path
    layers: tuple[Layer, ...]


@pytest.fixture(scope="module")
def exported(request: pytest.FixtureRequest, mnist: Mnist, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The files of a network as it is built, untrained."""
    folder = tmp_path_factory.mktemp(request.param)
    with quiet_native_code():
        layers = export(build(request.param), folder, Digits.of(mnist.test_images[:200], mnist.test_labels[:200]).x)
    return Exported(folder, tuple(layers))


@pytest.mark.parametrize("exported", ["seed", "full"], indirect=True)
def test_exported_files_answer_as_the_network(exported: Exported, digits: Digits) -> None:
    """All three files are written, within 1 MB for what is served, and the stages describe the layers' outputs."""
    folder, layers = exported.folder, exported.layers
    assert sorted(path.name for path in folder.iterdir()) == ["layers.tflite", "model.keras", "model.tflite"]
    assert (folder / "model.tflite").stat().st_size <= 1_000_000
    assert (layers[0].name, layers[-1].name, layers[-1].shape) == ("conv1", "probabilities", (10,))

    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(str(folder / "layers.tflite")).get_signature_runner("serving_default")
    outputs = runner(digit=digits.x[:1])
    assert {layer.name: (1, *layer.shape) for layer in layers} == {key: value.shape for key, value in outputs.items()}


@pytest.mark.parametrize("exported", ["seed"], indirect=True)
def test_pooling_takes_the_largest_of_each_square_before_it(exported: Exported, digits: Digits) -> None:
    """A pool's maps are the maps of the stage before it, at half the size: nothing is shown in another's place."""
    shipped = open_version(SHIPPED)
    metrics = replace(shipped.metrics, layers=exported.layers, files={LAYERS: sha256(exported.folder / LAYERS)})
    layers = Layers(replace(shipped, folder=exported.folder, metrics=metrics))
    shown = layers.activations(digits.x[0, ..., 0])
    pools = [place for place, stage in enumerate(layers.stages) if stage.kind == "MaxPooling2D"]
    assert len(pools) == 2
    for place in pools:
        height, width, maps = layers.stages[place].shape
        before = shown[place - 1][: 2 * height, : 2 * width]
        np.testing.assert_array_equal(shown[place], before.reshape(height, 2, width, 2, maps).max(axis=(1, 3)))


def test_network_that_gives_no_number_is_not_exported(digits: Digits, tmp_path: Path) -> None:
    """A network whose weights have become NaN is refused at the export instead of being served."""
    network: Any = build("seed")
    network.layers[0].set_weights([np.full_like(weight, np.nan) for weight in network.layers[0].get_weights()])
    with quiet_native_code(), pytest.raises(ExportDiffers, match=r"model\.keras differs"):
        export(network, tmp_path, digits.x)


def test_augmented_digits_stay_digits(digits: Digits) -> None:
    """Augmentation keeps shape, type and range, changes every picture, and leaves its input alone."""
    before = digits.x[..., 0].copy()
    after = augment(before, np.random.default_rng(0))
    assert after.shape == before.shape
    assert after.dtype == np.float32
    assert after.min() >= 0
    assert after.max() <= 1
    assert np.array_equal(before, digits.x[..., 0])
    assert (np.abs(after - before).max(axis=(1, 2)) > 0.1).all()


def test_augmentation_keeps_each_digit_in_its_place(digits: Digits) -> None:
    """A digit is never mixed with its neighbours in the batch: blank pictures stay nearly blank among full ones."""
    bitmaps = digits.x[..., 0].copy()
    bitmaps[::2] = 0
    after = augment(bitmaps, np.random.default_rng(0))
    # Grain and a bit of clutter at the edge are all that a blank may get.
    assert np.median(after[::2].mean(axis=(1, 2))) < 0.01
    assert np.median(after[1::2].mean(axis=(1, 2))) > 0.05


def test_same_seed_augments_alike(digits: Digits) -> None:
    """The same seed gives the same pictures, to the last bit."""
    bitmaps = digits.x[..., 0]
    first, second = (augment(bitmaps, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first, second)
