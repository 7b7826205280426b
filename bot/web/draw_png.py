"""A drawing as it comes over HTTP: a PNG in a request's body, checked before a pixel of it is decoded."""

import asyncio
import struct
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse

from bot import words

# The page sends 5 kB; a canvas of this many pixels, scribbled all over, has less than half of this.
MAX_BYTES: Final = 1 << 20
MAX_SIDE: Final = 2048  # pixels: 4 megapixels, at most 24 MB decoded
# What is too large is read to its end and thrown away, for most clients look at the answer only then; up to here.
_DRAINED_BYTES: Final = 64 << 20
TIMEOUT_S: Final = 15.0

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"


class Refused(Exception):
    """A request that is not done. The message is one sentence that says what to do instead."""

    def __init__(self, status: int, sentence: str, *, retry_after_s: int = 0) -> None:
        """`retry_after_s`, when there is any, is when to come again."""
        super().__init__(sentence)
        self.status = status
        self._retry_after_s = retry_after_s

    def response(self) -> JSONResponse:
        """Make the answer: {"error": sentence}."""
        headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
        if self._retry_after_s:
            headers["retry-after"] = str(self._retry_after_s)
        return JSONResponse({"error": str(self)}, self.status, headers)


async def read_png(request: Request, *, timeout_s: float = TIMEOUT_S) -> bytes:
    """Read a body that must be a PNG of a drawing. Raises Refused: 408, 413, 415, 422; ClientDisconnect.

    Never more than MAX_BYTES are kept, whatever the client says or does.
    """
    try:
        async with asyncio.timeout(timeout_s):
            body = await _body(request)
    except TimeoutError as error:
        raise Refused(408, words.drawing.TOO_SLOW(seconds=round(timeout_s))) from error
    _check(body)
    return body


async def _body(request: Request) -> bytes:
    kept, seen = bytearray(), 0
    async for chunk in request.stream():
        seen += len(chunk)
        if seen <= MAX_BYTES:
            kept += chunk
        elif seen > _DRAINED_BYTES:
            break
        else:
            kept.clear()
    if seen > MAX_BYTES:
        raise Refused(413, words.drawing.TOO_HEAVY(megabytes=MAX_BYTES >> 20))
    return bytes(kept)


def _check(body: bytes) -> None:
    """Check signature and header: PNG specification, sections 5.2 and 11.2.2."""
    if not body:
        raise Refused(422, words.drawing.NO_BODY())
    if not body.startswith(_SIGNATURE):
        raise Refused(415, words.drawing.NO_PNG())
    if len(body) < 33 or body[12:16] != b"IHDR":
        raise Refused(422, words.drawing.PNG_CUT_SHORT())
    width, height = struct.unpack(">II", body[16:24])
    if width > MAX_SIDE or height > MAX_SIDE:
        limit = f"{MAX_SIDE}×{MAX_SIDE}"
        raise Refused(413, words.drawing.TOO_LARGE(size=f"{width}×{height}", limit=limit))
    if not width or not height:
        raise Refused(422, words.drawing.NO_PIXELS())
