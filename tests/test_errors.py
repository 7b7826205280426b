"""What the log says when Telegram refuses to deliver, with the bot's own logging on the fake Telegram."""

import asyncio

import pytest
from telegram.ext import CallbackContext

from bot import words
from bot.handlers import errors
from bot.handlers.language import Languages
from bot.logs import configure_logging
from tests.fakes import ADMIN_ID, TOKEN, Bot

pytestmark = pytest.mark.usefixtures("logging_as_before")


async def test_a_person_who_blocked_the_bot_leaves_one_line(bot: Bot, capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback, and no apology that could not be sent either."""
    configure_logging("WARNING", TOKEN)
    for method in ("sendMessage", "sendPhoto", "sendChatAction"):
        bot.telegram.failures[method] = (403, "Forbidden: bot was blocked by the user")
    await bot.handle(message=bot.photo("7"))
    (line,) = capsys.readouterr().err.splitlines()
    assert "chat 7 can't be answered: Forbidden: bot was blocked by the user" in line


@pytest.mark.filterwarnings("ignore:.*retry_after:telegram.warnings.PTBDeprecationWarning")  # int until they change it
async def test_a_flood_wait_that_does_not_end_leaves_one_line(bot: Bot, capsys: pytest.CaptureFixture[str]) -> None:
    """After the client library's own tries; an apology would only make it longer."""
    configure_logging("WARNING", TOKEN)
    bot.telegram.failures["sendMessage"] = (429, "Too Many Requests: retry after 1")
    await bot.handle(message=bot.message(text="hello"))
    (line,) = capsys.readouterr().err.splitlines()
    assert "chat 7 can't be answered: Flood control exceeded" in line


async def test_a_mistake_of_ours_keeps_its_traceback(bot: Bot, capsys: pytest.CaptureFixture[str]) -> None:
    """A call that Telegram finds wrong has to be found in the code."""
    configure_logging("WARNING", TOKEN)
    bot.telegram.failures["sendMessage"] = (400, "Bad Request: can't parse entities")
    await bot.handle(message=bot.message(text="hello"))
    logged = capsys.readouterr().err
    assert "Traceback" in logged
    assert "in other" in logged  # the handler
    bot.telegram.failures.clear()
    assert await bot.handle(message=bot.message(text="hello")) == [words.replies.NOT_A_PICTURE()]


async def test_the_admins_are_told_of_the_first_of_a_burst_of_errors(bot: Bot) -> None:
    """One line to each, however many errors follow; nothing of the person whose photo it was."""
    bot.reader.failure = ZeroDivisionError("secret detail")
    for _ in range(3):
        await bot.handle(message=bot.photo("7"))
    told = [call.parameters["text"] for call in bot.telegram.calls if call.parameters.get("chat_id") == ADMIN_ID]
    (alert,) = told
    assert "ZeroDivisionError" in alert
    assert "secret" not in alert


async def test_telegram_out_of_reach_is_no_news_for_the_admins(bot: Bot) -> None:
    """They would not get it, and it passes."""
    bot.telegram.failures["sendMessage"] = (500, "Internal Server Error")
    await bot.handle(message=bot.message(text="hello"))
    assert all(call.parameters.get("chat_id") != ADMIN_ID for call in bot.telegram.calls)


async def test_an_admin_who_can_not_be_told_costs_nobody_the_apology(bot: Bot) -> None:
    """Whoever never wrote to the bot can't be written to."""
    languages = Languages(bot.store.people)
    handlers = errors.ErrorHandlers(bot.pool.vitals, languages, frozenset({-1}), lambda: 0.0)
    bot.telegram.failures["sendMessage"] = (403, "Forbidden: bot can't initiate conversation with a user")
    context = CallbackContext(bot.application)
    context.error = ZeroDivisionError()
    await handlers.failed(bot.update(message=bot.message(text="hello")), context)


async def test_every_line_about_an_update_has_its_number(bot: Bot, capsys: pytest.CaptureFixture[str]) -> None:
    """What happened to a photo is found by it, whoever logged it."""
    configure_logging("INFO", TOKEN)
    update = bot.update(message=bot.photo("7"))
    await asyncio.create_task(
        bot.application.update_processor.process_update(update, bot.application.process_update(update))
    )
    assert f"bot.handlers.reading [{update.update_id}]: chat 7: read 1 digits" in capsys.readouterr().err
