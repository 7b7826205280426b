"""Trainings on a Ray of the tests' own, asked for by two replicas that know nothing of each other."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import psutil
import pytest
from pydantic import SecretStr

from bot.handlers.training import Trains
from bot.learning.depot import Depot
from bot.learning.events import Event, Progress, Trained, TrainingCancelled, TrainingFailed, TrainingRunning
from bot.learning.remote import Job
from bot.settings import Settings, load_settings
from model import SHIPPED
from model.mnist import Mnist
from tests.processes import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def node() -> Iterator[Path]:
    """The DATA_DIR of a cluster's only node, whose environment has a token.

    Ray is locked nowhere, as nothing but a cluster needs it: where it is missing these tests are skipped, in CI too.
    """
    ray = pytest.importorskip("ray", reason="Ray is missing: pip install 'ray[serve]>=2.60,<2.61'")

    # Unix sockets lie in it, whose paths are short.
    with (
        tempfile.TemporaryDirectory(dir="/tmp", ignore_cleanup_errors=True) as folder,
        pytest.MonkeyPatch.context() as environment,
    ):
        # Else Ray makes a token in ~/.ray, and then asks everybody for it.
        environment.setenv("RAY_AUTH_MODE", "disabled")
        for name, value in {"DATA_DIR": f"{folder}/data", "BOT_TOKEN": "hunter2", "PYTHONPATH": str(ROOT)}.items():
            environment.setenv(name, value)
        ray.init("local", num_cpus=1, include_dashboard=False, log_to_driver=False, _temp_dir=f"{folder}/ray")
        environment.delenv("BOT_TOKEN")
        yield Path(folder) / "data"
        ray.shutdown()


@pytest.fixture
def settings(tmp_path: Path, fsspec: None) -> Settings:  # noqa: ARG001 it skips
    """What the replicas are told; most of the seconds that a training takes are TensorFlow's import."""
    depot = SecretStr(f"file://{tmp_path}/depot")
    return load_settings().model_copy(update={"models_url": depot, "retrain_epochs": 1, "retrain_digits": 1000})


@pytest.fixture
def replicas(node: Path, settings: Settings) -> tuple[Trains, Trains]:  # noqa: ARG001 they find the cluster
    """Two replicas' trainers."""
    from bot.learning.cluster import ClusterTrainer

    return ClusterTrainer(settings), ClusterTrainer(settings)


def the_actor() -> psutil.Process:
    """The process that trains, which has begun."""
    children = psutil.Process().children(recursive=True)
    (actor,) = (child for child in children if "TrainingActor" in " ".join(child.cmdline()))
    return actor


async def begun(events: AsyncGenerator[Event]) -> asyncio.Task[Event]:
    """The wait for the first event of a training whose process is there."""
    first = asyncio.create_task(anext(events))
    async with asyncio.timeout(60):
        while not first.done():
            try:
                if the_actor().children():
                    return first
            except (ValueError, psutil.NoSuchProcess):
                pass
            await asyncio.sleep(0.05)
    return first


async def test_a_training_is_seen_refused_and_cancelled_from_every_replica(replicas: tuple[Trains, Trains]) -> None:
    """One at a time in the cluster; whichever replica gets the press on Cancel; then another can start."""
    one, other = replicas
    assert not await other.can_cancel()
    events = one.train("seed")
    first = await begun(events)
    assert "hunter2" not in str(the_actor().environ())
    training = the_actor().children()
    assert (one.is_ours, other.is_ours) == (True, False)
    assert await other.is_running()
    with pytest.raises(TrainingRunning):
        await anext(other.train("seed"))
    await other.close()  # it stops, which is nothing to what others train
    assert not first.done()
    assert await other.can_cancel()
    await other.cancel()
    with pytest.raises(TrainingCancelled):
        await first
    assert not any(process.is_running() for process in training)
    assert (one.is_ours, await one.is_running(), await other.is_running()) == (False, False, False)


async def test_a_training_whose_process_is_killed_has_failed(replicas: tuple[Trains, Trains]) -> None:
    """The admin is told, the lock is free, and the other replica can train."""
    one, other = replicas
    first = await begun(one.train("seed"))
    the_actor().kill()
    with pytest.raises(TrainingFailed, match="killed"):
        await first
    assert not await other.is_running()
    events = other.train("seed")
    first = await begun(events)
    await other.close()  # it stops, and takes its training along
    with pytest.raises(TrainingCancelled):
        await first


async def test_a_training_that_its_replica_left_ends(replicas: tuple[Trains, Trains], settings: Settings) -> None:
    """The replica was killed with SIGKILL: nobody asks for the events any more, and the lock is freed by itself."""

    job = Job("seed", None, None, 1, 1000, settings.models_url)
    from bot.learning import cluster

    cluster._started(job, unheard_s=1.0)
    assert await replicas[0].is_running()
    async with asyncio.timeout(60):
        while await replicas[0].is_running():  # noqa: ASYNC110 there is no event
            await asyncio.sleep(0.05)


async def test_a_training_that_finds_no_room_has_failed(settings: Settings, node: Path) -> None:  # noqa: ARG001
    """All processors are taken: the admin is told, and nothing waits for ever."""
    import ray

    from bot.learning.cluster import ClusterTrainer

    class Busy:
        async def has_begun(self) -> bool:
            return True

    taken = ray.remote(Busy).options(num_cpus=1).remote()
    assert await taken.has_begun.remote()
    trainer = ClusterTrainer(settings, unheard_s=1.0)
    with pytest.raises(TrainingFailed, match="no node of the cluster had room"):
        await anext(trainer.train("seed"))
    ray.kill(taken)
    assert not await trainer.is_running()


async def test_a_training_streams_its_events_through_the_cluster(
    replicas: tuple[Trains, Trains], settings: Settings, node: Path, mnist: Mnist
) -> None:
    """Progress, then the new version, which is in the depot; then the next one may train."""
    assert len(mnist.train_labels) == 60_000  # fetched before
    events = [event async for event in replicas[0].train("seed")]
    assert isinstance(events[0], Progress)
    assert isinstance(events[-1], Trained)
    assert events[-1].folder.parent == node / "models"
    assert await Depot(settings.models_url.get_secret_value()).names() == {events[-1].folder.name}
    assert not await replicas[1].is_running()


async def test_without_a_depot_nothing_is_trained(node: Path, settings: Settings) -> None:  # noqa: ARG001
    """The other nodes could not have the new version: that is said at once."""
    from bot.learning.cluster import ClusterTrainer

    alone = ClusterTrainer(settings.model_copy(update={"models_url": SecretStr("")}))
    with pytest.raises(TrainingFailed, match="MODELS_URL"):
        await anext(alone.train("continue", served=SHIPPED))
    assert not await alone.is_running()
