"""Corrections in the bot as people run it: over the local chat's HTTP, and through `kill -9`."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import httpx

from bot.local import ADMIN_ID
from bot.store import Correction, Store
from tests.processes import ROOT, BotProcess, running_bot

SEVEN = ROOT / "bot" / "local" / "page" / "samples" / "a-seven.jpg"


def press(bot: BotProcess, message: dict[str, Any], text: str, user: str = "admin") -> str:
    """Press the button of this text as the page does; what pops up."""
    data = {button["text"]: button["data"] for row in message["buttons"] for button in row}[text]
    body = {"message_id": message["message_id"], "data": data, "user": user}
    answer = httpx.post(f"{bot.origin}/local/presses", json=body, timeout=30)
    answer.raise_for_status()
    return str(answer.json()["alert"] or "")


def message_now(bot: BotProcess, message_id: int, user: str = "admin") -> dict[str, Any]:
    """A message as it is now."""
    query = {"after": str(message_id - 1), "user": user}
    messages = httpx.get(f"{bot.origin}/local/messages", params=query, timeout=30).json()
    return next(message for message in messages if message["message_id"] == message_id)


def correct_seven(bot: BotProcess, digit: str, user: str = "admin") -> str:
    """Send the photo of a seven and say that it is another digit; the thanks."""
    (reading,) = bot.replies(bot.send(SEVEN, user=user), user=user)
    press(bot, reading, "✗", user)
    keypad = message_now(bot, reading["message_id"], user)
    assert [button["text"] for row in keypad["buttons"] for button in row] == [*"1234567890", "not a digit"]
    return press(bot, keypad, digit, user)


def corrections(folder: Path, url: str = "") -> tuple[tuple[Correction, ...], tuple[Correction, ...]]:
    """What counts and what waits, in the database of a bot that worked in `folder` and is gone."""

    async def read() -> tuple[tuple[Correction, ...], tuple[Correction, ...]]:
        store = Store(url, folder / "data", bot="reader")
        await store.open()
        found = await store.corrections.approved(), await store.corrections.pending(100)
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


def test_the_bot_keeps_its_state_in_postgresql_when_told_to(tmp_path: Path, postgres: str) -> None:
    """DATABASE_URL as hosters hand it out: the rows are there, and no file is."""
    url = postgres.replace("postgresql://", "postgres://")
    with running_bot(tmp_path, DATABASE_URL=url) as bot:
        correct_seven(bot, "1")
    assert [each.label for each in corrections(tmp_path, url)[0]] == [1]
    assert not list(tmp_path.rglob("*.db"))
