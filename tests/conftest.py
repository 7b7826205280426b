"""Fixtures that several test modules share."""

import importlib.util
import logging
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.api import pace
from bot.learning.trainer import Trainer
from bot.updates import order
from model.mnist import Mnist, load_mnist
from tests.fakes import Bot, ScriptedReader
from tests.local_server import Local, Stage, local_stage
from tests.postgres import INSTALL, programs, running_postgres

# Some eighty processes start here. Where Python was told to write no bytecode, each would compile all that it imports
# anew: 5 s of a processor for a bot instead of 1.6, 12 s for a training instead of 6.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# What starts a browser, a database, a training.
_SLOW_FIXTURES = {"browser", "postgres", "trained"}
# A minute each and more, the longest first.
_LONGEST = ("test_killing.py", "test_train_finder.py", "test_train.py", "test_retrain_process.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, then those with slow tests: one at the end would leave the other cores idle."""
    for item in items:
        if _SLOW_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("slow")
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    ranks = {name: rank for rank, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: (ranks.get(item.path.name, len(ranks)), item.path not in slow))


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """Take back what a test does to the logging of this process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    for name in ("httpx", "httpcore", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture(scope="session")
def mnist() -> Mnist:
    """MNIST itself, from MNIST_DIR or the cache; fetched once when it is in neither."""
    return load_mnist()


@pytest.fixture(scope="session")
def postgres_programs() -> Path:
    """The folder of PostgreSQL's programs; where it is missing the tests are skipped, with CI=true they fail."""
    binaries = programs()
    if binaries is None:
        missing = f"PostgreSQL is missing: {INSTALL}"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return binaries


@pytest.fixture(scope="session")
def postgres(postgres_programs: Path) -> Iterator[str]:
    """The URL of a PostgreSQL of the tests' own."""
    with running_postgres(postgres_programs) as url:
        yield url


@pytest.fixture(scope="session")
def fsspec() -> None:
    """What the depot needs (fsspec, s3fs, and moto for an S3 of the tests' own); skipped or failed as above."""
    if any(importlib.util.find_spec(name) is None for name in ("fsspec", "s3fs", "moto")):
        missing = "fsspec, s3fs or moto is missing: pip install fsspec s3fs 'moto[server]'"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)


@pytest.fixture
async def bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    """A whole bot on a fake Telegram, with a scripted reader; what is tried again is tried at once."""
    monkeypatch.setattr(pace, "_AGAIN_AFTER_S", (0.0, 0.0, 0.0))
    monkeypatch.setattr(order, "_LATER_S", 0.0)
    async with Bot(ScriptedReader(), Trainer(tmp_path / "models")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    """One server for the local chats of a module."""
    async with local_stage() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def local(stage: Stage) -> AsyncIterator[Local]:
    """A local chat with no bot."""
    async with stage.local_chat() as running:
        yield running
