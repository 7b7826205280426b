"""One bot, whichever way its updates come: polled, brought to a webhook, or brought to one of several on Ray."""

import ast
import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.learning.trainer import Trainer
from bot.running import Bot as RunningBot
from bot.running import CannotStart, webhook_app
from bot.settings import Settings
from tests.fakes import TOKEN, Bot, ScriptedReader
from tests.processes import ROOT

URL = "https://digits.example.org/telegram"


def handlers(bot: Bot) -> list[tuple[int, str, str, str]]:
    """What handles which updates, in the order in which it is asked."""
    return [
        (group, type(handler).__name__, handler.callback.__qualname__, str(getattr(handler, "filters", "")))
        for group, all_of_it in sorted(bot.application.handlers.items())
        for handler in all_of_it
    ]


def test_the_handlers_are_the_same_whichever_way_updates_come(tmp_path: Path) -> None:
    """What is set for a webhook changes who brings updates, and nothing of what is done with them."""
    trainer = Trainer(tmp_path)
    polled, brought = Bot(ScriptedReader(), trainer), Bot(ScriptedReader(), trainer, webhook_url=URL)
    assert handlers(polled) == handlers(brought)
    assert len(handlers(polled)) > 20


def test_ray_serves_what_a_single_process_does() -> None:
    """The module that Ray imports makes the same application as any ASGI server would have, and nothing else."""
    tree = ast.parse((ROOT / "bot" / "cluster.py").read_text())
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert "bot.running" in imported
    assert not any(module and module.startswith("bot.handlers") for module in imported)


@pytest.mark.parametrize("missing", ["bot_token", "webhook_url"])
def test_an_engine_needs_a_token_and_a_webhook(missing: str) -> None:
    """A local chat in each of several processes would be several chats: the start says in a line what is missing."""
    given: dict[str, Any] = {"bot_token": TOKEN, "webhook_url": URL} | {missing: ""}
    with pytest.raises(CannotStart, match="BOT_TOKEN and WEBHOOK_URL are needed"):
        webhook_app(Settings(**given))


@pytest.mark.usefixtures("logging_as_before")
async def test_a_replica_of_an_older_version_does_not_start(tmp_path: Path) -> None:
    """It would not know what the database means. It says so in a line and ends; nobody waits for that to pass."""
    with closing(sqlite3.connect(tmp_path / "bot.db")) as database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        database.execute("INSERT INTO alembic_version VALUES ('9999')")
        database.commit()
    given: dict[str, Any] = {"bot_token": TOKEN, "webhook_url": URL, "data_dir": tmp_path}
    bot = RunningBot(Settings(**given))
    try:
        with pytest.raises(CannotStart, match="written by a newer version"):
            await bot.start("", asyncio.Event())
    finally:
        await bot.close()
