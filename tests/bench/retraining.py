"""An admin's training while several bots read photos: for `tests.bench.cluster`.

/retrain, ✅, the verdict, and where that says "refused" the buttons that serve the new version all the same. What is
measured is how long some replica still reads with the old version after the new one is in service.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import httpx

from bot.buttons.presses import Serve, Train, pressed
from tests import loopback
from tests.bench.telegram import Said, Telegram, WebhookQueue

ADMIN: Final = 77
"""The admin's user id, and chat."""

_TRAINED_S: Final = 900  # the load takes most of the processor
_ASK_S: Final = 0.1
_BEFORE_S, _AFTER_S = 5.0, 5.0  # of load, around it


def retraining_settings(folder: Path) -> dict[str, str]:
    """What the bots need for a short training, whose versions they share below `folder`."""
    return {
        "ADMIN_IDS": str(ADMIN),
        "MODELS_URL": f"file://{folder}/depot",
        "RETRAIN_EPOCHS": "1",
        "RETRAIN_DIGITS": "2000",
    }


async def retraining(telegram: Telegram, queue: WebhookQueue, origins: Callable[[], Sequence[str]]) -> None:
    """Train, serve the new version, and print how long that takes everywhere."""
    await asyncio.sleep(_BEFORE_S)
    began = time.monotonic()
    await queue.deliver([telegram.text(ADMIN, "/retrain", "")])
    question = await _said(telegram, 0, "Train a new model")
    watching = asyncio.create_task(_watch(origins()))
    await _press(telegram, queue, question, "go")
    verdict = await _said(telegram, telegram.said.index(question) + 1, "Trained in|Training failed")
    said = re.sub(r"<.*?>", "", verdict.text)
    print(f"/retrain to its verdict: {verdict.at - began:.0f} s; it says: {' / '.join(said.split(chr(10) * 2))}")
    served, what = verdict.at, "the verdict"
    if "promoted" not in verdict.text:
        await _press(telegram, queue, verdict, "serve")
        warning = await _said(telegram, telegram.said.index(verdict) + 1, "")
        served, what = time.monotonic(), "the press"
        await _press(telegram, queue, warning, "surely")
    first, lasts = await watching
    by_proxy = ", ".join(f"{last - first:+.2f} s" for last in lasts)
    print(f"the first answer of /healthz with the new version: {first - served:+.2f} s from {what}")
    print(f"the last ones with the old version, by proxy: {by_proxy} from that")
    await asyncio.sleep(_AFTER_S)
    failed = Counter(outcome for at, outcome in queue.outcomes if at >= began and not outcome.startswith("2"))
    print(f"deliveries that failed: {', '.join(f'{count} × {what}' for what, count in failed.items()) or 'none'}")


async def _said(telegram: Telegram, start: int, pattern: str) -> Said:
    """Wait for what the admin is told, from message number `start` on."""
    async with asyncio.timeout(_TRAINED_S):
        while True:
            for message in telegram.said[start:]:
                if message.chat == ADMIN and re.match(pattern, message.text):
                    return message
            await asyncio.sleep(_ASK_S)


async def _press(telegram: Telegram, queue: WebhookQueue, message: Said, act: str) -> None:
    presses = ((button, pressed(button)) for button in message.buttons)
    (data,) = (button for button, press in presses if isinstance(press, Train | Serve) and press.act == act)
    await queue.deliver([telegram.press(ADMIN, message, data)])


async def _watch(origins: Sequence[str]) -> tuple[float, list[float]]:
    """Ask by all ways which version is served, until all have said another one for a while.

    When the first answer with another one came, and when those were asked for, by way, that still named the first one.
    """
    async with _http() as http, asyncio.timeout(_TRAINED_S):
        old = await _model(http, origins[0])
        lasts, changed = dict.fromkeys(origins, time.monotonic()), dict[str, float]()
        while len(changed) < len(origins) or time.monotonic() < max(*lasts.values(), *changed.values()) + _AFTER_S:
            for origin in origins:
                asked_at = time.monotonic()
                if await _model(http, origin) == old:
                    lasts[origin] = asked_at
                else:
                    changed.setdefault(origin, time.monotonic())
            await asyncio.sleep(_ASK_S)
    return min(changed.values()), list(lasts.values())


async def _model(http: httpx.AsyncClient, origin: str) -> str:
    return str((await http.get(f"{origin}/healthz")).json()["model"])


def _http() -> httpx.AsyncClient:
    return httpx.AsyncClient(verify=loopback.PLAIN, trust_env=False, timeout=30)
