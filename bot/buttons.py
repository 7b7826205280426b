"""Inline buttons: what each carries as callback data, built and parsed here and nowhere else.

A press is a small typed value. Its data begins with the version of these forms; data without one is from before there
were versions, and is still understood: people judge readings that are days old. Telegram allows 64 bytes.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import InlineKeyboardButtonLimit

from bot import words
from bot.store import Remembered

_VERSION: Final = "2"

# More digits than these are not put on buttons: their number is asked for as a whole.
_MOST_DIGITS: Final = 40
# Digits stay as wide as a finger on a telephone.
_DIGITS_A_ROW: Final = 8
# More lines than these are copied together.
_MOST_COPIES: Final = 5
_COPIES_A_ROW: Final = 2
_COPY_LABEL: Final = 16


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of a reading: ✓, ✗, which picture of an album, that a digit was missed, that there is none.

    `length`: that it has another number of digits.
    """

    FORM: ClassVar = re.compile(r"reading:(\d{1,18}):(right|wrong|pick|missed|nothing|length)")

    reading_id: int
    verdict: Literal["right", "wrong", "pick", "missed", "nothing", "length"]

    @classmethod
    def of(cls, match: re.Match[str]) -> "Judgement":
        """Read what `FORM` matched."""
        return cls(int(match[1]), match[2])  # type: ignore[arg-type]  # the form allows no other

    def __str__(self) -> str:
        return f"reading:{self.reading_id}:{self.verdict}"


@dataclass(frozen=True, slots=True)
class WrongDigit:
    """Which digit of a reading is wrong: its place, from 0."""

    FORM: ClassVar = re.compile(r"reading:(\d{1,18}):at:(\d{1,3})")

    reading_id: int
    place: int

    @classmethod
    def of(cls, match: re.Match[str]) -> "WrongDigit":
        """Read what `FORM` matched."""
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"reading:{self.reading_id}:at:{self.place}"


@dataclass(frozen=True, slots=True)
class Label:
    """What a digit of a reading is, the first or the one at `place`; None: not a digit."""

    FORM: ClassVar = re.compile(r"reading:(\d{1,18}):(?:at:(\d{1,3}):)?is:(\d|none)")

    reading_id: int
    digit: int | None
    place: int = 0

    @classmethod
    def of(cls, match: re.Match[str]) -> "Label":
        """Read what `FORM` matched."""
        return cls(int(match[1]), None if match[3] == "none" else int(match[3]), int(match[2] or 0))

    def __str__(self) -> str:
        at = f":at:{self.place}" if self.place else ""
        return f"reading:{self.reading_id}{at}:is:{'none' if self.digit is None else self.digit}"


@dataclass(frozen=True, slots=True)
class Explain:
    """Why? of a reading, of an album its first one's."""

    FORM: ClassVar = re.compile(r"why:(\d{1,18})")

    reading_id: int

    @classmethod
    def of(cls, match: re.Match[str]) -> "Explain":
        """Read what `FORM` matched."""
        return cls(int(match[1]))

    def __str__(self) -> str:
        return f"why:{self.reading_id}"


@dataclass(frozen=True, slots=True)
class Review:
    """A verdict on a whole sheet of corrections, by its number, whose last place is `place`; or on the one there.

    Sheets from before they had numbers said "review:"; nobody knows any more what those showed.
    """

    FORM: ClassVar = re.compile(r"sheet:(approve|drop|each|yes|no|later):(\d{1,18}):(\d{1,4})")

    verdict: Literal["approve", "drop", "each", "yes", "no", "later"]
    sheet: int
    place: int

    @classmethod
    def of(cls, match: re.Match[str]) -> "Review":
        """Read what `FORM` matched."""
        return cls(match[1], int(match[2]), int(match[3]))  # type: ignore[arg-type]  # the form allows no other

    def __str__(self) -> str:
        return f"sheet:{self.verdict}:{self.sheet}:{self.place}"


