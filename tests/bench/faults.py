"""One fault of each kind on each method that the bot calls: `python -m tests.bench.faults [--only METHOD]`.

The bot is a process at a Bot API of its own, in which the faults are. For each a person does what makes the bot call
the method, and what they see is counted. `--flood` instead makes one chat wait 15 s and times another's photos.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from tests.bench.flood import delays, said
from tests.crashing import World, world
from tests.processes import ROOT
from tests.talking import SEVEN

_LINES: Final = ROOT / "bot" / "local" / "page" / "samples" / "two-lines.jpg"
_SETTLED_S: Final = 2.0  # without anything new: longer than the wait before a call is made again
_PATIENCE_S: Final = 60.0
_READ_TIMEOUT_S: Final = 15.0  # less than what the bot waits for an answer
_FLOOD_S: Final = 15

FAULTS: Final[dict[str, dict[str, Any]]] = {
    "429": {"status": 429, "retry_after": 1},
    "500": {"status": 500},
    "502, a web page": {"status": 502, "page": "<html>Bad Gateway</html>"},
    "cut before the act": {"refused": True},
    "cut after the act": {"lost": True},
    "answers after 7 s": {"delay_s": 7.0},
    "is done after 25 s": {"delay_s": 25.0},
}
_TOO_OLD: Final = "Bad Request: query is too old and response timeout expired or query ID is invalid"
OF_METHODS: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "answerCallbackQuery": {"query is too old": {"status": 400, "description": _TOO_OLD}},
    "editMessageText": {
        "message is not modified": {"status": 400, "description": "Bad Request: message is not modified"},
        "message to edit not found": {"status": 400, "description": "Bad Request: message to edit not found"},
    },
    "getUpdates": {"409, a second poller": {"status": 409}},
    "download": {"cut in the middle": {"cut_after": 1000}},
}
OF_METHODS["editMessageCaption"] = OF_METHODS["editMessageText"]
_ONLY_SLOW: Final = {"download": {"cut before the act", "cut after the act"}}  # a download is cut in the middle instead


class People:
    """What a person does, and what they then see."""

    def __init__(self, it: World) -> None:
        self._it = it
        self.settled_s = _SETTLED_S
        self.is_refused = False  # the edit that shows what came of a press will not be seen

    async def photo(self, path: Path = SEVEN) -> list[dict[str, Any]]:
        """Send a photo; what is said."""
        return await self._after(await self._it.local.say(user="guest", files={"photo": ("7.jpg", path.read_bytes())}))

    async def lines(self) -> list[dict[str, Any]]:
        """Send a photo of many digits, whose answer is drawn on it; what is said."""
        return await self.photo(_LINES)

    async def stats(self) -> list[dict[str, Any]]:
        """Ask for statistics, which come as a text and an album; what is said."""
        asked = await self._it.local.say("/stats", user="guest")
        return await self._after(asked, lambda seen: any(one["album"] for one in seen))

    async def right(self, path: Path = SEVEN) -> list[dict[str, Any]]:
        """Say that a reading is right; the answer, if it shows that, and what else is said."""
        (reading,) = await self.photo(path)
        data = next(one["data"] for row in reading["buttons"] for one in row if one["text"] == "✓")
        press = {"message_id": reading["message_id"], "data": data, "user": "guest"}
        pressing = asyncio.create_task(self._it.local.http.post("/local/presses", json=press, timeout=_PATIENCE_S))
        found = await self._after(
            reading["message_id"] - 1, lambda seen: self.is_refused or seen[0]["text"] != reading["text"]
        )
        pressing.cancel()
        return found

    async def right_lines(self) -> list[dict[str, Any]]:
        """The same of a photo of many digits."""
        return await self.right(_LINES)

    async def _after(self, number: int, is_done: Callable[[list[dict[str, Any]]], bool] = bool) -> list[dict[str, Any]]:
        """What the bot has said after a message, once that is something and nothing more comes."""
        until, since = time.monotonic() + _PATIENCE_S, time.monotonic()
        seen: list[dict[str, Any]] = []
        while time.monotonic() < until:
            now = [one for one in await self._it.local.messages(user="guest", after=number) if one["from"] == "bot"]
            if now != seen:
                seen, since = now, time.monotonic()
            if seen and is_done(seen) and time.monotonic() - since > self.settled_s:
                break
            await asyncio.sleep(0.05)
        return list({one["album"] or one["message_id"]: one for one in seen}.values())  # an album is one answer


def steps(people: People) -> dict[str, Callable[[], Awaitable[list[dict[str, Any]]]]]:
    """By method, what makes the bot call it."""
    return {
        "sendMessage": people.photo,
        "sendPhoto": people.lines,
        "sendMediaGroup": people.stats,
        "sendChatAction": people.photo,
        "getFile": people.photo,
        "download": people.photo,
        "getUpdates": people.photo,
        "answerCallbackQuery": people.right,
        "editMessageText": people.right,
        "editMessageCaption": people.right_lines,
    }


async def table(only: str | None, folder: Path) -> None:
    """Print for each method and fault how many answers are seen and after how long."""
    async with world(folder) as it:
        await it.start()
        people = People(it)
        for method, step in steps(people).items():
            if only not in {None, method}:
                continue
            usual = await step()
            if not usual:
                raise SystemExit(f"{method}: nothing is answered even without a fault")
            for name, fault in (FAULTS | OF_METHODS.get(method, {})).items():
                if name in _ONLY_SLOW.get(method, set()):
                    continue
                it.local.fail_next(method, **fault)
                people.settled_s = max(_SETTLED_S, fault.get("delay_s", 0.0) - _READ_TIMEOUT_S)
                people.is_refused = method.startswith("edit") and fault.get("status") == 400
                began = time.monotonic()
                seen = await step()
                took = time.monotonic() - began - people.settled_s
                people.settled_s, people.is_refused = _SETTLED_S, False
                same = [one["text"] for one in seen] == [one["text"] for one in usual]
                what = "as usual" if same else " | ".join(one["text"].partition("\n")[0] for one in seen)
                print(f"{method:20} {name:26} {len(seen)} answers in {took:5.1f} s: {what}", flush=True)


async def flood(folder: Path) -> None:
    """Print how long another chat waits while one is told to come back in 15 s."""
    async with world(folder) as it:
        await it.start()
        await delays(it, 3)
        said("idle", await delays(it))
        it.local.fail_next("sendMessage", status=429, retry_after=_FLOOD_S)
        began = time.monotonic()
        photo = await it.local.say(user="admin", files={"photo": ("7.jpg", SEVEN.read_bytes())})
        await asyncio.sleep(1)
        said(f"one chat waits {_FLOOD_S} s", await delays(it))
        measured = time.monotonic() - began
        while not any(one["reply_to"] == photo for one in await it.local.messages(user="admin", after=photo, wait=5)):
            pass
        waited = time.monotonic() - began
        print(f"measured for {measured:.1f} s; the chat that waits has its answer after {waited:.1f} s")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser("python -m tests.bench.faults", description="A fault of each kind on each method.")
    parser.add_argument("--only", metavar="METHOD")
    parser.add_argument("--flood", action="store_true", help="one chat is made to wait 15 s; how long do others?")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(flood(Path(folder)) if options.flood else table(options.only, Path(folder)))


if __name__ == "__main__":
    main()
