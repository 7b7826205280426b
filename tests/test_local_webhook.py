"""The embedded Bot API's webhook, against a real server that answers when a test says so."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.local import ADMIN_ID, GUEST_ID, Patience
from tests import loopback
from tests.local_server import Local, Stage, serve

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEYS = {"inline_keyboard": [[{"text": "✓", "callback_data": "y"}]]}


class Delivery:
    """One request of the Bot API to the bot's server, held until it is answered."""

    def __init__(self, request: Request, update: dict[str, Any]) -> None:
        self.secret = request.headers.get("x-telegram-bot-api-secret-token")
        self.cookie = request.headers.get("cookie")
        self.update = update
        self.update_id = update["update_id"]
        self._request = request
        self._answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()

    @property
    def said(self) -> str:
        """The text of the message, or the data of the press."""
        return str(
            self.update["message"]["text"] if "message" in self.update else self.update["callback_query"]["data"]
        )

    def answer(self, status: int = 200, body: Any = None, **headers: str) -> None:
        """Let the request go."""
        if not self._answer.done():
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            self._answer.set_result(JSONResponse(body, status, headers=named))

    async def answered(self) -> Response:
        """Wait for the answer."""
        return await self._answer

    async def broken_off(self) -> None:
        """Wait until the other side hangs up."""
        while (await asyncio.wait_for(self._request.receive(), 5))["type"] != "http.disconnect":
            pass


class Hook:
    """The bot's server."""

    def __init__(self) -> None:
        self.url = ""
        self._came: asyncio.Queue[Delivery] = asyncio.Queue()
        self._all: list[Delivery] = []

    async def take(self, request: Request) -> Response:
        """Hold a delivery until the test answers it."""
        delivery = Delivery(request, await request.json())
        self._all.append(delivery)
        self._came.put_nowait(delivery)
        return await delivery.answered()

    async def next(self) -> Delivery:
        """The next delivery."""
        return await asyncio.wait_for(self._came.get(), 5)

    async def is_quiet(self) -> bool:
        """Whether nothing more has come, when requests that set out later, on new connections, have."""
        for _ in range(3):
            async with httpx.AsyncClient(verify=loopback.PLAIN) as http:
                await http.get(self.url)
        return self._came.empty()

    def let_go(self) -> None:
        """Answer what no test has answered, and forget all."""
        for delivery in self._all:
            delivery.answer()
        self._all.clear()
        self._came = asyncio.Queue()


class Pause:
    """A clock's place: notes how long is to be waited before the next try, and ends the wait when the test says so."""

    def __init__(self) -> None:
        self._asked: asyncio.Queue[float] = asyncio.Queue()
        self.over = asyncio.Event()

    async def __call__(self, delay_s: float) -> None:
        """Wait."""
        self._asked.put_nowait(delay_s)
        await self.over.wait()

    async def asked(self) -> float:
        """Seconds of the next wait."""
        return await asyncio.wait_for(self._asked.get(), 5)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[Hook]:
    """One server for the bots of this module."""
    hook = Hook()
    async with serve(Starlette(routes=[Route("/hook", hook.take, methods=["POST"])])) as origin:
        hook.url = f"{origin}/hook"
        yield hook


@pytest_asyncio.fixture(loop_scope="module")
async def hook(server: Hook) -> AsyncIterator[Hook]:
    """The bot's server, with nothing in its hands."""
    yield server
    server.let_go()


@pytest_asyncio.fixture(loop_scope="module")
async def pause() -> Pause:
    """What waits between the tries."""
    return Pause()


@pytest_asyncio.fixture(loop_scope="module")
async def local(stage: Stage, pause: Pause, hook: Hook) -> AsyncIterator[Local]:
    """A local chat that waits as the test says; it ends before the bot's server is cleared."""
    del hook
    async with stage.local_chat(patience=Patience(delays_s=(1, 2, 4), sleep=pause)) as running:
        yield running


