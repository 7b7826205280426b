"""What may stand between the bot and the Bot API, on loopback: an HTTP proxy, a SOCKS5 one, a web server."""

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

CERTIFICATE = Path(__file__).parent / "certificates" / "botapi.test.pem"
"""Certificate and key of https://botapi.test, for these tests alone: SSL_CERT_FILE makes a client trust it.

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj /CN=botapi.test
    -addext subjectAltName=DNS:botapi.test,IP:127.0.0.1 -keyout - -out -
"""

PAGE = b"<!doctype html>\n<title>It works!</title>"
"""What a web server says that is no Bot API server."""

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Proxy:
    """What a proxy knows: where each `host:port` is on loopback, who may use it; what it was `asked` for, in order."""

    ports: dict[str, int]
    login: tuple[str, str] | None = None
    asked: list[str] = field(default_factory=list)

    async def http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection as RFC 9110 has it: CONNECT opens a tunnel, any other method is passed on, once."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        request, *fields = head.rstrip("\r\n").split("\r\n")
        method, target, _ = request.split(" ")
        headers = {name.lower(): text.strip() for name, _, text in (line.partition(":") for line in fields)}
        if self.login and headers.get("proxy-authorization") != f"Basic {_basic(self.login)}":
            said = b"<html>Who are you?</html>"
            writer.write(
                b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nConnection: close\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(said), said)
            )
            await writer.drain()
            return
        parts = urlsplit(target)
        place = target if method == "CONNECT" else f"{parts.hostname}:{parts.port or 80}"
        self.asked.append(f"{method} {place}")
        there = await self._open(place)
        if there is None:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        else:  # one request a connection: the answer ends with it
            kept = [line for line in fields if not line.lower().startswith(("proxy-", "connection:"))]
            path = target.partition(parts.netloc)[2]
            there[1].write("\r\n".join([f"{method} {path} HTTP/1.1", *kept, "Connection: close", "", ""]).encode())
        await _relay((reader, writer), there)

    async def socks5(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection as RFC 1928 has it, with the password of RFC 1929."""
        _, count = await reader.readexactly(2)
        offered = await reader.readexactly(count)
        method = 2 if self.login else 0
        if method not in offered:
            writer.write(b"\x05\xff")
            await writer.drain()
            return
        writer.write(bytes([5, method]))
        if self.login:
            _, size = await reader.readexactly(2)
            user = await reader.readexactly(size)
            password = await reader.readexactly((await reader.readexactly(1))[0])
            is_right = (user.decode(), password.decode()) == self.login
            writer.write(b"\x01\x00" if is_right else b"\x01\x01")
            if not is_right:
                await writer.drain()
                return
        _, _, _, kind = await reader.readexactly(4)
        assert kind == 3  # a name: it is not the client that resolves it
        name = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        place = f"{name}:{int.from_bytes(await reader.readexactly(2), 'big')}"
        self.asked.append(place)
        there = await self._open(place)
        writer.write(bytes([5, 0 if there else 4, 0, 1, 0, 0, 0, 0, 0, 0]))  # 4: host unreachable
        await writer.drain()
        if there is not None:
            await _relay((reader, writer), there)

    async def _open(self, place: str) -> Streams | None:
        return await asyncio.open_connection("127.0.0.1", self.ports[place]) if place in self.ports else None


@contextlib.asynccontextmanager
async def listening(handler: Handler, *, tls: bool = False) -> AsyncIterator[int]:
    """Serve connections with `handler` on a free port of loopback; yields the port."""
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
    under_way: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # streams run their handler in one
        under_way.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await handler(reader, writer)
        finally:
            await _close(writer)
            under_way.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


def to(port: int) -> Handler:
    """Handle connections by passing them on to a port of loopback: with TLS before it, its https side."""

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _relay((reader, writer), await asyncio.open_connection("127.0.0.1", port))

    return pass_on


def answering(status: int, body: bytes) -> Handler:
    """A web server that answers every request alike."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 {status} Whatever\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n"
        writer.write(f"{head}Connection: close\r\n\r\n".encode() + body)
        await writer.drain()

    return handle


async def _relay(one: Streams, other: Streams) -> None:
    """Carry bytes both ways until a side has ended."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()

    ways = [asyncio.create_task(carry(one[0], other[1])), asyncio.create_task(carry(other[0], one[1]))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await _close(other[1])
        await asyncio.gather(*ways, return_exceptions=True)


async def _close(writer: asyncio.StreamWriter) -> None:
    """End a connection once what was written is sent; a client that doesn't listen any more is not waited for."""
    writer.close()
    with contextlib.suppress(OSError, TimeoutError):
        await asyncio.wait_for(writer.wait_closed(), 0.5)
    writer.transport.abort()


def _basic(login: tuple[str, str]) -> str:
    return base64.b64encode(":".join(login).encode()).decode()
