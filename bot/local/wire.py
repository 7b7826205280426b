"""HTTP in, parameters out: how Bot API calls and the page's forms arrive. Knows nothing of chats."""

import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, TypeVar

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message as AsgiMessage
from starlette.types import Receive

Json = dict[str, Any]
"""A JSON object as the Bot API defines it."""

MAX_BODY_BYTES = 50 * 1024 * 1024  # the Bot API's own limit for an upload
Nested = TypeVar("Nested", Json, list[Any])
_TOO_LARGE = "Request Entity Too Large"
_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}


class ApiError(Exception):
    """What a caller did wrong. `status` is the HTTP status, `description` what Telegram says."""

    def __init__(self, status: int, description: str, *, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.retry_after = retry_after

    def as_json(self) -> Json:
        """The body of the answer."""
        body: Json = {"ok": False, "error_code": self.status, "description": self.description}
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return body


def bad_request(reason: str) -> ApiError:
    """A 400 in Telegram's words."""
    return ApiError(400, f"Bad Request: {reason}")


class Params:
    """The parameters of one call. Every getter answers None for an absent one and 400 for a malformed one."""

    def __init__(self, values: Mapping[str, Any], files: Mapping[str, list[UploadFile]]) -> None:
        self._values = values
        self._files = files

    def text(self, name: str) -> str | None:
        """A string."""
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, str):
            return _utf8(value)
        if isinstance(value, int | float):
            return str(value)
        raise bad_request(f"{name} must be of type String")

    def integer(self, name: str) -> int | None:
        """A whole number; an empty string counts as absent."""
        text = self.text(name)
        if not text:
            return None
        try:
            return int(text)
        except ValueError:
            raise bad_request(f"{name} must be an Integer") from None

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean, in any of the spellings clients use."""
        value = self._values.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        try:
            return _FLAGS[str(value).lower()]
        except KeyError:
            raise bad_request(f"{name} must be a Boolean") from None

    def obj(self, name: str) -> Json | None:
        """An object: as it is in a JSON body, as a JSON string in a form."""
        return self._nested(name, dict)

    def array(self, name: str) -> list[Any] | None:
        """An array, likewise."""
        return self._nested(name, list)

    def _nested(self, name: str, kind: type[Nested]) -> Nested | None:
        value = self._values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                raise bad_request(f"can't parse {name} JSON object") from None
        if not isinstance(value, kind):
            raise bad_request(f"{name} must be an {'Object' if kind is dict else 'Array'}")
        _utf8(json.dumps(value, ensure_ascii=False))
        return value

    def files(self, name: str) -> list[UploadFile]:
        """The files uploaded under a name, in order. A part without a file name is an empty file input, not a file."""
        return [file for file in self._files.get(name, []) if file.filename]

    def file(self, name: str) -> UploadFile | None:
        """The file of an `InputFile` parameter: uploaded under its name, or elsewhere and named by `attach://`."""
        value = self._values.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            name = value.removeprefix("attach://")
        return next(iter(self.files(name)), None)

    def attached(self, reference: str) -> UploadFile | None:
        """The file that `attach://name` inside a nested object stands for."""
        return next(iter(self.files(reference.removeprefix("attach://"))), None)


@contextlib.asynccontextmanager
async def read_params(request: Request) -> AsyncIterator[Params]:
    """Read query, form (urlencoded or multipart) or JSON body. Uploads are on disk past 1 MB, and gone afterwards.

    Raises `ApiError`: 400 for a malformed body, 413 for one over `MAX_BODY_BYTES`.
    """
    body = _Body(request.receive)
    limited = Request(request.scope, body.receive)
    try:
        body.check(request.headers.get("content-length"))
        params = await _parsed(limited)
    except ApiError:
        await body.drain()
        raise
    try:
        yield params
    finally:
        await limited.close()


async def _parsed(request: Request) -> Params:
    values: dict[str, Any] = dict(request.query_params)
    files: dict[str, list[UploadFile]] = {}
    try:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json":
            values |= dict(json.loads(await request.body() or b"{}"))
        elif request.method == "POST":
            for name, value in (await request.form(max_files=30, max_fields=200)).multi_items():
                if isinstance(value, UploadFile):
                    files.setdefault(name, []).append(value)
                else:
                    values[name] = value
    except (ValueError, TypeError, RecursionError) as broken:  # not JSON, not an object, or one of ten thousand in it
        raise bad_request("can't parse the body") from broken
    except HTTPException as broken:  # the form parser's
        raise ApiError(broken.status_code, f"Bad Request: {broken.detail}") from broken
    return Params(values, files)


def _utf8(text: str) -> str:
    """The text, unless it holds half a surrogate pair, which no answer could carry."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
    return text


class _Body:
    """A request's body that ends with 413 once it is over the limit."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._taken = 0
        self._more = True

    def check(self, announced: str | None) -> None:
        if announced and announced.isdecimal() and int(announced) > MAX_BODY_BYTES:
            raise ApiError(413, _TOO_LARGE)

    async def receive(self) -> AsgiMessage:
        message = await self._next()
        if self._taken > MAX_BODY_BYTES:
            raise ApiError(413, _TOO_LARGE)
        return message

    async def drain(self) -> None:
        """Throw the rest away: a client that is still sending would find the connection reset, not the answer."""
        while self._more and self._taken < 10 * MAX_BODY_BYTES:
            await self._next()

    async def _next(self) -> AsgiMessage:
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        self._more = bool(message.get("more_body", False))
        return message
