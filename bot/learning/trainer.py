"""Runs `python -m model train` in a process of its own and streams what it says.

The bot's process never imports TensorFlow: all it knows of a training is one JSON event a line. Below the same folder
there is one training at a time, whoever started it: a lock says so that dies with its processes.
"""

import asyncio
import fcntl
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager, suppress
from pathlib import Path
from typing import Final

from bot.learning.events import Event, Trained, TrainingCancelled, TrainingFailed, TrainingRunning, parse
from bot.learning.lessons import Lessons, save
from bot.settings import Settings

_log = logging.getLogger(__name__)

RECIPES: Final = ("continue", "seed", "full")
"""What /retrain offers of model/training/recipes.py, first what it does when none is named."""

# Reading photos comes first: the training gets what they leave.
_NICENESS = 10
# Time to end cleanly after being asked to.
_TERMINATE_S = 10.0
_MAX_EVENT_BYTES = 1 << 20
_LOCK = ".lock"

SECRETS = frozenset({"BOT_TOKEN", "DATABASE_URL", "MODELS_URL", "TELEGRAM_PROXY"})
"""The settings that a training has no business with."""


class Trainer:
    """One training at a time, into a folder of its own below `models`.

    `epochs` and `digits` cut a recipe short; `mnist` is a folder with the data set; `command` is what trains. `key`
    signs the new version; with `is_signing` nothing is trained without it, for it would not be served.
    """

    def __init__(
        self,
        models: Path,
        *,
        epochs: int | None = None,
        digits: int | None = None,
        mnist: Path | None = None,
        key: Path | None = None,
        is_signing: bool = False,
        command: Sequence[str] = (sys.executable, "-m", "model", "train"),
    ) -> None:
        self.models = models
        self._command = command
        self._options = [
            *(("--epochs", str(epochs)) if epochs else ()),
            *(("--digits", str(digits)) if digits else ()),
        ]
        # Where the key is, and not the key: the training reads it, and signs.
        paths = {"MNIST_DIR": mnist, "MODELS_PRIVATE_KEY": key}
        self._environment = {name: str(path) for name, path in paths.items() if path}
        self._lacks_key = is_signing and key is None
        self._process: asyncio.subprocess.Process | None = None
        self._busy = False
        self._cancelled = False

    async def is_running(self) -> bool:
        """Whether a training is under way, here or in another process."""
        if self._busy:
            return True
        try:
            with _locked(self.models):
                return False
        except TrainingRunning:
            return True
        except OSError:  # the training itself will say what is wrong with the folder
            return False

    @property
    def is_ours(self) -> bool:
        """Whether it was started here."""
        return self._busy

    async def can_cancel(self) -> bool:
        """Whether a training is under way that `cancel` reaches."""
        return self._busy

    def train(
        self, recipe: str, *, lessons: Lessons | None = None, served: Path | None = None
    ) -> AsyncGenerator[Event]:
        """Train by `recipe`, yielding events; the last one is Trained.

        The new version learns from `lessons` and is compared with the one in `served`, which it may continue.
        From the first event on a training is running, until the generator ends or is closed.
        It raises TrainingRunning, TrainingFailed, or TrainingCancelled after `cancel`.
        """
        if self._busy:
            raise TrainingRunning
        self._busy, self._cancelled = True, False
        return self._events(recipe, lessons, served)

    async def _events(self, recipe: str, lessons: Lessons | None, served: Path | None) -> AsyncGenerator[Event]:
        try:
            if self._lacks_key:
                raise TrainingFailed("MODELS_PRIVATE_KEY is not set, and nothing unsigned would be served.")
            with _locked(self.models, make=True) as lock, _left_overs_gone(self.models) as work:
                options = [*(("--served", str(served)) if served else ())]
                for option, corrections in (
                    ("--corrections", lessons.learned if lessons else ()),
                    ("--held-back", lessons.held_back if lessons else ()),
                ):
                    if corrections:
                        save(corrections, work / f"{option[2:]}.npz")
                        options += [option, str(work / f"{option[2:]}.npz")]
                try:
                    async with aclosing(self._run(recipe, options, lock)) as events:
                        async for event in events:
                            yield event
                finally:
                    await self._terminate()
        except OSError as error:
            raise TrainingFailed(f"{self.models} can't be written ({error.strerror}); mend that first.") from error
        finally:
            self._busy, self._process = False, None

    async def cancel(self) -> None:
        """Ask the running training, if any, to stop, and wait until its process is gone."""
        self._cancelled = True
        await self._terminate()

    async def close(self) -> None:
        """Cancel what was started here."""
        await self.cancel()

    async def _run(self, recipe: str, options: Sequence[str], lock: int) -> AsyncGenerator[Event]:
        known = ("--events", "--recipe", recipe, "--models", str(self.models), "--end-with-parent")
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                *(*self._command, *known, *self._options, *options),
                # Kept open: the training ends when this process does, even by `kill -9`; until then it holds the lock.
                stdin=asyncio.subprocess.PIPE,
                pass_fds=(lock,),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env={name: value for name, value in os.environ.items() if name not in SECRETS} | self._environment,
                limit=_MAX_EVENT_BYTES,
            )
        except OSError as error:  # too many processes, too little memory
            raise TrainingFailed(f"its process could not be started ({error.strerror}).") from error
        if self._cancelled:  # while the process was being started
            await self._terminate()
        with suppress(ProcessLookupError):  # it may have ended already
            os.setpriority(os.PRIO_PROCESS, process.pid, os.getpriority(os.PRIO_PROCESS, 0) + _NICENESS)
        assert process.stdout is not None  # asked for above
        assert process.stderr is not None
        complaints = asyncio.create_task(_tail(process.stderr))
        problem = None
        trained = False
        async for line in process.stdout:
            event = parse(line)
            if isinstance(event, str):
                problem = event
            elif event is not None:
                trained = trained or isinstance(event, Trained)
                yield event
        status = await process.wait()
        said = await complaints
        if self._cancelled and not trained:
            raise TrainingCancelled
        if status != 0 or not trained:
            _log.error("training ended with status %s: %s", status, said or "nothing on standard error")
            raise TrainingFailed(problem or _explain(status))

    async def _terminate(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _TERMINATE_S)
        except TimeoutError:
            process.kill()
            await process.wait()


