"""The loop of learning, broken off by `kill -9` at any instant, and what must hold afterwards every time."""

import asyncio
import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import httpx

from bot.learning.versions import SHIPPED_NAME
from bot.store import Store
from model import SHIPPED, open_version
from tests.processes import BotProcess, healthz, running_bot
from tests.talking import correct_seven, press, say, training_ended

Victim = Literal["the bot", "the training"]

# A training of a few seconds, most of them TensorFlow's import and the comparison.
_BUDGET: Final = {"RETRAIN_EPOCHS": "1", "RETRAIN_DIGITS": "1000", "LOG_LEVEL": "ERROR"}


@dataclass(slots=True)
class Killer:
    """Kills one process, once: so long after the bot's loop, or the training, began."""

    victim: Victim
    after_s: float
    has_killed: bool = False
    _begun: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)

    def begin(self, what: Victim) -> None:
        """The loop of the bot, or a training, begins now."""
        if what == self.victim:
            self._begun.set()

    @contextlib.contextmanager
    def waiting(self, bot: BotProcess) -> Iterator[None]:
        """Lie in wait until the block ends; a bot that outlived its loop is killed then."""
        thread = threading.Thread(target=self._lie_in_wait, args=[bot])
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            self._begun.set()
            thread.join()

    def _lie_in_wait(self, bot: BotProcess) -> None:
        self._begun.wait()
        self._over.wait(self.after_s)
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):  # it ended a moment ago
            family = bot.family()
            while self.victim == "the training" and len(family) < 2 and not self._over.is_set():
                family = bot.family()  # it is being started
            if self.victim == "the bot" or len(family) > 1:
                os.kill(family[0 if self.victim == "the bot" else -1], signal.SIGKILL)
                self.has_killed = True


@dataclass
class Loop:
    """Rounds over one DATA_DIR, as one bot's life goes on."""

    folder: Path
    thanked: int = 0  # corrections that somebody was thanked for
    kills: dict[Victim, int] = field(default_factory=lambda: {"the bot": 0, "the training": 0})
    correcting_s: float = 1.0  # what the part before the training takes, and the training: as the last ones took
    training_s: float = 10.0

    def undisturbed(self) -> None:
        """Go through the loop once, to see how long it takes."""
        with running_bot(self.folder, **_BUDGET) as bot:
            self._correct(bot)
            self._train(bot)
        self.check()

    def round(self, number: int, *, to_the_verdict: bool = True) -> str:
        """Correct, train, kill somebody at some instant of that; then look at what is left. What happened, in words.

        At last a new training comes to its verdict, if that is asked for.
        """
        victim, share = instant(number)
        killer = Killer(victim, share * (self.training_s + (self.correcting_s if victim == "the bot" else 0)))
        with running_bot(self.folder, **_BUDGET) as bot:
            with killer.waiting(bot):
                outcome = self._broken_off(bot, killer)
            self.kills[victim] += killer.has_killed
            if victim == "the training":  # the bot has said what happened, and goes on
                self.check()
                self.check_alive(bot, to_the_verdict=to_the_verdict)
            else:
                bot.process.wait()
        if victim == "the bot":
            self.check()
            with running_bot(self.folder, **_BUDGET) as bot:
                self.check_alive(bot, to_the_verdict=to_the_verdict)
        hit = "killed" if killer.has_killed else "gone before it was killed"
        return f"{victim} {hit} after {killer.after_s:.1f} s, {outcome}, {self.thanked} corrections"

    def _broken_off(self, bot: BotProcess, killer: Killer) -> str:
        """Go through the loop until somebody is killed; how it ended."""
        outcome = "broken off"
        # Whatever the loop was at when the bot went away:
        with contextlib.suppress(httpx.HTTPError, TimeoutError, ConnectionError):
            killer.begin("the bot")
            self._correct(bot)
            question = self._ask_to_train(bot)
            killer.begin("the training")
            press(bot, question, question["buttons"][0][0]["text"])
            outcome = _outcome(bot, question["message_id"])
        return outcome

    def _correct(self, bot: BotProcess) -> None:
        began = time.monotonic()
        for digit in ("1", "2"):
            # A model that learned that this seven is a 1 says so: then it is "a 1 after all", and nothing to keep.
            if correct_seven(bot, digit).startswith("Noted"):
                self.thanked += 1
        self.correcting_s = time.monotonic() - began

    def _train(self, bot: BotProcess) -> None:
        """Let a training come to its verdict."""
        question = self._ask_to_train(bot)
        began = time.monotonic()
        press(bot, question, question["buttons"][0][0]["text"])
        outcome = _outcome(bot, question["message_id"])
        assert outcome in {"promoted", "refused"}, outcome
        self.training_s = time.monotonic() - began

    def _ask_to_train(self, bot: BotProcess) -> dict[str, Any]:
        """Send /retrain, again while the training of a bot that was killed is on its way out; the question."""
        until = time.monotonic() + 60
        while not (question := bot.replies(say(bot, "/retrain"))[0])["buttons"]:
            assert time.monotonic() < until, question["text"]
            time.sleep(0.2)
        return question

    def check(self) -> None:
        """Nothing that was thanked for is lost, the database opens, and one whole version is served."""
        corrections, pile = asyncio.run(self._stored())
        # One more may be stored than thanks arrived for.
        assert corrections >= self.thanked, f"{self.thanked - corrections} corrections are lost"
        self.thanked = corrections
        for name in pile[:1]:
            open_version(SHIPPED if name == SHIPPED_NAME else self.folder / "data" / "models" / name)

    def check_alive(self, bot: BotProcess, *, to_the_verdict: bool) -> None:
        """The bot serves one version, lists no damaged one, and a new training can come to its verdict."""
        served = healthz(bot.origin)
        assert served["status"] == "ok"
        listed = bot.replies(say(bot, "/models"))[0]["text"]
        (marked,) = [line for line in listed.split("\n") if line.startswith("▶")]
        assert served["model"] in marked
        assert "damaged" not in listed
        if to_the_verdict:
            self._train(bot)

    async def _stored(self) -> tuple[int, list[str]]:
        store = Store("", self.folder / "data", bot="reader")
        await store.open()
        approved, pending = await store.corrections.count()
        pile = [each.version for each in await store.service.pile()]
        await store.close()
        return approved + pending, pile


def _outcome(bot: BotProcess, question: int) -> str:
    """In a word or two how the training below a question ended."""
    said = training_ended(bot, question)
    return next(word for word in ("promoted", "refused", said.partition(":")[0]) if word in said)


def instant(number: int) -> tuple[Victim, float]:
    """Whom to kill in a round, and at which share of its time: the same for the same number."""
    chosen = random.Random(number)
    victims: tuple[Victim, Victim] = ("the training", "the bot")
    return chosen.choice(victims), chosen.random()
