"""The local chat with its updates brought to a webhook: the same bot, the same words as when it polls."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import loopback
from tests.processes import ROOT, BotProcess, environment, measured, running_bot
from tests.talking import SEVEN, correct_seven, say

pytestmark = pytest.mark.slow

TEN = sorted((ROOT / "bot" / "local" / "page" / "samples").glob("*.jpg"))[:3]


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotProcess]:
    """A bot whose updates are brought."""
    with running_bot(tmp_path_factory.mktemp("b"), WEBHOOK_URL="http://127.0.0.1/telegram", **measured()) as process:
        yield process


@pytest.fixture(scope="module")
def polling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotProcess]:
    """A bot that asks for its updates."""
    with running_bot(tmp_path_factory.mktemp("p")) as process:
        yield process


def conversation(bot: BotProcess) -> list[tuple[str, list[str]]]:
    """Send a photo, an album, a text and a file that is none; correct a photo. All that is said, with its buttons."""
    start = bot.send(SEVEN)
    bot.replies(start)
    files = [("photo", (path.name, path.read_bytes())) for path in TEN]
    album = loopback.post(f"{bot.origin}/local/messages", files=files, timeout=60).json()["message_id"]
    bot.replies(album)
    bot.replies(say(bot, "hello"))
    bot.replies(bot.send("photo.jpg", kind="document", content=b"not a picture"))
    correct_seven(bot, "3")
    messages = loopback.get(f"{bot.origin}/local/messages", params={"after": str(start)}, timeout=30).json()
    said = [message for message in messages if message["from"] == "bot"]
    return [(one["text"], [button["text"] for row in one["buttons"] for button in row]) for one in said]


def test_a_conversation_is_the_same_whichever_way_updates_come(brought: BotProcess, polling: BotProcess) -> None:
    """A photo, an album in one answer, words, a file that is no picture, a correction: word for word."""
    said = conversation(brought)
    assert said == conversation(polling)
    assert len(said) == 5


def test_the_bot_takes_updates_from_nobody_else(brought: BotProcess) -> None:
    """Without the secret nothing is handled, although the address is known."""
    person = {"id": 700_000_001, "is_bot": False, "first_name": "A"}
    chat = {"id": 700_000_001, "type": "private", "first_name": "A"}
    message = {"message_id": 999_999, "date": 1, "chat": chat, "from": person, "text": "/help"}
    before = say(brought, "hello")
    brought.replies(before)
    answer = loopback.post(f"{brought.origin}/telegram", json={"update_id": 999_999, "message": message})
    assert answer.status_code == 401
    assert len(brought.replies(before)) == 1


def test_a_webhook_without_https_in_the_world_stops_the_start(tmp_path: Path) -> None:
    """One line names the setting and says what it takes; not its value, which may hold a password."""
    settings = environment(
        BOT_TOKEN="123456789:" + 35 * "A", WEBHOOK_URL="http://me:hunter2@digits.example.org/telegram"
    )
    refused = subprocess.run(
        [sys.executable, "-m", "bot"],
        cwd=tmp_path,
        env=settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("WEBHOOK_URL is wrong. ")
    assert "hunter2" not in refused.stderr


def test_a_stop_ends_what_is_being_brought(tmp_path: Path) -> None:
    """A photo that is being read when the bot is told to stop is answered, and the bot ends with status 0."""
    with running_bot(tmp_path, WEBHOOK_URL="http://127.0.0.1/telegram") as bot:
        for _ in range(5):
            bot.send(SEVEN)
        bot.process.send_signal(signal.SIGTERM)
        assert bot.process.wait(20) == 0
