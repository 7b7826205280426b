"""What the bot counts, and who may look at it."""

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from bot.web.metrics import MetricsPage
from model import UnreadablePhoto
from tests.fakes import Bot


async def shown(bot: Bot, client: str = "127.0.0.1", **headers: str) -> httpx.Response:
    """What /metrics says to a client of this address."""
    site = Starlette(routes=MetricsPage(bot.pool.vitals.registry, ["10.0.0.0/8"]).routes)
    transport = httpx.ASGITransport(site, client=(client, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        return await http.get("/metrics", headers=headers)


async def counted(bot: Bot) -> dict[tuple[str, str], float]:
    """Every sample by its name and its labels' values, as Prometheus' own parser reads them."""
    families = text_string_to_metric_families((await shown(bot)).text)
    return {(each.name, "/".join(each.labels.values())): each.value for family in families for each in family.samples}


async def test_pictures_are_counted_by_what_came_of_them(bot: Bot) -> None:
    """A reading, none, an unreadable file; each stage is timed; nothing says whose they were."""
    await bot.handle(message=bot.photo("7"))
    await bot.handle(message=bot.photo(""))
    bot.reader.failure = UnreadablePhoto("cut short", "a detail")
    await bot.handle(message=bot.photo("7"))
    found = await counted(bot)
    for outcome in ("read", "no digit", "cut short"):
        assert found["digits_pictures_total", outcome] == 1
    assert found["digits_updates_total", "message"] == 3
    assert found["digits_stage_seconds_count", "download"] == 3
    assert found["digits_stage_seconds_count", "read"] == 3
    assert found["digits_stage_seconds_count", "answer"] == 3


async def test_errors_are_counted_by_their_kind(bot: Bot) -> None:
    """The kind is the exception's name, never its text."""
    bot.reader.failure = ZeroDivisionError("secret detail")
    await bot.handle(message=bot.photo("7"))
    assert (await counted(bot))["digits_errors_total", "ZeroDivisionError"] == 1
    assert "secret" not in (await shown(bot)).text


async def test_what_is_under_way_is_shown_as_it_is_now(bot: Bot) -> None:
    """The served model, and any number that is asked for when somebody looks."""
    waiting = [3.0]
    bot.pool.vitals.watch(model=lambda: "v1", readings_under_way=lambda: waiting[0])
    assert (await counted(bot))["digits_readings_under_way", ""] == 3
    waiting[0] = 5
    found = await counted(bot)
    assert found["digits_readings_under_way", ""] == 5
    assert found["digits_model", "v1"] == 1


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("10.1.2.3", {}, 200),
        ("203.0.113.9", {}, 403),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.9"}, 403),
        ("nobody", {}, 403),
    ],
)
async def test_who_may_look(bot: Bot, client: str, headers: dict[str, str], status: int) -> None:
    """This machine and whom the setting names; not the world through a proxy on this machine."""
    assert (await shown(bot, client, **headers)).status_code == status
