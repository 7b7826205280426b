"""/draw and the menu button, on a fake Telegram."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot import words
from bot.handlers.drawing import publish_menu_button
from bot.learning.trainer import Trainer
from tests.fakes import ADMIN, GROUP, Bot, ScriptedReader
from tests.pressing import sent

PAGE = "https://digits.example.org/draw"


@pytest.fixture
async def public(tmp_path: Path) -> AsyncIterator[Bot]:
    """A bot whose web side people can reach."""
    async with Bot(ScriptedReader(), Trainer(tmp_path), public_url="https://digits.example.org") as running:
        yield running


def keys(bot: Bot) -> list[list[dict[str, Any]]]:
    """The buttons below the last message."""
    rows: list[list[dict[str, Any]]] = sent(bot, "sendMessage")[-1].parameters["reply_markup"]["inline_keyboard"]
    return rows


@pytest.mark.parametrize("text", ["/draw", "/start draw"])
async def test_draw_in_a_private_chat_opens_the_page(public: Bot, text: str) -> None:
    """One button, which opens the draw page as a Mini App; coming from a group's link does the same."""
    assert await public.handle(message=public.command(text)) == [words.drawing.DRAW()]
    assert keys(public) == [[{"text": words.drawing.DRAW_BUTTON(), "web_app": {"url": PAGE}}]]


async def test_start_alone_still_greets(public: Bot) -> None:
    """Only the link's own parameter leads to the draw page."""
    assert await public.handle(message=public.command("/start drawn")) != [words.drawing.DRAW()]


async def test_draw_in_a_group_leads_to_the_private_chat(public: Bot) -> None:
    """Telegram refuses Mini App buttons in groups: a link opens the private chat, whose Start opens the page."""
    asked = public.command("/draw") | {"chat": GROUP}
    assert await public.handle(message=asked) == [words.drawing.DRAW_IN_PRIVATE()]
    assert keys(public) == [[{"text": words.drawing.PRIVATE_BUTTON(), "url": "https://t.me/digits_bot?start=draw"}]]


async def test_draw_without_a_public_address_says_whose_turn_it_is(bot: Bot) -> None:
    """An admin reads which setting is missing, anybody else that it is not to be had here; no button leads nowhere."""
    assert await bot.handle(message=bot.command("/draw")) == [words.drawing.DRAW_NOT_HERE()]
    (for_admin,) = await bot.handle(message=bot.command("/draw", ADMIN))
    assert "PUBLIC_URL" in for_admin
    assert not [call for call in sent(bot, "sendMessage") if "reply_markup" in call.parameters]


async def test_draw_is_in_the_help(bot: Bot) -> None:
    """Nobody has to guess that there is a draw page."""
    (text,) = await bot.handle(message=bot.command("/help"))
    assert "/draw" in text


async def test_the_menu_button_opens_the_page(bot: Bot) -> None:
    """Beside every chat's input stands the way to the draw page; started without one, the bot takes it back."""
    await publish_menu_button(bot.application.bot, PAGE)
    opens = {"type": "web_app", "text": words.drawing.MENU_BUTTON(), "web_app": {"url": PAGE}}
    assert bot.telegram.menu_button == opens
    await publish_menu_button(bot.application.bot, "")
    assert bot.telegram.menu_button == {"type": "default"}


async def test_a_menu_button_of_the_admins_own_stays(bot: Bot) -> None:
    """Somebody may have set one with @BotFather."""
    own = bot.telegram.menu_button = {"type": "web_app", "text": "Shop", "web_app": {"url": "https://example.org/shop"}}
    await publish_menu_button(bot.application.bot, "")
    assert bot.telegram.menu_button == own


async def test_a_menu_button_that_can_not_be_set_does_not_stop_the_bot(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    """Telegram's refusal is logged, not raised."""
    bot.telegram.failures["setChatMenuButton"] = (400, "Bad Request: menu button Web App URL is invalid")
    await publish_menu_button(bot.application.bot, PAGE)
    assert "the menu button could not be set" in caplog.text
