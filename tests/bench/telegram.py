"""A stand-in for Telegram for a bot that may be many processes: what they say is taken, updates come by webhook.

It knows as much of the Bot API as a bot needs that reads photos. `WebhookQueue` goes by telegram-bot-api's own
WebhookActor: one update of a chat at a time, the next after a 2xx; anything else is tried again, at once, then after 2,
4, 8 … seconds, or when Retry-After says so. A connection that can't be opened is no try. How fast a bot may speak is
not enforced: what it says is written down, with the time.
"""

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from bot.local.wire import ApiError, Json, Params, bad_request, read_params
from tests import loopback

_UNSET: Final[Mapping[str, Any]] = {
    "getchatmenubutton": {"type": "default"},
    "getmycommands": [],
    "getmydescription": {"description": ""},
    "getmyshortdescription": {"short_description": ""},
}
"""What a bot hears of itself before it has set anything."""
_SENDS: Final = frozenset({"sendmessage", "sendphoto", "sendmediagroup", "senddocument"})
_PATIENCE_S: Final = 60.0  # for the answer to an update
_LONGEST_S: Final = 60  # between two tries
_RECONNECT_S: Final = 0.5
_MAX_CONNECTIONS: Final = 40  # where setWebhook names no number


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the bot."""

    at: float  # by time.monotonic()
    chat: int
    text: str
    reply_to: int | None
    message_id: int = 0
    buttons: tuple[str, ...] = ()  # the data of its buttons


@dataclass(eq=False, slots=True)
class Asked:
    """An update, and what came of its delivery. `expects` begins its answer, where that is no reply to `message_id`."""

    body: Json
    chat: int
    message_id: int
    expects: str = ""
    began: float = 0.0  # when it was first delivered; 0 before
    done: float = 0.0  # when a 2xx came


class Telegram:
    """Both sides of the Bot API for one bot: `app` is its server, `photos` are the files that people send."""

    def __init__(self, token: str, photos: Sequence[Path]) -> None:
        self._token = token
        self._photos = {path.name: path for path in photos}
        self.said: list[Said] = []
        self.webhook: Json = {}
        self.calls: Counter[str] = Counter()  # by method, in small letters
        self._message_ids = itertools.count(1)
        self._update_ids = itertools.count(1)
        self._query_ids = itertools.count(1)
        self.app = Starlette(
            routes=[
                Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
                Route("/file/bot{token}/{name}", self._download, methods=["GET"]),
            ]
        )

    def photo(self, chat: int, name: str) -> Asked:
        """Somebody sends a photo."""
        size = {"file_id": name, "file_unique_id": name, "width": 600, "height": 450}
        return self._asked(chat, {"photo": [size | {"file_size": self._photos[name].stat().st_size}]})

    def text(self, chat: int, text: str, expects: str) -> Asked:
        """Somebody sends a text or a command, whose answer begins with `expects`."""
        content: Json = {"text": text}
        if text.startswith("/"):
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
        return self._asked(chat, content, expects)

    def press(self, chat: int, message: Said, data: str) -> Asked:
        """Somebody presses a button of a message of the bot."""
        sent = {"message_id": message.message_id, "date": int(time.time()), "chat": _chat(chat), "text": message.text}
        query = {"id": str(next(self._query_ids)), "from": _person(chat), "chat_instance": str(chat), "data": data}
        update_id = next(self._update_ids)
        return Asked({"update_id": update_id, "callback_query": query | {"message": sent}}, chat, message.message_id)

    def _asked(self, chat: int, content: Json, expects: str = "") -> Asked:
        message_id = next(self._message_ids)
        said_by = {"from": _person(chat), "chat": _chat(chat)}
        message = {"message_id": message_id, "date": int(time.time()), **said_by, **content}
        return Asked({"update_id": next(self._update_ids), "message": message}, chat, message_id, expects)

    async def _call(self, request: Request) -> Response:
        method = request.path_params["method"].lower()
        if request.path_params["token"] != self._token:
            return JSONResponse({"ok": False, "error_code": 401, "description": "Unauthorized"}, 401)
        self.calls[method] += 1
        try:
            async with read_params(request) as params:
                return JSONResponse({"ok": True, "result": self._result(method, params)})
        except ApiError as refusal:
            return JSONResponse(refusal.as_json(), refusal.status)
        except ClientDisconnect:  # the caller was killed
            return Response(status_code=400)

    def _result(self, method: str, params: Params) -> Any:
        if method in _SENDS:
            message = self._say(params)
            return [message] if method == "sendmediagroup" else message
        if method == "getme":
            names = {"first_name": "Digits", "username": "digits_bot"}
            return {"id": int(self._token.partition(":")[0]), "is_bot": True, **names}
        if method == "setwebhook":
            asked = ("url", "secret_token", "max_connections")
            self.webhook = {name: value for name in asked if (value := params.text(name))}
            return True
        if method == "deletewebhook":
            self.webhook = {}
            return True
        if method == "getwebhookinfo":
            return {"url": self.webhook.get("url", ""), "has_custom_certificate": False, "pending_update_count": 0}
        if method in _UNSET:
            return _UNSET[method]
        if method == "getfile":
            name = params.text("file_id")
            if name not in self._photos:
                raise bad_request("wrong file_id")
            return {"file_id": name, "file_unique_id": name, "file_path": name}
        return True  # commands, the menu button, actions, presses, edits

    def _say(self, params: Params) -> Json:
        chat = params.integer("chat_id")
        assert chat is not None  # every method that sends has one
        answered = (params.obj("reply_parameters") or {}).get("message_id")
        text = params.text("text") or params.text("caption") or ""
        rows = (params.obj("reply_markup") or {}).get("inline_keyboard", [])
        buttons = tuple(button["callback_data"] for row in rows for button in row if "callback_data" in button)
        message_id = next(self._message_ids)
        self.said.append(Said(time.monotonic(), chat, text, answered, message_id, buttons))
        message = {"message_id": message_id, "date": int(time.time()), "chat": _chat(chat), "text": text}
        return message | {"from": {"id": 1, "is_bot": True, "first_name": "Digits"}}

    async def _download(self, request: Request) -> Response:
        return FileResponse(self._photos[request.path_params["name"]])


def _person(chat: int) -> Json:
    return {"id": chat, "is_bot": False, "first_name": f"P{chat}"}


def _chat(chat: int) -> Json:
    return {"id": chat, "type": "private", "first_name": f"P{chat}"}


@dataclass(eq=False)
class WebhookQueue:
    """Delivers updates to the origins that `where` gives, any of them at random, as a load balancer without a mind."""

    telegram: Telegram
    where: Callable[[], Sequence[str]]
    outcomes: list[tuple[float, str]] = field(default_factory=list)  # of every try: when it ended, and how

    async def deliver(self, updates: Iterable[Asked]) -> None:
        """Deliver all of them; ends when each has got its 2xx."""
        chats: dict[int, list[Asked]] = {}
        for update in updates:
            chats.setdefault(update.chat, []).append(update)
        places = asyncio.Semaphore(int(self.telegram.webhook.get("max_connections", _MAX_CONNECTIONS)))
        async with (
            httpx.AsyncClient(verify=loopback.PLAIN, trust_env=False, timeout=_PATIENCE_S) as http,
            asyncio.TaskGroup() as group,
        ):
            for waiting in chats.values():
                group.create_task(self._chat(http, places, waiting))

    async def _chat(self, http: httpx.AsyncClient, places: asyncio.Semaphore, waiting: list[Asked]) -> None:
        for update in waiting:
            waits = itertools.chain([0], (min(2**fails, _LONGEST_S) for fails in itertools.count(1)))
            while True:
                async with places:
                    again_after_s = await self._try(http, update)
                if again_after_s is None:
                    break
                await asyncio.sleep(again_after_s or next(waits))

    async def _try(self, http: httpx.AsyncClient, update: Asked) -> float | None:
        """Deliver an update once. None when that is all; else the seconds to wait, 0 where nobody said how many."""
        while not self.telegram.webhook:  # noqa: ASYNC110 there is no event
            await asyncio.sleep(0.05)
        url = urlsplit(self.telegram.webhook["url"])
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.telegram.webhook.get("secret_token", "")}
        update.began = update.began or time.monotonic()
        try:
            answer = await http.post(random.choice(self.where()) + url.path, json=update.body, headers=headers)
        except httpx.ConnectError:
            self._ended("no connection")
            return _RECONNECT_S
        except httpx.HTTPError as error:
            self._ended(type(error).__name__)
            return 0
        self._ended(str(answer.status_code))
        if answer.is_success:
            update.done = time.monotonic()
            return None
        return int(answer.headers.get("retry-after", "0"))

    def _ended(self, how: str) -> None:
        self.outcomes.append((time.monotonic(), how))