@contextlib.contextmanager
def pressing(local: Local, message_id: int) -> Iterator[asyncio.Task[httpx.Response]]:
    """Press the button of a message while the body runs."""
    press = asyncio.create_task(local.http.post("/local/presses", json={"message_id": message_id, "data": "y"}))
    yield press
    assert press.done()


# How updates come


async def test_an_update_comes_with_the_secret_and_is_gone_once_it_is_taken(local: Local, hook: Hook) -> None:
    """The webhook gets what getUpdates would give, with the secret in its header; a 2xx confirms it."""
    await local.say("before")
    await local.result("setWebhook", url=hook.url, secret_token="s3cret_-A")
    delivery = await hook.next()
    assert (delivery.said, delivery.secret) == ("before", "s3cret_-A")
    assert delivery.update["message"]["chat"]["id"] == ADMIN_ID
    assert (await local.result("getWebhookInfo"))["pending_update_count"] == 1
    delivery.answer(204)
    await local.say("after")
    assert (await hook.next()).said == "after"
    assert (await local.result("getWebhookInfo"))["pending_update_count"] == 1


async def test_without_a_secret_there_is_no_header(local: Local, hook: Hook) -> None:
    """A bot that gave no secret gets no empty one; and no cookie of its own comes back to it."""
    await local.result("setWebhook", url=hook.url)
    await local.say("7")
    delivery = await hook.next()
    assert delivery.secret is None
    delivery.answer(set_cookie="replica=1")
    await local.say("8")
    assert (await hook.next()).cookie is None


async def test_a_chat_is_served_in_order_while_another_goes_on(local: Local, hook: Hook) -> None:
    """The second message of a chat follows the answer to the first; other chats do not wait for it."""
    await local.result("setWebhook", url=hook.url)
    await local.say("first")
    await local.say("second")
    await local.say("of somebody else", user="guest")
    first, other = await hook.next(), await hook.next()
    assert sorted([first.said, other.said]) == ["first", "of somebody else"]
    held, free = (first, other) if first.said == "first" else (other, first)
    free.answer()
    await local.say("again of somebody else", user="guest")
    again = await hook.next()
    assert again.update["message"]["chat"]["id"] == GUEST_ID
    assert await hook.is_quiet()
    held.answer()
    assert (await hook.next()).said == "second"


async def test_a_press_passes_a_message_that_is_held(local: Local, hook: Hook) -> None:
    """Presses are a person's line of their own, in order too."""
    sent = await local.result("sendMessage", chat_id=ADMIN_ID, text="7", reply_markup=KEYS)
    await local.result("setWebhook", url=hook.url)
    await local.say("slow")
    slow = await hook.next()
    with pressing(local, sent["message_id"]) as press:
        delivery = await hook.next()
        query_id = delivery.update["callback_query"]["id"]
        await local.result("answerCallbackQuery", callback_query_id=query_id, text="Thanks")
        assert (await press).json()["alert"] == "Thanks"
    with pressing(local, sent["message_id"]) as press:
        assert await hook.is_quiet()
        delivery.answer()
        query_id = (await hook.next()).update["callback_query"]["id"]
        await local.result("answerCallbackQuery", callback_query_id=query_id)
        await press
    assert slow.said == "slow"


async def test_no_more_connections_than_the_bot_allows(local: Local, hook: Hook) -> None:
    """With `max_connections` 1 another chat waits too."""
    await local.result("setWebhook", url=hook.url, max_connections=1)
    await local.say("first")
    first = await hook.next()
    await local.say("of somebody else", user="guest")
    assert await hook.is_quiet()
    first.answer()
    assert (await hook.next()).said == "of somebody else"


async def test_a_method_in_the_answer_is_not_called(local: Local, hook: Hook) -> None:
    """The body of an answer is read to its end and means nothing."""
    await local.result("setWebhook", url=hook.url)
    await local.say("first")
    (await hook.next()).answer(body={"method": "sendMessage", "chat_id": ADMIN_ID, "text": "no"})
    await local.say("second")
    (await hook.next()).answer()
    assert [message["text"] for message in await local.messages()] == ["first", "second"]


