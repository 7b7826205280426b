"""The catalogues of what people read: complete, in step with the source, and faithful to the English."""

import ast
import io
import re
from collections import Counter
from collections.abc import Iterator
from gettext import GNUTranslations, c2py
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot import words
from bot.buttons.presses import Press
from bot.words.language import LANGUAGES, LOCALES, Button, Language, Text
from tests.bench.languages import longest_button
from tests.catalogues import TRANSLATED, catalogue, english, forms, messages, missing, template
from tests.processes import ROOT

_KEYWORDS = {"Text": None, "Button": None, "Plural": (1, 2)}  # as in the Makefile
_MEND = "run `make messages`, and commit what it writes"


# ── in step with the source


def test_the_template_holds_what_the_source_says() -> None:
    """Whoever changes a word and forgets `make messages` is told."""
    said = [message for _, _, message, _, _ in extract_from_dir(ROOT / "bot" / "words", keywords=_KEYWORDS)]
    assert [message.id for message in template()] == list(dict.fromkeys(said)), _MEND


@pytest.mark.parametrize("locale", [language.locale for language in TRANSLATED])
def test_every_catalogue_holds_the_template(locale: str) -> None:
    """A translator sees every message, and none that nobody says any more."""
    assert [message.id for message in messages(catalogue(locale))] == [message.id for message in template()], _MEND
    assert not catalogue(locale).obsolete, _MEND


@pytest.mark.parametrize("locale", [language.locale for language in TRANSLATED])
def test_what_is_spoken_is_what_was_translated(locale: str) -> None:
    """The compiled catalogue says what its source says."""
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(locale))
    compiled.seek(0)
    with (LOCALES / locale / "LC_MESSAGES" / "bot.mo").open("rb") as file:
        spoken = GNUTranslations(file)
    assert spoken._catalog == GNUTranslations(compiled)._catalog, _MEND  # type: ignore[attr-defined]


def test_a_catalogue_is_there_for_every_language_and_no_other() -> None:
    """A language that the bot claims to speak has its file."""
    assert sorted(path.parent.parent.name for path in LOCALES.glob("*/LC_MESSAGES/bot.po")) == sorted(
        language.locale for language in TRANSLATED
    )


# ── complete


def lacking(catalog: Catalog) -> list[str]:
    """What a catalogue lacks, a line each."""
    return [
        f"{catalog.locale}: {'fuzzy' if message.fuzzy else 'missing'}: {english(message)!r}"
        for message in missing(catalog)
    ]


def test_no_catalogue_lacks_anything() -> None:
    """What is missing or fuzzy is listed by language and message: there, people would read English."""
    lines = [line for language in TRANSLATED for line in lacking(catalogue(language.locale))]
    assert not lines, "\n".join(lines)


def test_a_missing_a_fuzzy_and_a_half_translated_message_are_found() -> None:
    """Each of the three is named; what is translated is not."""
    catalog = read_po(
        io.BytesIO(
            'msgid ""\nmsgstr "Plural-Forms: nplurals=3; plural=n % 3;\\n"\n\n'
            'msgid "Hi"\nmsgstr "Привет"\n\nmsgid "Why?"\nmsgstr ""\n\n#, fuzzy\nmsgid "Bye"\nmsgstr "Привет"\n\n'
            'msgid "{n} digit"\nmsgid_plural "{n} digits"\n'
            'msgstr[0] "{n} цифра"\nmsgstr[1] "{n} цифры"\nmsgstr[2] ""\n'.encode()
        ),
        locale="ru",
    )
    assert lacking(catalog) == ["ru: missing: 'Why?'", "ru: fuzzy: 'Bye'", "ru: missing: '{n} digits'"]


# ── faithful


def unfaithful(message: Message, plural: str) -> Iterator[str]:
    """How a translation breaks what the English holds together; `plural` is its language's rule."""
    alone = _numbers_with_a_form_of_their_own(plural)
    for place, translated in enumerate(forms(message)):
        if not translated:
            continue
        names = _names(translated)
        if message.pluralizable and place in alone:  # "two digits" may be one word, without a number
            names["n"] = _names(english(message))["n"]
        for what, ours, theirs in (
            ("what is put in", _names(english(message)), names),
            ("tags", _tags(english(message)), _tags(translated)),
            ("commands", _commands(english(message)), _commands(translated)),
            ("space around it", _around(english(message)), _around(translated)),
            ("empty lines", english(message).count("\n\n"), translated.count("\n\n")),
        ):
            if ours != theirs:
                yield f"{what}: {english(message)!r} → {translated!r}"


def _names(text: str) -> Counter[str]:
    return Counter({name: 1 for _, name, _, _ in Formatter().parse(text) if name is not None})


def _tags(text: str) -> Counter[str]:
    return Counter(re.findall(r"</?\w+>", text))


def _commands(text: str) -> Counter[str]:
    return Counter(re.findall(r"(?<![<\w])/[a-z]+", text))


