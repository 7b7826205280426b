"""The words of a page on their way to it: in English with its HTML, in any language by a route of its own.

`GET …/words?language=de` answers `{"language", "rtl", "languages": {code: its own name}, "words": {id: text}}`, where
the text of what is counted is `{category of CLDR: text}`. A language that is not spoken gets English. `page/say.js`
asks for it, on both pages.
"""

import html
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.words.language import ENGLISH, Language, language_of, speaking
from bot.words.pages import Words, told

SAY: Final = Path(__file__).parent / "page" / "say.js"

# Another catalogue comes with another version of the bot only.
_KEPT: Final = {"cache-control": "public, max-age=300", "x-content-type-options": "nosniff"}


def language_asked(request: Request) -> Language:
    """Give the language that the page speaks, as its script asks for answers, or English."""
    return language_of(request.headers.get("accept-language", "").split(",")[0])


def with_english(page: str, words: Words) -> str:
    """Put the English words into a page's `{words}`: what it says before another language came, and if none comes."""
    with speaking(ENGLISH):
        return page.replace("{words}", html.escape(json.dumps(told(words), ensure_ascii=False)))


def words_endpoint(words: Words) -> Callable[[Request], Awaitable[Response]]:
    """Make what answers `GET …/words`."""

    async def answer(request: Request) -> Response:
        with speaking(language_of(request.query_params.get("language"))):
            return JSONResponse(told(words), headers=_KEPT)

    return answer
