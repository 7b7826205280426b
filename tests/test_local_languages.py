"""Two people in two languages, through the real client library and the local Bot API: what they choose outlives it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot import words
from bot.api.connection import BotApi
from bot.learning.trainer import Trainer
from tests.databases import migrated_file
from tests.fakes import Bot, ScriptedReader
from tests.local_server import Local, Stage
from tests.speaking import speaking_only

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHOOSE = words.languages.CHOOSE.english
CHOSEN = words.languages._CHOSEN.english
START = words.introduction.START.english


@pytest.fixture(autouse=True)
def catalogues(tmp_path: Path) -> Iterator[None]:
    """A little German and Arabic."""
    german = {START: "Hallo!", CHOOSE: "Welche Sprache?", CHOSEN: "Ab jetzt: {language}"}
    with speaking_only(tmp_path / "locale", {"de": german, "ar": {START: "مرحبا", CHOSEN: "الآن: {language}"}}):
        yield


@pytest_asyncio.fixture(loop_scope="module")
async def local(stage: Stage) -> AsyncIterator[Local]:
    """A local chat whose admin's Telegram speaks German and whose guest's Arabic."""
    async with stage.local_chat(admin_language="de", guest_language="ar") as running:
        yield running


@asynccontextmanager
async def polling(local: Local, folder: Path, database: str) -> AsyncIterator[None]:
    """A whole bot in that chat, until the block ends."""
    api = BotApi(local.chat.token, origin=local.origin)
    async with Bot(ScriptedReader(), Trainer(folder / "models"), api=api, database=database) as bot:
        updater = bot.application.updater
        assert updater is not None  # built with one
        await updater.start_polling(timeout=10)
        yield
        await updater.stop()


async def answer(local: Local, after: int, user: str) -> dict[str, Any]:
    """The bot's first message after another."""
    while True:
        said = await local.messages(after=after, user=user, wait=5)
        if found := [message for message in said if message["from"] == "bot"]:
            return found[0]


async def ask(local: Local, text: str, user: str) -> dict[str, Any]:
    """Say something; what the bot answers."""
    return await answer(local, await local.say(text, user=user), user)


async def press(local: Local, message: dict[str, Any], text: str, user: str) -> str:
    """Press the button of this text; what pops up."""
    data = {button["text"]: button["data"] for row in message["buttons"] for button in row}[text]
    body = {"message_id": message["message_id"], "data": data, "user": user}
    return str((await local.http.post("/local/presses", json=body)).json()["alert"])


async def test_two_people_are_answered_in_two_languages_at_once(local: Local, tmp_path: Path) -> None:
    """Neither has to choose anything."""
    async with polling(local, tmp_path, await migrated_file(tmp_path / "bot.db")):
        said = await asyncio.gather(*(ask(local, "/start", user) for user in ("admin", "guest")))
        assert [message["text"] for message in said] == ["Hallo!", "مرحبا"]


async def test_a_choice_outlives_the_bot_and_is_forgotten_on_request(local: Local, tmp_path: Path) -> None:
    """Pressed, said so in the new language, kept over a restart, for one person alone; /forget goes back."""
    database = await migrated_file(tmp_path / "bot.db")
    async with polling(local, tmp_path, database):
        question = await ask(local, "/language", "guest")
        assert await press(local, question, "Deutsch", "guest") == "Ab jetzt: Deutsch"
        (edited,) = await local.messages(since=question["revision"], user="guest")
        assert (edited["text"], edited["edits"]) == ("Ab jetzt: Deutsch", 1)
        assert "✓ Deutsch" in [button["text"] for row in edited["buttons"] for button in row]
        assert (await ask(local, "/language العربية", "admin"))["text"] == "الآن: \u2068العربية\u2069"
    async with polling(local, tmp_path, database):
        assert (await ask(local, "/start", "guest"))["text"] == "Hallo!"
        assert (await ask(local, "/start", "admin"))["text"] == "مرحبا"
        assert (await ask(local, "/forget", "guest"))["text"] == words.languages.FORGOTTEN.english
        assert (await ask(local, "/start", "guest"))["text"] == "مرحبا"
        assert (await ask(local, "/start", "admin"))["text"] == "مرحبا"
