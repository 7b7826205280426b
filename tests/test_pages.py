"""The words of the two pages: all of them in the catalogue, in every language, and told to them over HTTP."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from starlette.applications import Starlette
from starlette.routing import Route

from bot.pool import ReadingPool
from bot.web.draw import DrawPage
from bot.web.page_words import SAY, with_english, words_endpoint
from bot.words import language
from bot.words.drawing import NO_PNG
from bot.words.language import ENGLISH, LANGUAGES, Plural, Text, speaking
from bot.words.pages import CHAT, DRAW, Words, told
from tests import loopback
from tests.fakes import ScriptedReader
from tests.local_server import serve
from tests.processes import ROOT

FOLDERS = {"chat": ROOT / "bot" / "local" / "page", "draw": SAY.parent}
PAGES = [pytest.param(FOLDERS["chat"], CHAT, id="chat"), pytest.param(FOLDERS["draw"], DRAW, id="draw")]
SCRIPTS = [path for folder in FOLDERS.values() for path in sorted(folder.glob("*.js"))]
ATTRIBUTES = ("title", "aria-label", "placeholder", "alt", "label")

# A word that is shown has two letters or more. These are the same in every language.
_WORD = re.compile(r"[^\W\d_]{2}")
_NAMES = {"MNIST"}
# Which arguments of a script's functions people see, and what else they see.
_ARGUMENTS: Mapping[str, slice] = {
    "append": slice(None), "prepend": slice(None), "replaceChildren": slice(None), "toast": slice(1),
    "Refused": slice(1), "Unreachable": slice(1), "createTextNode": slice(1), "Option": slice(1), "said": slice(1, 2),
    "element": slice(2, None), "choice": slice(1),
}  # fmt: skip
_CALLS = re.compile(rf"\b({'|'.join(_ARGUMENTS)}|setAttribute)\(")
_SET = re.compile(r"\.(?:textContent|innerText|title|alt|placeholder|ariaLabel) (?:\?\?)?= ([^;]*);")
_LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`')
_SENTENCE = re.compile(r"^[A-Z][a-z]+ [a-z]+|[a-z]{2,} [a-z]{2,}.*[.…!?]$")


class Shown(HTMLParser):
    """What a page shows: (what it says, the word that it asks for) of each text and attribute."""

    def __init__(self, page: str) -> None:
        """Read the page; what those see who have no scripts stays in English."""
        super().__init__()
        self.found: list[tuple[str, str | None]] = []
        self._open: list[str | None] = []
        self.feed(re.sub(r"<noscript>.*?</noscript>", "", page, flags=re.DOTALL))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the attributes, and remember which word the element asks for."""
        given = dict(attrs)
        self.found += [(given[name] or "", given.get(f"data-word-{name}")) for name in ATTRIBUTES if given.get(name)]
        if tag not in {"meta", "link", "img", "input", "br"}:
            self._open.append(given.get("data-word"))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element without an end, of a drawing."""
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        del tag
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """Take a text."""
        if data.strip():
            self.found.append((data.strip(), self._open[-1] if self._open else None))


def code_of(path: Path) -> str:
    """A script without its comments and imports."""
    code = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    code = re.sub(r"^\s*//.*$|\s// .*$", "", code, flags=re.MULTILINE)
    return re.sub(r"^import .*$|^const SVG = .*$", "", code, flags=re.MULTILINE)


def unsaid(code: str, *, element: slice = _ARGUMENTS["element"]) -> list[str]:
    """The literals of a script that people would see, and that the catalogue does not have.

    `element` is which arguments they see of the function that makes elements.
    """
    shown = [expression.group(1) for expression in _SET.finditer(code)]
    for call in _CALLS.finditer(code):
        arguments = arguments_of(code, call.end())
        if call.group(1) == "setAttribute":
            shown += arguments[1:] if arguments[0][1:-1] in ATTRIBUTES else []
        else:
            shown += arguments[element if call.group(1) == "element" else _ARGUMENTS[call.group(1)]]
    found = [each for expression in shown for each in literals(own(expression)) if _WORD.search(each)]
    quiet = re.sub(r"(?:new Error|console\.\w+|matchMedia)\([^)]*\)", "", code)
    return [each for each in [*found, *filter(_SENTENCE.search, literals(quiet))] if each.strip() not in _NAMES]


def arguments_of(code: str, start: int) -> list[str]:
    """The arguments of the call whose bracket opens just before `start`."""
    depth, place, arguments = 0, start, [""]
    while depth >= 0:
        literal = _LITERAL.match(code, place)
        piece = literal.group() if literal else code[place]
        depth += (piece in "([{") - (piece in ")]}")
        if piece == "," and not depth:
            arguments.append("")
        elif depth >= 0:
            arguments[-1] += piece
        place += len(piece)
    return [argument.strip() for argument in arguments]


def own(expression: str) -> str:
    """An expression without what its calls are given and what it compares with."""
    before = ""
    while before != expression:
        before, expression = expression, re.sub(r'\((?:"[^"]*"|`[^`]*`|[^()"`])*\)|\[[^\[\]]*\]', "", expression)
    return re.sub(r'[=!]== "[^"]*"', "", expression)


def literals(code: str) -> list[str]:
    """What its literals say, without what is put in."""
    inside = re.compile(r"\$\{(?:[^{}]|\{[^{}]*\})*\}")
    return [inside.sub("", literal.group()[1:-1]) for literal in _LITERAL.finditer(code)]


@pytest.mark.parametrize(
    "line",
    [
        'button.title = "Reply";',
        'byId("sent").textContent = "Sent. The bot answers.";',
        'const label = "Nothing was read here.";',
        "notice.textContent = `${count} messages`;",
        'group.setAttribute("aria-label", "Answers");',
        'line.append(element("span", "edited", "edited"));',
        'toast("Copied", { bad: true });',
        'throw new Unreachable("The bot cannot be reached.");',
        "sure.replaceChildren(digits, share, ` sure${more}`);",
        'image.alt = message.from === "user" ? "Sent" : say("picture");',
    ],
)
def test_a_word_written_into_a_script_is_noticed(line: str) -> None:
    """The test below is not blind."""
    assert unsaid(line)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.parent.name}/{path.name}")
def test_every_word_of_a_script_is_in_the_catalogue(path: Path) -> None:
    """What a script shows to people it asks for by an id, so that it can be said in every language."""
    element = slice(1, 2) if path.name == "network.js" else slice(2, None)
    assert unsaid(code_of(path), element=element) == []


@pytest.mark.parametrize(("folder", "words"), PAGES)
def test_every_word_of_the_html_is_in_the_catalogue(folder: Path, words: Words) -> None:
    """Each text and attribute names its word, and says it in English until the page has its language."""
    shown = Shown((folder / "index.html").read_text()).found
    assert len(shown) > 30
    outside = [text for text, word in shown if word is None and _WORD.search(text)]
    assert outside == []
    with speaking(ENGLISH):
        wrong = [text for text, word in shown if word is not None and words[word].unfilled() != text]
    assert wrong == []


def test_a_text_without_a_word_in_the_html_is_noticed() -> None:
    """The test above is not blind."""
    page = '<p data-word="send">Send <b>now</b></p><img alt="A seven"><i title="Reply" data-word-title="reply"></i>'
    assert [text for text, word in Shown(page).found if word is None] == ["now", "A seven"]


@pytest.mark.parametrize(("folder", "words"), PAGES)
def test_every_word_is_used_and_every_one_that_is_used_exists(folder: Path, words: Words) -> None:
    """No page asks for a word that is not there, and translators are given none that nobody reads."""
    asked = set(re.findall(r'data-word(?:-[a-z-]+)?="([^"]+)"', (folder / "index.html").read_text()))
    code = "\n".join(code_of(path) for path in folder.glob("*.js") if path != SAY)
    asked |= set(re.findall(r'\b(?:say|nodesFor)\(\s*"([^"]+)"', code))
    samples = {f"sample-{path.stem}" for path in (FOLDERS["chat"] / "samples").iterdir()} if words is CHAT else set()
    assert asked | samples <= set(words)
    assert set(words) <= asked | samples | set(re.findall(r'"([\w-]+)"', code))


# ── over HTTP


@pytest.fixture
def catalogues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Some words in German, Russian and Arabic, whatever else is translated."""
    some: dict[str, dict[str | tuple[str, str], str | tuple[str, ...]]] = {
        "de": {
            "Undo": "Zurück",
            "{share} sure": "zu {share} sicher",
            "Clear": "{nobody} löscht",
            NO_PNG.english: "Kein PNG.",
        },
        "ru": {("{n} map", "{n} maps"): ("{n} карта", "{n} карты", "{n} карт")},
        "ar": {
            ("{n} map", "{n} maps"): ("0", "1", "2", "{n} few", "{n} many", "{n} other"),
            "Model {version}: {accuracy} of the MNIST test digits right": "{version} {accuracy}",
        },
    }
    for locale, messages in some.items():
        catalogue = Catalog(locale=locale)
        for english, translated in messages.items():
            catalogue.add(english, translated)
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        folder = tmp_path / locale / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "bot.mo").write_bytes(compiled.getvalue())
    monkeypatch.setattr(language, "LOCALES", tmp_path)
    language._catalogue.cache_clear()
    yield
    language._catalogue.cache_clear()


