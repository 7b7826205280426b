"""The pictures below /help: what they show, and how they are sent."""

import io
from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image
from telegram import Bot as Client
from telegram import Message

from bot import words
from bot.api.connection import BotApi
from bot.drawn.examples import make_examples, shipped_examples
from bot.handlers.examples import Examples
from bot.local import ADMIN_ID, GUEST_ID
from model import load_reader
from tests.fakes import GROUP, Bot
from tests.local_server import Local
from tests.pressing import sent

CAPTIONS = [words.examples.caption(each.name, each.written, each.confidence) for each in shipped_examples()]


def test_the_shipped_examples_are_what_the_reader_says_today() -> None:
    """Pictures and figures come from the samples and the shipped model: a better one makes them anew."""
    for made, shipped in zip(make_examples(load_reader().read), shipped_examples(), strict=True):
        assert (made.name, made.written) == (shipped.name, shipped.written)
        assert made.confidence == pytest.approx(shipped.confidence, abs=0.02)  # room for other processors
        fresh, old = (
            np.asarray(Image.open(io.BytesIO(each.picture)).convert("L").resize((64, 48)), np.float32)
            for each in (made, shipped)
        )
        assert np.abs(fresh - old).max() < 12, made.name


def test_the_examples_are_one_of_each_kind() -> None:
    """One is sure, one is in doubt, one has no digit; each is said in a line."""
    good, doubtful, refused = shipped_examples()
    assert good.confidence >= 0.9 > doubtful.confidence > 0.5
    assert refused.written == ""
    sure = f"{round(100 * good.confidence)} %", f"{round(100 * doubtful.confidence)} %"
    first, second, third = CAPTIONS
    assert first == f"Sharp and whole: 4825, {sure[0]} sure."
    assert second.startswith(f"Cut off at the edge: 36, {sure[1]} sure. ")
    assert third == "No digit: then I say so, and guess nothing."


async def test_help_shows_three_pictures_below_its_text(bot: Bot) -> None:
    """They come after the text, in one album, a caption each."""
    await bot.handle(message=bot.command("/help"))
    assert [call.method for call in bot.telegram.calls] == ["sendMessage", "sendMediaGroup"]
    (album,) = sent(bot, "sendMediaGroup")
    assert [each["caption"] for each in album.parameters["media"]] == CAPTIONS
    assert list(album.files) == [each.picture for each in shipped_examples()]


@pytest.mark.parametrize(("command", "chat"), [("/help", GROUP), ("/start", None)])
async def test_pictures_come_with_help_in_private_only(bot: Bot, command: str, chat: dict[str, object] | None) -> None:
    """A group gets the text alone, and so does whoever greets the bot."""
    asked = bot.command(command) | ({"chat": chat} if chat else {})
    assert len(await bot.handle(message=asked)) == 1
    assert sent(bot, "sendMediaGroup") == []


async def test_pictures_that_can_not_be_sent_leave_the_help_as_it_is(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    """The text was said, nobody gets an apology, and the log says what went wrong."""
    bot.telegram.failures["sendMediaGroup"] = (400, "Bad Request: not enough rights to send photos")
    (said,) = await bot.handle(message=bot.command("/help"))
    assert "/read" in said
    assert "Not enough rights" in caplog.text


# ── at the local Bot API, whose files are kept


@pytest_asyncio.fixture(loop_scope="module")
async def client(local: Local) -> AsyncIterator[Client]:
    """The client library at the local chat."""
    api = BotApi(local.chat.token, origin=local.origin)
    async with Client(api.token, f"{api.url}/bot", f"{api.url}/file/bot") as running:
        yield running


async def asked(client: Client, person: int = ADMIN_ID) -> Message:
    """A message to answer."""
    return await client.send_message(person, "help")


async def shown(local: Local, user: str = "admin") -> list[tuple[str, str]]:
    """The pictures of a chat with their captions."""
    return [(one["photo"], one["text"]) for one in await local.messages(user=user) if one["photo"]]


@pytest.mark.asyncio(loop_scope="module")
async def test_the_pictures_are_uploaded_once(local: Local, client: Client) -> None:
    """The second time, for another person, Telegram is told the files that it has."""
    examples = Examples()
    await examples.send(await asked(client))
    await examples.send(await asked(client, GUEST_ID))
    first, second = await shown(local), await shown(local, "guest")
    assert [caption for _, caption in first] == CAPTIONS
    assert first == second


@pytest.mark.asyncio(loop_scope="module")
async def test_files_that_telegram_does_not_know_any_more_are_uploaded_again(local: Local, client: Client) -> None:
    """Nobody misses the pictures, and from then on the new files are named."""
    examples = Examples()
    await examples.send(await asked(client))
    local.fail_next("sendMediaGroup", status=400, description="Bad Request: wrong file identifier specified")
    for _ in range(2):
        await examples.send(await asked(client))
    pictures = await shown(local)
    first, second, third = pictures[:3], pictures[3:6], pictures[6:]
    assert first != second == third
    assert [caption for _, caption in second] == CAPTIONS
