"""Logging to standard error, with token and passwords taken out of every line whatever logged it."""

import copy
import logging
from collections.abc import Sequence
from contextvars import ContextVar

from telegram.error import BadRequest, Conflict, Forbidden, NetworkError, RetryAfter, TelegramError

# httpx and httpcore log request URLs, which hold the token, at INFO and DEBUG; uvicorn says what the bot says better;
# alembic tells of its plugins; aiosqlite logs every row at DEBUG.
_QUIET = ("httpx", "httpcore", "uvicorn.error", "alembic", "aiosqlite")

# Its errors are raised too, and said where they are caught.
_SAYS_IT_TWICE = "telegram.ext.AIORateLimiter"


handling: ContextVar[int | None] = ContextVar("handling", default=None)
"""The id of the update that is being handled here, for every line that is logged about it."""


class RedactingFormatter(logging.Formatter):
    """Formats a record, traceback included, and then replaces `token` and `passwords` wherever they stand.

    What Telegram or the network did takes one line: a traceback through the client library tells nobody anything.
    """

    def __init__(self, token: str, passwords: Sequence[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s%(about)s: %(message)s")
        self._secrets = [(token, "<token>")] if token else []
        # Longest first: one may be a part of another.
        self._secrets += [(password, "<password>") for password in sorted(passwords, key=len, reverse=True)]

    def format(self, record: logging.LogRecord) -> str:
        """Format `record` as one or more lines without the secrets, with the number of the update it is about."""
        update_id = handling.get()
        record.about = "" if update_id is None else f" [{update_id}]"
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, TelegramError) and is_from_outside(error):
            record = copy.copy(record)
            record.msg, record.args = f"{record.getMessage()} ({type(error).__name__}: {error})", None
            record.exc_info = record.exc_text = None
        line = super().format(record)
        for secret, name in self._secrets:
            line = line.replace(secret, name)
        return line


def is_from_outside(error: TelegramError) -> bool:
    """Whether an error is what Telegram or the network did, and no mistake of ours (a refused call, say)."""
    return isinstance(error, Conflict | Forbidden | NetworkError | RetryAfter) and not isinstance(error, BadRequest)


def configure_logging(level: str, token: str, passwords: Sequence[str] = ()) -> None:
    """Send every logger's records to standard error from `level` up, without token (empty: none) and passwords."""
    handler = logging.StreamHandler()
    handler.addFilter(lambda record: record.name != _SAYS_IT_TWICE or record.levelno < logging.ERROR)
    handler.setFormatter(RedactingFormatter(token, passwords))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