def _around(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def _numbers_with_a_form_of_their_own(plural: str) -> set[int]:
    form_of = c2py(plural)
    counts = Counter(form_of(number) for number in range(1000))
    return {form for form, count in counts.items() if count == 1}


@pytest.mark.parametrize("locale", [language.locale for language in TRANSLATED])
def test_translations_keep_what_the_english_holds_together(locale: str) -> None:
    """Placeholders, HTML tags, commands, the space around and the paragraphs are those of the English."""
    catalog = catalogue(locale)
    broken = [line for message in messages(catalog) for line in unfaithful(message, catalog.plural_expr)]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    ("said", "translated", "what"),
    [
        ("Hi {name}!", "Hallo {nam}!", "what is put in"),
        ("Hi {name}!", "Hallo!", "what is put in"),
        ("<b>Hi</b>", "<b>Hallo<b>", "tags"),
        ("See /help.", "Siehe /hilfe.", "commands"),
        ("Hi ", "Hallo", "space around it"),
        ("Hi", "Hallo\n\nDu", "empty lines"),
        (("{n} day", "{n} days"), ("ein Tag", "Tage"), "what is put in"),
    ],
)
def test_what_a_translation_may_break_is_found(
    said: str | tuple[str, str], translated: str | tuple[str, str], what: str
) -> None:
    """A name, a tag, a command, a space, a paragraph; but "one day" may leave out the number, and "days" not."""
    (found,) = unfaithful(Message(said, translated), "n != 1")
    assert found.startswith(f"{what}: ")


@pytest.mark.parametrize("locale", [language.locale for language in TRANSLATED])
def test_plural_forms_are_those_of_the_language(locale: str) -> None:
    """The rule in a catalogue tells apart the numbers that Unicode's CLDR tells apart."""
    form_of, category_of = c2py(catalogue(locale).plural_expr), Locale.parse(locale).plural_form
    pairs = {(form_of(number), category_of(number)) for number in range(1000)}
    assert len(pairs) == len({form for form, _ in pairs}) == len({category for _, category in pairs})
    assert {form for form, _ in pairs} == set(range(catalogue(locale).num_plurals))


# ── buttons

_LONGEST_BUTTON = 30  # characters: what a phone of 390 px shows of one in a row of its own
# The presses of bot/buttons/presses.py: in a pair, they come after the text of their button.
_PRESSES = frozenset(kind.__name__ for kind in get_args(Press))


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=str)
def test_a_button_is_short_in_every_language(language: Language) -> None:
    """Telegram cuts what is too long for its row."""
    length, text = longest_button(language)
    assert length <= _LONGEST_BUTTON, text


def test_what_stands_on_a_button_is_known_to_be_one() -> None:
    """A text beside a press is a Button, so that its length is looked at."""
    on_buttons = [
        (path, text) for path in _modules(ROOT / "bot") for text in texts_on_buttons(ast.parse(path.read_text()))
    ]
    assert len(on_buttons) > 10
    plain = [
        f"{path.relative_to(ROOT)}: {topic}.{name}"
        for path, (topic, name) in on_buttons
        if isinstance(said := getattr(getattr(words, topic), name), Text) and not isinstance(said, Button)
    ]
    assert not plain


def texts_on_buttons(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The messages `words.topic.NAME()` that are paired with a press, or given to a button."""
    for node in ast.walk(tree):
        match node:
            case ast.Tuple(elts=[text, ast.Call(func=ast.Name(id=press))]) if press in _PRESSES:
                pass
            case ast.Call(func=ast.Name(id="InlineKeyboardButton" | "MenuButtonWebApp"), args=[text, *_]):
                pass
            case _:
                continue
        match text:
            case ast.Call(func=ast.Attribute(value=ast.Attribute(value=ast.Name(id="words"), attr=topic), attr=name)):
                yield topic, name


# ── words outside the catalogue

# What sends, shows or answers; what is said is among the arguments, or was put into a name before.
_SAYING = frozenset({
    "BotCommand", "InlineKeyboardButton", "InputMediaPhoto", "MenuButtonWebApp", "Refused", "Unread", "_apologise",
    "_ask_below", "_edit", "_reply", "_show", "_show_verdicts", "answer", "close", "edit", "edit_caption", "edit_media",
    "edit_text", "keyboard", "reply", "reply_media_group", "reply_photo", "reply_text", "respond", "say",
    "send_message", "send_photo", "set_my_description", "set_my_name", "set_my_short_description", "show",
    "show_when_due",
})  # fmt: skip
_SAID = frozenset({"caption", "description", "short_description", "text", "title"})  # likewise, by keyword
_STR_METHODS = frozenset({"format", "join", "removesuffix", "replace", "strip"})
# Letters that are no words: what HTML and Telegram understand, and addresses.
_NO_WORDS = re.compile(r"</?\w+>|&\w+;|/[a-z]+|https?://\S*")


def _has_words(text: str) -> bool:
    return any(character.isalpha() for character in _NO_WORDS.sub("", text))


def _literals(node: ast.AST) -> Iterator[str]:
    """The texts that an expression puts together; what other calls are given is theirs."""
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.Call(func=ast.Attribute(value=owner, attr=method)) if method in _STR_METHODS:
            for part in (owner, *node.args):
                yield from _literals(part)
        case ast.Call() | ast.Compare() | ast.Subscript() | ast.Lambda():
            pass
        case ast.IfExp():
            yield from _literals(node.body)
            yield from _literals(node.orelse)
        case ast.FormattedValue():  # its format says nothing
            yield from _literals(node.value)
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _literals(child)


def said_outside(source: str) -> list[str]:
    """The words that a module says without the catalogue: given to what sends, or put into a name that is."""
    tree = ast.parse(source)
    put_into = _put_into_names(tree)
    found = []
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or _called(call) not in _SAYING:
            continue
        for given in [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg in _SAID)]:
            names = [each.id for each in ast.walk(given) if isinstance(each, ast.Name)]
            for expression in (given, *(value for name in names for value in put_into.get(name, ()))):
                found += [text for text in _literals(expression) if _has_words(text)]
    return found


def _put_into_names(tree: ast.AST) -> dict[str, list[ast.expr]]:
    """What each name of a module is ever given, wherever."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                for name in ast.walk(target):
                    if isinstance(name, ast.Name):
                        found.setdefault(name.id, []).append(node.value)
    return found


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def written_outside(source: str) -> list[str]:
    """The words in a module of `bot/words` that are no message: neither Text, Button nor Plural was given them."""
    tree = ast.parse(source)
    skipped: set[int] = set()
    for node in ast.walk(tree):
        for part in _that_says_nothing(node):
            skipped |= {id(each) for each in ast.walk(part)}
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped
    ]
    return [text for text in texts if _has_words(text)]


