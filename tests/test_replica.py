"""One process among those that serve a bot, on the fake Telegram."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.learning.trainer import Trainer
from bot.store import RENEWED_LEASE_S, StoreUnavailable
from bot.updates import replica
from bot.updates.arrivals import Arrivals
from bot.updates.replica import Replica
from tests.fakes import Bot, ScriptedReader

URL = "https://digits.example.org/telegram"


def replica_of(bot: Bot) -> Replica:
    """A process that could be one of the bot's."""
    arrivals = Arrivals(bot.application, bot.store.updates, quiet_s=0.02)
    return Replica(bot.application.bot, bot.store, arrivals, lambda: "v1", url=URL, secret="s3cret")


async def test_the_first_to_start_sets_the_webhook_and_the_last_to_stop_removes_it(bot: Bot) -> None:
    """Whoever stops while another serves leaves it set."""
    first, second = replica_of(bot), replica_of(bot)
    await first.join()
    (call,) = [call for call in bot.telegram.calls if call.method == "setWebhook"]
    assert call.parameters["url"] == URL
    assert call.parameters["secret_token"] == "s3cret"
    assert "callback_query" in call.parameters["allowed_updates"]
    await second.join()
    assert sorted((await bot.store.replicas.versions()).values()) == ["v1", "v1"]
    await first.leave()
    assert bot.telegram.webhook == URL
    await second.leave()
    assert bot.telegram.webhook == ""


async def test_a_webhook_of_somebody_else_is_not_removed(bot: Bot) -> None:
    """A bot that moved to another address goes on there when the last process at the old one stops."""
    process = replica_of(bot)
    await process.join()
    bot.telegram.webhook = "https://elsewhere.example.org/"
    await process.leave()
    assert bot.telegram.webhook == "https://elsewhere.example.org/"


async def test_without_the_database_the_webhook_stays(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether another process serves can't be told then, and Telegram keeps what it can't bring."""

    async def away(_: str) -> int:
        raise StoreUnavailable("away")

    process = replica_of(bot)
    await process.join()
    monkeypatch.setattr(bot.store.replicas, "leave", away)
    await process.leave()
    assert bot.telegram.webhook == URL


@pytest.mark.parametrize(("found", "then"), [("", URL), ("https://elsewhere.example.org/", None)])
async def test_a_webhook_that_was_removed_is_set_again(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, found: str, then: str | None
) -> None:
    """Somebody polled for a moment; but one that was set to another address is left to whoever did that."""
    monkeypatch.setattr(replica, "_BEAT_S", 0)
    monkeypatch.setattr(replica, "_LOOK_EVERY", 1)
    process = replica_of(bot)
    await process.join()
    bot.telegram.webhook = found
    with caplog.at_level(logging.WARNING):
        await bot.until(lambda: "webhook" in caplog.text)
        await bot.until(lambda: bot.telegram.webhook == (then or found))
    await process.leave()


async def test_what_is_being_handled_is_held_on_to(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lease is short, so that another process takes over soon from one that died, and is renewed at each beat."""
    monkeypatch.setattr(replica, "_BEAT_S", 0)
    process = replica_of(bot)
    renewed = []

    async def renew() -> None:
        renewed.append(bot.store.updates.lease_s)

    monkeypatch.setattr(bot.store.updates, "renew", renew)
    await living(process, bot, lambda: len(renewed) > 1)
    assert set(renewed) == {RENEWED_LEASE_S}


async def test_a_beat_without_the_database_is_not_the_last(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process lives on while its database is away."""
    monkeypatch.setattr(replica, "_BEAT_S", 0)
    beats = []

    async def away() -> None:
        beats.append(1)
        raise StoreUnavailable("away")

    monkeypatch.setattr(bot.store.updates, "renew", away)
    await living(replica_of(bot), bot, lambda: len(beats) > 2)


async def living(process: Replica, bot: Bot, until: Callable[[], bool]) -> None:
    """Let a process live until something is so."""
    await process.join()
    await bot.until(until)
    await process.leave()


async def test_two_processes_have_two_names(bot: Bot, tmp_path: Path) -> None:
    """Also on one machine."""
    async with Bot(ScriptedReader(), Trainer(tmp_path / "models")) as other:
        assert replica_of(bot).name != replica_of(other).name
