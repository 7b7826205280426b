"""A web application, or just the local chat, on a free loopback port: real HTTP in the test's own event loop."""

import contextlib
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
from PIL import Image
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.local import LocalChat
from bot.web.server import serving
from tests import loopback
from tests.faults import Fault, Faults


@contextlib.asynccontextmanager
async def serve(app: ASGIApp) -> AsyncIterator[str]:
    """Serve `app` on a free port as the bot does, behind a proxy here; yields its origin, `http://127.0.0.1:PORT`.

    On leaving, requests in flight are awaited: let go of what they wait for (`LocalChat.close()`) before.
    """
    async with serving(app, "127.0.0.1", 0, proxies=["127.0.0.1"]) as origin:
        yield origin


@dataclass(frozen=True)
class Local:
    """A running local chat with no bot: both sides of it over HTTP."""

    chat: LocalChat
    origin: str
    http: httpx.AsyncClient
    faults: Faults

    def fail_next(self, method: str, *, times: int = 1, **fault: Any) -> None:
        """Let the next `times` calls of a method have a `Fault`; `method` "download" is the fetching of a file."""
        self.faults.add(method, Fault(**fault), times)

    def block(self, user_id: int, *, blocked: bool = True) -> None:
        """Let this person block the bot, or let it speak again: sending to them is a 403."""
        self.faults.block(user_id, blocked=blocked)

    async def call(self, method: str, /, **params: Any) -> httpx.Response:
        """Call a method of the Bot API with a JSON body."""
        return await self.http.post(f"/bot{self.chat.token}/{method}", json=params)

    async def result(self, method: str, /, **params: Any) -> Any:
        """The result of a call that must succeed."""
        answer = (await self.call(method, **params)).json()
        assert answer["ok"], answer
        return answer["result"]

    async def refusal(self, method: str, /, **params: Any) -> str:
        """The description of a call that must be refused, with one status in the answer and its body."""
        response = await self.call(method, **params)
        body = response.json()
        assert body["ok"] is False
        assert body["error_code"] == response.status_code
        return str(body["description"])

    async def say(self, text: str = "", *, user: str = "admin", files: Any = None, **fields: Any) -> int:
        """Post as a person; the message's id."""
        said = {"caption" if files else "text": text} if text else {}
        response = await self.http.post("/local/messages", data={"user": user, **said, **fields}, files=files)
        assert response.status_code == 200, response.text
        return int(response.json()["message_id"])

    async def updates(self, **params: Any) -> list[dict[str, Any]]:
        """What getUpdates gives."""
        found: list[dict[str, Any]] = await self.result("getUpdates", **params)
        return found

    async def messages(self, **query: Any) -> list[dict[str, Any]]:
        """What the page gets."""
        found: list[dict[str, Any]] = (await self.http.get("/local/messages", params=query)).json()
        return found

    async def state(self, user: str = "admin") -> dict[str, Any]:
        """The state that the page gets."""
        found: dict[str, Any] = (await self.http.get("/local/state", params={"user": user})).json()
        return found


class Stage:
    """One server for many local chats, one after the other: starting and stopping a server takes longer than a test."""

    def __init__(self) -> None:
        self.origin = ""
        self._playing: list[ASGIApp] = [Starlette()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to the chat that is on now."""
        await self._playing[-1](scope, receive, send)

    @contextlib.asynccontextmanager
    async def local_chat(self, **options: Any) -> AsyncIterator[Local]:
        """A fresh local chat; `options` are LocalChat's. Within another one it takes its place until it ends."""
        faults = Faults()
        chat = LocalChat(**{"around": faults, **options})
        self._playing.append(Starlette(routes=chat.routes))
        try:
            async with httpx.AsyncClient(verify=loopback.PLAIN, base_url=self.origin, timeout=10) as http:
                yield Local(chat, self.origin, http, faults)
        finally:
            chat.close()
            self._playing.pop()


@contextlib.asynccontextmanager
async def local_stage() -> AsyncIterator[Stage]:
    """A server for local chats; open it for a whole module."""
    stage = Stage()
    async with serve(stage) as stage.origin:
        yield stage


def picture(width: int = 640, height: int = 480, *, kind: str = "JPEG", **save: Any) -> bytes:
    """A plain picture, dark below, as a file."""
    image = Image.new("RGB", (width, height), "white")
    image.paste((20, 20, 20), (0, height // 2, width, height))
    stream = io.BytesIO()
    image.save(stream, kind, **save)
    return stream.getvalue()
