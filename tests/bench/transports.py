"""What a photo costs, whichever way its update comes: `python -m tests.bench.transports [--photos 300] [--ray]`.

The same photos by the same chats, in one run: polled by one process, brought to one, and brought to two on Ray. The
processor's time is that of the bot and of all that runs beside it for its sake, Ray's own processes included, without
that of PostgreSQL and of the stand-in for Telegram.
"""

import argparse
import asyncio
import itertools
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.local.wire import read_params
from bot.web.server import serving
from tests.bench.replicas import PlainProcesses, Replicas
from tests.bench.telegram import Asked, Telegram, WebhookQueue
from tests.postgres import INSTALL, postgres_server, programs
from tests.processes import ROOT

_PHOTOS: Final = sorted((ROOT / "bot" / "local" / "page" / "samples").glob("*.jpg"))
_CHATS: Final = 30
_WARM: Final = 30  # photos before those that count: a reader's first ones take longer
_SETTINGS: Final = {"READINGS_PER_MINUTE": "100000", "MESSAGES_PER_SECOND": "1000", "LOG_LEVEL": "WARNING"}
_WEBHOOK: Final = {"WEBHOOK_URL": "https://digits.example.org/telegram"}
_HOLD_S: Final = 10.0


class PolledTelegram(Telegram):
    """Telegram that can also be asked for updates."""

    def __init__(self, token: str, photos: Sequence[Path]) -> None:
        super().__init__(token, photos)
        self.waiting: list[Asked] = []
        self._news = asyncio.Event()

    def put(self, updates: Sequence[Asked]) -> None:
        """Let updates wait."""
        self.waiting += updates
        self._news.set()

    async def _call(self, request: Request) -> Response:
        if request.path_params["method"].lower() != "getupdates":
            return await super()._call(request)
        async with read_params(request) as params:
            offset, hold_s = params.integer("offset") or 0, min(params.integer("timeout") or 0, _HOLD_S)
        self.waiting = [update for update in self.waiting if update.body["update_id"] >= offset]
        if not self.waiting:
            self._news.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), hold_s)
        found: list[Any] = [update.body for update in self.waiting[:100]]
        return JSONResponse({"ok": True, "result": found})


async def measured(telegram: PolledTelegram, bots: Replicas, count: int, *, is_polled: bool) -> tuple[float, float]:
    """Milliseconds of a processor a photo, and photos a second."""
    names = itertools.cycle(_PHOTOS)
    async with bots:
        for photos in (_WARM, count):
            cpu_s, began, before = bots.cpu_s(), time.monotonic(), len(telegram.said)
            updates = [telegram.photo(1000 + number % _CHATS, next(names).name) for number in range(photos)]
            if is_polled:
                telegram.put(updates)
                while len(telegram.said) < before + photos:  # noqa: ASYNC110 there is no event
                    await asyncio.sleep(0.05)
            else:
                await WebhookQueue(telegram, lambda: bots.origins).deliver(updates)
        took_s = time.monotonic() - began
        return 1000 * (bots.cpu_s() - cpu_s) / count, count / took_s


async def measure(options: argparse.Namespace, database: str, folder: Path) -> None:
    """Measure one way after the other."""
    ways: list[tuple[str, int, dict[str, str]]] = [("polled", 1, {}), ("brought to one", 1, _WEBHOOK)]
    ways += [("brought to two", 2, _WEBHOOK)] + ([("brought to two on Ray", 0, _WEBHOOK)] if options.ray else [])
    for number, (name, processes, own) in enumerate(ways):
        token = f"{number + 1}23456789:AAF{32 * 'x'}"  # the database tells bots apart
        telegram = PolledTelegram(token, _PHOTOS)
        async with serving(telegram.app, "127.0.0.1", 0) as origin:
            settings = _SETTINGS | own | {"BOT_TOKEN": token, "BOT_API_URL": origin, "DATABASE_URL": database}
            home = folder / str(number)
            home.mkdir()
            bots = PlainProcesses(processes, home, settings) if processes else _on_ray(home, settings)
            cpu_ms, rate = await measured(telegram, bots, options.photos, is_polled=not own)
            telegram.put([])  # lets go of the poll that nobody waits for any more
            print(f"{name}: {cpu_ms:.0f} ms of a processor a photo, {rate:.1f} photos/s", flush=True)


def _on_ray(folder: Path, settings: dict[str, str]) -> Replicas:
    from tests.bench.on_ray import RayNodes

    return RayNodes(folder, settings)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser("python -m tests.bench.transports", description="What a photo costs.")
    parser.add_argument("--photos", type=int, default=300, metavar="N")
    parser.add_argument("--ray", action="store_true", help="on two Ray nodes too")
    options = parser.parse_args()
    binaries = programs()
    if binaries is None:
        parser.error(f"PostgreSQL is missing: {INSTALL}")
    with tempfile.TemporaryDirectory() as folder, postgres_server(binaries) as server:
        asyncio.run(measure(options, server.url, Path(folder)))


if __name__ == "__main__":
    main()
