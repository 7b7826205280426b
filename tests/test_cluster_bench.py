"""The bench that judges several bots: what it counts, and that its queue delivers as Telegram does."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.bench.cluster import matched, out_of_order, worst_second
from tests.bench.telegram import Asked, Said, Telegram, WebhookQueue
from tests.local_server import serve
from tests.processes import ROOT
from tests.talking import SEVEN


@pytest.fixture
def telegram() -> Telegram:
    """Telegram with one photo, and no server."""
    return Telegram("123456789:AAF" + 32 * "x", [SEVEN])


def delivered(update: Asked, at: float) -> Asked:
    """The update, as if it was delivered."""
    update.began = at
    return update


def test_a_reply_belongs_to_what_it_answers_and_a_text_to_who_expects_it(telegram: Telegram) -> None:
    """Answers are told apart by what they reply to; without that by what they say, in their chat, at their time."""
    photo, first = telegram.photo(7, SEVEN.name), telegram.text(7, "/help", "What I read")
    later = telegram.text(7, "/help", "What I read")
    updates = [delivered(photo, 1.0), delivered(first, 2.0), delivered(later, 4.0)]
    said = [
        Said(1.5, 7, "7", photo.message_id),
        Said(2.5, 7, "What I read: digits", None),
        Said(4.5, 7, "What I read: digits", None),
        Said(5.0, 8, "What I read: digits", None),
    ]
    assert matched(updates, said) == ({photo: [1.5], first: [2.5], later: [4.5]}, said[3:])


def test_an_answer_that_comes_after_that_of_a_later_update_is_out_of_order(telegram: Telegram) -> None:
    """What counts is the first answer of each, within a chat."""
    here, there = [telegram.photo(7, SEVEN.name) for _ in range(3)], telegram.photo(8, SEVEN.name)
    times = dict(zip([*here, there], [[1.0], [3.0], [2.0, 9.0], [0.5]], strict=True))
    assert out_of_order(times) == 1


def test_the_worst_second_is_any_second() -> None:
    """A window begins with any message, not with the clock's seconds."""
    assert worst_second([0.5, 0.9, 1.0, 1.4, 1.5, 3.0]) == 4
    assert worst_second([]) == 0


async def test_one_update_of_a_chat_is_under_way_and_comes_again_until_it_is_taken(telegram: Telegram) -> None:
    """The next update of a chat waits for a 2xx to the one before, whatever came instead; the secret goes with each."""
    came: list[int] = []
    secrets: set[str | None] = set()

    async def take(request: Request) -> Response:
        update = (await request.json())["update_id"]
        came.append(update)
        secrets.add(request.headers.get("x-telegram-bot-api-secret-token"))
        return Response(status_code=500 if came.count(update) == 1 else 200)

    updates = [telegram.photo(7, SEVEN.name) for _ in range(3)]
    telegram.webhook = {"url": "https://digits.example.org/hook", "secret_token": "s3cret"}
    async with serve(Starlette(routes=[Route("/hook", take, methods=["POST"])])) as origin:
        queue = WebhookQueue(telegram, lambda: [origin])
        await queue.deliver(updates)
    assert came == [1, 1, 2, 2, 3, 3]
    assert secrets == {"s3cret"}
    assert [how for _, how in queue.outcomes] == ["500", "200"] * 3
    assert all(update.began <= update.done for update in updates)


def test_serve_yaml_deploys_what_the_project_has() -> None:
    """The application that serve.yaml names is that of bot/cluster.py."""
    assert "import_path: bot.cluster:app\n" in (ROOT / "serve.yaml").read_text()
    assert "\napp = " in (ROOT / "bot" / "cluster.py").read_text()