@dataclass(frozen=True, slots=True)
class Train:
    """Start a training with a recipe, leave it, or cancel the one that runs."""

    FORM: ClassVar = re.compile(r"train:(?:(leave|cancel)|go:(\w{1,40}))")

    act: Literal["go", "leave", "cancel"]
    recipe: str = ""

    @classmethod
    def of(cls, match: re.Match[str]) -> "Train":
        """Read what `FORM` matched."""
        return cls(match[1] or "go", match[2] or "")  # type: ignore[arg-type]  # the form allows no other

    def __str__(self) -> str:
        return f"train:go:{self.recipe}" if self.act == "go" else f"train:{self.act}"


@dataclass(frozen=True, slots=True)
class Serve:
    """Serve a version, by its folder's name; `surely` is pressed below a warning. Or leave it."""

    FORM: ClassVar = re.compile(r"models:(?:leave|(serve|surely):([\w-]{1,45}))")

    act: Literal["serve", "surely", "leave"]
    name: str = ""

    @classmethod
    def of(cls, match: re.Match[str]) -> "Serve":
        """Read what `FORM` matched."""
        return cls(match[1] or "leave", match[2] or "")  # type: ignore[arg-type]  # the form allows no other

    def __str__(self) -> str:
        return "models:leave" if self.act == "leave" else f"models:{self.act}:{self.name}"


@dataclass(frozen=True, slots=True)
class Choose:
    """Speak a language, by its code, with whoever presses; None: that of their Telegram."""

    FORM: ClassVar = re.compile(r"language:(auto|[a-z]{2,3})")

    code: str | None

    @classmethod
    def of(cls, match: re.Match[str]) -> "Choose":
        """Read what `FORM` matched."""
        return cls(None if match[1] == "auto" else match[1])

    def __str__(self) -> str:
        return f"language:{self.code or 'auto'}"


@dataclass(frozen=True, slots=True)
class Beside:
    """What differs of the candidate that reads beside the served version, by its folder's name; or stop it."""

    FORM: ClassVar = re.compile(r"shadow:(show|stop):([\w-]{1,45})")

    act: Literal["show", "stop"]
    name: str

    @classmethod
    def of(cls, match: re.Match[str]) -> "Beside":
        """Read what `FORM` matched."""
        return cls(match[1], match[2])  # type: ignore[arg-type]  # the form allows no other

    def __str__(self) -> str:
        return f"shadow:{self.act}:{self.name}"


@dataclass(frozen=True, slots=True)
class Differs:
    """Who is right in the first difference of a sheet, candidate or served version; `each` and `later` say nothing."""

    FORM: ClassVar = re.compile(r"differs:(each|new|old|neither|later):(\d{1,18}):(\d{1,18})")

    verdict: Literal["each", "new", "old", "neither", "later"]
    first: int
    last: int

    @classmethod
    def of(cls, match: re.Match[str]) -> "Differs":
        """Read what `FORM` matched."""
        return cls(match[1], int(match[2]), int(match[3]))  # type: ignore[arg-type]  # the form allows no other

    def __str__(self) -> str:
        return f"differs:{self.verdict}:{self.first}:{self.last}"


Press = Judgement | WrongDigit | Label | Explain | Review | Train | Serve | Beside | Differs | Choose
_KINDS: Final[tuple[type[Press], ...]] = (
    Judgement,
    WrongDigit,
    Label,
    Explain,
    Review,
    Train,
    Serve,
    Beside,
    Differs,
    Choose,
)


def data(press: Press) -> str:
    """Give a button's callback data."""
    return f"{_VERSION}:{press}"


def pressed(callback_data: object) -> Press | None:
    """Read callback data; None for what no button of this version or of those before it carries."""
    if not isinstance(callback_data, str):
        return None
    form = callback_data.removeprefix(f"{_VERSION}:")
    return next((kind.of(match) for kind in _KINDS if (match := kind.FORM.fullmatch(form))), None)


def carries(*kinds: type[Press]) -> Callable[[object], bool]:
    """Make the pattern by which a handler takes the presses of these kinds."""
    return lambda callback_data: isinstance(pressed(callback_data), kinds)


def keyboard(*rows: Sequence[tuple[str, Press | CopyTextButton]]) -> InlineKeyboardMarkup:
    """Rows of buttons, each a text and what it carries or copies."""
    return InlineKeyboardMarkup([[_button(*each) for each in row] for row in rows])


