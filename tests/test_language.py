"""In which language the bot speaks, and how it writes numbers there."""

import asyncio
import logging
from pathlib import Path

import pytest

from bot import words
from bot.words import language
from bot.words.language import (
    ENGLISH,
    LANGUAGES,
    Plural,
    Text,
    language_of,
    number,
    percentage,
    speak,
    speaking,
    spoken,
)

GREETING = Text("Hello, {name}!")
DIGITS = Plural("{n} digit", "{n} digits")


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("de", "de"), ("de-AT", "de"), ("pt-br", "pt"), ("pt", "pt"), ("zh-hans", "zh"), ("ZH_TW", "zh"),
        ("en-GB", "en"),         ("tlh", "en"), ("", "en"), (None, "en"), ("../../etc", "en"), ("\u200far", "en"),
    ],
)  # fmt: skip
def test_a_tag_names_a_language_or_english(tag: str | None, code: str) -> None:
    """Whatever Telegram claims somebody speaks, there is an answer."""
    assert language_of(tag).code == code


async def test_each_task_speaks_its_own_language() -> None:
    """Two people are answered at once, and what a task starts goes on in its language."""

    async def answered(code: str) -> str:
        speak(LANGUAGES[code])
        await asyncio.sleep(0)
        return await asyncio.create_task(said())

    async def said() -> str:
        await asyncio.sleep(0)
        return spoken().code

    assert tuple(await asyncio.gather(answered("de"), answered("ar"))) == ("de", "ar")
    assert spoken() is ENGLISH


@pytest.mark.parametrize(
    ("code", "thousands", "share", "fine"),
    [
        ("en", "1,234", "97 %", "99.75 %"),
        ("de", "1.234", "97\xa0%", "99,75\xa0%"),
        ("tr", "1.234", "%97", "%99,75"),
        ("fr", "1\u202f234", "97\xa0%", "99,75\xa0%"),
        ("hi", "1,234", "97%", "99.75%"),
    ],
)
def test_numbers_are_written_as_the_language_does(code: str, thousands: str, share: str, fine: str) -> None:
    """Points, commas, and where the percent sign stands."""
    with speaking(LANGUAGES[code]):
        assert (number(1234), percentage(0.97), percentage(0.9975, 2)) == (thousands, share, fine)


def test_what_is_put_into_a_text_from_right_to_left_keeps_its_direction() -> None:
    """A date or a model's name within Arabic is isolated, or its parts would change places."""
    with speaking(LANGUAGES["ar"]):
        assert GREETING(name="12/05") == "Hello, \u206812/05\u2069!"


def test_without_a_catalogue_english_is_spoken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The folder is gone, or a file of it is cut short or no catalogue at all: the log says so, people read English."""
    monkeypatch.setattr(language, "LOCALES", tmp_path)
    for name, content in (
        ("de", None),
        ("fr", b""),
        ("es", b"no catalogue"),
        ("it", b"\xde\x12\x04\x95\x00\x00\x00\x00\x01"),
    ):
        folder = tmp_path / name / "LC_MESSAGES"
        folder.mkdir(parents=True)
        if content is not None:
            (folder / "bot.mo").write_bytes(content)
        language._catalogue.cache_clear()
        caplog.clear()
        with caplog.at_level(logging.ERROR), speaking(LANGUAGES[name]):
            assert GREETING(name="Ada") == "Hello, Ada!"
            assert DIGITS(2) == "2 digits"
        assert f"the catalogue of {name} can't be read" in caplog.text
    language._catalogue.cache_clear()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "ru",
            {1: "1 исправление", 2: "2 исправления", 5: "5 исправлений", 11: "11 исправлений", 21: "21 исправление"},
        ),
        (
            "uk",
            {1: "1 виправлення", 2: "2 виправлення", 5: "5 виправлень", 12: "12 виправлень", 1022: "1 022 виправлення"},
        ),
        ("ar", {1: "تصحيح واحد", 2: "تصحيحان", 3: "3 تصحيحات", 11: "11 تصحيحًا", 100: "100 تصحيح"}),
    ],
)
def test_things_are_counted_as_the_language_counts_them(code: str, said: dict[int, str]) -> None:
    """Two and more are not all alike: Russian and Ukrainian go by the last digits, Arabic has a form for two."""
    with speaking(LANGUAGES[code]):
        assert {n: words.privacy.CORRECTIONS(n).replace("\xa0", " ") for n in said} == said
