"""Mini App init data: who opened the draw page, vouched for by Telegram's signature.

The page sends it with each drawing, as Telegram handed it over. Source of the rules:
https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import parse_qsl, urlencode

# Longer than anybody draws at a sitting; a header that leaked into a log is soon worth nothing. The page gets fresh
# data each time it is opened.
MAX_AGE_S: Final = 3600
# How far the clocks of Telegram and of this machine may be apart (Kerberos allows as much).
_MAX_SKEW_S: Final = 300
# Telegram's is 300 to 900 bytes, the longest names included.
_MAX_LENGTH: Final = 4096
_MAX_FIELDS: Final = 32
_DATE_LENGTH: Final = 12  # digits of unix seconds, for the next 30,000 years

Problem = Literal["missing", "malformed", "forged", "expired", "from the future", "without a user"]


class WrongInitData(Exception):
    """Init data that proves nothing. `problem` says what is wrong; nothing of the data is in it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class WebUser:
    """Who opened the page. The private chat with them has the same id."""

    id: int
    first_name: str
    language_code: str | None = None  # of their Telegram, where it tells


def verified_user(init_data: str, token: str, now: float) -> WebUser:
    """The user whom Telegram's signature vouches for; `now` is unix seconds. Raises WrongInitData."""
    if not init_data:
        raise WrongInitData("missing")
    fields = _fields(init_data)
    given = fields.pop("hash", "")
    if not hmac.compare_digest(_signature(fields, token).encode(), given.encode()):
        raise WrongInitData("forged")
    # From here on it is Telegram that speaks, but it may be an old word.
    date = fields.get("auth_date", "")
    if not (date.isascii() and date.isdecimal() and len(date) <= _DATE_LENGTH):
        raise WrongInitData("malformed")
    age_s = now - int(date)
    if age_s > MAX_AGE_S:
        raise WrongInitData("expired")
    if age_s < -_MAX_SKEW_S:
        raise WrongInitData("from the future")
    return _user(fields.get("user", ""))


def signed(fields: Mapping[str, str], token: str) -> str:
    """Init data with these fields as Telegram would sign it for the bot of this token; for the local chat."""
    return urlencode({**fields, "hash": _signature(fields, token)})


def _fields(init_data: str) -> dict[str, str]:
    """The pairs, URL-decoded once; their values are not parsed further, since the signature is over the very text."""
    if len(init_data) > _MAX_LENGTH or not init_data.isascii():
        raise WrongInitData("malformed")
    try:
        pairs = parse_qsl(
            init_data, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=_MAX_FIELDS
        )
    except ValueError as error:
        raise WrongInitData("malformed") from error
    fields = dict(pairs)
    if len(fields) < len(pairs):  # which of two would count is anybody's guess
        raise WrongInitData("malformed")
    return fields


def _signature(fields: Mapping[str, str], token: str) -> str:
    """The hash over everything but itself. `signature`, for third parties that have no token, is covered as well."""
    check_string = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    secret = hmac.digest(b"WebAppData", token.encode(), hashlib.sha256)
    return hmac.new(secret, check_string.encode(), hashlib.sha256).hexdigest()


def _user(text: str) -> WebUser:
    try:
        user = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WrongInitData("without a user") from error
    user_id = user.get("id") if isinstance(user, dict) else None
    if type(user_id) is not int or user_id <= 0:  # True is an int as well
        raise WrongInitData("without a user")
    code = user.get("language_code")
    return WebUser(user_id, str(user.get("first_name", "")), code if isinstance(code, str) else None)
