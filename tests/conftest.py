"""Fixtures that several test modules share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.trainer import Trainer
from model.mnist import Mnist, load_mnist
from tests.fakes import Bot, ScriptedReader


@pytest.fixture(scope="session")
def mnist() -> Mnist:
    """MNIST itself, from MNIST_DIR or the cache; fetched once when it is in neither."""
    return load_mnist()


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    """A whole bot on a fake Telegram, with a scripted reader."""
    async with Bot(ScriptedReader(), Trainer(tmp_path / "models")) as running:
        yield running
