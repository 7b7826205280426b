"""Inline buttons: what each carries as callback data, built and parsed here and nowhere else.

A press is a small typed value. Its data begins with the version of these forms; data without one is from before there
were versions, and is still understood: people judge readings that are days old. Telegram allows 64 bytes.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot import words
from bot.store import Remembered

_VERSION: Final = "2"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of a reading: ✓, ✗, which picture of an album, that a digit was missed, that there is none."""

    FORM: ClassVar = re.compile(r"reading:(\d{1,18}):(right|wrong|pick|missed|nothing)")

    reading_id: int
    verdict: Literal["right", "wrong", "pick", "missed", "nothing"]

    @classmethod
    def of(cls, match: re.Match[str]) -> "Judgement":
        """Read what `FORM` matched."""
        return cls(int(match[1]), match[2])  # type: ignore[arg-type]  # the form allows no other

    def __str__(self) -> str:
        return f"reading:{self.reading_id}:{self.verdict}"


@dataclass(frozen=True, slots=True)
class Label:
    """What the one digit of a reading is; None: not a digit."""

    FORM: ClassVar = re.compile(r"reading:(\d{1,18}):is:(\d|none)")

    reading_id: int
    digit: int | None

    @classmethod
    def of(cls, match: re.Match[str]) -> "Label":
        """Read what `FORM` matched."""
        return cls(int(match[1]), None if match[2] == "none" else int(match[2]))

    def __str__(self) -> str:
        return f"reading:{self.reading_id}:is:{'none' if self.digit is None else self.digit}"


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
    """A verdict on corrections, from the first to the last of a sheet.

    Of one by one it is about the first; the last ends the sheet. Numbers are never given out twice, so that nothing is
    approved that was not on the sheet.
    """

    FORM: ClassVar = re.compile(r"review:(approve|drop|each|yes|no|later):(\d{1,18}):(\d{1,18})")

    verdict: Literal["approve", "drop", "each", "yes", "no", "later"]
    first: int
    last: int

    @classmethod
    def of(cls, match: re.Match[str]) -> "Review":
        """Read what `FORM` matched."""
        return cls(match[1], int(match[2]), int(match[3]))  # type: ignore[arg-type]  # the form allows no other

    def __str__(self) -> str:
        return f"review:{self.verdict}:{self.first}:{self.last}"


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


Press = Judgement | Label | Explain | Review | Train | Serve | Choose
_KINDS: Final[tuple[type[Press], ...]] = (Judgement, Label, Explain, Review, Train, Serve, Choose)


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


def keyboard(*rows: Sequence[tuple[str, Press]]) -> InlineKeyboardMarkup:
    """Rows of buttons, each a text and what it carries."""
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(text, callback_data=data(press)) for text, press in row] for row in rows]
    )


def verdict_buttons(reading: Remembered) -> InlineKeyboardMarkup:
    """The buttons under a reading's answer; under an album's they stand for all its pictures."""
    if not reading.digits and not reading.album:
        return keyboard([(words.corrections.THERE_IS_ONE(), Judgement(reading.id, "missed"))])
    first = reading.album[0] if reading.album else reading.id
    return keyboard(
        [(words.corrections.RIGHT, Judgement(first, "right")), (words.corrections.WRONG, Judgement(first, "wrong"))],
        [(words.why.WHY(), Explain(first))],
    )


def keypad(reading_id: int) -> InlineKeyboardMarkup:
    """The digits, and that it is none."""
    rows = [[(digit, Label(reading_id, int(digit))) for digit in row] for row in ("123", "456", "789", "0")]
    return keyboard(*rows, [(words.corrections.NOT_A_DIGIT(), Label(reading_id, None))])


def judged_reading(buttons: InlineKeyboardMarkup | None) -> int | None:
    """The number of the reading that a message's buttons judge, if they do."""
    return next((each.reading_id for each in _presses(buttons) if isinstance(each, Judgement | Label)), None)


def are_verdict_buttons(buttons: InlineKeyboardMarkup | None) -> bool:
    """Whether these are the buttons under a reading's answer, and no question about it."""
    return any(isinstance(each, Judgement) and each.verdict in ("right", "missed") for each in _presses(buttons))


def _presses(buttons: InlineKeyboardMarkup | None) -> Iterator[Press | None]:
    rows = buttons.inline_keyboard if buttons is not None else ()
    return (pressed(button.callback_data) for row in rows for button in row)
