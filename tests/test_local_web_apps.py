"""Mini Apps in the local chat: what a button may open, and what the page that opens is told."""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import pytest
import pytest_asyncio
from aiogram.utils.web_app import safe_parse_webapp_init_data

from bot.init_data import WebUser, verified_user
from bot.local import ADMIN_ID, GUEST_ID
from tests.local_server import Local, Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = "http://127.0.0.1:8080/draw"


@pytest_asyncio.fixture(loop_scope="module")
async def local(stage: Stage) -> AsyncIterator[Local]:
    """A local chat whose clock stands."""
    async with stage.local_chat(now=lambda: 1_800_000_000) as running:
        yield running


def keyboard(url: object) -> dict[str, Any]:
    """A keyboard with one button, which opens a Mini App."""
    return {"inline_keyboard": [[{"text": "Draw", "web_app": {"url": url}}]]}


async def offer(local: Local, url: str = PAGE, chat_id: int = ADMIN_ID) -> None:
    """Have the bot offer a page."""
    await local.result("sendMessage", chat_id=chat_id, text="Draw!", reply_markup=keyboard(url))


async def opened(local: Local, **how: Any) -> dict[str, str]:
    """Press the button, and give what the page's address tells it."""
    response = await local.http.post("/local/web_apps", json={"url": PAGE, **how})
    assert response.status_code == 200, response.text
    page, _, fragment = response.json()["url"].partition("#")
    assert page == how.get("url", PAGE)
    return {name: values[0] for name, values in parse_qs(fragment, strict_parsing=True).items()}


@pytest.mark.parametrize("url", ["https://example.org/draw", PAGE, "http://localhost:1/draw", "http://[::1]:9/draw"])
async def test_a_page_that_a_button_may_open(local: Local, url: str) -> None:
    """https anywhere, and plain http on this machine, where Telegram's reason for https does not hold."""
    await offer(local, url)
    (message,) = await local.messages()
    assert message["buttons"] == [[{"text": "Draw", "data": "", "url": None, "web_app": url, "copy": None}]]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.org/draw", "Web App URL 'http://example.org/draw' is invalid: Only HTTPS links are allowed"),
        ("http://127.0.0.1.example.org", "Only HTTPS links are allowed"),
        ("javascript:alert(1)", "Wrong HTTP URL"),
        ("draw", "Wrong HTTP URL"),
        ("https://[", "Wrong HTTP URL"),
        ("", "web_app needs a url"),
        (7, "web_app needs a url"),
    ],
)
async def test_a_page_that_no_button_may_open(local: Local, url: object, reason: str) -> None:
    """What Telegram refuses under a message or beside the input is refused here, in its words."""
    said = await local.refusal("sendMessage", chat_id=ADMIN_ID, text="x", reply_markup=keyboard(url))
    assert said.startswith("Bad Request: ")
    assert reason in said
    button = {"type": "web_app", "text": "Draw", "web_app": {"url": url}}
    assert reason in await local.refusal("setChatMenuButton", menu_button=button)


async def test_the_page_is_told_who_opened_it(local: Local) -> None:
    """The init data is signed with the bot's token: our own check takes it, and so does aiogram's strict one."""
    await offer(local, chat_id=GUEST_ID)
    told = await opened(local, user="guest")
    assert verified_user(told["tgWebAppData"], local.chat.token, 1_800_000_000) == WebUser(GUEST_ID, "Guest", "en")
    peer = safe_parse_webapp_init_data(local.chat.token, told["tgWebAppData"])
    assert peer.user is not None
    assert (peer.user.id, peer.user.username, peer.user.language_code) == (GUEST_ID, "local_guest", "en")
    assert peer.query_id
    assert (told["tgWebAppVersion"], told["tgWebAppPlatform"]) == ("9.0", "web")


async def test_the_page_is_told_the_language_of_the_chat(local: Local) -> None:
    """Who opens the page from the chat in Arabic finds it in Arabic."""
    await offer(local, chat_id=GUEST_ID)
    await local.http.post("/local/language", json={"user": "guest", "language": "ar"})
    user = safe_parse_webapp_init_data(local.chat.token, (await opened(local, user="guest"))["tgWebAppData"]).user
    assert user is not None
    assert user.language_code == "ar"


async def test_the_page_is_told_the_colours_of_the_chat(local: Local) -> None:
    """Colours arrive as Telegram's; what is no colour stays out."""
    await offer(local)
    theme = {"bg_color": "#ffffff", "long": "x" * 100, "number": 7}
    assert json.loads((await opened(local, theme_params=theme))["tgWebAppThemeParams"]) == {"bg_color": "#ffffff"}
    assert json.loads((await opened(local))["tgWebAppThemeParams"]) == {}


async def test_the_menu_button_opens_a_page_too(local: Local) -> None:
    """As in Telegram, beside the input."""
    button = {"type": "web_app", "text": "Draw", "web_app": {"url": PAGE}}
    await local.result("setChatMenuButton", menu_button=button)
    assert (await local.state())["menu_button"] == button
    assert (await opened(local))["tgWebAppData"]


async def test_a_page_without_a_button_is_not_opened(local: Local) -> None:
    """Nobody gets signed init data for a page that the bot did not offer them."""
    await offer(local, chat_id=GUEST_ID)
    for body in ({"url": PAGE}, {"url": "https://example.org"}, {}):
        assert (await local.http.post("/local/web_apps", json=body)).status_code == 404


async def test_another_site_can_not_open_a_page(local: Local) -> None:
    """Signed init data is for the chat's own page alone."""
    await offer(local)
    response = await local.http.post("/local/web_apps", json={"url": PAGE}, headers={"origin": "https://example.org"})
    assert response.status_code == 403
    assert "tgWebAppData" not in response.text
