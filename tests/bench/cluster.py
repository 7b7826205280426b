"""Several bots behind one webhook, some killed at work: `python -m tests.bench.cluster [--plain 2] [--kill-every 3]`.

PostgreSQL and a stand-in for Telegram run here; the bot runs on two Ray nodes as `serve.yaml` has it, or, with
`--plain`, as so many processes of `python -m bot`. Fifty chats send photos and texts, delivered as Telegram delivers
them to a webhook, while one replica after the other is killed with SIGKILL. Each must be answered, once, in its chat's
order.

`--roll` changes the configuration of all and then does with one replica less, `--database-away 20` stops PostgreSQL for
so many seconds, `--retrain` has an admin train a model and serve it; each in place of the kills, and with updates until
that is over. With none of them and `--kill-every 0` the processor's time per update is printed too.
"""

import argparse
import asyncio
import bisect
import itertools
import random
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from bot import words
from bot.web.server import serving
from tests.bench.replicas import PlainProcesses, Replicas
from tests.bench.retraining import ADMIN, retraining, retraining_settings
from tests.bench.telegram import Asked, Said, Telegram, WebhookQueue
from tests.postgres import INSTALL, PostgresServer, postgres_server, programs
from tests.processes import ROOT

_PHOTOS: Final = sorted((ROOT / "bot" / "local" / "page" / "samples").glob("*.jpg"))
# Their answers are no replies to them in a private chat, so neighbours have different ones.
_TEXTS: Final = (
    ("hello", words.replies.NOT_A_PICTURE()),
    ("/retrain", words.replies.ADMINS_ONLY()),
    ("/read", words.replies.READ_WHAT()),
    ("/start", words.introduction.START()),
)
_TOKEN: Final = "123456789:AAF" + 32 * "x"
_SETTINGS: Final = {
    "BOT_TOKEN": _TOKEN,
    "WEBHOOK_URL": "https://digits.example.org/telegram",
    "READINGS_PER_MINUTE": "100000",
    "LOG_LEVEL": "WARNING",
}
_SETTLE_S: Final = 3.0  # for what is said after its 2xx
_KILLED_S: Final = 1.0  # an answer so shortly before a kill may not have been noted any more
_BEFORE_S, _AFTER_S = 5.0, 5.0  # of load, around what goes wrong
_PATIENCE_S: Final = 1800


def asked(telegram: Telegram, count: int, chats: int, *, texts_only: bool = False) -> list[Asked]:
    """So many updates, three photos to two texts, by as many chats in turn."""
    texts: defaultdict[int, Iterator[tuple[str, str]]] = defaultdict(lambda: itertools.cycle(_TEXTS))
    photos = itertools.cycle(_PHOTOS)
    found = []
    for number in range(count):
        chat = 1000 + number % chats
        is_photo = number // chats % 5 < 3 and not texts_only
        found.append(telegram.photo(chat, next(photos).name) if is_photo else telegram.text(chat, *next(texts[chat])))
    return found


def matched(updates: Sequence[Asked], said: Sequence[Said]) -> tuple[dict[Asked, list[float]], list[Said]]:
    """When each update was answered, once or more often, and what nobody asked for.

    An answer that is no reply belongs to the latest update of its chat by then that expects it.
    """
    answers: dict[Asked, list[float]] = {update: [] for update in updates}
    by_message = {update.message_id: update for update in updates}
    by_chat = defaultdict(list)
    for one in updates:
        by_chat[one.chat].append(one)
    unasked = []
    for message in said:
        fits = (one for one in reversed(by_chat[message.chat]) if one.expects and 0 < one.began <= message.at)
        update = (
            by_message.get(message.reply_to)
            if message.reply_to is not None
            else next((one for one in fits if message.text.startswith(one.expects)), None)
        )
        if update is None:
            unasked.append(message)
        else:
            answers[update].append(message.at)
    return answers, unasked


def out_of_order(answers: dict[Asked, list[float]]) -> int:
    """How many updates were first answered before one that came earlier in their chat."""
    latest: dict[int, float] = {}
    wrong = 0
    for update, times in answers.items():  # in the order in which they were asked
        if times:
            wrong += times[0] < latest.get(update.chat, 0.0)
            latest[update.chat] = max(times[0], latest.get(update.chat, 0.0))
    return wrong


def worst_second(times: Sequence[float]) -> int:
    """The most messages in any window of a second; `times` are in order."""
    return max((bisect.bisect_left(times, at + 1.0) - number for number, at in enumerate(times)), default=0)


