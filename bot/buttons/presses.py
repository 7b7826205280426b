"""What each inline button carries as callback data, built and parsed here and nowhere else.

A press is a small typed value. Its data begins with the version of these forms; data without one is from before there
were versions, and is still understood: people judge readings that are days old. Telegram allows 64 bytes.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

_VERSION: Final = "2"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of a reading: ✓, ✗, which picture of an album, that a digit was missed, that there is none.

    `length`: that it has another number of digits.
    """

    FORM: ClassVar = re.compile(r"reading:(\d{1,18}):(right|wrong|pick|missed|nothing|length)", re.ASCII)

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

    FORM: ClassVar = re.compile(r"reading:(\d{1,18}):at:(\d{1,3})", re.ASCII)

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

    FORM: ClassVar = re.compile(r"reading:(\d{1,18}):(?:at:(\d{1,3}):)?is:(\d|none)", re.ASCII)

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

    FORM: ClassVar = re.compile(r"why:(\d{1,18})", re.ASCII)

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

    FORM: ClassVar = re.compile(r"sheet:(approve|drop|each|yes|no|later):(\d{1,18}):(\d{1,4})", re.ASCII)

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

    FORM: ClassVar = re.compile(r"train:(?:(leave|cancel)|go:(\w{1,40}))", re.ASCII)

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

    FORM: ClassVar = re.compile(r"models:(?:leave|(serve|surely):([\w-]{1,45}))", re.ASCII)

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

    FORM: ClassVar = re.compile(r"language:(auto|[a-z]{2,3})", re.ASCII)

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

    FORM: ClassVar = re.compile(r"shadow:(show|stop):([\w-]{1,45})", re.ASCII)

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

    FORM: ClassVar = re.compile(r"differs:(each|new|old|neither|later):(\d{1,18}):(\d{1,18})", re.ASCII)

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
