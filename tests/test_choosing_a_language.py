"""In which language people are answered, and /language: the whole bot on the fake Telegram."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot import words
from bot.learning.trainer import Trainer
from bot.store import StoreUnavailable
from bot.words.language import LANGUAGES
from tests.fakes import ADMIN, ADMIN_ID, ANONYMOUS, GROUP, PERSON, STRANGER, Bot, ScriptedReader
from tests.pressing import a_press, alert, buttons, press, press_shown, sent, shown
from tests.speaking import speaking_only

START = words.introduction.START.english
APOLOGY = words.replies.APOLOGY.english
ALERT = words.replies._ALERT.english
CHOOSE = words.languages.CHOOSE.english
AS_IN_TELEGRAM = words.languages.AS_IN_TELEGRAM.english
CHOSEN = "From now on I answer you in this language: {language}"
ENGLISH_NOW = "From now on I answer you in this language: English"

FAILING = 'print(\'{"event": "error", "message": "full"}\'); raise SystemExit(1)'
GERMAN = PERSON | {"language_code": "de-AT"}
ADA = 7  # PERSON's id


@pytest.fixture(autouse=True)
def catalogues(tmp_path: Path) -> Iterator[None]:
    """A little German and Arabic."""
    german = {
        START: "Hallo!",
        APOLOGY: "Da ging etwas schief.",
        CHOOSE: "Welche Sprache?",
        CHOSEN: "Ab jetzt: {language}",
        AS_IN_TELEGRAM: "Wie in Telegram.",
        "As in Telegram": "Wie in Telegram",
        "no digit": "keine Ziffer",
        words.training.STARTS.english: "Es geht los.",
        words.training._FAILED.english: "Es ging schief: {reason}",
    }
    with speaking_only(
        tmp_path / "locale", {"de": german, "ar": {START: "مرحبا", CHOSEN: "{language}", ALERT: "خطأ {kind}"}}
    ):
        yield


async def say(bot: Bot, text: str, person: dict[str, Any] = GERMAN, **fields: Any) -> str:
    """Send a command; the answer."""
    (answer,) = await bot.handle(message=bot.command(text, person) | fields)
    return answer


# ── who is answered in which


@pytest.mark.parametrize(
    ("tag", "answer"),
    [("de", "Hallo!"), ("de-CH", "Hallo!"), ("ar", "مرحبا"), ("en", START), ("tlh", START), ("\u200fde", START)],
)
async def test_people_are_answered_in_the_language_of_their_telegram(bot: Bot, tag: str, answer: str) -> None:
    """Or in English where the bot does not speak it."""
    assert await say(bot, "/start", PERSON | {"language_code": tag}) == answer


async def test_without_any_word_from_telegram_english_is_spoken(bot: Bot) -> None:
    """Some clients tell nothing."""
    assert await say(bot, "/start", PERSON) == START


async def test_two_people_are_answered_at_once_each_in_their_own(bot: Bot) -> None:
    """Neither hears the other's language, whoever comes first."""
    people = [(ADA, "de"), (99, "ar"), (101, "fr")] * 3
    await bot.deliver(
        [
            bot.update(
                message=bot.command("/start", {**PERSON, "id": person, "language_code": tag})
                | {"chat": {"id": person, "type": "private", "first_name": "A"}}
            )
            for person, tag in people
        ]
    )
    said = {(call.parameters["chat_id"], call.parameters["text"]) for call in sent(bot, "sendMessage")}
    assert said == {(ADA, "Hallo!"), (99, "مرحبا"), (101, START)}


async def test_an_album_is_answered_in_the_language_of_who_sent_it(bot: Bot) -> None:
    """Its one answer is made in the background, when the update's own turn is long over."""
    parts = [bot.update(message=bot.photo("", media_group_id="a", **{"from": GERMAN})) for _ in range(2)]
    other = bot.update(message=bot.command("/start", STRANGER) | {"chat": GROUP})
    await bot.deliver([*parts, other])
    assert sorted(bot.telegram.sent()) == [START, "keine Ziffer\nkeine Ziffer"]


