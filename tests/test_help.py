from typing import Any

import pytest

from bot import words
from bot.words.language import LANGUAGES, speaking
from tests.fakes import ADMIN, GROUP, PERSON, Bot
from tests.pressing import press


def command(bot: Bot, text: str, person: dict[str, Any] = PERSON) -> dict[str, Any]:
    """A message with a command."""
    return bot.message(
        text=text, entities=[{"type": "bot_command", "offset": 0, "length": len(text)}], **{"from": person}
    )


async def test_start_says_what_to_send(bot: Bot) -> None:
    """/start greets with what the bot does."""
    assert await bot.handle(message=command(bot, "/start")) == [words.introduction.START()]


async def test_help_tells_admins_of_their_commands_and_nobody_else(bot: Bot) -> None:
    """/retrain stands in an admin's help only."""
    (for_people,) = await bot.handle(message=command(bot, "/help"))
    (for_admins,) = await bot.handle(message=command(bot, "/help", ADMIN))
    assert "/retrain" not in for_people
    assert "/retrain" in for_admins


async def test_stats_give_the_test_accuracy_of_the_served_model(bot: Bot) -> None:
    """The figure is the served version's own, in percent with two decimals, and the version is named."""
    (text,) = await bot.handle(message=command(bot, "/stats"))
    metrics = bot.reader.version.metrics
    assert text.startswith(f"<b>Test accuracy: {100 * metrics.test_accuracy:.2f} %</b>")
    assert metrics.version in text


@pytest.mark.parametrize(
    "content",
    [
        {"text": "hello"},
        {"text": "/unknown", "entities": [{"type": "bot_command", "offset": 0, "length": 8}]},
        {"location": {"latitude": 1, "longitude": 2}},
        {"voice": {"file_id": "v", "file_unique_id": "v", "duration": 1}},
        {"video": {"file_id": "v", "file_unique_id": "v", "duration": 1, "width": 9, "height": 9}},
    ],
)
async def test_what_is_no_picture_gets_a_friendly_line(bot: Bot, content: dict[str, Any]) -> None:
    """Text, an unknown command, a location, voice, video: the bot says what it is for."""
    assert await bot.handle(message=bot.message(**content)) == [words.replies.NOT_A_PICTURE()]


@pytest.mark.parametrize("data", ["reading:1:dance", "vote:7", "train:go:", "x"])
async def test_a_button_that_nobody_knows_any_more_is_answered(bot: Bot, data: str) -> None:
    """It was made by an earlier version of the bot: a line says so, and nothing turns on and on."""
    assert await press(bot, data) == words.replies.UNKNOWN_BUTTON()


@pytest.mark.parametrize("carried", [{}, {"data": ""}, {"game_short_name": "chess"}], ids=str)
async def test_a_press_that_carries_no_data_is_answered(bot: Bot, carried: dict[str, str]) -> None:
    """A game's button, or a client's mistake: no handler takes it for one of its own."""
    query = {"id": "1", "from": PERSON, "chat_instance": "1", "message": bot.message(text="7"), **carried}
    await bot.handle(callback_query=query)
    assert [call.parameters["text"] for call in bot.telegram.calls if call.method == "answerCallbackQuery"] == [
        words.replies.UNKNOWN_BUTTON()
    ]


async def test_in_a_group_chatter_stays_unanswered(bot: Bot) -> None:
    """A group's texts are none of the bot's business."""
    assert await bot.handle(message=bot.message(text="hello", chat=GROUP)) == []


def test_commands_and_descriptions_fit_in_every_language() -> None:
    """Telegram takes 512 and 120 characters, and 256 for a command."""
    for language in LANGUAGES.values():
        with speaking(language):
            assert len(words.profile.DESCRIPTION()) <= 512
            assert len(words.profile.SHORT_DESCRIPTION()) <= 120
            assert all(1 <= len(what()) <= 256 for what in words.commands.FOR_ADMINS.values())
