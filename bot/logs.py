"""Logging to standard error, with the token taken out of every line whatever logged it."""

import logging

# httpx and httpcore log request URLs, which hold the token, at INFO and DEBUG; uvicorn says what the bot says better;
# alembic tells of its plugins; aiosqlite logs every row at DEBUG.
_QUIET = ("httpx", "httpcore", "uvicorn.error", "alembic", "aiosqlite")


class RedactingFormatter(logging.Formatter):
    """Formats a record, traceback included, and then replaces `secret` wherever it stands."""

    def __init__(self, secret: str) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secret = secret

    def format(self, record: logging.LogRecord) -> str:
        """Format `record` as one or more lines without the secret."""
        line = super().format(record)
        return line.replace(self._secret, "<token>") if self._secret else line


def configure_logging(level: str, secret: str) -> None:
    """Send every logger's records to standard error from `level` up, without `secret` (empty: nothing to hide)."""
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter(secret))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
