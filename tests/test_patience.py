"""Clients that open connections and say little, over real sockets."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.web.patience import Guard
from bot.web.server import serving

HEADER = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


@dataclass
class Site:
    """A server with little patience, four connections at most, and an answer that can be held back."""

    port: int = 0
    behind: int = 0  # the port of the same site behind a proxy
    release: asyncio.Event = field(default_factory=asyncio.Event)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def connect(self, said: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection and say something."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(writer)
        writer.write(said)
        await writer.drain()
        return reader, writer

    async def ask(self, path: str = "/") -> bytes:
        """The answer to a whole request; nothing where the connection breaks."""
        reader, _ = await self.connect(
            b"GET %b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % path.encode()
        )
        return await until_the_end(reader)


async def until_the_end(reader: asyncio.StreamReader) -> bytes:
    """What comes until the server closes the connection."""
    with contextlib.suppress(ConnectionError):
        return await asyncio.wait_for(reader.read(), 5)
    return b""


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    """A site with an answer at /, one that waits at /held, one that takes a body at /body."""
    found = Site()

    async def now(_: Request) -> Response:
        return PlainTextResponse("here")

    async def held(_: Request) -> Response:
        await found.release.wait()
        return PlainTextResponse("held")

    async def who(request: Request) -> Response:
        assert request.client is not None
        return PlainTextResponse(request.client.host)

    async def body(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    routes = [Route("/", now), Route("/held", held), Route("/who", who), Route("/body", body, methods=["POST"])]
    guard = Guard(most=4, request_s=0.2, body_s=0.2)
    app = Starlette(routes=routes)
    async with (
        serving(app, "127.0.0.1", 0, guard=guard) as origin,
        serving(app, "127.0.0.1", 0, guard=guard, proxies=["127.0.0.0/8"]) as behind,
    ):
        found.port, found.behind = (int(each.rpartition(":")[2]) for each in (origin, behind))
        yield found
        found.release.set()
        for writer in found.writers:
            writer.close()


@pytest.mark.parametrize("said", [b"", HEADER, HEADER[:5]], ids=["nothing", "half a header", "a few bytes"])
async def test_a_connection_that_asks_for_nothing_is_dropped(site: Site, said: bytes) -> None:
    """Whoever does not come to the end of a request's header loses the connection."""
    reader, _ = await site.connect(said)
    assert await until_the_end(reader) == b""


async def test_bytes_that_trickle_in_turn_no_clock_back(site: Site) -> None:
    """A header that comes one byte at a time is as slow as one that does not come."""
    reader, writer = await site.connect()
    with contextlib.suppress(ConnectionError):
        for byte in HEADER * 2:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.02)
    assert await until_the_end(reader) == b""


async def test_a_body_that_does_not_come_is_dropped(site: Site) -> None:
    """So is an upload that stops; one that comes is taken."""
    header = b"POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"
    whole, _ = await site.connect(header + b"12345")
    slow, _ = await site.connect(header + b"12")
    assert (await until_the_end(whole)).endswith(b"5")
    assert await until_the_end(slow) == b""


async def test_an_answer_that_takes_long_is_waited_for(site: Site) -> None:
    """The clock is for what the client sends: a long poll is no trouble."""
    asking = asyncio.create_task(site.ask("/held"))
    await asyncio.sleep(0.5)
    site.release.set()
    assert (await asking).endswith(b"held")


async def test_a_second_request_that_stops_halfway_is_dropped(site: Site) -> None:
    """A connection that was good once has no more time for the next request than a new one."""
    reader, writer = await site.connect(HEADER + b"\r\n")
    assert (await reader.readuntil(b"here")).startswith(b"HTTP/1.1 200")
    writer.write(HEADER)
    assert await until_the_end(reader) == b""


async def test_whoever_asks_gets_the_place_of_one_who_does_not(site: Site) -> None:
    """However many connections stand open, a whole request is answered at once."""
    idle = [(await site.connect(HEADER))[0] for _ in range(4)]
    assert (await site.ask()).endswith(b"here")
    assert await until_the_end(idle[0]) == b""


async def test_whoever_is_being_answered_keeps_their_place(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """Where everybody waits for an answer, one more is dropped, and a line says so once."""
    waiting = [asyncio.create_task(site.ask("/held")) for _ in range(4)]
    await asyncio.sleep(0.1)
    with caplog.at_level(logging.WARNING):
        assert await site.ask() == b""
        assert await site.ask() == b""
    site.release.set()
    assert [answer[-4:] for answer in await asyncio.gather(*waiting)] == [b"held"] * 4
    assert caplog.text.count("dropped") == 1


async def test_who_asks_is_told_by_a_trusted_proxy_alone(site: Site) -> None:
    """A header that anybody can send lifts no limit."""
    asked = b"GET /who HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.9\r\nConnection: close\r\n\r\n"
    own, _ = await site.connect(asked)
    assert (await until_the_end(own)).endswith(b"127.0.0.1")
    site.port = site.behind
    proxied, _ = await site.connect(asked)
    assert (await until_the_end(proxied)).endswith(b"203.0.113.9")