def _button(text: str, does: Press | CopyTextButton) -> InlineKeyboardButton:
    if isinstance(does, CopyTextButton):
        return InlineKeyboardButton(text, copy_text=does)
    return InlineKeyboardButton(text, callback_data=data(does))


def verdict_buttons(reading: Remembered, written: Sequence[str]) -> InlineKeyboardMarkup:
    """The buttons under a reading's answer; under an album's they stand for all its pictures.

    `written` is what was read as it is written, a line each: what can be copied.
    """
    if not reading.digits and not reading.album:
        return keyboard([(words.corrections.THERE_IS_ONE(), Judgement(reading.id, "missed"))])
    first = reading.album[0] if reading.album else reading.id
    verdicts = [
        (words.corrections.RIGHT, Judgement(first, "right")),
        (words.corrections.WRONG, Judgement(first, "wrong")),
    ]
    copies, why = _copies(written), (words.why.WHY(), Explain(first))
    if len(copies) == 1:
        return keyboard(verdicts, [*copies, why])
    rows = [copies[start : start + _COPIES_A_ROW] for start in range(0, len(copies), _COPIES_A_ROW)]
    return keyboard(verdicts, *rows, [why])


def _copies(written: Sequence[str]) -> list[tuple[str, CopyTextButton]]:
    """Buttons that copy a line each, or all at once; none of what is longer than Telegram copies."""
    texts = written if len(written) <= _MOST_COPIES else ["\n".join(written)]
    return [
        (words.corrections.COPY() if len(texts) == 1 else _shortened(text), CopyTextButton(text))
        for text in texts
        if len(text) <= InlineKeyboardButtonLimit.MAX_COPY_TEXT
    ]


def _shortened(text: str) -> str:
    return text if len(text) <= _COPY_LABEL else f"{text[: _COPY_LABEL - 1]}…"


def can_choose(reading: Remembered) -> bool:
    """Whether the digits of a reading are put on buttons to say which is wrong."""
    return 1 < len(reading.digits) <= _MOST_DIGITS


def digit_choice(reading: Remembered, labels: Sequence[int | None]) -> InlineKeyboardMarkup:
    """The digits of a number as `labels` says that they are by now, a line of writing beginning a row."""
    rows: list[list[tuple[str, Press]]] = []
    begin = 0
    for line in reading.lines:
        end = begin + len(line)
        a_row = math.ceil(len(line) / math.ceil(len(line) / _DIGITS_A_ROW))  # 9 digits are 5 and 4, not 8 and 1
        for start in range(begin, end, a_row):
            places = range(start, min(start + a_row, end))
            rows.append([(words.corrections.digit_now(labels[at]), WrongDigit(reading.id, at)) for at in places])
        begin = end
    another, right = Judgement(reading.id, "length"), Judgement(reading.id, "right")
    return keyboard(*rows, [(words.corrections.ANOTHER_LENGTH(), another), (words.corrections.RIGHT, right)])


def keypad(reading_id: int, place: int = 0) -> InlineKeyboardMarkup:
    """The digits, and that it is none."""
    rows = [[(digit, Label(reading_id, int(digit), place)) for digit in row] for row in ("123", "456", "789", "0")]
    return keyboard(*rows, [(words.corrections.NOT_A_DIGIT(), Label(reading_id, None, place))])


def judged_reading(buttons: InlineKeyboardMarkup | None) -> int | None:
    """The number of the reading that a message's buttons judge, if they do."""
    return next(
        (each.reading_id for each in _presses(buttons) if isinstance(each, Judgement | WrongDigit | Label)), None
    )


def are_verdict_buttons(buttons: InlineKeyboardMarkup | None) -> bool:
    """Whether these are the buttons under a reading's answer, and no question about it."""
    return any(isinstance(each, Judgement) and each.verdict in ("wrong", "missed") for each in _presses(buttons))


def _presses(buttons: InlineKeyboardMarkup | None) -> Iterator[Press | None]:
    rows = buttons.inline_keyboard if buttons is not None else ()
    return (pressed(button.callback_data) for row in rows for button in row)
