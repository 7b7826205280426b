"""Sending a drawing to the chat, over real HTTP, to a whole bot on a fake Telegram."""

import asyncio
import contextlib
import io
import json
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette

from bot import words
from bot.handlers.language import Languages
from bot.init_data import MAX_AGE_S, signed
from bot.learning.trainer import Trainer
from bot.web.draw_png import MAX_BYTES
from bot.web.sent import SentDrawings
from model import UnreadablePhoto
from tests import loopback
from tests.fakes import ADMIN_ID, BLANK, PERSON, TOKEN, Bot, ScriptedReader
from tests.local_server import serve
from tests.pictures import encode, paper
from tests.pressing import buttons, press, sent

NOW = 1_800_000_000
ADA = 7  # PERSON's id


@dataclass(frozen=True)
class Page:
    """The draw page's side."""

    bot: Bot
    drawings: SentDrawings
    http: httpx.AsyncClient

    async def send(self, png: bytes, **headers: str) -> httpx.Response:
        """Send a PNG with these headers; without any, as Ada."""
        return await self.http.post("/draw/send", content=png, headers=headers or signed_by())

    async def refusal(self, png: bytes, **headers: str) -> tuple[int, str]:
        """The status and the sentence of a drawing that must be refused; nothing may have been said or kept of it."""
        response = await self.send(png, **headers)
        assert list(response.json()) == ["error"]
        assert not sent(self.bot, "sendMessage")
        assert await self.bot.store.readings.recall(1) is None
        today, _ = await self.bot.store.readings.tally()
        assert (today.readings, today.refusals) == (0, 0)
        return response.status_code, response.json()["error"]


def signed_by(user_id: int = ADA, date: int = NOW, **fields: object) -> dict[str, str]:
    """The header of somebody who opened the page."""
    user = json.dumps({"id": user_id, "first_name": "Ada", **fields})
    return {"x-telegram-init-data": signed({"auth_date": str(date), "query_id": "AAE", "user": user}, TOKEN)}


def a_drawing(digits: str) -> bytes:
    """A PNG that ScriptedReader reads as `digits`."""
    return BLANK + digits.encode()


@contextlib.asynccontextmanager
async def page_of(bot: Bot) -> AsyncIterator[Page]:
    """Serve the page of a bot that is ready."""
    drawings = SentDrawings(TOKEN, lambda: NOW)
    drawings.ready(bot.application.bot, bot.answers, Languages(bot.store.people).of)
    async with (
        serve(Starlette(routes=drawings.routes)) as origin,
        httpx.AsyncClient(verify=loopback.PLAIN, base_url=origin, timeout=20) as http,
    ):
        yield Page(bot, drawings, http)


@pytest.fixture
async def page(bot: Bot) -> AsyncIterator[Page]:
    """The page of a bot that is ready."""
    async with page_of(bot) as running:
        yield running


async def test_a_drawn_digit_is_answered_in_its_senders_chat(page: Page) -> None:
    """One message: the drawing, its reading below, both buttons; its id is what the page gets."""
    response = await page.send(a_drawing("7"))
    (call,) = sent(page.bot, "sendPhoto", "sendMessage")
    assert (response.status_code, response.json()) == (200, {"message_id": page.bot.telegram.last_id})
    assert call.parameters["chat_id"] == ADA
    assert call.parameters["caption"] == "<code>7</code>\n97 % sure"
    assert list(buttons(call))[:2] == [words.corrections.RIGHT, words.corrections.WRONG]
    picture = Image.open(io.BytesIO(call.files[0]))
    assert (picture.format, picture.convert("L").getextrema()) == ("JPEG", (225, 225))  # the page alone, nothing on it


async def test_a_drawn_number_comes_back_with_its_boxes(page: Page) -> None:
    """As a photographed one does."""
    await page.send(a_drawing("42"))
    (call,) = sent(page.bot, "sendPhoto")
    assert call.parameters["caption"].startswith("<code>42</code>")
    picture = Image.open(io.BytesIO(call.files[0])).convert("L")
    assert sum(picture.histogram()[:150]) > 100  # the boxes are darker than anything on the page