async def test_an_apology_is_in_the_language_of_who_gets_it_and_an_alert_in_the_admins(bot: Bot) -> None:
    """The error handler speaks as the handler did that failed; nobody else's language is in the alert."""
    bot.reader.failure = ZeroDivisionError()
    told, apology = await bot.handle(message=bot.photo("7", **{"from": GERMAN}))
    assert apology == "Da ging etwas schief."
    assert told.startswith("Something went wrong on my side: ZeroDivisionError")


async def test_an_admin_who_chose_a_language_is_alerted_in_it(bot: Bot) -> None:
    """Whatever that of who was answered; and the apology after it is still in that."""
    await bot.store.people.choose(ADMIN_ID, "ar")
    bot.reader.failure = ZeroDivisionError()
    told, apology = await bot.handle(message=bot.photo("7", **{"from": GERMAN}))
    assert (told, apology) == ("خطأ \u2068ZeroDivisionError\u2069", "Da ging etwas schief.")


async def test_a_training_goes_on_in_the_language_of_its_admin(tmp_path: Path) -> None:
    """It is long over that they pressed the button, and others are answered meanwhile."""
    trainer = Trainer(tmp_path / "models", command=(sys.executable, "-c", FAILING))
    async with Bot(ScriptedReader(), trainer) as bot:
        begun = a_press(bot, "2:train:go:continue", ADMIN | {"language_code": "de"})
        await bot.deliver([begun, bot.update(message=bot.command("/start", STRANGER) | {"chat": GROUP})])
        told = [call.parameters["text"] for call in sent(bot, "editMessageText")]
    assert told == ["Es geht los.", "Es ging schief: full"]


async def test_an_update_that_is_given_up_is_told_in_the_language_of_its_sender(bot: Bot) -> None:
    """No handler saw it: the language is decided all the same."""
    update = bot.update(message=bot.photo("7", **{"from": GERMAN}))
    for _ in range(7):
        await bot.store.updates.claim(update.update_id)
        await bot.store.updates.release()
    await bot.deliver([update])
    told, apology = bot.telegram.sent()
    assert "GivenUpError" in told
    assert apology == "Da ging etwas schief."


@pytest.mark.parametrize(
    "sender",
    [
        {"from": ANONYMOUS, "sender_chat": GROUP, "chat": GROUP},
        {"from": {**ANONYMOUS, "language_code": "de"}, "sender_chat": {"id": -200, "type": "channel", "title": "C"}},
    ],
)
async def test_who_writes_in_a_chats_name_is_answered_in_english_or_what_was_chosen_there(
    bot: Bot, sender: dict[str, Any]
) -> None:
    """All anonymous admins of all groups share one user; what the name has chosen is the name's, and /forget's."""
    assert await say(bot, "/start", **sender) == START
    assert await say(bot, "/language de", **sender) == "Ab jetzt: Deutsch"
    assert await say(bot, "/start", **sender) == "Hallo!"
    assert await say(bot, "/start", ANONYMOUS) == START
    assert words.languages.FORGOTTEN.english in await say(bot, "/forget", **sender)
    assert await say(bot, "/start", **sender) == START