async def answers(code: str | None) -> httpx.Response:
    """What the draw page is told when it asks for a language."""
    app = Starlette(routes=[Route("/draw/words", words_endpoint(DRAW))])
    async with serve(app) as origin, httpx.AsyncClient(verify=loopback.PLAIN, base_url=origin) as http:
        return await http.get("/draw/words", params={"language": code} if code else {})


@pytest.mark.usefixtures("catalogues")
async def test_a_page_is_told_its_words_in_a_language() -> None:
    """Every word, with its names to fill; what is not translated, or damaged, is said in English."""
    response = await answers("de")
    body = response.json()
    assert (body["language"], body["rtl"], body["languages"]["ar"]) == ("de", False, "العربية")
    assert set(body["words"]) == set(DRAW)
    assert body["words"]["undo"] == "Zurück"
    assert body["words"]["sure"] == "zu {share} sicher"
    assert body["words"]["close"] == "Close"
    assert body["words"]["clear"] == "Clear"  # its translation names what is not there
    assert response.headers["cache-control"] == "public, max-age=300"


@pytest.mark.usefixtures("catalogues")
@pytest.mark.parametrize(
    ("code", "forms"),
    [
        ("en", {"one": "{n} map", "other": "{n} maps"}),
        ("ru", {"one": "{n} карта", "few": "{n} карты", "many": "{n} карт", "other": "{n} карт"}),
        (
            "ar",
            {
                "zero": "0", "one": "1", "two": "2", "few": "\u2068{n}\u2069 few", "many": "\u2068{n}\u2069 many",
                "other": "\u2068{n}\u2069 other",
            },
        ),
    ],
)  # fmt: skip
async def test_what_is_counted_has_a_form_for_each_category(code: str, forms: dict[str, str]) -> None:
    """A browser chooses by CLDR's category of a number, which is not gettext's order of forms."""
    assert (await answers(code)).json()["words"]["maps"] == forms


