from dataclasses import replace

import pytest

from bot import words
from model import Hint
from tests.fakes import a_reading


def test_a_sure_reading_names_no_runner_up() -> None:
    """97 % is sure enough: the digits and the figure."""
    assert words.replies.reading(a_reading("7", 0.97)) == "<code>7</code>\n97 % sure"


def test_an_unsure_digit_names_its_runner_up() -> None:
    """62 % for a 7 with 38 % for a 1 says so."""
    assert words.replies.reading(a_reading("7", 0.62)) == "<code>7</code>\n62 % sure, or is it a 1?"


def test_an_unsure_number_names_the_doubtful_digit() -> None:
    """In a number the reply says which digit is in doubt, and what else it could be."""
    assert words.replies.reading(a_reading("42", 0.7)) == "<code>42</code>\n70 % sure: the 4 could be a 1"


def test_an_unsure_reading_without_a_rival_names_none() -> None:
    """When doubt is not between two digits, no rival is made up."""
    read = a_reading("7", 0.97)
    assert words.replies.reading(replace(read, confidence=0.5)) == "<code>7</code>\n50 % sure"


def test_several_lines_of_writing_are_a_line_each() -> None:
    """Two lines on paper are two lines in the chat, before the confidence."""
    first, second = a_reading("12"), a_reading("345")
    both = replace(first, lines=(*first.lines, *second.lines), as_written=("12", "345"))
    assert words.replies.reading(both) == "<code>12</code>\n<code>345</code>\n97 % sure"


def test_signs_are_shown_as_they_were_written() -> None:
    """Between the digits stands what stands between them on the paper."""
    assert words.replies.reading(a_reading("12/05", 0.97)) == "<code>12/05</code>\n97 % sure"
    assert words.replies.album([a_reading("3.14", 0.97)]) == "<code>3.14</code> · 97 % sure"


def test_other_writing_beside_the_digits_is_said() -> None:
    """Of `5 kg` the 5 is read, and what was left out is not passed over in silence."""
    told = words.replies.reading(replace(a_reading("5", 0.97), other_writing=True))
    assert told == "<code>5</code>\n97 % sure\nThere is other writing beside it, which I don't read."


@pytest.mark.parametrize("hint", [None, "dark", "blurred", "faint", "small"])
def test_no_digit_says_what_to_try(hint: Hint | None) -> None:
    """An empty reading is a normal answer with advice that fits the picture, and holds no digit of its own."""
    text = words.replies.reading(replace(a_reading(""), hint=hint))
    assert text == words.replies.no_digit(hint)
    assert text.startswith("I see no digit")
    advice = {None: "closer", "dark": "more light", "blurred": "focus", "faint": "darker pen", "small": "closer"}
    assert advice[hint] in text
    assert not any(character.isdigit() for character in text)


def test_no_reading_is_called_a_hundred_percent_sure() -> None:
    """0.9999 is shown as 99 %."""
    assert "99 %" in words.replies.reading(a_reading("7", 0.9999))


def test_progress_shows_epoch_bar_accuracy_and_time_left() -> None:
    """Half of a training: a half-filled bar, the epoch, and what is left in minutes and seconds."""
    text = words.training.progress(epoch=3, epochs=5, fraction=0.5, accuracy=0.9876, eta_s=75)
    assert text == "Training: epoch 3 of 5\n▰▰▰▰▰▰▱▱▱▱▱▱ 50 %\naccuracy 98.76 % · 1 min 15 s left"