def report(updates: Sequence[Asked], telegram: Telegram, queue: WebhookQueue, kills: Sequence[float]) -> None:
    """Print what came of it."""
    answers, unasked = matched(updates, [message for message in telegram.said if message.chat != ADMIN])
    answered = sum(bool(times) for times in answers.values())
    twice = [times for times in answers.values() if len(times) > 1]
    by_a_kill = sum(any(times[0] <= kill <= times[0] + _KILLED_S for kill in kills) for times in twice)
    lost, disorder = len(answers) - answered, out_of_order(answers)
    print(f"answered {answered:,} of {len(answers):,}, lost {lost}, out of order {disorder}")
    close = f"{by_a_kill} of them at most {_KILLED_S:.0f} s before a kill"
    print(f"answered twice {len(twice)} ({close}), answers to nothing {len(unasked)}")
    outcomes = Counter(outcome for _, outcome in queue.outcomes)
    print("deliveries: " + ", ".join(f"{count:,} × {outcome}" for outcome, count in outcomes.most_common()))
    took = sorted(update.done - update.began for update in updates)
    print(f"from delivery to 2xx: median {statistics.median(took):.2f} s, at most {took[-1]:.1f} s")
    times = [message.at for message in telegram.said]
    seconds = Counter(int(at - times[0]) for at in times)
    bands = Counter(seconds[second] // 5 * 5 for second in range(max(seconds) + 1))
    shown = ", ".join(f"{low}–{low + 4}: {count}" for low, count in sorted(bands.items()))
    print(f"messages in a second, and how many seconds had so many: {shown}")
    print(f"most messages in any one second: {worst_second(times)}")
    print(f"setWebhook {telegram.calls['setwebhook']} times, deleteWebhook {telegram.calls['deletewebhook']} times")


async def killing(bots: Replicas, every_s: float, kills: list[float]) -> None:
    """Kill one after the other without end; `kills` gets when."""
    while True:
        await asyncio.sleep(every_s)
        if await bots.kill():
            kills.append(time.monotonic())  # whom to kill takes a while to find out


async def database_away(server: PostgresServer, away_s: float) -> None:
    """Stop the database for a while."""
    await asyncio.sleep(_BEFORE_S)
    await asyncio.to_thread(server.stop)
    await asyncio.sleep(away_s)
    await asyncio.to_thread(server.start)
    print(f"PostgreSQL was stopped for {away_s:.0f} s", flush=True)
    await asyncio.sleep(_AFTER_S)


async def rolling(bots: Replicas, queue: WebhookQueue) -> None:
    """Roll a change out, take a replica away, and say how many deliveries failed meanwhile."""
    await asyncio.sleep(_BEFORE_S)
    began = time.monotonic()
    await bots.roll()
    took_s = time.monotonic() - began
    await asyncio.sleep(_AFTER_S)
    failed = [outcome for at, outcome in queue.outcomes if at >= began and not outcome.startswith("2")]
    said = ", ".join(f"{count} × {outcome}" for outcome, count in Counter(failed).items()) or "none"
    print(f"another configuration and a replica less: {took_s:.0f} s; deliveries that failed: {said}", flush=True)


async def measure(options: argparse.Namespace, server: PostgresServer, folder: Path) -> None:
    """Run the scenario."""
    telegram, kills = Telegram(_TOKEN, _PHOTOS), list[float]()
    async with serving(telegram.app, "127.0.0.1", 0) as origin:
        settings = _SETTINGS | {"BOT_API_URL": origin, "DATABASE_URL": server.url}
        settings |= retraining_settings(folder) if options.retrain else {}
        began = time.monotonic()
        async with _bots(options.plain, folder, settings) as bots:
            print(f"{len(bots.origins)} replicas are up after {time.monotonic() - began:.0f} s", flush=True)
            queue = WebhookQueue(telegram, lambda: bots.origins)
            cpu_s, began = bots.cpu_s(), time.monotonic()
            ends = None
            if options.roll:
                ends = asyncio.create_task(rolling(bots, queue))
            elif options.database_away:
                ends = asyncio.create_task(database_away(server, options.database_away))
            elif options.retrain:
                ends = asyncio.create_task(retraining(telegram, queue, lambda: bots.origins))
            killer = asyncio.create_task(killing(bots, options.kill_every, kills)) if options.kill_every else None
            updates: list[Asked] = []
            async with asyncio.timeout(_PATIENCE_S):
                while not updates or (ends and not ends.done()):
                    some = asked(telegram, options.updates, options.chats, texts_only=options.texts)
                    updates += some
                    await queue.deliver(some)
            took_s = time.monotonic() - began
            if killer:
                killer.cancel()
            if ends:
                ends.result()  # raises what it ended with
            await asyncio.sleep(_SETTLE_S)
            photos = sum(not update.expects for update in updates)
            print(f"{len(updates):,} updates, {photos:,} of them photos, in {took_s:.0f} s, {len(kills)} kills")
            report(updates, telegram, queue, kills)
            if not (ends or killer):
                print(f"processor: {1000 * (bots.cpu_s() - cpu_s) / len(updates):.0f} ms an update")


def _bots(plain: int, folder: Path, settings: dict[str, str]) -> Replicas:
    if plain:
        return PlainProcesses(plain, folder, settings)
    from tests.bench.on_ray import RayNodes

    return RayNodes(folder, settings)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser("python -m tests.bench.cluster", description="Several bots behind one webhook.")
    parser.add_argument("--updates", type=int, default=1000, metavar="N")
    parser.add_argument("--chats", type=int, default=50, metavar="N")
    parser.add_argument("--kill-every", type=float, metavar="S", help="seconds between kills (3); 0: none")
    parser.add_argument("--plain", type=int, default=0, metavar="N", help="so many processes instead of Ray")
    parser.add_argument("--roll", action="store_true", help="another configuration, then a replica less, under load")
    parser.add_argument("--database-away", type=float, default=0, metavar="S", help="stop PostgreSQL for so long")
    parser.add_argument("--retrain", action="store_true", help="an admin trains a model and serves it, under load")
    parser.add_argument("--texts", action="store_true", help="texts only, of which more come than may be answered")
    parser.add_argument("--logs", type=Path, metavar="FOLDER", help="a new folder for what the bots log and keep")
    options = parser.parse_args()
    if options.kill_every is None:
        options.kill_every = 0 if options.roll or options.database_away or options.retrain else 3
    binaries = programs()
    if binaries is None:
        parser.error(f"PostgreSQL is missing: {INSTALL}")
    random.seed(0)
    with tempfile.TemporaryDirectory() as gone, postgres_server(binaries) as server:
        folder = options.logs or Path(gone) / "bots"
        folder.mkdir(parents=True)
        asyncio.run(measure(options, server, folder.absolute()))


if __name__ == "__main__":
    main()
