"""Corrections in the bot as people run it: over the local chat's HTTP, and through `kill -9`."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import pytest

from bot.local import ADMIN_ID
from bot.store import Correction, Store
from tests.pictures import encode, paper, write
from tests.processes import ROOT, environment, running_bot
from tests.talking import SAMPLES, correct_seven, message_now, press, say

pytestmark = pytest.mark.slow


def corrections(folder: Path, url: str = "") -> tuple[tuple[Correction, ...], tuple[Correction, ...]]:
    """What counts and what waits, in the database of a bot that worked in `folder` and is gone."""

    async def read() -> tuple[tuple[Correction, ...], tuple[Correction, ...]]:
        store = Store(url, folder / "data", bot="reader")
        await store.open()
        found = await store.corrections.approved(), await store.corrections.waiting(100)
        await store.close()
        return found

    return asyncio.run(read())


def test_a_photo_is_corrected_over_http_and_stays_after_a_kill(tmp_path: Path) -> None:
    """Photo, ✗, keypad, thanks, `kill -9` at once: the rows are there, and the next bot takes more."""
    with running_bot(tmp_path) as bot:
        assert "thank you" in correct_seven(bot, "1")
        assert "thank you" in correct_seven(bot, "2", "guest")
        bot.process.send_signal(signal.SIGKILL)
        bot.process.wait()
    (approved,), (pending,) = corrections(tmp_path)
    assert (approved.said, approved.label, approved.giver_id) == (7, 1, ADMIN_ID)
    assert (pending.label, len(pending.bitmap)) == (2, 784)
    assert max(pending.bitmap) > 200  # the crop itself, not an empty one
    with running_bot(tmp_path) as bot:
        assert "thank you" in correct_seven(bot, "3")
    assert [len(kind) for kind in corrections(tmp_path)] == [2, 1]


def test_one_digit_of_eight_is_corrected_with_two_presses_after_wrong(tmp_path: Path) -> None:
    """✗, the digit, what it is: its crop alone is kept. What was read can be copied exactly so, before and after."""
    page = write(paper(1150, 260), "40713562", 60, 80, pen=9)
    with running_bot(tmp_path) as bot:
        (reading,) = bot.replies(bot.send("page.png", content=encode(page)))
        assert copied(reading) == ["40713562"]
        press(bot, reading, "✗")
        press(bot, now := message_now(bot, reading["message_id"]), "6")
        assert [button["text"] for button in now["buttons"][0]] == [*"40713562"]
        assert "it is a 8" in press(bot, message_now(bot, reading["message_id"]), "8")
        fixed = message_now(bot, reading["message_id"])
        assert "40713582" in fixed["text"]
        assert [[button["text"] for button in row] for row in fixed["buttons"]] == [["✓", "✗"], ["Copy", "Why?"]]
        assert copied(fixed) == ["40713562"]
    (approved,), pending = corrections(tmp_path)
    assert (approved.said, approved.label, pending) == (6, 8, ())


def test_each_line_of_a_page_is_copied_apart(tmp_path: Path) -> None:
    """The buttons hold what the answer's first lines say."""
    with running_bot(tmp_path) as bot:
        (reading,) = bot.replies(bot.send(SAMPLES / "two-lines.jpg"))
    assert copied(reading) == reading["text"].splitlines()[:2]


def copied(message: dict[str, Any]) -> list[str]:
    """What the buttons of a message copy."""
    return [button["copy"] for row in message["buttons"] for button in row if button["copy"] is not None]


def test_a_number_that_was_missed_is_taken_over_http(tmp_path: Path) -> None:
    """A letter is refused; whoever says that it is a 4 gives the bot its crop to learn from."""
    page = paper()
    cv2.line(page, (100, 50), (200, 250), 30, 10)
    cv2.line(page, (200, 50), (100, 250), 30, 10)
    with running_bot(tmp_path) as bot:
        (refusal,) = bot.replies(bot.send("page.png", content=encode(page)))
        assert refusal["text"].startswith("I see no digit")
        press(bot, refusal, "there is one")
        assert "4" in bot.replies(say(bot, "4"))[0]["text"]
    (approved,), _ = corrections(tmp_path)
    assert (approved.label, len(approved.bitmap)) == (4, 784)
    assert max(approved.bitmap) > 200


def test_the_bot_keeps_its_state_in_postgresql_when_told_to(tmp_path: Path, postgres: str) -> None:
    """DATABASE_URL as hosters hand it out: the rows are there, and no file is."""
    url = postgres.replace("postgresql://", "postgres://")
    with running_bot(tmp_path, DATABASE_URL=url) as bot:
        correct_seven(bot, "1")
    assert [each.label for each in corrections(tmp_path, url)[0]] == [1]
    assert not list(tmp_path.rglob("*.db"))


def refusal(folder: Path, **settings: str) -> str:
    """The one line of a bot that does not start."""
    refused = subprocess.run(
        [sys.executable, "-m", "bot"],
        cwd=folder,
        env=environment(LOCAL_CHAT_PORT="0", DATA_DIR=str(folder / "data"), **settings) | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    return refused.stderr


def test_a_database_out_of_reach_stops_the_start_without_showing_its_password(tmp_path: Path) -> None:
    """One line says where it was looked for and what happened; the log holds no URL."""
    line = refusal(tmp_path, DATABASE_URL="postgresql://ada:hunter2@127.0.0.1:9/digits")
    assert "digits at 127.0.0.1:9 can't be used" in line
    assert "hunter2" not in line


def test_a_database_that_is_none_stops_the_start(tmp_path: Path) -> None:
    """The line names the file."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "bot.db").write_text("hello " * 1000)
    assert str(tmp_path / "data" / "bot.db") in refusal(tmp_path)
