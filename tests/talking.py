"""A person's side of the local chat over HTTP: words, presses, a correction."""

import re
import time
from typing import Any

from tests import loopback
from tests.processes import ROOT, BotProcess

SAMPLES = ROOT / "bot" / "local" / "page" / "samples"
SEVEN = SAMPLES / "a-seven.jpg"


def say(bot: BotProcess, text: str, user: str = "admin") -> int:
    """Send a text as the page does; the message's id."""
    answer = loopback.post(f"{bot.origin}/local/messages", data={"text": text, "user": user}, timeout=60)
    answer.raise_for_status()
    return int(answer.json()["message_id"])


def press(bot: BotProcess, message: dict[str, Any], text: str, user: str = "admin") -> str:
    """Press the button of this text as the page does; what pops up."""
    data = {button["text"]: button["data"] for row in message["buttons"] for button in row}[text]
    body = {"message_id": message["message_id"], "data": data, "user": user}
    answer = loopback.post(f"{bot.origin}/local/presses", json=body, timeout=30)
    answer.raise_for_status()
    return str(answer.json()["alert"] or "")


def message_now(bot: BotProcess, message_id: int, user: str = "admin") -> dict[str, Any]:
    """A message as it is now."""
    query = {"after": str(message_id - 1), "user": user}
    messages = loopback.get(f"{bot.origin}/local/messages", params=query, timeout=30).json()
    return next(message for message in messages if message["message_id"] == message_id)


def correct_seven(bot: BotProcess, digit: str, user: str = "admin") -> str:
    """Send the photo of a seven and say that it is another digit; the thanks."""
    (reading,) = bot.replies(bot.send(SEVEN, user=user), user=user)
    press(bot, reading, "✗", user)
    keypad = message_now(bot, reading["message_id"], user)
    assert [button["text"] for row in keypad["buttons"] for button in row] == [*"1234567890", "not a digit"]
    return press(bot, keypad, digit, user)


def training_ended(bot: BotProcess, question: int, timeout_s: float = 900) -> str:
    """What is said when the training below a question is over: the verdict, or why there is none."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        for message in bot.replies(question - 1):
            if re.search(r"promoted|refused|Training failed|but the database", message["text"]):
                return str(message["text"])
        time.sleep(0.2)
    raise TimeoutError(f"the training never ended: {message_now(bot, question)['text']}")