async def test_only_the_kinds_that_the_bot_wants_are_delivered(local: Local, hook: Hook) -> None:
    """`allowed_updates` of setWebhook counts, is told again, and can be changed without an interruption."""
    await local.result("setWebhook", url=hook.url, allowed_updates=["callback_query"])
    await local.say("unheard")
    info = await local.result("getWebhookInfo")
    assert (info["allowed_updates"], info["pending_update_count"]) == (["callback_query"], 0)
    await local.result("setWebhook", url=hook.url, allowed_updates=[])
    await local.say("heard")
    assert (await hook.next()).said == "heard"
    assert "allowed_updates" not in await local.result("getWebhookInfo")


# What is tried again


async def test_a_bot_that_is_busy_gets_the_same_update_later(local: Local, hook: Hook, pause: Pause) -> None:
    """A 503 with Retry-After holds the chat for so long; the update comes again, and the next one only after it."""
    await local.result("setWebhook", url=hook.url)
    await local.say("first")
    await local.say("second")
    refused = await hook.next()
    refused.answer(503, retry_after="7")
    assert await pause.asked() == 7
    await local.say("of somebody else", user="guest")
    (await hook.next()).answer()
    assert await hook.is_quiet()
    pause.over.set()
    again = await hook.next()
    assert (again.update_id, again.said) == (refused.update_id, "first")
    again.answer()
    assert (await hook.next()).said == "second"


async def test_tries_come_further_and_further_apart(local: Local, hook: Hook, pause: Pause) -> None:
    """Each failure in a row is waited out longer, up to the last delay; the next update begins anew."""
    pause.over.set()
    await local.result("setWebhook", url=hook.url)
    await local.say("first")
    await local.say("second")
    for status in (500, 404, 302, 401):
        (await hook.next()).answer(status)
    (await hook.next()).answer()
    (await hook.next()).answer(429, retry_after="0")
    (await hook.next()).answer(503, retry_after="1000000")
    (await hook.next()).answer(503, retry_after="Wed, 21 Oct 2026 07:28:00 GMT")
    (await hook.next()).answer(503, retry_after="9" * 5000)
    assert [await pause.asked() for _ in range(8)] == [1, 2, 4, 4, 1, 3600, 4, 4]


async def test_the_last_failure_is_told(stage: Stage, hook: Hook, pause: Pause) -> None:
    """getWebhookInfo says when and why a delivery failed last, until another webhook is set."""
    patience = Patience(sleep=pause)
    async with stage.local_chat(patience=patience, now=lambda: 1_000.5) as local:
        await local.result("setWebhook", url=hook.url)
        assert await local.result("getWebhookInfo") == {
            "url": hook.url, "has_custom_certificate": False, "pending_update_count": 0, "max_connections": 40,
        }  # fmt: skip
        await local.say("7")
        (await hook.next()).answer(502)
        await pause.asked()
        info = await local.result("getWebhookInfo")
        assert (info["last_error_date"], info["pending_update_count"]) == (1_000, 1)
        assert info["last_error_message"] == "Wrong response from the webhook: 502 Bad Gateway"
        pause.over.set()
        (await hook.next()).answer()
        await local.result("setWebhook", url=hook.url, secret_token="other")
        assert "last_error_date" not in await local.result("getWebhookInfo")


async def test_a_bot_that_is_away_is_tried_again(local: Local, pause: Pause) -> None:
    """A connection that can't be made is a failure like another."""
    with socket.socket() as nobody:  # bound, and nobody listens
        nobody.bind(("127.0.0.1", 0))
        await local.result("setWebhook", url=f"http://127.0.0.1:{nobody.getsockname()[1]}/")
        await local.say("7")
        assert await pause.asked() == 1
        assert (await local.result("getWebhookInfo"))["last_error_message"] == "All connection attempts failed"
        pause.over.set()
        assert [await pause.asked() for _ in range(2)] == [2, 4]


