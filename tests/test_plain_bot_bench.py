"""The comparison with a plain bot: chats that wait for their answers, the event loop's pauses, and the table."""

import asyncio
import itertools
import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import loopback
from tests.bench.beating import longest
from tests.bench.figures import NOTES
from tests.bench.plain_bot import Chats, Course, Load, put_through, report
from tests.local_server import serve
from tests.processes import ROOT
from tests.talking import SEVEN

TOKEN = "123456789:AAF" + 32 * "x"


class Answering:
    """A bot that answers every photo after a moment, and notes how many wait for it."""

    def __init__(self, origin: str) -> None:
        self._http = httpx.AsyncClient(verify=loopback.PLAIN, base_url=f"{origin}/bot{TOKEN}")
        self.waiting: list[list[int]] = []  # the chats, at each look

    async def run(self) -> None:
        """Poll and answer."""
        next_id = 0
        async with self._http as http:
            while True:
                body = (await http.get("/getUpdates", params={"offset": next_id, "timeout": 5})).json()
                messages = [update["message"] for update in body["result"]]
                next_id = body["result"][-1]["update_id"] + 1
                self.waiting.append([message["chat"]["id"] for message in messages])
                for message in messages:
                    await http.post("/sendMessage", json=answer(message))


def answer(message: dict[str, Any]) -> dict[str, Any]:
    """What the bot says to it."""
    reply = {"message_id": message["message_id"]}
    return {"chat_id": message["chat"]["id"], "text": "7", "reply_parameters": reply}


async def test_a_chat_sends_its_next_photo_when_the_last_is_answered() -> None:
    """All photos are answered and timed, and never is one chat there twice."""
    telegram = Chats(TOKEN, [SEVEN])
    async with serve(telegram.app) as origin:
        bot = Answering(origin)
        polling = asyncio.create_task(bot.run())
        seconds, took_s = await put_through(telegram, itertools.repeat(SEVEN.name), 7, 3)
        polling.cancel()
        with suppress(asyncio.CancelledError):
            await polling
        telegram.put([])  # lets go of the poll
    assert len(took_s) == len(telegram.said) == 7
    assert 0 < max(took_s) <= seconds
    assert all(len(set(chats)) == len(chats) <= 3 for chats in bot.waiting)


async def test_a_poll_that_will_not_wait_is_answered_at_once() -> None:
    """A bot asks so before it ends, and must not be held."""
    telegram = Chats(TOKEN, [SEVEN])
    async with serve(telegram.app) as origin, httpx.AsyncClient(verify=loopback.PLAIN, timeout=5) as http:
        found = await http.get(f"{origin}/bot{TOKEN}/getUpdates", params={"timeout": 0})
    assert found.json()["result"] == []
    assert telegram.asked_for_updates.is_set()


def test_a_pause_of_any_programs_event_loop_is_written_down(tmp_path: Path) -> None:
    """What blocks the loop is seen from outside, with when it was, by the clock of all processes."""
    program = "import asyncio, time\nasync def main():\n await asyncio.sleep(0.05); time.sleep(0.2)\n"
    program += " await asyncio.sleep(0.05)\nif __name__ == '__main__': asyncio.run(main())\n"
    (tmp_path / "blocking.py").write_text(program)
    pauses, began = tmp_path / "pauses", time.monotonic()
    command = [sys.executable, "-m", "tests.bench.beating", str(pauses), "blocking"]
    subprocess.run(command, env={"PYTHONPATH": f"{ROOT}:{tmp_path}"}, check=True)
    assert longest(pauses, began, time.monotonic()) >= 0.15


def test_only_the_pauses_of_the_time_in_question_count(tmp_path: Path) -> None:
    """Those of the start, or of another load, are left out; none is no pause."""
    (tmp_path / "pauses").write_text("10.5 0.9\n20.1 0.03\n20.7 0.05\n31.0 0.4\n")
    assert longest(tmp_path / "pauses", 20.0, 30.0) == 0.05
    assert longest(tmp_path / "pauses", 40.0, 50.0) == 0.0


def test_the_table_says_how_many_times_better_ours_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Less time and more photos a second both count for ours; each figure is noted for both, and their ratio."""
    monkeypatch.setenv(NOTES, str(tmp_path / "notes"))
    loads = [
        {chats: Load(rate, [1 / rate, 2 / rate], pause) for chats in (1, 8, 64)} for rate, pause in ((8, 0), (2, 1))
    ]
    report(Course("ours", 1.0, 0.1, 80, 100, 3, loads[0]), Course("plain", 5.0, 0.2, 600, 700, 6, loads[1]))
    lines = capsys.readouterr().out.splitlines()
    found = {line[:44].strip(): line[44:].split() for line in lines[1:-1]}
    assert found["ready after"] == ["1.00", "s", "5.00", "s", "5.0"]
    assert found["photos a second, 64 chats"] == ["8.0/s", "2.0/s", "4.0"]
    assert found["a processor's time for a photo"] == ["500", "ms", "1000", "ms", "2.0"]
    assert found["the event loop's longest pause of all"] == ["0", "ms", "1000", "ms", "–"]
    notes = [json.loads(line) for line in (tmp_path / "notes").read_text().splitlines()]
    names = {each["name"]: each["median"] for each in notes}
    assert names["ours.rate.8"] == 8
    assert names["plain.late.1"] == 1000
    assert names["ratio.memory_end"] == 7
    assert "ratio.pause" not in names
