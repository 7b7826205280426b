"""What the pictures of /help say."""

from collections.abc import Mapping
from typing import Final

from bot.words.language import Text
from bot.words.replies import percent

_CAPTIONS: Final[Mapping[str, Text]] = {
    "good": Text("Sharp and whole: {written}, {share} sure."),
    "doubtful": Text("Cut off at the edge: {written}, {share} sure. What is orange and has a question mark, I doubt."),
    "refused": Text("No digit: then I say so, and guess nothing."),
}


def caption(name: str, written: str, confidence: float) -> str:
    """Say below an example ("good", "doubtful" or "refused") what was read in it, and how sure that is."""
    return _CAPTIONS[name](written=written, share=percent(confidence))
