"""The catalogues of what people read, as their translators have them."""

from functools import cache

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot.words.language import ENGLISH, LANGUAGES, LOCALES

TRANSLATED = [language for language in LANGUAGES.values() if language is not ENGLISH]


@cache
def catalogue(locale: str) -> Catalog:
    """A language's catalogue."""
    with (LOCALES / locale / "LC_MESSAGES" / "bot.po").open("rb") as file:
        return read_po(file, locale=locale)


def template() -> list[Message]:
    """The messages of all catalogues, in their order."""
    with (LOCALES / "bot.pot").open("rb") as file:
        return messages(read_po(file))


def messages(catalog: Catalog) -> list[Message]:
    """What a catalogue says, without its head."""
    return [message for message in catalog if message.id]


def english(message: Message) -> str:
    """A message's English, of a plural the one for many."""
    return message.id if isinstance(message.id, str) else message.id[1]


def forms(message: Message) -> list[str]:
    """Its translation, of a plural every form."""
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def missing(catalog: Catalog) -> list[Message]:
    """What a catalogue does not say, or only in part, or is not sure of."""
    return [
        message
        for message in messages(catalog)
        if message.fuzzy
        or not all(forms(message))
        or len(forms(message)) != (catalog.num_plurals if message.pluralizable else 1)
    ]
