"""A drawing as it comes over HTTP: a PNG in a request's body, checked before a pixel of it is decoded."""

import asyncio
import struct
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse

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
        raise Refused(408, f"The picture did not arrive within {timeout_s:.0f} s. Send it again.") from error
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
        raise Refused(413, f"The picture has more than {MAX_BYTES >> 20} MB. Send a smaller PNG of the drawing.")
    return bytes(kept)


def _check(body: bytes) -> None:
    """Check signature and header: PNG specification, sections 5.2 and 11.2.2."""
    if not body:
        raise Refused(422, "The body is empty. Send a PNG of the drawing as the body of the request.")
    if not body.startswith(_SIGNATURE):
        raise Refused(415, "This is not a PNG. Send the drawing as a PNG, as the body of the request.")
    if len(body) < 33 or body[12:16] != b"IHDR":
        raise Refused(422, "This PNG ends before its picture begins. Send the whole file.")
    width, height = struct.unpack(">II", body[16:24])
    if width > MAX_SIDE or height > MAX_SIDE:
        limit = f"{MAX_SIDE}×{MAX_SIDE}"
        raise Refused(413, f"The picture has {width}×{height} pixels. Send one of at most {limit}.")
    if not width or not height:
        raise Refused(422, "The picture has no pixels. Send a PNG of the drawing.")
