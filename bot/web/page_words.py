"""The words of a page on their way to it: in English with its HTML, in any language by a route of its own.

`GET …/words?language=de` answers `{"language", "rtl", "languages": {code: its own name}, "words": {id: text}}`, where
the text of what is counted is `{category of CLDR: text}`. A language that is not spoken gets English. `page/say.js`
asks for it, on both pages.
"""

import html
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.words.language import ENGLISH, LANGUAGES, Language, language_of, speaking
from bot.words.pages import Words, told

_RANGE: Final = re.compile(r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?")

SAY: Final = Path(__file__).parent / "page" / "say.js"

# Another catalogue comes with another version of the bot only.
_KEPT: Final = {"cache-control": "public, max-age=300", "x-content-type-options": "nosniff"}


def language_asked(request: Request) -> Language:
    """Give the language of `?language=`, else the first of those that the browser asks for and the bot speaks."""
    tags = [request.query_params.get("language", ""), *_accepted(request.headers.get("accept-language", ""))]
    spoken = (language_of(tag) for tag in tags if re.split("[-_]", tag)[0].lower() in LANGUAGES)
    return next(spoken, ENGLISH)


def _accepted(header: str) -> Iterator[str]:
    """The languages of an Accept-Language header, the dearest first."""
    ranges = [found for part in header.split(",") if (found := _RANGE.fullmatch(part))]
    wanted = [(float(found[2] or 1), found[1]) for found in ranges]
    for quality, tag in sorted(wanted, key=lambda one: -one[0]):
        if quality > 0:
            yield tag


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
