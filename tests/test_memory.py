"""That a training keeps what it frees."""

import ctypes
import subprocess
import sys

import pytest

_STEPS = """
import resource
import numpy as np
from model.training.memory import keep_freed_memory

def faults() -> int:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        blocks = [np.ones(2_000_000, np.float32) for _ in range(4)]
        del blocks
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

given_back = faults()
keep_freed_memory()
faults()
print(given_back, faults())
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="another C library than glibc")
def test_blocks_that_were_freed_need_no_fresh_pages() -> None:
    """Four blocks of 8 MB, twenty times over: before, each time's pages are fresh; then hardly any."""
    run = subprocess.run([sys.executable, "-c", _STEPS], capture_output=True, text=True, check=True)
    given_back, kept = map(int, run.stdout.split())
    assert kept < given_back / 20
