"""Sending a stored file, in pieces, so that a big one never holds up the event loop."""

from collections.abc import AsyncIterator
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from bot.local.files import StoredFile

_PIECE = 64 * 1024
_SHOWN = {"image/jpeg", "image/png", "image/webp", "image/gif"}  # what a browser may show; the rest is only saved


def send_file(file: StoredFile, *, to_browser: bool = False) -> Response:
    """The file as an answer. Its data must be kept."""
    data = file.data
    assert data is not None  # the caller has looked
    shown = to_browser and file.mime in _SHOWN
    headers = {"content-length": str(len(data)), "x-content-type-options": "nosniff"}
    if to_browser:
        headers["content-security-policy"] = "default-src 'none'; sandbox"
        headers["cache-control"] = "private, max-age=86400, immutable"
        if not shown:
            headers["content-disposition"] = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
    kind = file.mime if shown or file.mime == "image/jpeg" else "application/octet-stream"
    return StreamingResponse(_pieces(data), headers=headers, media_type=kind)


async def _pieces(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), _PIECE):
        yield data[start : start + _PIECE]
