"""How complete the catalogues are, and how long their longest button is: `python -m tests.bench.languages`.

A language a line, as a table of Markdown. Characters are counted as they are seen, without the marks on them; what is
put into a button (a version's name, a number) is not counted, for it is as long in every language.
"""

import argparse
import re
import unicodedata
from collections.abc import Iterator

from bot import words
from bot.words.language import ENGLISH, LANGUAGES, Button, Language, speaking
from tests.catalogues import catalogue, missing, template


def main() -> None:
    """Print the table."""
    argparse.ArgumentParser("python -m tests.bench.languages", description="Print how complete each is.").parse_args()
    print("| language | messages | translated | longest button, characters |")
    print("|---|---|---|---|")
    for language in LANGUAGES.values():
        total = len(template())
        told = total if language is ENGLISH else total - len(missing(catalogue(language.locale)))
        length, text = longest_button(language)
        print(f"| {language.name} (`{language.code}`) | {total} | {told} | {length}: {text} |")


def longest_button(language: Language) -> tuple[int, str]:
    """How many characters the longest button has in a language, and what it says."""
    with speaking(language):
        return max((seen(text), text) for text in (_said(button) for button in buttons()))


def buttons() -> Iterator[Button]:
    """Everything that is said on a button."""
    for name in words.__all__:
        yield from (each for each in vars(getattr(words, name)).values() if isinstance(each, Button))


def _said(button: Button) -> str:
    return button(**dict.fromkeys(re.findall(r"{(\w+)}", button.english), "…"))


def seen(text: str) -> int:
    """How many characters of a text are seen beside each other: no marks on others, nothing invisible, no `…`."""
    return sum(unicodedata.category(each)[0] not in "MC" for each in text.replace("…", ""))


if __name__ == "__main__":
    main()
