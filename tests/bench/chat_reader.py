"""Reads photos through the running local chat, as people do, and prints what `python -m model read --json` prints.

The reader of `python -m tests.bench.photos FOLDER --chat`. By itself: `python -m tests.bench.chat_reader PHOTO …`
"""

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from tests.processes import BotProcess, running_bot

# A reply of digits: a line a line of writing, as it is written, then "97 % sure …".
_READING = re.compile(r"(?P<lines>(?:.*\d.*\n)+?)(?P<percent>\d+) % sure")


def read(bot: BotProcess, photo: Path) -> dict[str, Any]:
    """Send one photo and give the bot's answer as the object of `python -m model read --json`."""
    try:
        sent = bot.send(photo)
    except httpx.HTTPStatusError as refused:  # a shape that Telegram takes as a file only
        if refused.response.status_code != 400:
            raise
        sent = bot.send(photo, kind="document")
    return {"file": str(photo), **understood(bot.replies(sent)[0]["text"])}


def understood(reply: str) -> dict[str, Any]:
    """Give what a reply says: its digits, what is written, and how sure it is."""
    read = _READING.match(reply)
    written = read["lines"].splitlines() if read else []
    confidence = int(read["percent"]) / 100 if read else 0.0
    lines = [re.sub(r"\D", "", line) for line in written]
    return {"lines": lines, "text": written, "confidence": confidence, "digits": [], "error": None}


def main(arguments: Sequence[str] | None = None) -> None:
    """Read each photo through one bot, one after the other."""
    parser = argparse.ArgumentParser("python -m tests.bench.chat_reader", description="Photos, through the local chat.")
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO")
    photos = parser.parse_args(arguments).photos
    with tempfile.TemporaryDirectory() as data, running_bot(Path(data), LOG_LEVEL="WARNING") as bot:
        for photo in photos:
            print(json.dumps(read(bot, photo)), flush=True)
        print(f"peak memory {bot.memory_mb():.0f} MB", file=sys.stderr)


if __name__ == "__main__":
    main()
