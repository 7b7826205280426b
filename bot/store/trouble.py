"""What a database's error means: it is away, it is damaged, or the bot has a bug. Knows both databases' words."""

import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# PostgreSQL's SQLSTATE (its documentation, appendix A): the first two are a class.
_AWAY: Final = ("08", "53", "57", "58", "25006")  # connection, resources, an operator, the system, read-only
_DAMAGED: Final = ("XX", "42P01")  # internal, a table that is not there
_MEND: Final = "stop the bot, bring a backup back or move it away, and start the bot anew"


class StoreUnavailable(Exception):
    """The database can't be used (now). The message is one line for whoever runs the bot; it holds no password."""


class StoreTooNew(StoreUnavailable):
    """The database can't be used by this version of the bot."""


class StoreDamaged(StoreUnavailable):
    """The database can't be used until somebody mends it."""


def told(error: BaseException, place: str, password: str | None) -> StoreUnavailable | None:
    """Say what an error means for whoever runs the bot; None for a bug, which is to be raised as it is."""
    if isinstance(error, StoreUnavailable):
        return error
    if _is_damage(error):
        return StoreDamaged(f"the database {place} is damaged ({reason(error, password)}): {_MEND}")
    if _is_away(error):
        return StoreUnavailable(f"the database {place} can't be used: {reason(error, password)}")
    return None


def reason(error: BaseException, password: str | None) -> str:
    """Give the first line of what the database or its driver says, without the password."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    said = str(cause).strip().splitlines()[0].rpartition(">: ")[2] if str(cause).strip() else type(cause).__name__
    if isinstance(cause, TimeoutError):
        said = "no answer in time"
    elif isinstance(cause, OSError):
        said = cause.strerror or type(cause).__name__
    return said.replace(password, "…") if password else said


def _is_away(error: BaseException) -> bool:
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout | OSError):
        return True
    return isinstance(error, SQLAlchemyError) and _code(error).startswith(_AWAY)


def _is_damage(error: BaseException) -> bool:
    if not isinstance(error, DBAPIError):
        return False
    # sqlite3 has a class of its own for all else: "malformed", "file is not a database".
    is_sqlites = type(error.orig).__name__ == sqlite3.DatabaseError.__name__ or "no such table" in str(error.orig)
    return is_sqlites or _code(error).startswith(_DAMAGED)


def _code(error: BaseException) -> str:
    """PostgreSQL's SQLSTATE; empty without one."""
    return str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")
