"""Message text and its entities. Offsets and lengths are in UTF-16 code units, as everywhere in the Bot API."""

import re
from html.parser import HTMLParser
from typing import Any

from bot.local.wire import bad_request

Entity = dict[str, Any]

MAX_TEXT = 4096
MAX_CAPTION = 1024

_DETECTED = re.compile(
    r"(?P<url>https?://[^\s<>\"]+[^\s<>\".,;:!?)])"
    r"|(?<![\w/@])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)(?![\w/])"
    r"|(?<![\w@])(?P<mention>@[A-Za-z][A-Za-z0-9_]{3,31})(?!\w)"
)
_OPAQUE = {"code", "pre", "text_link", "text_mention"}  # nothing is detected inside these
_TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "code": "code", "pre": "pre", "a": "text_link", "blockquote": "blockquote", "span": "spoiler",
}  # fmt: skip


def utf16_length(text: str) -> int:
    """How long Telegram takes a text to be."""
    return len(text.encode("utf-16-le")) // 2


def formatted(
    text: str, *, parse_mode: str | None = None, entities: list[Entity] | None = None
) -> tuple[str, list[Entity]]:
    """The plain text and its entities: given, or from HTML, with the commands, mentions and links that Telegram finds.

    Surrounding white space is taken off. Raises `ApiError` 400 for malformed HTML, and for the parse modes that are not
    modelled (Markdown and MarkdownV2) rather than showing text that Telegram would have refused or shown otherwise.
    """
    if parse_mode:
        if parse_mode.lower() != "html":
            raise bad_request(f"parse_mode {parse_mode} is not supported by the local chat: use HTML")
        parser = _Html()
        parser.feed(text)
        parser.close()
        text, entities = parser.result()
    text, kept = _trimmed(text, entities or [])
    opaque = [range(e["offset"], e["offset"] + e["length"]) for e in kept if e["type"] in _OPAQUE]
    for found in _DETECTED.finditer(text):
        offset = utf16_length(text[: found.start()])
        if not any(offset in inside for inside in opaque):
            kept.append({"type": found.lastgroup, "offset": offset, "length": utf16_length(found.group())})
    return text, sorted(kept, key=lambda entity: (entity["offset"], -entity["length"]))


def _trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """The text without surrounding white space, the entities moved and cut to fit."""
    stripped = text.strip()
    lead = utf16_length(text[: len(text) - len(text.lstrip())]) if stripped else 0
    end = utf16_length(stripped)
    kept = []
    for entity in entities:
        try:
            start, kind = int(entity["offset"]) - lead, str(entity["type"])
            left, right = max(start, 0), min(start + int(entity["length"]), end)
        except (KeyError, TypeError, ValueError):
            raise bad_request("can't parse entities: an entity needs type, offset and length") from None
        if left < right:
            kept.append({**entity, "type": kind, "offset": left, "length": right - left})
    return stripped, kept


class _Html(HTMLParser):
    """Telegram's HTML: a few tags, each closed, nothing else."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self._text = ""
        self._open: list[tuple[str, Entity]] = []
        self._done: list[Entity] = []

    def result(self) -> tuple[str, list[Entity]]:
        if self._open:
            raise _broken(f'Can\'t find end tag corresponding to start tag "{self._open[-1][0]}"')
        return self._text, self._done

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in _TAGS or (tag == "span" and given.get("class") != "tg-spoiler"):
            raise _broken(f'Unsupported start tag "{tag}" at byte offset {self.getpos()[1]}')
        entity: Entity = {"type": _TAGS[tag], "offset": utf16_length(self._text)}
        if tag == "a":
            entity["url"] = given.get("href") or ""
        if tag == "blockquote" and "expandable" in given:
            entity["type"] = "expandable_blockquote"
        language = given.get("class") or ""
        if tag == "code" and self._open and self._open[-1][0] == "pre" and language.startswith("language-"):
            self._open[-1][1]["language"] = language.removeprefix("language-")
        self._open.append((tag, entity))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        raise _broken(f'Unsupported start tag "{tag}"')

    def handle_endtag(self, tag: str) -> None:
        if not self._open:
            raise _broken(f'Unexpected end tag "{tag}"')
        opened, entity = self._open.pop()
        if opened != tag:
            raise _broken(f'Unmatched end tag, expected "</{opened}>", found "</{tag}>"')
        entity["length"] = utf16_length(self._text) - entity["offset"]
        inside_pre = tag == "code" and self._open and self._open[-1][0] == "pre"
        if entity["length"] and not inside_pre and entity.get("url") != "":
            self._done.append(entity)

    def handle_data(self, data: str) -> None:
        if "<" in data:
            raise _broken("Unexpected character '<'")
        self._text += data

    def handle_entityref(self, name: str) -> None:
        known = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
        self._text += known.get(name, f"&{name};")  # Telegram leaves the others as they are

    def handle_charref(self, name: str) -> None:
        code = int(name[1:], 16) if name[:1] in "xX" else int(name)
        if not 0 < code < 0x110000 or 0xD800 <= code < 0xE000:
            raise _broken("Unsupported numeric character reference")
        self._text += chr(code)

    def handle_comment(self, data: str) -> None:
        del data
        raise _broken('Unsupported start tag "!--"')

    def handle_decl(self, decl: str) -> None:
        raise _broken(f'Unsupported start tag "!{decl}"')

    def handle_pi(self, data: str) -> None:
        raise _broken(f'Unsupported start tag "?{data}"')


def _broken(why: str) -> Exception:
    return bad_request(f"can't parse entities: {why}")
