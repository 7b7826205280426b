"""A training where a cluster has room for it, with its events kept for whoever asks: what `cluster` starts.

It knows nothing of Ray. The work itself is `Trainer`'s, in the folders of the node. The version that it continues comes
from the models' depot, and the new one is there before anybody hears of it.

Whoever started it asks for news all the time. When nobody has asked for a minute, the replica that did is gone: nobody
would judge the model, and nobody could train another one, so the training ends.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.learning.depot import Depot, WrongDepot
from bot.learning.events import Event, Trained, TrainingCancelled, TrainingFailed, TrainingRunning
from bot.learning.keys import WrongKey, keys
from bot.learning.lessons import Lessons
from bot.learning.trainer import Trainer
from bot.learning.versions import SHIPPED_NAME, Versions
from bot.settings import Settings
from model import SHIPPED, ModelUnavailable, load_reader

_log = logging.getLogger(__name__)

UNHEARD_S: Final = 60.0
"""After so long without a word the asking and the training side give each other up for gone."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a node must know to train: it holds nothing of the bot's but the way to the depot."""

    recipe: str
    lessons: Lessons | None
    served: str | None  # the version to compare with, and to continue: its folder's name, or SHIPPED_NAME
    epochs: int | None
    digits: int | None
    models_url: SecretStr


class _Folders(BaseSettings):
    """The node's own settings that count here; its secrets are left alone."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore")

    data_dir: Path = Settings.model_fields["data_dir"].default
    mnist_dir: Path | None = None
    models_private_key: Path | None = None
    models_public_key: Path | None = None


class RemoteTraining:
    """A training that begins with the first call, whichever that is; `train` is what works."""

    def __init__(self, train: Callable[[], AsyncGenerator[Event]], unheard_s: float = UNHEARD_S) -> None:
        self._train = train
        self._unheard_s = unheard_s
        self._events: list[Event] = []
        self._asked = asyncio.Event()
        self._work: asyncio.Task[None] | None = None

    async def stay(self) -> None:
        """Return when nobody has asked for too long, after the training is stopped."""
        while True:
            self._working()
            try:
                async with asyncio.timeout(self._unheard_s):
                    await self._asked.wait()
            except TimeoutError:
                _log.warning("nobody asks for this training any more: it ends")
                await self.cancel()
                return
            self._asked.clear()

    async def since(self, count: int) -> tuple[Sequence[Event], BaseException | None]:
        """Give the events after the first `count`, and what the training ended with if that was not Trained."""
        self._asked.set()
        work = self._working()
        if not work.done():
            return self._events[count:], None
        return self._events[count:], TrainingCancelled() if work.cancelled() else work.exception()

    async def cancel(self) -> None:
        """Stop the training, and wait until its process is gone."""
        work = self._working()
        work.cancel()
        await asyncio.wait([work])

    def _working(self) -> asyncio.Task[None]:
        if self._work is None:
            self._work = asyncio.create_task(self._collect())
        return self._work

    async def _collect(self) -> None:
        try:
            async with aclosing(self._train()) as events:
                async for event in events:
                    self._events.append(event)
        except (TrainingFailed, TrainingRunning):
            raise
        except Exception:
            _log.exception("a training ended with a bug")
            raise


def training_here(job: Job, unheard_s: float = UNHEARD_S) -> RemoteTraining:
    """Make the training that works on this node."""
    return RemoteTraining(partial(_train, job), unheard_s)


async def _train(job: Job) -> AsyncGenerator[Event]:
    """Train in this node's DATA_DIR, between two visits to the depot. Raises TrainingRunning, TrainingFailed."""
    folders = _Folders()
    models = folders.data_dir / "models"
    trainer = Trainer(
        models,
        epochs=job.epochs,
        digits=job.digits,
        mnist=folders.mnist_dir,
        key=folders.models_private_key,
        is_signing=folders.models_public_key is not None,
    )
    try:
        _, verifier = keys(folders.models_private_key, folders.models_public_key)
        versions = Versions(models, load_reader, Depot(job.models_url.get_secret_value()), verifier)
        served = await _folder(versions, job.served) if job.served else None
        trained = None
        async with aclosing(trainer.train(job.recipe, lessons=job.lessons, served=served)) as events:
            async for event in events:
                if isinstance(event, Trained):
                    trained = event
                else:
                    yield event
        assert trained is not None  # else the trainer has raised
        await versions.share(trained.folder.name)
    except (ModelUnavailable, WrongDepot, WrongKey) as error:
        raise TrainingFailed(f"{error}.") from error
    yield trained


async def _folder(versions: Versions, name: str) -> Path:
    if name == SHIPPED_NAME:
        return SHIPPED
    await versions.opened(name)
    return versions.folder / name
