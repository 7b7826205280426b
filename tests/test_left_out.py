"""What the benches leave out of reading is there to be left out: they name it by its module."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from tests.bench.ablations import PARTS
from tests.bench.desk import as_it_is


@pytest.mark.parametrize("part", [*PARTS.values(), as_it_is])
def test_each_part_can_be_left_out(part: Callable[[], AbstractContextManager[Any]]) -> None:
    """A module that got another name would break a bench that nobody runs for weeks."""
    with part():
        pass
