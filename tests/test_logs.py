import asyncio
import logging

import pytest
from telegram.ext import ApplicationBuilder

from bot.logs import RedactingFormatter, configure_logging
from tests.fakes import TOKEN

pytestmark = pytest.mark.usefixtures("logging_as_before")


def test_the_token_is_taken_out_of_messages_arguments_and_tracebacks() -> None:
    """Wherever a record holds the token, the formatted line does not."""
    error = ValueError(f"https://api.telegram.org/bot{TOKEN}/getMe")
    record = logging.LogRecord("a", logging.ERROR, "b", 1, "at %s", (TOKEN,), (ValueError, error, None))
    line = RedactingFormatter(TOKEN).format(record)
    assert TOKEN not in line
    assert line.count("<token>") >= 2


async def test_the_client_library_logs_no_token_at_any_level(capsys: pytest.CaptureFixture[str]) -> None:
    """With every logger at its loudest, a real request (to a closed port) leaves no token in the log."""
    configure_logging("DEBUG", TOKEN)
    application = ApplicationBuilder().token(TOKEN).base_url("http://127.0.0.1:9/bot").build()
    with pytest.raises(Exception, match="ConnectError"):
        await application.initialize()
    await application.shutdown()
    await asyncio.sleep(0)
    logged = capsys.readouterr().err
    assert "DEBUG" in logged
    assert TOKEN not in logged
    assert logging.getLogger("httpx").level == logging.WARNING  # it logs URLs at INFO: not even built