async def test_a_connection_that_breaks_is_tried_again(local: Local, pause: Pause) -> None:
    """A server that hangs up without an answer has not taken the update."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as rude:
        await local.result("setWebhook", url=f"http://127.0.0.1:{rude.sockets[0].getsockname()[1]}/")
        await local.say("7")
        assert await pause.asked() == 1
        info = await local.result("getWebhookInfo")
        assert (info["pending_update_count"], bool(info["last_error_message"])) == (1, True)


async def test_a_bot_that_never_answers_is_tried_again(stage: Stage, hook: Hook, pause: Pause) -> None:
    """No answer in time is a failure; the connection is given up."""
    async with stage.local_chat(patience=Patience(timeout_s=0.5, sleep=pause)) as local:
        await local.result("setWebhook", url=hook.url)
        await local.say("7")
        hangs = await hook.next()
        assert await pause.asked() == 1
        await hangs.broken_off()
        assert (await local.result("getWebhookInfo"))["last_error_message"] == "Read timeout expired"
        pause.over.set()
        assert (await hook.next()).update_id == hangs.update_id


async def test_what_nobody_took_in_a_day_is_dropped(stage: Stage, hook: Hook, pause: Pause) -> None:
    """After 24 hours an update is tried no more, and the chat goes on; a press waits 150 s, as nobody waits longer."""
    clock = [1_000.0]
    async with stage.local_chat(patience=Patience(sleep=pause), now=lambda: clock[0]) as local:
        sent = await local.result("sendMessage", chat_id=ADMIN_ID, text="7", reply_markup=KEYS)
        await local.result("setWebhook", url=hook.url)
        press = {"message_id": sent["message_id"], "data": "y"}
        pressed = asyncio.create_task(local.http.post("/local/presses", json=press))
        (await hook.next()).answer(500)
        await pause.asked()
        await local.say("old")
        (await hook.next()).answer(500)
        await pause.asked()
        clock[0] += 24 * 3600
        pause.over.set()
        again = await hook.next()
        assert (again.said, (await local.result("getWebhookInfo"))["pending_update_count"]) == ("old", 1)
        clock[0] += 1
        await local.say("new")
        again.answer(500)
        assert (await hook.next()).said == "new"
        local.chat.close()
        await pressed


# Set and deleted


async def test_what_waits_at_a_webhook_is_there_for_polling(local: Local, hook: Hook) -> None:
    """deleteWebhook ends deliveries at once; getUpdates gives all that was not confirmed, what was under way too."""
    await local.result("setWebhook", url=hook.url)
    for text in ("first", "second", "third"):
        await local.say(text)
    (await hook.next()).answer()
    under_way = await hook.next()
    await local.result("deleteWebhook")
    await under_way.broken_off()
    assert [update["message"]["text"] for update in await local.updates()] == ["second", "third"]
    await local.say("fourth")
    assert len(await local.updates()) == 3
    assert await hook.is_quiet()
    assert await local.result("getWebhookInfo") == {
        "url": "", "has_custom_certificate": False, "pending_update_count": 3,
    }  # fmt: skip


@pytest.mark.parametrize("method", ["setWebhook", "deleteWebhook"])
async def test_what_waits_can_be_dropped(local: Local, hook: Hook, pause: Pause, method: str) -> None:
    """`drop_pending_updates` forgets all that waits, also what was tried, and nothing new waits for it."""
    await local.result("setWebhook", url=hook.url)
    await local.say("old")
    await local.say("older")
    (await hook.next()).answer(503, retry_after="3600")
    await pause.asked()
    await local.result(method, url=hook.url, drop_pending_updates=True)
    assert (await local.result("getWebhookInfo"))["pending_update_count"] == 0
    await local.result("setWebhook", url=hook.url)
    await local.say("new")
    assert (await hook.next()).said == "new"


async def test_the_same_webhook_set_again_interrupts_nothing(local: Local, hook: Hook) -> None:
    """Each process of a bot may set it at its start; another one takes over what the first has not confirmed."""
    await local.result("setWebhook", url=hook.url, secret_token="a")
    await local.say("7")
    first = await hook.next()
    await local.result("setWebhook", url=hook.url, secret_token="a")
    assert await hook.is_quiet()
    await local.result("setWebhook", url=hook.url, secret_token="b")
    second = await hook.next()
    assert (second.update_id, second.secret) == (first.update_id, "b")
    await first.broken_off()


async def test_a_poll_that_is_held_ends_when_a_webhook_is_set(local: Local, hook: Hook) -> None:
    """A bot that polls is told that a webhook has taken its place."""
    poll = asyncio.create_task(local.refusal("getUpdates", timeout=50))
    await local.call("getMe")
    await local.result("setWebhook", url=hook.url)
    assert await asyncio.wait_for(poll, 5) in {
        "Conflict: terminated by setWebhook request",
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    }


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"url": "http://example.org/hook"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "http://127.0.0.1.example.org/"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "http://127.0.0.1@example.org/"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "ftp://localhost/"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "localhost"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https:///hook"}, "invalid webhook URL specified"),
        ({"url": "https://localhost:99999/"}, "invalid webhook URL specified"),
        ({"url": "http://[::1"}, "invalid webhook URL specified"),
        ({"url": "https://localhost/", "secret_token": "a" * 257}, "secret token is too long"),
        ({"url": "https://localhost/", "secret_token": "a b"}, "secret token contains unallowed characters"),
        ({"url": "https://localhost/", "secret_token": "a\n"}, "secret token contains unallowed characters"),
        ({"url": "https://localhost/", "max_connections": "x"}, "max_connections must be an Integer"),
    ],
)
async def test_a_webhook_that_telegram_would_not_take_is_refused(
    local: Local, hook: Hook, params: dict[str, Any], reason: str
) -> None:
    """Only this machine may do without TLS; a refused webhook changes nothing."""
    await local.result("setWebhook", url=hook.url)
    refusal = await local.refusal("setWebhook", **params, allowed_updates=["poll"], drop_pending_updates=True)
    assert refusal == f"Bad Request: {reason}"
    info = await local.result("getWebhookInfo")
    assert (info["url"], "allowed_updates" in info) == (hook.url, False)


@pytest.mark.parametrize("url", ["http://localhost:1/", "http://[::1]:1/", "http://127.0.0.1:1/", "https://x.org/"])
async def test_a_webhook_on_this_machine_needs_no_tls(local: Local, url: str) -> None:
    """The three names of loopback are taken; connections are limited as by Telegram, to 100 and to one."""
    for asked, taken in ((0, 1), (1_000, 100), (7, 7)):
        await local.result("setWebhook", url=url, secret_token="a" * 256, max_connections=asked)
        info = await local.result("getWebhookInfo")
        assert (info["url"], info["max_connections"]) == (url, taken)
    await local.result("setWebhook", url="")
    assert (await local.result("getWebhookInfo"))["url"] == ""


async def test_a_certificate_of_ones_own_is_refused(local: Local) -> None:
    """What is not done is said, not passed over."""
    upload = {"certificate": ("bot.pem", b"-----BEGIN CERTIFICATE-----")}
    url = f"/bot{local.chat.token}/setWebhook"
    answer = await local.http.post(url, data={"url": "https://localhost/hook"}, files=upload)
    assert answer.status_code == 400
    assert answer.json()["description"].endswith("a certificate of the bot's own is not supported")


@pytest.mark.parametrize("held", ["at the bot", "before the next try"])
async def test_closing_ends_a_delivery_that_hangs(local: Local, hook: Hook, pause: Pause, held: str) -> None:
    """The server can stop at once: no delivery is waited for, and none begins any more."""
    await local.result("setWebhook", url=hook.url)
    await local.say("7")
    delivery = await hook.next()
    if held == "before the next try":
        delivery.answer(500)
        await pause.asked()
    deliveries = [task for task in asyncio.all_tasks() if "Deliveries" in repr(task.get_coro())]
    local.chat.close()
    if held == "at the bot":
        await delivery.broken_off()
        delivery.answer()
    await local.result("setWebhook", url=f"{hook.url}?other")
    await local.say("8")
    assert await hook.is_quiet()
    assert [task.done() for task in deliveries] == [True, True]  # the one that hands out the work, and one at it
