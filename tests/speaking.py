"""Small catalogues in the place of the bot's own: what a test finds said is a translation of its own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from bot.words import language


@contextmanager
def speaking_only(folder: Path, translations: Mapping[str, Mapping[str, str]]) -> Iterator[None]:
    """Have the bot know these words alone, by locale and English."""
    for locale, said in translations.items():
        catalogue = Catalog(locale)
        for english, words in said.items():
            catalogue.add(english, words)
        path = folder / locale / "LC_MESSAGES" / "bot.mo"
        path.parent.mkdir(parents=True)
        with path.open("wb") as file:
            write_mo(file, catalogue)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "LOCALES", folder)
        language._catalogue.cache_clear()
        yield
    language._catalogue.cache_clear()
