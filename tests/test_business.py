"""Chats of a Telegram Business account, whose owner lets the bot speak for them, on the fake Telegram."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.learning.trainer import Trainer
from bot.store import Tally
from tests.fakes import PERSON, STRANGER, Bot, ScriptedReader
from tests.pressing import buttons, sent, shown, tally

CONNECTION = "business"


@pytest.fixture
async def speaking(tmp_path: Path) -> AsyncIterator[Bot]:
    """A bot whose settings let it answer in business chats."""
    async with Bot(ScriptedReader(), Trainer(tmp_path / "models"), answer_business_chats=True) as running:
        yield running


def from_customer(bot: Bot, digits: str, **fields: Any) -> dict[str, Any]:
    """A photo that a customer sends to the owner of the account."""
    return bot.photo(digits, business_connection_id=CONNECTION, **fields)


async def test_a_business_chats_files_are_not_answered(bot: Bot) -> None:
    """Without the setting the bot never speaks in its owner's name, nor looks at what their customers send."""
    photo = from_customer(bot, "4071")
    assert await bot.handle(business_message=photo) == []
    assert await bot.handle(edited_business_message=photo | {"edit_date": 4_000_000_001}) == []
    assert bot.telegram.calls == []


async def test_with_the_setting_a_customers_photo_is_answered_in_the_owners_name(speaking: Bot) -> None:
    """Through the business connection, the picture with its digits too."""
    assert await speaking.handle(business_message=from_customer(speaking, "4071")) == ["<code>4071</code>\n97 % sure"]
    calls = sent(speaking, "sendPhoto", "sendChatAction")
    assert {call.parameters["business_connection_id"] for call in calls} == {CONNECTION}


async def test_nothing_is_kept_of_a_customers_photo_and_nobody_is_asked_to_judge_it(speaking: Bot) -> None:
    """The customer has not asked the bot for anything: no crop, no buttons."""
    await speaking.handle(business_message=from_customer(speaking, "7"))
    assert buttons(shown(speaking)) == {}
    assert await tally(speaking) == Tally()


async def test_a_customers_photo_without_digits_is_left_alone(speaking: Bot) -> None:
    """Most of what customers send is not for the bot: it is silent, not sorry, in the owner's name."""
    assert await speaking.handle(business_message=from_customer(speaking, "")) == []
    speaking.telegram.failures["getFile"] = (400, "Bad Request: file is too big")
    assert await speaking.handle(business_message=from_customer(speaking, "7")) == []


async def test_what_the_owner_sends_is_left_alone(speaking: Bot) -> None:
    """Their own pictures come as updates too, and so does what the bot says for them."""
    assert await speaking.handle(business_message=from_customer(speaking, "7", **{"from": STRANGER})) == []


async def test_with_the_setting_the_bots_own_chats_are_as_ever(speaking: Bot) -> None:
    """A photo sent to the bot itself has its buttons."""
    await speaking.handle(message=speaking.photo("7", **{"from": PERSON}))
    assert list(buttons(shown(speaking))) == ["✓", "✗", "Why?"]
