import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.learning.depot import Depot
from bot.learning.events import Event, Exporting, Progress, Trained, TrainingCancelled, TrainingFailed
from bot.learning.remote import Job, RemoteTraining, training_here
from tests.versions import a_version

SAID = (Progress(1, 2, 0.5, 0.9, 3.0), Exporting(), Trained("v1", Path("v1"), 0.99))


class Scripted:
    """A training that says `SAID`, each when it may; `raises` ends it."""

    def __init__(self, raises: Exception | None = None) -> None:
        self.may_say: asyncio.Queue[Event] = asyncio.Queue()
        self.is_over = False
        self._raises = raises

    async def __call__(self) -> AsyncGenerator[Event]:
        """What it says."""
        try:
            while True:
                event = await self.may_say.get()
                yield event
                if isinstance(event, Trained):
                    return
                if self._raises:
                    raise self._raises
        finally:
            self.is_over = True

    def say(self, count: int) -> None:
        """Let it say so many more."""
        for event in SAID[:count]:
            self.may_say.put_nowait(event)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Let others do their work until this holds."""
    async with asyncio.timeout(10):
        while not await holds():  # noqa: ASYNC110 there is no event
            await asyncio.sleep(0)


async def test_news_are_asked_for_by_number() -> None:
    """Whoever has heard two events gets those after them, and can ask again for what got lost on the way."""
    script = Scripted()
    training = RemoteTraining(script)
    assert await training.since(0) == ([], None)
    script.say(2)

    async def has_two() -> bool:
        return len((await training.since(0))[0]) == 2

    await until(has_two)
    assert await training.since(1) == ([SAID[1]], None)
    assert await training.since(2) == ([], None)
    script.may_say.put_nowait(SAID[2])

    async def has_more() -> bool:
        return bool((await training.since(2))[0])

    await until(has_more)
    assert await training.since(0) == (list(SAID), None)


@pytest.mark.parametrize("trouble", [TrainingFailed("The disk is full."), ZeroDivisionError("a bug")])
async def test_what_ended_a_training_comes_with_its_last_news(trouble: Exception) -> None:
    """Its own words, for whoever asks, as often as they ask; a bug is not kept from them."""
    script = Scripted(trouble)
    training = RemoteTraining(script)
    script.say(1)

    async def has_ended() -> bool:
        return (await training.since(0))[1] is not None

    await until(has_ended)
    assert await training.since(0) == ([SAID[0]], trouble)


async def test_cancel_waits_until_the_training_has_stopped() -> None:
    """Whoever cancels, and whoever asks afterwards: it is cancelled, and what it started is gone."""
    script = Scripted()
    training = RemoteTraining(script)
    script.say(1)

    async def has_begun() -> bool:
        return bool((await training.since(0))[0])

    await until(has_begun)
    await training.cancel()
    assert script.is_over
    events, problem = await training.since(0)
    assert (events, type(problem)) == ([SAID[0]], TrainingCancelled)


async def test_one_that_is_cancelled_at_once_never_begins() -> None:
    """The press on Cancel may be quicker than the training's first step."""
    training = RemoteTraining(Scripted())
    await training.cancel()
    assert isinstance((await training.since(0))[1], TrainingCancelled)


async def test_one_that_nobody_asks_for_ends() -> None:
    """The replica that started it was killed: it does not stand in the way of the next training for ever."""
    script = Scripted()
    training = RemoteTraining(script, unheard_s=0.05)
    script.say(1)
    await asyncio.wait_for(training.stay(), 10)
    assert script.is_over


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fsspec: None) -> Path:  # noqa: ARG001 it skips
    """The folder of a node's versions; it has a token in its .env that is none."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATA_DIR", raising=False)
    (tmp_path / ".env").write_text("BOT_TOKEN=wrong\nDATA_DIR=here\n")
    return tmp_path / "here" / "models"


async def ended(job: Job) -> BaseException | None:
    """What a training on this node ends with."""
    training = training_here(job)

    async def has_ended() -> bool:
        return (await training.since(0))[1] is not None

    await until(has_ended)
    return (await training.since(0))[1]


def a_job(depot: str, served: str) -> Job:
    """A training that continues a version."""
    return Job("continue", None, served, 1, 1000, SecretStr(depot))


async def test_a_version_that_can_not_be_had_fails_the_training(node: Path, tmp_path: Path) -> None:
    """The node has it neither itself nor from the depot: the admin is told which, before anything is trained."""
    problem = await ended(a_job(f"file://{tmp_path}/depot", "v1"))
    assert isinstance(problem, TrainingFailed)
    assert "v1" in str(problem)
    assert not node.exists()


async def test_a_depot_that_is_none_fails_the_training(node: Path) -> None:
    """MODELS_URL of the replica that asks is what counts."""
    problem = await ended(a_job("nowhere://depot", "shipped"))
    assert isinstance(problem, TrainingFailed)
    assert "MODELS_URL" in str(problem)
    assert not node.exists()


# In place of `python -m model`: its new version is the served one.
COPYING = """
import json, pathlib, shutil, sys
options = dict(zip(sys.argv[1:], sys.argv[2:]))
folder = pathlib.Path(options["--models"], "v2")
shutil.copytree(options["--served"], folder)
metrics = json.loads((folder / "metrics.json").read_text()) | {"version": "v2", "epochs": int(options["--epochs"])}
(folder / "metrics.json").write_text(json.dumps(metrics))
print(json.dumps({"event": "exporting"}))
print(json.dumps({"event": "done", "version": "v2", "folder": str(folder), "test_accuracy": 0.99}))
"""


async def test_versions_come_from_the_depot_and_go_there(node: Path, tmp_path: Path) -> None:
    """A node that never served a version can continue it; whoever hears of the new one can have it."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "__init__.py").touch()
    (tmp_path / "model" / "__main__.py").write_text(COPYING)
    depot = Depot(f"file://{tmp_path}/depot")
    await depot.push(a_version(tmp_path / "elsewhere", "v1"))
    training = training_here(a_job(f"file://{tmp_path}/depot", "v1"))

    async def has_ended() -> bool:
        events, problem = await training.since(0)
        assert problem is None
        return len(events) == 2

    await until(has_ended)
    assert await training.since(0) == ([Exporting(), Trained("v2", Path("here", "models", "v2"), 0.99)], None)
    assert sorted(path.name for path in node.iterdir()) == [".lock", "v1", "v2"]
    metrics = await depot.metrics("v2")
    assert (metrics.version, metrics.epochs) == ("v2", 1)