def _that_says_nothing(node: ast.AST) -> list[ast.AST]:
    """The parts of a piece of source whose texts nobody reads, or that are messages."""
    match node:
        case ast.Expr(value=ast.Constant()):  # a docstring
            return [node.value]
        case ast.Call() if _called(node) in _KEYWORDS:
            return [*node.args]
        case ast.Dict():
            return [key for key in node.keys if key is not None]
        case ast.Compare() | ast.Subscript() | ast.MatchValue():
            return [node]
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return [node.value]
        case ast.AnnAssign():
            return [node.annotation]
        case _:
            return []


def _modules(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.py")) if path.name != "language.py"]


def test_no_word_is_said_outside_the_catalogue() -> None:
    """Nothing that a handler, a button or the draw page's answers say is written where no translator finds it."""
    # bot/local plays Telegram, whose errors are English.
    says = [path for path in _modules(ROOT / "bot") if not {"words", "local"} & set(path.parts)]
    found = {str(path.relative_to(ROOT)): said for path in says if (said := said_outside(path.read_text()))}
    assert not found


def test_every_word_of_words_is_a_message() -> None:
    """What bot/words puts together holds no words but messages."""
    paths = _modules(ROOT / "bot" / "words")
    assert len(paths) > 5
    found = {path.name: written for path in paths if (written := written_outside(path.read_text()))}
    assert not found


@pytest.mark.parametrize(
    "line",
    [
        'await message.reply_text("Hello!")',
        'await message.reply_text(f"{name}, hello!")',
        'await bot.send_photo(chat, picture, caption="Hello!" if is_new else words.introduction.START())',
        'text = "Hello!"; await message.reply_text(text)',
        'text = words.introduction.START(); text += " Hello!"; await message.reply_text(text)',
        'await answer(query, " Hello ".join(parts))',
        'InlineKeyboardButton("Hello!", callback_data=data(press))',
        'keyboard([("Hello!", Serve("leave"))])',
    ],
)
def test_a_word_said_outside_the_catalogue_is_found(line: str) -> None:
    """Given directly, in a name, in parts, or on a button."""
    (said,) = said_outside(f"async def handle():\n    {line}\n")
    assert "ello" in said


def test_what_is_no_word_may_be_said() -> None:
    """Signs, tags, messages, callback data, and what others are given."""
    assert not said_outside(
        'async def handle():\n    await message.reply_text(f"<b>{words.why.WHY()}</b> · ✓", ParseMode.HTML)\n'
        '    keyboard([("✓", Judgement(1, "right")), (words.why.WHY(), Explain(1))])\n    log("Hello!")\n'
    )


@pytest.mark.parametrize(
    "source", ['GREETING = "Hello!"', 'def greet(name): return f"<b>Hello {name}</b>"', 'x = {"key": "Hello!"}']
)
def test_a_word_that_is_no_message_is_found(source: str) -> None:
    """A constant, a part of an f-string, a value of a table; keys, docstrings, tags and messages are none."""
    told = f'"""Say hello."""\nHI = Text("Hi!")\n\n{source}\n\ndef b(): return f"<b>{{HI()}}</b> /help"'
    (written,) = written_outside(told)
    assert "Hello" in written
