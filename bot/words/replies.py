"""What a reading says, and whatever has no topic of its own: pure functions from what happened to Telegram's HTML.

The last stage of the road: handlers.reading ▸ model ▸ here. Nothing in here knows Telegram's objects.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.words.language import Plural, Text, percentage
from model import Hint, Reading, UnreadableReason

MAX_PICTURE_MB = 20  # what the Bot API lets a bot download

# Below this the reply says that it is unsure and names the runner-up.
_SURE = 0.9
# A runner-up less likely than this is no news to anybody.
_CLOSE = 0.05

NOT_A_PICTURE = Text("I read handwritten digits from pictures. Send me a photo of some, or /help to see what works.")

READ_WHAT = Text("Answer a picture with /read, or send me one with /read as its caption, and I'll read its digits.")

GUEST_WHAT = Text("Answer a photo of handwritten digits with my name, and I'll read them here.")

_WHAT_TO_TRY: Mapping[Hint | None, Text] = {
    "dark": Text("The picture is very dark. If there is one: more light, or the flash, should help."),
    "blurred": Text(
        "The picture is blurred. If there is one: tap on it to focus, hold still, and go a little further away."
    ),
    "faint": Text(
        "Hardly anything stands out in the picture. If there is one: a darker pen or more light should help."
    ),
    "small": Text("What I see is tiny. If it is one: go closer, until it fills a good part of the picture."),
    None: Text(
        "If there is one: go closer until it fills a good part of the picture, use a darker pen, more light, and "
        "hold still."
    ),
}

UNKNOWN_BUTTON = Text(
    "That button is from an earlier version of me and does nothing any more. /help says what I can do now."
)

DOWNLOAD_FAILED = Text("I couldn't get that picture from Telegram. Please send it again.")

NO_THUMBNAIL = Text("That animation has no still picture that I could read. Send a photo instead.")

NO_PICTURE = Text("no picture that I could read")

STORE_TROUBLE = Text("I can't get at my notes just now, and changed nothing. Please try again in a moment.")

APOLOGY = Text("Something went wrong on my side, and it has been noted. Please try once more.")

_ALERT = Text(
    "Something went wrong on my side: {kind}, at update {update}. The log says more. Of what follows I say nothing "
    "until ten minutes were quiet; /stats counts it."
)


def alert(update_id: int, kind: str) -> str:
    """Tell an admin of the first of a burst of errors: what kind it is, and where to look for the rest."""
    return _ALERT(kind=kind, update=str(update_id))  # as the log has it


_UNREADABLE: Mapping[UnreadableReason, Text] = {
    "empty": Text("That file is empty (0 bytes). Please send the picture again."),
    "not an image": Text(
        "That file isn't a picture I know. Send a photo, or a JPEG, PNG, WebP, HEIC, TIFF, BMP or GIF."
    ),
    "cut short": Text("That picture is cut short: a good part of it is missing. Please send it again."),
    "too large": Text(
        "That picture has too many pixels for me. Send it as a photo instead of a file, or make it smaller."
    ),
    "unsupported": Text("That kind of picture is more than I can read. Send it as a photo, or as a JPEG or PNG file."),
    "too costly": Text(
        "Opening that file takes more than I can give one picture. Send it as a photo instead of a file."
    ),
}


def unreadable(reason: UnreadableReason) -> str:
    """Say why a file can't be read and what to do."""
    return _UNREADABLE[reason]()


_TOO_BIG = Text("That file is over {megabytes} MB, more than I can fetch. Send it as a photo, or make it smaller.")


def too_big() -> str:
    """Say that a file is over what a bot may download."""
    return _TOO_BIG(megabytes=MAX_PICTURE_MB)


_TOO_MANY = Plural(
    "That's more than {n} pictures a minute. Please go on in {seconds} s.",
    "That's more than {n} pictures a minute. Please go on in {seconds} s.",
)


def too_many_readings(per_minute: int, wait_s: float) -> str:
    """Say that a person sent more pictures than the limit and when to go on."""
    return _TOO_MANY(per_minute, seconds=max(1, round(wait_s)))


_OTHER_WRITING = Text("There is other writing beside it, which I don't read.")


def reading(read: Reading) -> str:
    """Answer one picture: what is written, a line each, then how sure, then the runner-up when it is close."""
    if not read.lines:
        return no_digit(read.hint)
    written = "\n".join(f"<code>{text}</code>" for text in read.as_written)
    more = f"\n{_OTHER_WRITING()}" if read.other_writing else ""
    return f"{written}\n{_certainty(read)}{more}"


_NO_DIGIT_HERE = Text("I see no digit here.")


def no_digit(hint: Hint | None = None) -> str:
    """Say that there is no digit, and what to try: of all things, the one that the picture shows, if it does."""
    return f"{_NO_DIGIT_HERE()}\n{_WHAT_TO_TRY[hint]()}"


@dataclass(frozen=True, slots=True)
class Unread:
    """A picture that was not read, and what is said of it."""

    why: str


def album(reads: Sequence[Reading | Unread]) -> str:
    """Answer an album in one message: a line a picture, in order."""
    return "\n".join(_album_line(read) for read in reads)


NO_DIGIT = Text("no digit")  # of one picture of several


def _album_line(read: Reading | Unread) -> str:
    if isinstance(read, Unread):
        return read.why
    if not read.lines:
        return NO_DIGIT()
    written = " | ".join(f"<code>{text}</code>" for text in read.as_written)
    return f"{written} · {_HOW_SURE(share=percent(read.confidence))}"


_HOW_SURE = Text("{share} sure")

_OR_ANOTHER = Text("{share} sure, or is it a {other}?")

_COULD_BE_ANOTHER = Text("{share} sure: the {digit} could be a {other}")


def _certainty(read: Reading) -> str:
    share = percent(read.confidence)
    if read.confidence >= _SURE:
        return _HOW_SURE(share=share)
    doubtful = min(read.digits, key=lambda digit: digit.confidence)
    second, probability = doubtful.runner_up
    if probability < _CLOSE:
        return _HOW_SURE(share=share)
    if len(read.digits) == 1:
        return _OR_ANOTHER(share=share, other=second)
    return _COULD_BE_ANOTHER(share=share, digit=doubtful.digit, other=second)


def percent(share: float) -> str:
    """How sure, as a whole percentage."""
    # Never "100 %": no reading is that sure.
    return percentage(min(99, round(100 * share)) / 100)


ADMINS_ONLY = Text("Only an admin of this bot can do that. Everything else in /help is yours.")
