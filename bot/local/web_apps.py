"""Mini Apps in the local chat: which addresses a button may open, and what Telegram tells the page that opens.

A page finds in its address what Telegram's apps put there: who opened it, signed with the bot's token, and how to look.
https://core.telegram.org/bots/webapps
"""

import json
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from bot.init_data import signed
from bot.local.chat import Chat, Conversations
from bot.local.wire import ApiError, Json, bad_request
from bot.web.hosts import LOOPBACK

# The Bot API of init data and theme as they are told here.
_VERSION = "9.0"
_MAX_THEME = 40


def check_web_app(web_app: Any, of: str) -> None:
    """Check a WebAppInfo as Telegram does, which takes https only; this machine's own pages may do without.

    `of` names what it belongs to in the refusal. Raises ApiError.
    """
    url = web_app.get("url") if isinstance(web_app, dict) else None
    if not isinstance(url, str) or not url:
        raise bad_request(f"can't parse {of}: web_app needs a url")
    scheme, host = _scheme_and_host(url)
    if not host or scheme not in {"http", "https"}:
        raise bad_request(f"{of} Web App URL '{url}' is invalid: Wrong HTTP URL")
    if scheme != "https" and host not in LOOPBACK:
        raise bad_request(f"{of} Web App URL '{url}' is invalid: Only HTTPS links are allowed")


class WebApps:
    """Opens the pages that the bot's buttons name, for the person who presses them."""

    def __init__(self, conversations: Conversations, token: str) -> None:
        self._talk = conversations
        self._token = token

    def opened(self, chat: Chat, url: str, menu_button: Json, theme: Json | None) -> str:
        """The address to open: the button's, with what the page must know in its fragment. Raises ApiError."""
        if url not in {*_buttons_urls(chat), (menu_button.get("web_app") or {}).get("url")}:
            raise ApiError(404, "no button of this chat opens that page")
        fragment = {
            "tgWebAppData": self._init_data(chat),
            "tgWebAppVersion": _VERSION,
            "tgWebAppPlatform": "web",
            "tgWebAppThemeParams": json.dumps(_theme(theme)),
        }
        return f"{url.partition('#')[0]}#{urlencode(fragment, quote_via=quote)}"

    def _init_data(self, chat: Chat) -> str:
        user = {**chat.person.as_user(), "last_name": "", "allows_write_to_pm": True}
        del user["is_bot"]
        fields = {
            "query_id": secrets.token_urlsafe(15),
            "user": json.dumps(user, separators=(",", ":")),
            "auth_date": str(int(self._talk.now())),
        }
        return signed(fields, self._token)


def _buttons_urls(chat: Chat) -> Iterator[str]:
    for message in chat.messages.values():
        for row in (message.content.buttons or {}).get("inline_keyboard", []):
            for button in row:
                if "web_app" in button:
                    yield button["web_app"]["url"]


def _scheme_and_host(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme.lower(), parts.hostname or ""


def _theme(given: Json | None) -> dict[str, str]:
    """Colours by their names in Telegram's ThemeParams; anything else is left out."""
    pairs = [(name, colour) for name, colour in (given or {}).items() if isinstance(colour, str) and len(colour) < 10]
    return dict(pairs[:_MAX_THEME])
