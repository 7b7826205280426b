"""The loop of learning, broken off by `kill -9` at any instant, and what must hold afterwards every time."""

import asyncio
import contextlib
import os
import random
import re
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bot.models import SHIPPED_NAME
from bot.store import Store
from model import SHIPPED, open_version
from tests.processes import BotProcess, healthz, running_bot
from tests.talking import correct_seven, message_now, press, say

# A training of a few seconds.
BUDGET = {"RETRAIN_EPOCHS": "1", "RETRAIN_DIGITS": "1000", "LOG_LEVEL": "ERROR"}
TRAINING, BOT = "the training", "the bot"


@dataclass
class Loop:
    """Rounds over one DATA_DIR, as one bot's life goes on."""

    folder: Path
    thanked: int = 0  # corrections that somebody was thanked for
    outcomes: list[str] = field(default_factory=list)

    def round(self, victim: str, after_s: float) -> None:
        """Correct, train, and kill the victim so long after the loop began; then look at what is left."""
        with running_bot(self.folder, **BUDGET) as bot:
            killer = threading.Timer(after_s, _kill, [bot, victim])
            killer.start()
            # Whatever the loop was at when the bot went away:
            with contextlib.suppress(httpx.HTTPError, TimeoutError, ConnectionError):
                self._learn(bot)
            killer.join()
            if victim == BOT:
                bot.process.wait()
            else:  # the bot lives, has said what happened, and goes on
                assert healthz(bot.origin)["status"] == "ok"
                assert bot.process.poll() is None
        self.check()

    def _learn(self, bot: BotProcess) -> None:
        for digit in ("1", "2"):
            if "thank you" in correct_seven(bot, digit):
                self.thanked += 1
        question = bot.replies(say(bot, "/retrain"))[0]
        if not question["buttons"]:  # the training of the round before is on its way out
            self.outcomes.append("running")
            return
        press(bot, question, question["buttons"][0][0]["text"])
        until = time.monotonic() + 400
        while time.monotonic() < until:
            said = " ".join(message["text"] for message in bot.replies(question["message_id"] - 1))
            if found := re.search(r"promoted|refused|Training failed", said):
                self.outcomes.append(found[0])
                return
            time.sleep(0.2)
        raise AssertionError("the training never ended")

    def check(self) -> None:
        """Nothing that was thanked for is lost, the database opens, and one whole version is served."""
        corrections, pile = asyncio.run(self._stored())
        # One more may be stored than thanks arrived for.
        assert corrections >= self.thanked, f"{self.thanked - corrections} corrections are lost"
        self.thanked = corrections
        for name in pile[:1]:
            open_version(SHIPPED if name == SHIPPED_NAME else self.folder / "data" / "models" / name)

    def check_alive(self) -> None:
        """A new bot serves one whole version, and a new training comes to its verdict."""
        with running_bot(self.folder, **BUDGET) as bot:
            served = healthz(bot.origin)["model"]
            until = time.monotonic() + 60
            while not (question := bot.replies(say(bot, "/retrain"))[0])["buttons"]:
                assert time.monotonic() < until
                time.sleep(0.5)
            listed = bot.replies(say(bot, "/models"))[0]["text"]
            (marked,) = [line for line in listed.split("\n") if line.startswith("▶")]
            assert served in marked
            assert "damaged" not in listed
            press(bot, question, question["buttons"][0][0]["text"])
            until = time.monotonic() + 400
            while "Training finished" not in (shown := message_now(bot, question["message_id"])["text"]):
                assert "failed" not in shown, shown
                assert time.monotonic() < until, shown
                time.sleep(0.2)

    async def _stored(self) -> tuple[int, list[str]]:
        store = Store("", self.folder / "data", bot="reader")
        await store.open()
        approved, pending = await store.corrections.count()
        pile = [each.version for each in await store.service.pile()]
        await store.close()
        return approved + pending, pile


def _kill(bot: BotProcess, victim: str) -> None:
    """Kill it, if it is there (still, or already)."""
    with contextlib.suppress(ProcessLookupError, FileNotFoundError):
        pids = bot.family()
        if victim == BOT:
            os.kill(pids[0], signal.SIGKILL)
        elif len(pids) > 1:
            os.kill(pids[-1], signal.SIGKILL)


def instant(number: int, longest_s: float) -> tuple[str, float]:
    """Whom to kill in a round, and when: the same for the same number."""
    chosen = random.Random(number)
    return chosen.choice((TRAINING, BOT)), chosen.uniform(0, longest_s)
