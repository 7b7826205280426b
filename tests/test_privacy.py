"""The privacy page, and the way there from /privacy."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from bot.handlers.privacy import privacy_link, privacy_text
from bot.learning.trainer import Trainer
from bot.web.privacy import PrivacyPage
from bot.words.language import LANGUAGES, speaking, spoken
from tests.fakes import PERSON, Bot, ScriptedReader
from tests.pressing import sent

ORIGIN = "https://digits.example.org"


@pytest.fixture
async def public(tmp_path: Path) -> AsyncIterator[Bot]:
    """A bot whose web side people can reach."""
    async with Bot(ScriptedReader(), Trainer(tmp_path), public_url=ORIGIN) as running:
        yield running


async def opened(url: str, page: PrivacyPage | None = None, accepted: str = "") -> httpx.Response:
    """What a browser gets; by default the page says in which language it is asked to speak."""
    page = page or PrivacyPage(lambda: f"<b>{spoken().name}</b>\nand more")
    transport = httpx.ASGITransport(Starlette(routes=page.routes))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as http:
        return await http.get(url, headers={b"accept-language": accepted.encode()})


async def test_the_page_says_what_the_command_says(bot: Bot) -> None:
    """Every line of the answer to /privacy stands on the page, as HTML of its own title."""
    (said,) = await bot.handle(message=bot.command("/privacy"))
    answer = await opened("/privacy", PrivacyPage(privacy_text))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert [line for line in said.splitlines() if f"<p>{line}</p>" not in answer.text] == [""]
    assert "<title>What I keep</title>" in answer.text


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        ("", "", "en"),
        ("?language=de", "fr", "de"),
        ("?language=xx", "fr-CH,fr;q=0.9", "fr"),
        ("?language=pt-BR", "", "pt"),
        ("", "tlh, ru;q=0.5, uk;q=0.8, en;q=0.1", "uk"),
        ("", "es;q=0, it;q=0.3", "it"),
        ("", ";;q=,\u00e4,*;q=0.5,de;q=nine", "en"),
    ],
)
async def test_the_page_speaks_the_language_that_is_asked_for(asked: str, accepted: str, language: str) -> None:
    """The address decides, then the browser, in its own order; what nobody speaks and what is broken is passed over."""
    answer = await opened(f"/privacy{asked}", accepted=accepted)
    assert f"<p><b>{LANGUAGES[language].name}</b></p>" in answer.text
    assert spoken().code == "en"  # for everybody else, as before


async def test_the_page_runs_from_right_to_left_in_arabic() -> None:
    """Direction and language are the page's own; in German it runs the other way."""
    assert '<html lang="ar" dir="rtl">' in (await opened("/privacy?language=ar")).text
    assert '<html lang="de" dir="ltr">' in (await opened("/privacy?language=de")).text


async def test_the_page_loads_nothing_and_its_style_is_allowed() -> None:
    """No script, no other site; the one style is the one that the policy names."""
    answer = await opened("/privacy")
    assert "default-src 'none'; style-src 'sha256-" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text


async def test_the_command_links_to_the_page_in_the_persons_language(public: Bot) -> None:
    """Whoever is answered in German gets the German page, without a preview under the answer."""
    message = public.command("/privacy", PERSON | {"language_code": "de"})
    with speaking(LANGUAGES["de"]):
        (said,) = await public.handle(message=message)
        link = privacy_link(f"{ORIGIN}/privacy")
    assert said.endswith(f"\n\n{link}")
    assert link.startswith(f'<a href="{ORIGIN}/privacy?language=de">')
    assert sent(public, "sendMessage")[-1].parameters["link_preview_options"] == {"is_disabled": True}


async def test_where_nobody_can_reach_the_page_no_link_is_said(bot: Bot) -> None:
    """Without PUBLIC_URL the answer has no link."""
    (said,) = await bot.handle(message=bot.command("/privacy"))
    assert "<a " not in said
    assert said == privacy_text()
