import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.web.hosts import LOOPBACK, KnownHosts


async def here(_: Request) -> Response:
    """An answer."""
    return PlainTextResponse("here")


SITE = Starlette(
    routes=[Route("/healthz", here)],
    middleware=[Middleware(KnownHosts, LOOPBACK | {"digits.example.org"})],
)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8081", 200),
        ("127.0.0.1", 200),
        ("[::1]:8081", 200),
        ("10.1.2.3:8081", 200),
        ("bot:8081", 200),
        ("Digits.Example.ORG", 200),
        ("evil.example.com", 403),
        ("evil.example.com:8081", 403),
        ("digits.example.org.evil.example.com", 403),
        ("[::1", 403),
        ("", 403),
    ],
)
async def test_a_page_from_elsewhere_reaches_nothing_under_its_own_name(host: str, status: int) -> None:
    """Addresses, machines' names and the public one are known; a name that anybody can have is not."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(SITE), base_url="http://x") as http:
        assert (await http.get("/healthz", headers={"host": host})).status_code == status