@pytest.mark.usefixtures("catalogues")
async def test_what_a_page_puts_into_arabic_is_isolated() -> None:
    """A version and a share keep their places and directions in a text that runs from right to left."""
    body = (await answers("ar")).json()
    assert body["rtl"] is True
    assert body["words"]["model-version"] == "\u2068{version}\u2069 \u2068{accuracy}\u2069"


@pytest.mark.parametrize("code", [None, "", "tlh", "../../etc", "\u202e"])
async def test_an_unknown_language_gets_english(code: str | None) -> None:
    """Whatever a browser claims, the page has words."""
    body = (await answers(code)).json()
    assert (body["language"], body["words"]["undo"]) == ("en", "Undo")


@pytest.mark.usefixtures("catalogues")
@pytest.mark.parametrize(("tag", "said"), [("de", "Kein PNG."), ("de-AT,en;q=0.5", "Kein PNG."), ("*", NO_PNG.english)])
async def test_a_drawing_is_refused_in_the_language_of_the_page(tag: str, said: str) -> None:
    """The page says in which language it asks, and shows what it is answered as it is."""
    pool = ReadingPool(ScriptedReader(), 1)
    async with (
        serve(Starlette(routes=DrawPage(pool).routes)) as origin,
        httpx.AsyncClient(verify=loopback.PLAIN, base_url=origin) as http,
    ):
        response = await http.post("/draw/read", content=b"GIF89a", headers={"accept-language": tag})
    pool.close()
    assert (response.status_code, response.json()["error"]) == (415, said)


def test_english_comes_with_the_page() -> None:
    """It needs no answer of the bot, and no quote of a word ends the attribute that it is in."""
    with speaking(LANGUAGES["de"]):
        page = with_english('<meta name="words" content="{words}">', {"a": Text('"a" & <b>'), "n": Plural("1", "{n}")})
    (content,) = re.findall(r'content="([^"]*)"', page)
    assert json.loads(html.unescape(content))["words"] == {"a": '"a" & <b>', "n": {"one": "1", "other": "{n}"}}


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_every_word(code: str) -> None:
    """In all of them a page can say all of it, with the names that its script fills."""
    with speaking(LANGUAGES[code]):
        words = {**told(CHAT)["words"], **{f"draw {name}": word for name, word in told(DRAW)["words"].items()}}
    assert all(word and ("other" in word or isinstance(word, str)) for word in words.values())
    english = {**CHAT, **{f"draw {name}": word for name, word in DRAW.items()}}
    for name, word in words.items():
        source = english[name]
        if isinstance(source, Text):
            assert set(re.findall(r"\{\w+\}", word)) == set(re.findall(r"\{\w+\}", source.english)), name
