"""Two processes of one bot on one PostgreSQL, with a Telegram that brings updates: `tests.bench.cluster`, in short."""

import asyncio
import itertools
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.web.server import serving
from tests import loopback
from tests.bench.cluster import asked, matched, out_of_order
from tests.bench.replicas import PlainProcesses, free_ports, is_healthy, until_healthy
from tests.bench.telegram import Telegram, WebhookQueue
from tests.postgres import PostgresServer, postgres_server
from tests.processes import environment, measured
from tests.talking import SEVEN

pytestmark = pytest.mark.slow

TOKENS = [f"{number}:AAF{32 * 'x'}" for number in (123456789, 223456789)]  # the database tells bots apart


@pytest.fixture(scope="module")
def server(postgres_programs: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL that can be stopped."""
    with postgres_server(postgres_programs) as running:
        yield running


def settings(token: str, origin: str, server: PostgresServer) -> dict[str, str]:
    """What a process needs, with Telegram at `origin`."""
    return {
        "BOT_TOKEN": token,
        "BOT_API_URL": origin,
        "WEBHOOK_URL": "https://digits.example.org/telegram",
        "DATABASE_URL": server.url,
        "LOG_LEVEL": "WARNING",
    }


async def test_a_process_that_is_killed_loses_nothing(tmp_path: Path, server: PostgresServer) -> None:
    """All updates of all chats are answered, in each chat's order."""
    random.seed(0)
    telegram = Telegram(TOKENS[0], [SEVEN])
    async with (
        serving(telegram.app, "127.0.0.1", 0) as origin,
        PlainProcesses(2, tmp_path, settings(TOKENS[0], origin, server) | measured()) as bots,
    ):
        queue = WebhookQueue(telegram, lambda: bots.origins)
        updates = [telegram.photo(chat, SEVEN.name) for _ in range(5) for chat in range(70, 76)]
        delivering = asyncio.create_task(queue.deliver(updates))
        while len(telegram.said) < 10:  # noqa: ASYNC110 there is no event
            await asyncio.sleep(0.01)
        assert await bots.kill()
        await delivering
        answers, unasked = matched(updates, telegram.said)
        assert all(answers.values())
        assert out_of_order(answers) == 0
        assert unasked == []


async def test_a_database_that_is_away_at_the_start_is_waited_for(tmp_path: Path, server: PostgresServer) -> None:
    """One line in the log, 503 for what is brought, and all is well when it is there; a stop removes the webhook."""
    telegram = Telegram(TOKENS[1], [SEVEN])
    server.stop()
    try:
        async with serving(telegram.app, "127.0.0.1", 0) as origin:
            (port,) = free_ports(1)
            own = {"HTTP_PORT": str(port), "DATA_DIR": str(tmp_path)}
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot"),
                cwd=tmp_path,
                env=environment(**settings(TOKENS[1], origin, server), **own) | measured(),
                stderr=asyncio.subprocess.PIPE,
            )
            assert process.stderr is not None  # asked for above
            try:
                line = (await process.stderr.readline()).decode()
                assert "Telegram keeps what comes" in line
                here = f"http://127.0.0.1:{port}"
                assert not await is_healthy(here)
                assert (await asyncio.to_thread(loopback.post, f"{here}/telegram")).status_code == 401
                server.start()
                await until_healthy(here)
                update = telegram.photo(7, SEVEN.name)
                await WebhookQueue(telegram, lambda: [here]).deliver([update])
                assert [said.reply_to for said in telegram.said] == [update.message_id]
            finally:
                process.terminate()
                rest = await process.stderr.read()
                assert await process.wait() == 0
            assert telegram.webhook == {}
            assert b"can't be used" not in rest
    finally:
        server.stop()
        server.start()


def test_what_the_bench_asks_is_more_photos_than_texts() -> None:
    """Of ten updates of a chat six are photos, and no two texts that follow each other have one answer."""
    found = asked(Telegram(TOKENS[0], [*(SEVEN.parent.glob("*.jpg"))]), 10, 1)
    assert sum(not one.expects for one in found) == 6
    texts = [one.expects for one in found if one.expects]
    assert all(one != after for one, after in itertools.pairwise(texts))
