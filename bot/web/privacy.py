"""The privacy page: what /privacy says in a chat, at an address of its own, which BotFather's setting asks for.

`GET /privacy?language=de` says it in that language; without one that is spoken, in the first of those that the browser
asks for, or in English.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from bot.web.page_words import language_asked
from bot.words.language import Language, speaking

_STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{max-width:38rem;margin:2rem auto;padding:0 1rem;font:1.05rem/1.6 system-ui,sans-serif;overflow-wrap:anywhere}"
)


class PrivacyPage:
    """The route of the page; `text` says what is kept, in Telegram's HTML and in the language that is spoken."""

    def __init__(self, text: Callable[[], str]) -> None:
        self._text = text
        style = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
        self._headers = {
            "content-security-policy": f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'",
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cache-control": "no-cache",
            "vary": "accept-language",
        }
        self.routes: list[BaseRoute] = [Route("/privacy", self._page)]

    async def _page(self, request: Request) -> Response:
        language = language_asked(request)
        with speaking(language):
            text = self._text()
        return HTMLResponse(_as_page(text, language), headers=self._headers)


def _as_page(text: str, language: Language) -> str:
    title = re.sub(r"<[^>]*>", "", text.partition("\n")[0])
    paragraphs = "".join(f"<p>{part}</p>\n" for part in text.replace("\n\n", "\n").split("\n"))
    tag, direction = language.locale.replace("_", "-"), "rtl" if language.is_rtl else "ltr"
    return (
        f'<!doctype html>\n<html lang="{tag}" dir="{direction}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n{paragraphs}</body>\n</html>\n"
    )