async def test_a_drawing_is_answered_in_the_language_of_its_sender(page: Page) -> None:
    """Telegram's, as it vouches for it, or the one that was chosen; what it claims that is no language is English."""
    for tag in ("de-AT", 7, {"de": 1}, None):
        await page.send(a_drawing("7"), **signed_by(language_code=tag))
    await page.bot.store.people.choose(ADA, "tr")
    await page.send(a_drawing("7"), **signed_by(language_code="de"))
    captions = [call.parameters["caption"].partition("\n")[2] for call in sent(page.bot, "sendPhoto")]
    shares = ("97\xa0%", "97 %", "97 %", "97 %", "%97")
    assert [share in caption for share, caption in zip(shares, captions, strict=True)] == [True] * 5


async def test_a_drawing_without_a_digit_is_answered_too(page: Page) -> None:
    """The answer says so, with the way to say that there is one."""
    await page.send(a_drawing(""))
    (call,) = sent(page.bot, "sendPhoto")
    assert call.parameters["caption"].startswith("I see no digit here.")
    assert list(buttons(call)) == [words.corrections.THERE_IS_ONE()]


async def test_a_drawing_can_be_corrected(page: Page) -> None:
    """✗ under a drawn 7, then 1: stored as any correction is, for its sender alone to make."""
    await page.send(a_drawing("7"))
    wrong = buttons(sent(page.bot, "sendPhoto")[0])[words.corrections.WRONG]
    assert await press(page.bot, wrong, {**PERSON, "id": 99}) == words.corrections.NOT_YOURS()
    await press(page.bot, wrong)
    await press(page.bot, wrong.replace("wrong", "is:1"))
    (correction,) = await page.bot.store.corrections.waiting(10)
    assert (correction.label, correction.said, correction.giver_id) == (1, 7, ADA)


async def test_nobody_sends_to_another_persons_chat(page: Page) -> None:
    """Whatever chat or user a request names besides, the drawing goes to whom Telegram vouched for."""
    url = f"/draw/send?chat_id={ADMIN_ID}&user_id={ADMIN_ID}"
    headers = signed_by() | {"x-chat-id": str(ADMIN_ID)}
    assert (await page.http.post(url, content=a_drawing("7"), headers=headers)).status_code == 200
    assert [call.parameters["chat_id"] for call in sent(page.bot, "sendPhoto")] == [ADA]


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("", "missing"),
        ("hello", "malformed"),
        (signed_by()["x-telegram-init-data"].replace("Ada", "Eve"), "forged"),
        (signed_by(date=NOW - MAX_AGE_S - 1)["x-telegram-init-data"], "expired"),
        (signed_by(date=NOW + 1000)["x-telegram-init-data"], "from the future"),
        (signed({"auth_date": str(NOW)}, TOKEN), "without a user"),
    ],
)
async def test_a_sender_whom_telegram_does_not_vouch_for(page: Page, header: str, problem: Any) -> None:
    """401 with what to do, before the body is looked at."""
    headers = {"x-telegram-init-data": header}
    assert await page.refusal(a_drawing("7"), **headers) == (401, words.drawing.wrong_init_data(problem))
    assert not page.bot.reader.photos


async def test_a_machine_whose_clock_is_slow_is_told_so(page: Page, caplog: pytest.LogCaptureFixture) -> None:
    """Only Telegram can sign for a time to come: whoever runs the bot has something to mend, the sender has not."""
    await page.refusal(a_drawing("7"), **signed_by(date=NOW + 1000))
    assert "is this machine's clock slow?" in caplog.text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"hello", 415),
        (encode(paper(40, 40), "JPEG"), 415),
        (BLANK[:20], 422),
        (encode(paper(3000, 10)), 413),
        (BLANK + bytes(MAX_BYTES), 413),
    ],
)
async def test_what_is_no_drawing(page: Page, body: bytes, status: int) -> None:
    """Not a PNG, cut short, too many pixels, too many bytes: each its status, and nothing is read."""
    got, sentence = await page.refusal(body, **signed_by())
    assert got == status
    assert sentence.endswith(".")
    assert not page.bot.reader.photos


