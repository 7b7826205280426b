"""In which language each update is answered, and /language, by which people choose it.

What is spoken is set once, before all other handlers: python-telegram-bot runs an update's handlers and its error
handler in one task, and what they start in the background inherits it.
"""

import unicodedata
from typing import Final

from telegram import InlineKeyboardMarkup, Update
from telegram.constants import ChatType
from telegram.ext import ContextTypes

from bot import words
from bot.buttons.keyboards import keyboard
from bot.buttons.presses import Choose, pressed
from bot.handlers.people import sender_of
from bot.handlers.presses import answer, edit
from bot.store import People, StoreUnavailable
from bot.words.language import LANGUAGES, Language, language_of, speak

_PER_ROW: Final = 2  # the longest name still fits there on a phone


class Languages:
    """In which language people are answered: the one that they chose, else their Telegram's, else English."""

    def __init__(self, people: People) -> None:
        self._people = people

    async def of(self, user_id: int, tag: str | None = None) -> Language:
        """Give the language of somebody whose Telegram is in the one that `tag` names."""
        try:
            chosen = await self._people.language(user_id)
        except StoreUnavailable:  # which the log has by now
            chosen = None
        return language_of(chosen or tag)

    async def of_update(self, update: Update) -> Language:
        """Give the language of whoever an update comes from."""
        speaker, tag = _speaker(update)
        return language_of(tag) if speaker is None else await self.of(speaker, tag)


class LanguageHandlers:
    """Decides in which language an update is answered, and lets people choose."""

    def __init__(self, people: People, languages: Languages) -> None:
        self._people = people
        self._languages = languages

    async def decide(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Speak the language of whoever is to be answered."""
        speak(await self._languages.of_update(update))

    async def language(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Change to the language that is named, or show all there are."""
        message = update.effective_message
        assert message is not None  # the filter guarantees it
        speaker, tag = _speaker(update)
        assert speaker is not None  # whoever sent the message
        asked = " ".join(context.args or ())
        if asked and (choice := _named(asked)) is not None:
            await message.reply_text(await self._choose(speaker, tag, choice))
            return
        text = words.languages.unknown() if asked else words.languages.CHOOSE()
        await message.reply_text(text, reply_markup=_keyboard(await self._people.language(speaker)))

    async def pressed(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Change to the language of the pressed button, for whoever pressed it."""
        query = update.callback_query
        assert query is not None  # the filter guarantees it
        choice = pressed(query.data)
        assert isinstance(choice, Choose)  # likewise
        if choice.code is not None and choice.code not in LANGUAGES:
            await answer(query, words.replies.UNKNOWN_BUTTON(), alert=True)
            return
        said = await self._choose(query.from_user.id, query.from_user.language_code, choice)
        await answer(query, said)
        # In a group the others still choose from the same message, and what one chose is nobody else's business.
        if query.message is not None and query.message.chat.type == ChatType.PRIVATE:
            await edit(query, said, _keyboard(choice.code))

    async def _choose(self, speaker: int, tag: str | None, choice: Choose) -> str:
        """Speak another language with somebody from now on; what is said of it, in that language."""
        if choice.code is None:
            await self._people.forget_language(speaker)
            speak(language_of(tag))
            return words.languages.AS_IN_TELEGRAM()
        await self._people.choose(speaker, choice.code)
        speak(LANGUAGES[choice.code])
        return words.languages.chosen(choice.code)


def _speaker(update: Update) -> tuple[int | None, str | None]:
    """Whoever an update comes from, and the language of their Telegram; a chat in whose name people write has none."""
    message, user = update.effective_message, update.effective_user
    if update.callback_query is None and message is not None and message.sender_chat is not None:
        return sender_of(message), None
    return (None, None) if user is None else (user.id, user.language_code)


def _named(asked: str) -> Choose | None:
    """What somebody means who writes a language's own name, or a word of it, or a tag such as de or pt-br."""
    asked = _plain(asked)
    if asked in {"auto", "automatic", _plain(words.languages.AUTOMATIC())}:
        return Choose(None)
    for language in LANGUAGES.values():
        name = _plain(language.name)
        if asked in {name, *name.split()}:
            return Choose(language.code)
    code = asked.partition("-")[0]
    return Choose(code) if code in LANGUAGES else None


def _plain(name: str) -> str:
    """A name without what clients put around it unseen, such as marks of direction."""
    normal = unicodedata.normalize("NFKC", name.replace("_", "-"))
    return " ".join("".join(each for each in normal if unicodedata.category(each) != "Cf").casefold().split())


def _keyboard(chosen: str | None) -> InlineKeyboardMarkup:
    """A button for each language, in its own name, and one for Telegram's; the present choice is marked."""
    texts = [(words.languages.AUTOMATIC(), None)] + [(each.name, each.code) for each in LANGUAGES.values()]
    keys = [(f"✓ {text}" if code == chosen else text, Choose(code)) for text, code in texts]
    return keyboard(*(keys[start : start + _PER_ROW] for start in range(0, len(keys), _PER_ROW)))
