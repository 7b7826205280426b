from collections.abc import Callable

import numpy as np
import pytest

from model.generate.backgrounds import photographed, textured
from model.generate.prints import LETTERS
from model.generate.surfaces import SEEN, SIDE, WRITTEN_ON, Picture


@pytest.mark.parametrize("make", dict(SEEN + WRITTEN_ON), ids=lambda make: make.__name__)
def test_a_seed_makes_one_page(make: Callable[[np.random.Generator], Picture]) -> None:
    """Each kind of page is a square of finite grey levels, the same again for the same numbers."""
    for seed in range(6):
        first, again = (make(np.random.default_rng(seed)) for _ in range(2))
        assert first.shape == (SIDE, SIDE)
        assert first.dtype == np.float32
        assert np.isfinite(first).all()
        assert np.array_equal(first, again)


def test_print_has_no_letter_that_is_a_digit_or_a_mark() -> None:
    """Nobody is taught that О, З, ן or ١ is nothing."""
    assert not set("".join(LETTERS.values())) & set("0123456789OoОоΟοIlІі|ZzЗзSsбБэЭןוזסםاه١٢٣٤٥٦٧٨٩۱۲۳()=+×÷:,.-/%·")


def test_photos_are_cropped_to_a_scene() -> None:
    """Photos of any shape, smaller than a scene too, become a scene's background."""
    random = np.random.default_rng(0)
    photos = tuple(random.integers(0, 256, shape, np.uint8) for shape in ((400, 900), (160, 120), (900, 300)))
    for _ in range(40):
        page = photographed(photos, random)
        assert page.shape == (SIDE, SIDE)
        assert page.dtype == np.float32
        assert page.flags.c_contiguous


def test_a_material_is_calmed_so_that_ink_shows_on_it() -> None:
    """A loud texture is lowered in contrast, and only then."""
    random = np.random.default_rng(0)
    tile = np.kron(random.integers(0, 2, (12, 11)) * 255, np.ones((10, 10))).astype(np.uint8)
    assert max(textured((tile,), random).std() for _ in range(30)) < 25
    assert max(textured((tile,), random, calm=False).std() for _ in range(30)) > 60
