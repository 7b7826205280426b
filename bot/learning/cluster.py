"""Trains on a Ray cluster, one training at a time in all of it: the face of `Trainer`, for any replica.

A training is one detached actor with a name. The name is the lock, for a second actor can't take it; the actor works
and keeps its events, which the replica that started it asks for by number; and any replica finds it by the name, to
cancel it. When it is over it is killed, which frees the name; the death of its process or of its node frees it too. It
belongs to whoever started it: a replica that stops cancels it, and one that was killed is missed by the actor, which
then ends (`remote`).

Only `bot/cluster.py` imports this: Ray is the extra `cluster`.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import ray
from ray.exceptions import ActorAlreadyExistsError, ActorUnavailableError, RayActorError

from bot.learning.events import Event, Trained, TrainingFailed, TrainingRunning
from bot.learning.lessons import Lessons
from bot.learning.remote import UNHEARD_S, Job, RemoteTraining, training_here
from bot.learning.trainer import SECRETS
from bot.learning.versions import SHIPPED_NAME
from bot.settings import Settings
from model import SHIPPED

# A replica has another namespace of its own with each way it may be deployed.
_NAME: Final = {"name": "training", "namespace": "digits"}
# One processor keeps a place for it; it takes what the others on its node leave. This is where to name a node with more
# of them, by a resource that `ray start --resources` gives it: resources={"training": 1}.
_PLACE: Final[dict[str, Any]] = {"num_cpus": 1}
_POLL_S: Final = 1.0


class TrainingActor:
    """A RemoteTraining as Ray runs it, by this name on its dashboard; its process ends with it."""

    def __init__(self, job: Job, unheard_s: float) -> None:
        self._training: RemoteTraining = training_here(job, unheard_s)

    async def stay(self) -> None:
        """End, once nobody asks any more."""
        await self._training.stay()
        ray.actor.exit_actor()

    async def since(self, count: int) -> tuple[Sequence[Event], BaseException | None]:
        """Give what is new, as RemoteTraining does."""
        return await self._training.since(count)

    async def cancel(self) -> None:
        """Stop the training."""
        await self._training.cancel()


class ClusterTrainer:
    """One training at a time on the cluster that this process is a part of."""

    def __init__(self, settings: Settings, unheard_s: float = UNHEARD_S) -> None:
        self._settings = settings
        self._unheard_s = unheard_s
        self._actor: Any = None

    @property
    def is_ours(self) -> bool:
        """Whether a training is under way that this replica started."""
        return self._actor is not None

    async def is_running(self) -> bool:
        """Whether a training is under way anywhere in the cluster."""
        return self.is_ours or await _found() is not None

    async def can_cancel(self) -> bool:
        """Whether there is one to be cancelled: all are within reach."""
        return await self.is_running()

    async def train(
        self, recipe: str, *, lessons: Lessons | None = None, served: Path | None = None
    ) -> AsyncGenerator[Event]:
        """Train on any node that has room for it, as `Trainer.train` does; the new version is in the depot then.

        Trained names its folder on that node. Raises TrainingRunning, TrainingFailed, TrainingCancelled.
        """
        settings = self._settings
        if not settings.models_url.get_secret_value():
            raise TrainingFailed("MODELS_URL is not set, and without a depot only one node would have the new model.")
        name = SHIPPED_NAME if served == SHIPPED else served.name if served else None
        job = Job(recipe, lessons, name, settings.retrain_epochs, settings.retrain_digits, settings.models_url)
        self._actor = actor = await asyncio.to_thread(_started, job, self._unheard_s)
        try:
            async for event in _news(actor, self._unheard_s):
                yield event
        finally:
            self._actor = None
            await asyncio.to_thread(ray.kill, actor)

    async def cancel(self) -> None:
        """Stop the training that is under way, whoever started it, and wait until it has stopped."""
        await _cancel(await _found())

    async def close(self) -> None:
        """Stop the training that this replica started: the others' are their own."""
        await _cancel(self._actor)


def _started(job: Job, unheard_s: float) -> Any:
    """Start an actor, which may wait for room in the cluster. Raises TrainingRunning."""
    # It would have them from its node; its child has none of them anyway.
    without_secrets = {"env_vars": dict.fromkeys(SECRETS, "")}
    options = _NAME | _PLACE | {"lifetime": "detached", "max_restarts": 0, "runtime_env": without_secrets}
    try:
        actor = ray.remote(TrainingActor).options(**options).remote(job, unheard_s)
    except ActorAlreadyExistsError as error:
        raise TrainingRunning from error
    actor.stay.remote()
    return actor


async def _found() -> Any:
    """The actor of the training that is under way; None when there is none."""
    with suppress(ValueError):
        return await asyncio.to_thread(ray.get_actor, **_NAME)
    return None


async def _cancel(actor: Any) -> None:
    if actor is not None:
        with suppress(RayActorError):  # it is over: whoever started it has ended it
            await actor.cancel.remote()


async def _news(actor: Any, unheard_s: float) -> AsyncGenerator[Event]:
    """What an actor says, up to Trained. Raises TrainingRunning, TrainingFailed, TrainingCancelled."""
    count, has_room, heard = 0, False, asyncio.get_running_loop().time()
    while True:
        events: Sequence[Event] = ()
        problem: BaseException | None = None
        try:
            async with asyncio.timeout_at(heard + unheard_s):
                events, problem = await actor.since.remote(count)
        except TimeoutError:
            raise TrainingFailed(
                "nothing is heard from its node any more."
                if has_room
                else f"no node of the cluster had room for it within {unheard_s:.0f} s."
            ) from None
        except ActorUnavailableError:  # its node is out of reach; Ray decides within seconds whether it is dead
            pass
        except RayActorError as error:
            raise TrainingFailed("its process was killed, or its node is gone.") from error
        else:
            has_room, heard = True, asyncio.get_running_loop().time()
        for event in events:
            yield event
            if isinstance(event, Trained):
                return
        if problem is not None:
            raise problem
        count += len(events)
        await asyncio.sleep(_POLL_S)
