"""Text and entities of the local chat: what holds for any text."""

import contextlib
import html

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.local.text import Entity, formatted, utf16_length
from bot.local.wire import ApiError

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


@settings(deadline=None)
@given(TEXTS)
def test_an_escaped_text_is_shown_as_it_was(text: str) -> None:
    """A bot that escapes what it sends as HTML has nothing shown differently or refused."""
    assert formatted(html.escape(text), parse_mode="HTML")[0] == text.strip()


@settings(deadline=None)
@given(st.lists(st.sampled_from(["b", "i", "u", "code"]), min_size=1, max_size=4, unique=True), TEXTS)
def test_tags_that_are_closed_in_turn_are_never_refused(tags: list[str], inside: str) -> None:
    """Each of them marks the whole of what it is around."""
    opening, closing = "".join(f"<{tag}>" for tag in tags), "".join(f"</{tag}>" for tag in reversed(tags))
    text, entities = formatted(f"7{opening}x{html.escape(inside)}x{closing}7", parse_mode="HTML")
    assert text == f"7x{inside}x7"
    marked = [entity for entity in entities if entity["type"] in {"bold", "italic", "underline", "code"}]  # no commands
    assert [(entity["offset"], entity["length"]) for entity in marked] == [(1, utf16_length(text) - 2)] * len(tags)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["<b>", "</b>", "<i>", "</i>", "😀", " ", "7", "&lt;", "/read", "<", "&#55357;"])))
def test_any_html_is_refused_or_has_its_entities_within_the_text(parts: list[str]) -> None:
    """Whatever tags come in whatever order: a refusal, or entities that mark a stretch of the text."""
    text, entities = "", list[Entity]()
    with contextlib.suppress(ApiError):
        text, entities = formatted("".join(parts), parse_mode="HTML")
    for entity in entities:
        assert 0 <= entity["offset"] < entity["offset"] + entity["length"] <= utf16_length(text)


@settings(deadline=None)
@given(TEXTS)
def test_commands_are_marked_where_they_stand(before: str) -> None:
    """A command after any words is found at its place in UTF-16 units."""
    text, entities = formatted(f"{before} /read@digit_bot now")
    marked = text.encode("utf-16-le")
    found = [marked[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le") for e in entities]
    assert found[-1] == "/read@digit_bot"
