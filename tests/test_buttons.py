"""What buttons carry: built here, understood here, and of older versions too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.buttons import Choose, Explain, Judgement, Label, Press, Review, Serve, Train, data, pressed
from bot.words.language import LANGUAGES

NUMBERS = st.integers(1, 10**18 - 1)
PRESSES: st.SearchStrategy[Press] = st.one_of(
    st.builds(Judgement, NUMBERS, st.sampled_from(["right", "wrong", "pick", "missed", "nothing"])),
    st.builds(Label, NUMBERS, st.none() | st.integers(0, 9)),
    st.builds(Explain, NUMBERS),
    st.builds(Review, st.sampled_from(["approve", "drop", "each", "yes", "no", "later"]), NUMBERS, NUMBERS),
    st.builds(Train, st.just("go"), st.from_regex(r"\w{1,40}", fullmatch=True).filter(str.isascii)),
    st.builds(Train, st.sampled_from(["leave", "cancel"])),
    st.builds(Serve, st.sampled_from(["serve", "surely"]), st.from_regex(r"[a-z0-9_-]{1,45}", fullmatch=True)),
    st.just(Serve("leave")),
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
        ("review:each:3:9", Review("each", 3, 9)),
        ("train:go:full", Train("go", "full")),
        ("models:surely:v1", Serve("surely", "v1")),
    ],
)
def test_a_button_from_before_there_were_versions_still_works(carried: str, press: Press) -> None:
    """Somebody presses ✗ under an answer of the week before an update."""
    assert pressed(carried) == press


@given(st.none() | st.text() | st.binary())
def test_anything_else_is_no_press(carried: object) -> None:
    """Forged, of a later version, or none at all: never a traceback."""
    assert pressed(carried) is None


@pytest.mark.parametrize("carried", ["3:reading:12:right", "2:reading:12:right ", "2:2:why:1", "reading:12:is:10"])
def test_what_is_nearly_a_press_is_none(carried: str) -> None:
    """Nothing is guessed."""
    assert pressed(carried) is None