def trainer_of(settings: Settings) -> Trainer:
    """Give the trainer that works on this machine."""
    return Trainer(
        settings.data_dir / "models",
        epochs=settings.retrain_epochs,
        digits=settings.retrain_digits,
        mnist=settings.mnist_dir,
        key=settings.models_private_key,
        is_signing=settings.models_public_key is not None,
    )


@contextmanager
def _locked(models: Path, *, make: bool = False) -> Iterator[int]:
    """Hold the lock on trainings below `models`. Raises TrainingRunning when somebody does, OSError."""
    if make:
        models.mkdir(parents=True, exist_ok=True)
    lock = os.open(models / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise TrainingRunning from error
        yield lock
    finally:
        os.close(lock)


@contextmanager
def _left_overs_gone(models: Path) -> Iterator[Path]:
    """Give a folder to work in, after clearing away what trainings left that were killed: the lock is ours."""
    for left in models.glob(".*-*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".work-", dir=models) as work:
        yield Path(work)


def _explain(status: int) -> str:
    if status < 0:
        return f"its process was killed (signal {-status}), perhaps for want of memory."
    return f"its process ended with status {status}; the log has the details."


async def _tail(stream: asyncio.StreamReader, keep: int = 4000) -> str:
    """Read a stream to its end and keep its last characters."""
    kept = b""
    while chunk := await stream.read(4096):
        kept = (kept + chunk)[-keep:]
    return kept.decode(errors="replace").strip()
