"""Every word around "Why?": pure functions and constants, like `replies`."""

from collections.abc import Sequence

from bot.words.language import Button, Plural, Text

WHY = Button("Why?")

SHOWN_BEFORE = Text("I showed you a moment ago: it is further down.")

GONE = Text("I don't remember that reading any more, and its photo is gone. Send the photo again, and then ask.")

NOT_SENT = Text("I couldn't send the picture: may I send photos in this chat?")

_HOW_TO_READ = Text(
    "One row per digit: the 28×28 pixels that the network saw, and how likely it finds each of 0 to 9 in them alone. "
    "(My answer also weighs other looks at the photo.)"
)

_WHAT_MATTERED = Text(
    "<b>What mattered</b>, by occlusion: I erased one 5×5 patch after another. Red: without it the answer got less "
    "sure, at worst down to the figure below. Blue: it got surer."
)

_LEAST_SURE = Plural(
    "This is the {n} that I am least sure of, out of {digits}.",
    "These are the {n} that I am least sure of, out of {digits}.",
)

_GONE_PHOTO = Text("The photo itself isn't in this chat any more, so here is what I kept of it.")

_ALBUM = Text("Of an album I kept the digits only.")


def explanation(*, shown: int, digits: int, is_photo_there: bool, is_album: bool) -> str:
    """The caption of the picture that explains `shown` of a reading's `digits`, the least sure ones."""
    notes = [_HOW_TO_READ(), _WHAT_MATTERED()]
    if shown < digits:
        notes.append(_LEAST_SURE(shown, digits=digits))
    if is_album:
        notes.append(_ALBUM())
    elif not is_photo_there:
        notes.append(_GONE_PHOTO())
    return "\n".join(notes)


_WORTH_QUOTING = 60  # characters: a page of digits would not fit into a caption twice

_BY_ANOTHER = Text("An earlier model had read this. Here you see through the eyes of the one in service now.")

_BY_ANOTHER_DIFFERENTLY = Text(
    "An earlier model had read this. Here you see through the eyes of the one in service now, which reads it "
    "differently."
)

_BY_ANOTHER_AS = Text(
    "An earlier model had read this. Here you see through the eyes of the one in service now, which reads "
    "<b>{later}</b> and not {earlier}."
)


def other_model(before: Sequence[str], now: Sequence[str] | None) -> str:
    """Say that another model than the one in service had read: what it read, and what is read now (None: unknown)."""
    if now is None or list(now) == list(before):
        return f"\n{_BY_ANOTHER()}"
    earlier, later = " / ".join(before), " / ".join(now)
    if len(earlier) + len(later) > _WORTH_QUOTING:
        return f"\n{_BY_ANOTHER_DIFFERENTLY()}"
    return f"\n{_BY_ANOTHER_AS(earlier=earlier, later=later)}"
