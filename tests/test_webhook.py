"""What is brought to the webhook over real HTTP, and what does not come from Telegram."""

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot.updates.arrivals import Arrivals
from bot.web.webhook import Webhook, secret_of
from tests import loopback
from tests.fakes import TOKEN, Bot
from tests.local_server import serve

SECRET = secret_of(TOKEN)


@dataclass(frozen=True)
class Telegram:
    """Whoever brings updates."""

    bot: Bot
    webhook: Webhook
    http: httpx.AsyncClient

    async def bring(self, body: Any, secret: str = SECRET) -> httpx.Response:
        """Bring a body: bytes as they are, anything else as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"x-telegram-bot-api-secret-token": secret, "content-type": "application/json"}
        return await self.http.post("/telegram", content=content, headers=headers)

    def a_photo(self) -> dict[str, Any]:
        """An update with a photo of a seven."""
        update: dict[str, Any] = json.loads(self.bot.update(message=self.bot.photo("7")).to_json())
        return update


@pytest.fixture
async def telegram(bot: Bot) -> AsyncIterator[Telegram]:
    """A bot that is brought its updates."""
    webhook = Webhook("/telegram", SECRET)
    webhook.ready(bot.application.bot, Arrivals(bot.application, bot.store.updates).take)
    async with (
        serve(Starlette(routes=webhook.routes)) as origin,
        httpx.AsyncClient(base_url=origin, verify=loopback.PLAIN) as http,
    ):
        yield Telegram(bot, webhook, http)


async def test_an_update_that_was_handled_is_confirmed(telegram: Telegram) -> None:
    """200 comes when the answer was sent, and brought again it is confirmed at once."""
    update = telegram.a_photo()
    for _ in range(2):
        assert (await telegram.bring(update)).status_code == 200
        assert len(telegram.bot.telegram.sent()) == 1


@pytest.mark.parametrize("secret", ["", "wrong", SECRET[:-1], SECRET + "0"])
async def test_a_wrong_secret_is_refused(telegram: Telegram, secret: str, caplog: pytest.LogCaptureFixture) -> None:
    """401, nothing is handled, and the log holds neither the secret nor what was sent."""
    caplog.set_level(logging.DEBUG)
    response = await telegram.bring(telegram.a_photo(), secret)
    assert response.status_code == 401
    assert telegram.bot.telegram.calls == []
    assert SECRET not in caplog.text
    assert "photo7" not in caplog.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        [],
        7,
        {},
        {"update_id": "7"},
        {"update_id": True},
        {"update_id": 7, "message": 7},
        {"update_id": 7, "message": {"message_id": 1}},
        {"update_id": 7, "message": {"message_id": 1, "date": "noon", "chat": {"id": 7, "type": "private"}}},
    ],
)
async def test_a_body_that_is_no_update_is_refused(telegram: Telegram, body: Any) -> None:
    """400, whatever it is, and nothing is handled."""
    response = await telegram.bring(body)
    assert (response.status_code, response.json()) == (400, {"error": "this is no update"})
    assert telegram.bot.telegram.calls == []


async def test_a_body_of_10_mb_is_refused(telegram: Telegram) -> None:
    """413, whether its size is announced or found out on the way."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(160):
            yield b" " * 65536

    assert (await telegram.bring(b" " * 10_485_760)).status_code == 413
    headers = {"x-telegram-bot-api-secret-token": SECRET}
    assert (await telegram.http.post("/telegram", content=chunks(), headers=headers)).status_code == 413


async def test_what_comes_before_the_start_or_after_the_stop_comes_again(telegram: Telegram) -> None:
    """503 says when: Telegram keeps the update."""
    telegram.webhook.stopping()
    response = await telegram.bring(telegram.a_photo())
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert telegram.bot.telegram.calls == []


async def test_an_update_of_a_kind_to_come_is_confirmed(telegram: Telegram) -> None:
    """What the client library does not know yet is nothing to answer, and is not brought for a day."""
    assert (await telegram.bring({"update_id": 7, "thought": {"id": 1}})).status_code == 200


async def test_only_telegrams_way_of_asking_is_answered(telegram: Telegram) -> None:
    """A browser that looks at the address sees nothing there."""
    assert (await telegram.http.get("/telegram")).status_code == 405
