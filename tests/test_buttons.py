"""What buttons carry: built here, understood here, and of older versions too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.buttons.keyboards import digit_choice, judged_reading, verdict_buttons
from bot.buttons.presses import (
    Beside,
    Choose,
    Differs,
    Explain,
    Judgement,
    Label,
    Press,
    Review,
    Serve,
    Train,
    WrongDigit,
    data,
    pressed,
)
from bot.store import Remembered
from bot.words.language import LANGUAGES

NUMBERS = st.integers(1, 10**18 - 1)
PRESSES: st.SearchStrategy[Press] = st.one_of(
    st.builds(Judgement, NUMBERS, st.sampled_from(["right", "wrong", "pick", "missed", "nothing", "length"])),
    st.builds(WrongDigit, NUMBERS, st.integers(0, 999)),
    st.builds(Label, NUMBERS, st.none() | st.integers(0, 9), st.integers(0, 999)),
    st.builds(Explain, NUMBERS),
    st.builds(
        Review,
        st.sampled_from(["approve", "drop", "each", "yes", "no", "later"]),
        NUMBERS,
        st.integers(0, 9999),
    ),
    st.builds(Train, st.just("go"), st.from_regex(r"\w{1,40}", fullmatch=True).filter(str.isascii)),
    st.builds(Train, st.sampled_from(["leave", "cancel"])),
    st.builds(Serve, st.sampled_from(["serve", "surely"]), st.from_regex(r"[a-z0-9_-]{1,45}", fullmatch=True)),
    st.just(Serve("leave")),
    st.builds(Beside, st.sampled_from(["show", "stop"]), st.from_regex(r"[a-z0-9_-]{1,45}", fullmatch=True)),
    st.builds(Differs, st.sampled_from(["each", "new", "old", "neither", "later"]), NUMBERS, NUMBERS),
    st.builds(Choose, st.none() | st.sampled_from(sorted(LANGUAGES))),
)


@given(PRESSES)
def test_what_a_button_carries_is_understood(press: Press) -> None:
    """Every press comes back as it was built, within the 64 bytes that Telegram carries."""
    assert pressed(data(press)) == press
    assert len(data(press).encode()) <= 64


@pytest.mark.parametrize(
    ("carried", "press"),
    [
        ("reading:12:right", Judgement(12, "right")),
        ("reading:12:is:none", Label(12, None)),
        ("reading:12:is:7", Label(12, 7)),
        ("why:12", Explain(12)),
        ("train:go:full", Train("go", "full")),
        ("models:surely:v1", Serve("surely", "v1")),
    ],
)
def test_a_button_from_before_there_were_versions_still_works(carried: str, press: Press) -> None:
    """Somebody presses ✗ under an answer of the week before an update."""
    assert pressed(carried) == press


@given(st.none() | st.text() | st.binary())
def test_anything_else_is_no_press(carried: object) -> None:
    """Forged, of a later version, or none at all: never a traceback.

    What is understood for all that is a press that a button could carry: text drawn at random may be one, above all
    where it is drawn from the words of the modules.
    """
    press = pressed(carried)
    assert press is None or pressed(data(press)) == press


@pytest.mark.parametrize("carried", [None, b"why:12", "", "hello", "3:models:leave", "models:leave\n", "why:١٢"])
def test_what_no_button_carries_is_no_press(carried: object) -> None:
    """Missing, bytes, a later version's, with something after it, in other scripts' digits."""
    assert pressed(carried) is None


@pytest.mark.parametrize(
    "carried",
    [
        "3:reading:12:right",
        "2:reading:12:right ",
        "2:2:why:1",
        "reading:12:is:10",
        "reading:1:at:-1",
        "2:review:no:3:9",
    ],
)
def test_what_is_nearly_a_press_is_none(carried: str) -> None:
    """Nothing is guessed."""
    assert pressed(carried) is None


def copied(*written: str) -> list[list[tuple[str, str | None]]]:
    """The rows below ✓ and ✗ of a reading: what their buttons say, and what they copy."""
    reading = Remembered(12, 1, 7, ("4", "5"), (), None)
    rows = verdict_buttons(reading, written).inline_keyboard[1:]
    return [[(each.text, each.copy_text.text if each.copy_text else None) for each in row] for row in rows]


def test_lines_are_copied_apart_each_by_a_button_that_shows_it() -> None:
    """Two a row; a long one is cut short on the button alone."""
    long = "1 + 2 + 3 + 4 + 5 = 15"
    assert copied("4", long, "5") == [[("4", "4"), ("1 + 2 + 3 + 4 +…", long)], [("5", "5")], [("Why?", None)]]


def test_many_lines_are_copied_together() -> None:
    """One button for a whole page."""
    assert copied(*"123456") == [[("Copy", "1\n2\n3\n4\n5\n6"), ("Why?", None)]]


@pytest.mark.parametrize(("length", "is_there"), [(256, True), (257, False)])
def test_what_telegram_can_not_copy_has_no_button(length: int, *, is_there: bool) -> None:
    """It would refuse the whole message."""
    assert ("Copy" in dict(copied("1" * length)[0])) is is_there


def test_each_line_of_writing_begins_a_row_of_digits() -> None:
    """As on the paper; each button names its place in the whole, and all of them the reading."""
    choice = digit_choice(Remembered(12, 1, 7, ("40", "713"), (), None), (4, 0, None, 1, 3))
    assert [[each.text for each in row] for row in choice.inline_keyboard[:2]] == [["4", "0"], ["·", "1", "3"]]
    places = [pressed(each.callback_data) for row in choice.inline_keyboard[:2] for each in row]
    assert places == [WrongDigit(12, place) for place in range(5)]
    assert judged_reading(choice) == 12
