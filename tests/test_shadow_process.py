"""A candidate beside the served version in the bot as people run it, over the local chat's HTTP."""

import asyncio
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.learning.versions import SHIPPED_NAME
from bot.local import ADMIN_ID
from bot.store import Store
from model.decision import Decision
from tests.processes import BotProcess, healthz, running_bot
from tests.talking import SEVEN, press, say
from tests.versions import a_version

# It takes nothing for a digit, whatever its networks say.
REFUSING = Decision(beside=dict(Decision().beside) | {"always": -1000.0})


async def begin(folder: Path, name: str) -> None:
    """Have a version read beside the shipped one for an hour, as a training that passed does."""
    store = Store("", folder / "data", bot="b")
    await store.open()
    await store.shadows.begin(name, served=SHIPPED_NAME, lasts_s=3600, by_id=ADMIN_ID)
    await store.close()


def end_soon(folder: Path) -> None:
    """Have the hour be over."""
    with closing(sqlite3.connect(folder / "data" / "bot.db")) as database, database:
        database.execute("UPDATE shadows SET until = since")


def said(bot: BotProcess, pattern: str, *, after: int = 0, message_id: int | None = None) -> dict[str, Any]:
    """A message of the bot's, or this one, once it says something."""
    until = time.monotonic() + 60
    while True:
        for message in bot.replies(after):
            if message_id in (None, message["message_id"]) and re.search(pattern, message["text"]):
                return message
        assert time.monotonic() < until, pattern
        time.sleep(0.1)


def read_until(bot: BotProcess, pattern: str) -> None:
    """Send photos of a seven, each of which is read as one, until /models says something."""
    until = time.monotonic() + 60
    while not re.search(pattern, bot.replies(say(bot, "/models"))[0]["text"]):
        assert time.monotonic() < until, pattern
        said(bot, "^7\n", after=bot.send(SEVEN))
        time.sleep(2)  # as long as it takes for a candidate to read what waits


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_candidate_is_unseen_judged_and_refused_over_http(tmp_path: Path) -> None:
    """Photos are answered as ever; /models counts on after a restart; ✗ below the contact sheet speaks against it."""
    a_version(tmp_path / "data" / "models", "v1", decision=REFUSING.to_json())
    asyncio.run(begin(tmp_path, "v1"))
    with running_bot(tmp_path, SHADOW_HOURS="1") as bot:
        served = healthz(bot.origin)["model"]
        read_until(bot, r"[1-9] of \d+ crops? read otherwise \(100\.0 %\)")
    with running_bot(tmp_path, SHADOW_HOURS="1") as bot:
        listed = said(bot, r"\(100\.0 %\)", after=say(bot, "/models"))  # of what was read before
        press(bot, listed, "What differs")
        sheet = said(bot, "the candidate reads otherwise", after=listed["message_id"])
        assert sheet["photo"]
        press(bot, sheet, "One by one")
        question = said(bot, "The candidate reads not a digit", message_id=sheet["message_id"])
        press(bot, question, "✗ 7")
        said(bot, "judged: 0 for it, 1 against it", after=say(bot, "/models"))
        said(bot, "1 correction to learn from", after=say(bot, "/stats"))
    end_soon(tmp_path)
    with running_bot(tmp_path, SHADOW_HOURS="1") as bot:
        said(bot, "^refused: v1 reads no more: more of the judged differences spoke against it")
        assert healthz(bot.origin)["model"] == served


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_candidate_that_nothing_speaks_against_is_promoted_over_http(tmp_path: Path) -> None:
    """After its time, which a restart does not begin anew, it serves by itself, and the admin is told."""
    a_version(tmp_path / "data" / "models", "v1")
    asyncio.run(begin(tmp_path, "v1"))
    with running_bot(tmp_path, SHADOW_HOURS="1") as bot:
        read_until(bot, "0 of [1-9]")
    end_soon(tmp_path)
    with running_bot(tmp_path, SHADOW_HOURS="1") as bot:
        said(bot, "^promoted: v1 is in service now")
        assert healthz(bot.origin)["model"] == "v1"
        said(bot, "v1 read beside the one before, and came into service", after=say(bot, "/models"))
