"""`tests.bench.photos --chat` understands what the bot says."""

import re

import pytest

from bot.words import replies
from model import Reading
from tests.bench.chat_reader import understood
from tests.fakes import a_reading


def shown(reading: Reading) -> str:
    """The bot's reply as it stands in a chat."""
    return re.sub(r"<.*?>", "", replies.reading(reading))


@pytest.mark.parametrize("written", ["7", "555 1234", "3.14", "85/100", "12 %", "4^2 = 16", "- 5", "(0)"])
@pytest.mark.parametrize("confidence", [0.97, 0.62])
def test_a_reply_is_taken_for_what_the_reader_read(written: str, confidence: float) -> None:
    """Digits, signs and all, and how sure: as `python -m model read --json` gives them."""
    reading = a_reading(written, confidence)
    said = understood(shown(reading))
    assert (said["lines"], said["text"], said["confidence"]) == (list(reading.texts), [written], confidence)


def test_a_reply_of_several_lines_keeps_them_apart() -> None:
    """A line of writing each; the line that says how sure is none of them."""
    said = understood("100-20\n99 %\n97 % sure")
    assert (said["lines"], said["text"], said["confidence"]) == (["10020", "99"], ["100-20", "99 %"], 0.97)


def test_a_reply_that_no_digit_is_seen_has_none() -> None:
    """Neither lines nor confidence."""
    said = understood(shown(a_reading("")))
    assert (said["lines"], said["text"], said["confidence"]) == ([], [], 0.0)
