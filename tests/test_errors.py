"""What the log says when Telegram refuses to deliver, with the bot's own logging on the fake Telegram."""

import pytest

from bot import replies
from bot.logs import configure_logging
from tests.fakes import TOKEN, Bot

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
    assert await bot.handle(message=bot.message(text="hello")) == [replies.NOT_A_PICTURE]
