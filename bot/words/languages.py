"""What is said of languages: which there are, and that one was chosen."""

from bot.words.language import LANGUAGES, Button, Text

CHOOSE = Text("Which language shall I speak with you?")

AUTOMATIC = Button("As in Telegram")
"""On a button beside the names of the languages."""

AS_IN_TELEGRAM = Text("I speak the language of your Telegram with you again, where I know it.")

FORGOTTEN = Text("I forgot which language you had chosen.")

_CHOSEN = Text("From now on I answer you in this language: {language}")
_UNKNOWN = Text("I don't know that language. I speak: {languages}.")


def chosen(code: str) -> str:
    """Say which language was chosen, in it."""
    return _CHOSEN(language=LANGUAGES[code].name)


def unknown() -> str:
    """Say which languages there are, instead of the one that was asked for."""
    return _UNKNOWN(languages=", ".join(language.name for language in LANGUAGES.values()))
