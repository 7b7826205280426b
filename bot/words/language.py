"""In which language the bot speaks: its words (`Text`, `Plural`) and its numbers, in that of whoever is answered now.

Each word stands in English where it belongs; catalogues in `locale/` say it in other languages, and `make messages`
keeps them in step. `speak` says who is answered: it holds for the task that calls it and those that this one starts.
"""

import gettext
import logging
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Final

_log = logging.getLogger(__name__)

LOCALES: Final = Path(__file__).parent / "locale"

# Every category that a language has for whole numbers has one among these: Arabic's are 0, 1, 2, 3 … 10, 11 … 99 and
# 100, and Spanish has a word of its own for millions.
_SAMPLES: Final = (1_000_000, *range(200))

# First strong isolate and its end: what is put into a text that runs right to left keeps its own direction and place.
_ISOLATE, _END = "\u2068", "\u2069"


@dataclass(frozen=True, slots=True)
class Language:
    """A language that the bot speaks."""

    code: str  # ISO 639-1, as Telegram names the languages of commands
    locale: str  # its catalogue's folder, and Babel's name of it
    name: str  # in the language itself
    is_rtl: bool = False


ENGLISH: Final = Language("en", "en", "English")

LANGUAGES: Final[Mapping[str, Language]] = {
    each.code: each
    for each in (
        ENGLISH,
        Language("de", "de", "Deutsch"),
        Language("es", "es", "Español"),
        Language("pt", "pt_BR", "Português (Brasil)"),
        Language("fr", "fr", "Français"),
        Language("it", "it", "Italiano"),
        Language("ru", "ru", "Русский"),
        Language("uk", "uk", "Українська"),
        Language("tr", "tr", "Türkçe"),
        Language("id", "id", "Bahasa Indonesia"),
        Language("hi", "hi", "हिन्दी"),
        Language("zh", "zh_Hans", "简体中文"),
        Language("ar", "ar", "العربية", is_rtl=True),
    )
}

_spoken: ContextVar[Language] = ContextVar("spoken", default=ENGLISH)


def language_of(tag: str | None) -> Language:
    """Give the language that an IETF tag such as Telegram's `language_code` names, or English."""
    return LANGUAGES.get((tag or "").replace("_", "-").partition("-")[0].lower(), ENGLISH)


def spoken() -> Language:
    """Give the language that is spoken now."""
    return _spoken.get()


def speak(language: Language) -> None:
    """Speak `language` from now on."""
    _spoken.set(language)


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak `language` within the block."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


class Text:
    """One thing that is said, written in English; called, it is said in the language that is spoken now.

    It holds `{names}` for what is put in: numbers in the style of the language, anything else as it is, so that HTML
    has to be escaped by the caller.
    """

    __slots__ = ("english",)

    def __init__(self, english: str) -> None:
        self.english = english

    def __call__(self, **values: object) -> str:
        """Say it."""
        return _filled(_catalogue(spoken().locale).gettext(self.english), self.english, values)

    def unfilled(self) -> str:
        """Say it with its `{names}` still in it, for somebody else to put the values in: a page."""
        return self(**_itself(self.english))


class Button(Text):
    """A `Text` on a button: it is short in every language, for it stands in a row with others on a narrow screen."""

    __slots__ = ()


class Plural:
    """As `Text`, of something that is counted: `{n}` in the forms that a language has for it."""

    __slots__ = ("many", "one")

    def __init__(self, one: str, many: str) -> None:
        self.one = one
        self.many = many

    def __call__(self, n: int, **values: object) -> str:
        """Say it of `n`."""
        return self._said(n, {"n": n, **values})

    def unfilled(self) -> dict[str, str]:
        """Say each form with its `{names}` still in it, by CLDR's category of numbers: one, few, other …"""
        names = _itself(self.many)
        if spoken() is ENGLISH:
            return {"one": self._said(1, names), "other": self._said(2, names)}
        from babel import Locale  # noqa: PLC0415 English needs none of it

        category = Locale.parse(spoken().locale).plural_form
        said = {category(n): self._said(n, names) for n in _SAMPLES}
        return {"other": self._said(0, names), **said}  # Slavic languages have it for fractions alone

    def _said(self, n: int, values: Mapping[str, object]) -> str:
        said = _catalogue(spoken().locale).ngettext(self.one, self.many, n)
        return _filled(said, self.one if n == 1 else self.many, values)


def number(value: float, decimals: int = 0) -> str:
    """A number as the language writes it: 1,234.5 or 1.234,5."""
    language = spoken()
    if language is ENGLISH:
        return f"{value:,.{decimals}f}"
    from babel.numbers import format_decimal  # noqa: PLC0415 English needs none of it

    return format_decimal(value, _pattern(decimals), locale=language.locale)


def percentage(share: float, decimals: int = 0) -> str:
    """A share (0..1) in percent, as the language writes it: 97 %, 97%, %97."""
    language = spoken()
    if language is ENGLISH:
        return f"{100 * share:.{decimals}f} %"
    from babel import Locale  # noqa: PLC0415 English needs none of it
    from babel.numbers import format_percent  # noqa: PLC0415

    style = Locale.parse(language.locale).percent_formats[None].pattern  # as "#,##0 %", or "%#,##0"
    return format_percent(share, style.replace("#,##0", _pattern(decimals)), locale=language.locale)


def _itself(english: str) -> dict[str, str]:
    """Each name that a text has, to be filled in with itself."""
    return {name: f"{{{name}}}" for _, name, _, _ in Formatter().parse(english) if name}


def _pattern(decimals: int) -> str:
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def _filled(said: str, english: str, values: Mapping[str, object]) -> str:
    """Put values in; where a translation names others than the English does, it is said in English."""
    shown = {name: _shown(value) for name, value in values.items()}
    try:
        return said.format(**shown)
    except (KeyError, IndexError, ValueError, AttributeError) as error:
        if said == english:
            raise
        _log.error("a translation into %s is damaged (%r): %r", spoken().locale, error, english)
        return english.format(**shown)


def _shown(value: object) -> str:
    if isinstance(value, int):
        return number(value)
    return f"{_ISOLATE}{value}{_END}" if spoken().is_rtl else str(value)


@cache
def _catalogue(locale: str) -> gettext.NullTranslations:
    """The words of a language; without any, English is spoken."""
    if locale == ENGLISH.locale:
        return gettext.NullTranslations()
    try:
        return gettext.translation("bot", LOCALES, [locale])
    except (OSError, ValueError, struct.error) as error:  # missing; no catalogue; cut short
        _log.error("the catalogue of %s can't be read, so English is spoken: %s", locale, error)
        return gettext.NullTranslations()
