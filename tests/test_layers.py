import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from model import SHIPPED, Layers, ModelUnavailable, Version, open_version
from model.classify import Classifier
from model.normalize import to_mnist
from model.reading import Bitmap
from model.registry import CLASSIFIER, LAYERS, sha256
from tests.pictures import paper, write


@pytest.fixture(scope="module")
def version() -> Version:
    """The version that is served."""
    return open_version(SHIPPED)


@pytest.fixture(scope="module")
def layers(version: Version) -> Layers:
    """Its layers."""
    return Layers(version)


@pytest.fixture
def copy(tmp_path: Path) -> Version:
    """A copy of the version, to be damaged."""
    return open_version(shutil.copytree(SHIPPED, tmp_path / "version"))


def a_digit(text: str) -> Bitmap:
    """A written digit as the network sees it."""
    return to_mnist((255 - write(paper(brightness=255), text, ink=0)).astype(np.float32) / np.float32(255))


@pytest.mark.parametrize("text", list("0123456789"))
def test_the_last_stage_is_what_the_served_classifier_answers(version: Version, layers: Layers, text: str) -> None:
    """What is shown is what is served: the other file, the same probabilities."""
    bitmap = a_digit(text)
    served = Classifier(version.classifier_path).probabilities(bitmap[None])[0]
    np.testing.assert_allclose(layers.activations(bitmap)[-1], served, atol=1e-5)


def test_each_stage_has_the_shape_that_metrics_json_says(version: Version, layers: Layers) -> None:
    """The stages come in the network's order, whatever the order of the outputs in the file."""
    shapes = [values.shape for values in layers.activations(a_digit("4"))]
    assert shapes == [stage.shape for stage in version.metrics.layers]
    assert [stage.name for stage in layers.stages] == [stage.name for stage in version.metrics.layers]


def test_the_first_stage_is_its_kernels_slid_over_the_digit(layers: Layers) -> None:
    """The kernels that are shown make the maps that are shown: a convolution by hand, a bias a filter, ReLU."""
    bitmap = a_digit("8")
    assert layers.kernels is not None
    windows = sliding_window_view(bitmap, layers.kernels.shape[1:])  # (26, 26, 3, 3)
    slid = np.einsum("yxij,fij->fyx", windows, layers.kernels)
    for by_hand, shown in zip(slid, np.moveaxis(layers.activations(bitmap)[0], 2, 0), strict=True):
        assert shown.min() >= 0
        if (shown > 0).any():
            bias = float(np.median((shown - by_hand)[shown > 0]))
            np.testing.assert_allclose(shown, np.maximum(by_hand + bias, 0), atol=1e-4)


def test_different_digits_have_different_activations(layers: Layers) -> None:
    """Every stage reacts to what is drawn."""
    for one, other in zip(layers.activations(a_digit("1")), layers.activations(a_digit("8")), strict=True):
        assert not np.allclose(one, other)


def test_threads_share_the_layers_and_get_their_own_digits(layers: Layers) -> None:
    """Any number of threads may look at once."""
    bitmaps = [a_digit(text) for text in "0123456789"]
    alone = [layers.activations(bitmap)[-1] for bitmap in bitmaps]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda bitmap: layers.activations(bitmap)[-1], bitmaps * 4))
    np.testing.assert_array_equal(together, alone * 4)


def test_a_file_that_was_damaged_since_is_refused(copy: Version) -> None:
    """Broken bytes never reach LiteRT; the error names the command that mends the version."""
    whole = copy.layers_path.read_bytes()
    copy.layers_path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelUnavailable, match=r"vouches for.*python -m model train"):
        Layers(copy)


def test_a_file_that_is_gone_is_refused(copy: Version) -> None:
    """A version whose folder was tidied up says so."""
    copy.layers_path.unlink()
    with pytest.raises(ModelUnavailable, match=r"can't be read.*python -m model train"):
        Layers(copy)


def test_a_file_without_layers_is_refused(copy: Version) -> None:
    """A file that is vouched for, and holds nothing but the answer, is no file of layers."""
    shutil.copy(copy.folder / CLASSIFIER, copy.layers_path)
    files = {**copy.metrics.files, LAYERS: sha256(copy.layers_path)}
    with pytest.raises(ModelUnavailable, match=f"its {copy.metrics.layers[0].name} is None"):
        Layers(replace(copy, metrics=replace(copy.metrics, files=files)))


def test_a_version_that_names_no_layers_is_refused(copy: Version) -> None:
    """Without names nothing can be labelled."""
    with pytest.raises(ModelUnavailable, match="names none of its layers"):
        Layers(replace(copy, metrics=replace(copy.metrics, layers=())))