async def test_a_png_that_can_not_be_decoded(page: Page) -> None:
    """What the reader can't read is said in the chat's own words."""
    page.bot.reader.failure = UnreadablePhoto("cut short", "IDAT")
    assert await page.refusal(a_drawing("7"), **signed_by()) == (422, words.replies.unreadable("cut short"))


async def test_more_drawings_than_a_person_may_send(tmp_path: Path) -> None:
    """429 says when to go on; drawings and photos share one limit, and admins have none."""
    async with Bot(ScriptedReader(), Trainer(tmp_path), readings_per_minute=2) as bot, page_of(bot) as limited:
        await bot.handle(message=bot.photo("7"))
        assert (await limited.send(a_drawing("7"))).status_code == 200
        response = await limited.send(a_drawing("7"))
        assert response.status_code == 429
        assert 1 <= int(response.headers["retry-after"]) <= 60
        assert "more than 2 pictures a minute" in response.json()["error"]
        answers = [await limited.send(a_drawing("7"), **signed_by(ADMIN_ID)) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 200]


@pytest.mark.parametrize(
    ("failure", "status", "sentence"),
    [
        ((403, "Forbidden: bot was blocked by the user"), 403, words.drawing.BLOCKED()),
        ((400, "Bad Request: chat not found"), 403, words.drawing.BLOCKED()),
        ((400, "Bad Request: something else"), 502, words.drawing.NOT_SENT()),
    ],
)
async def test_a_drawing_that_telegram_does_not_take(
    page: Page, failure: tuple[int, str], status: int, sentence: str
) -> None:
    """The page says why, and neither the reading nor its count is kept."""
    page.bot.telegram.failures |= {"sendPhoto": failure, "sendMessage": failure}
    response = await page.send(a_drawing("7"))
    assert (response.status_code, response.json()) == (status, {"error": sentence})
    assert await page.bot.store.readings.recall(1) is None
    today, _ = await page.bot.store.readings.tally()
    assert (today.readings, today.refusals) == (0, 0)


async def test_a_drawing_while_the_bot_starts_or_stops(page: Page) -> None:
    """503 says to come again, and when."""
    await page.drawings.stop()
    response = await page.send(a_drawing("7"))
    assert (response.status_code, response.json()) == (503, {"error": words.drawing.NOT_READY()})
    assert int(response.headers["retry-after"]) > 0


async def test_a_drawing_that_is_read_while_the_bot_stops_is_still_answered(page: Page) -> None:
    """Stopping waits for it; the bot must not be shut down below it."""
    gate = page.bot.reader.gate = threading.Event()
    sending = asyncio.create_task(page.send(a_drawing("7")))
    await page.bot.until(lambda: bool(page.bot.reader.photos))
    stopping = asyncio.create_task(page.drawings.stop())
    assert (await page.send(a_drawing("8"))).status_code == 503  # stopping has begun, and takes no more
    assert not stopping.done()
    gate.set()
    await stopping
    assert len(sent(page.bot, "sendPhoto")) == 1
    assert (await sending).status_code == 200


async def test_the_log_of_a_refusal_holds_nothing_of_the_sender(page: Page, caplog: pytest.LogCaptureFixture) -> None:
    """Init data is as good as a password for an hour: it is in no log line."""
    caplog.set_level("DEBUG")
    forged = signed_by()["x-telegram-init-data"].replace("Ada", "Eve")
    await page.refusal(a_drawing("7"), **{"x-telegram-init-data": forged})
    assert "forged" in caplog.text
    assert "Eve" not in caplog.text
    assert forged.rpartition("hash=")[2] not in caplog.text