async def test_a_database_that_is_away_costs_nobody_the_answer(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the language is Telegram's."""
    await say(bot, "/language ar")

    async def away(_: int) -> str:
        raise StoreUnavailable("away")

    monkeypatch.setattr(bot.store.people, "language", away)
    assert await say(bot, "/start") == "Hallo!"


async def test_a_language_that_this_version_does_not_speak_is_english(bot: Bot) -> None:
    """A newer version's, or an older one's: the person chose not to hear Telegram's."""
    for code in ("tlh", "", "zz-zz", "d" * 1000):
        await bot.store.people.choose(ADA, code or "-")
        assert await say(bot, "/start") == START
    assert await say(bot, "/language") == CHOOSE
    assert not any(text.startswith("✓") for text in buttons(shown(bot)))


# ── /language


async def test_language_shows_all_there_are_and_marks_the_present_choice(bot: Bot) -> None:
    """By their own names, two in a row, after Telegram's own."""
    assert await say(bot, "/language") == "Welche Sprache?"
    rows = shown(bot).parameters["reply_markup"]["inline_keyboard"]
    assert [len(row) for row in rows] == [2] * 7
    names = [language.name for language in LANGUAGES.values()]
    assert list(buttons(shown(bot))) == ["✓ Wie in Telegram", *names]
    await say(bot, "/language ar")
    await say(bot, "/language")
    assert list(buttons(shown(bot))) == ["As in Telegram", *names[:-1], "✓ العربية"]


async def test_a_press_changes_the_language_and_says_so_in_it(bot: Bot) -> None:
    """The message is edited, its mark moves, and what comes next is in that language; and back again."""
    await say(bot, "/language")
    assert await press_shown(bot, "العربية", GERMAN) == "\u2068العربية\u2069"
    assert shown(bot).method == "editMessageText"
    assert "✓ العربية" in buttons(shown(bot))
    assert await say(bot, "/start") == "مرحبا"
    await say(bot, "/language")
    assert await press_shown(bot, "As in Telegram", GERMAN) == "Wie in Telegram."
    assert "✓ Wie in Telegram" in buttons(shown(bot))
    assert await bot.store.people.language(ADA) is None
    assert await say(bot, "/start") == "Hallo!"


@pytest.mark.parametrize(
    "named", ["de", "DE", "Deutsch", "deutsch", " \u200fDeutsch\u200e ", "de-AT", "de_at", "\uff24\uff25"]
)
async def test_a_language_can_be_named(bot: Bot, named: str) -> None:
    """By its code, a tag or its name, in any case, with marks of direction that nobody sees."""
    assert await say(bot, f"/language {named}", PERSON) == "Ab jetzt: Deutsch"
    assert await say(bot, "/start", PERSON) == "Hallo!"


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ("Bahasa Indonesia", "id"), ("indonesia", "id"), ("PORTUGUÊS", "pt"), ("pt-br", "pt"), ("zh-hans", "zh"),
        ("简体中文", "zh"), ("हिन्दी", "hi"), ("українська", "uk"), ("Franc\u0327ais", "fr"), ("English", "en"),
        ("auto", None),
    ],
)  # fmt: skip
async def test_every_language_can_be_named(bot: Bot, named: str, code: str | None) -> None:
    """In its own script, composed or not."""
    await bot.store.people.choose(ADA, "de")
    await say(bot, f"/language {named}", PERSON)
    assert await bot.store.people.language(ADA) == code


@pytest.mark.parametrize("named", ["klingon", "tlh", "d e", "../../etc", "<b>", "\u202e", "e" * 3000, "🇩🇪", "-"])
async def test_an_unknown_language_is_answered_with_those_there_are(bot: Bot, named: str) -> None:
    """In the language of before, by name and as buttons."""
    answer = await say(bot, f"/language {named}", PERSON)
    assert all(language.name in answer for language in LANGUAGES.values())
    assert len(buttons(shown(bot))) == len(LANGUAGES) + 1
    assert await bot.store.people.language(ADA) is None


async def test_in_a_group_a_press_is_for_whoever_presses(bot: Bot) -> None:
    """The message stays for the others, who see nothing of what one chose."""
    await say(bot, "/language", GERMAN, chat=GROUP)
    assert await press_shown(bot, "English", GERMAN, GROUP) == ENGLISH_NOW
    assert await press_shown(bot, "Deutsch", STRANGER, GROUP) == "Ab jetzt: Deutsch"
    assert not sent(bot, "editMessageText")
    assert await say(bot, "/start", GERMAN, chat=GROUP) == START
    assert await say(bot, "/start", STRANGER, chat=GROUP) == "Hallo!"


async def test_a_button_of_another_versions_language_is_answered(bot: Bot) -> None:
    """A newer bot spoke it, or an older one did: nothing is stored."""
    assert await press(bot, "2:language:tlh", PERSON) == words.replies.UNKNOWN_BUTTON.english
    assert await bot.store.people.language(ADA) is None


async def test_a_button_below_a_message_that_telegram_no_longer_shows_works(bot: Bot) -> None:
    """It is too old to be edited: what was chosen is said anew."""
    await bot.deliver([a_press(bot, "2:language:de", PERSON, is_old=True)])
    assert alert(bot) == "Ab jetzt: Deutsch"
    assert shown(bot).method == "sendMessage"


async def test_forget_forgets_the_language_and_says_so(bot: Bot) -> None:
    """Also where there was nothing else; a second time there is nothing."""
    await say(bot, "/language ar")
    assert await say(bot, "/forget") == words.languages.FORGOTTEN.english
    assert await say(bot, "/start") == "Hallo!"
    assert words.languages.FORGOTTEN.english not in await say(bot, "/forget")
