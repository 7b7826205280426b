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

START = Text(
    "Hi! Send me a photo of handwritten digits and I'll read them: one digit or a whole number, on paper, a board or a "
    "screen.\n\nBest is a close, sharp photo in good light. A picture sent as a file works too."
)

_HELP_TOPICS = (
    Text(
        "<b>What I read</b>\n"
        "Handwritten digits, 0 to 9: one digit, a number, several lines, and between them the signs "
        ". , - + × ÷ = / : ( ) %\nDark on light or light on dark."
    ),
    Text(
        "<b>How to send them</b>\n"
        "A photo, a picture file (JPEG, PNG, WebP, HEIC, TIFF, BMP, GIF), a sticker, or an album of photos.\n"
        "In a group: mention me in the caption, reply to me with the picture, or answer a picture with /read."
    ),
    Text(
        "<b>What comes back</b>\n"
        "The digits, and how sure I am that all of them are right. Several digits come drawn on your photo: what is "
        "orange and\nhas a question mark, I doubt. When there is no digit, I say so, and what to try."
    ),
    Text(
        "<b>When I am wrong</b>\n"
        "Press ✗ under my answer and tell me what it is: I learn from that. ✓ tells me that I was right. “Why?” shows "
        "what I saw\nin each digit, and what mattered."
    ),
)

_HELP_ELSEWHERE = Text(
    "<b>In any other chat</b>\nAnswer a picture with @{name}, and I'll read it there, also where I am no member."
)

_HELP_COMMANDS = (
    Text("/read – reads the picture that you reply to"),
    Text("/draw – draw digits and watch the network think"),
    Text("/stats – how good the model is"),
    Text("/language – the language that I speak with you"),
    Text("/privacy – what I keep"),
    Text("/forget – deletes what I keep of you"),
    Text("/help – this text"),
)

_HELP_ADMIN_COMMANDS = (
    Text("<b>For admins</b>"),
    Text("/review – approve or drop what people corrected"),
    Text("/retrain – trains a new model with what people corrected (/retrain full, /retrain seed: from nothing)"),
    Text("/models – every model there is, and serving another"),
    Text("/rollback – serves the model before this one again"),
)


def help_text(*, is_admin: bool = False, guest_name: str | None = None) -> str:
    """Say all there is to know: topics, then commands. By `guest_name` the bot is called where it is no member."""
    parts = [topic() for topic in _HELP_TOPICS]
    if guest_name is not None:
        parts.append(_HELP_ELSEWHERE(name=guest_name))
    parts.append("\n".join(command() for command in _HELP_COMMANDS))
    if is_admin:
        parts.append("\n".join(command() for command in _HELP_ADMIN_COMMANDS))
    return "\n\n".join(parts)


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

_NOTHING_TO_DELETE = Text("There was nothing of yours to delete.")

_DELETED = Text("Deleted: {what}, with every crop in them.")

_BOTH = Text("{readings} and {corrections}")

_REMEMBERED = Plural("{n} remembered reading", "{n} remembered readings")

CORRECTIONS = Plural("{n} correction", "{n} corrections")


def forgotten(readings: int, corrections: int) -> str:
    """Say what /forget deleted."""
    if not readings and not corrections:
        return _NOTHING_TO_DELETE()
    if not corrections:
        return _DELETED(what=_REMEMBERED(readings))
    if not readings:
        return _DELETED(what=CORRECTIONS(corrections))
    return _DELETED(what=_BOTH(readings=_REMEMBERED(readings), corrections=CORRECTIONS(corrections)))


_WHAT_I_KEEP = Text("<b>What I keep</b>")

_NEVER_PHOTOS = Text(
    "Never your photo: it is read in memory and gone (for “Why?” it is fetched again from this chat).\n"
    "What you write: until it is answered, so that nothing is lost when I am restarted."
)

_KEPT_READINGS = Plural(
    "For {n} day (the latest {readings} readings at most): what I read, who asked and where, and a 28×28 crop of each "
    "digit, or of what might be one, so that you can correct me.",
    "For {n} days (the latest {readings} readings at most): what I read, who asked and where, and a 28×28 crop of each "
    "digit, or of what might be one, so that you can correct me.",
)

_KEPT_FILES = Plural(
    "For {n} day: which of your messages held which file (Telegram's number of it, never the file), so that I don't "
    "answer it again when only its caption changes.",
    "For {n} days: which of your messages held which file (Telegram's number of it, never the file), so that I don't "
    "answer it again when only its caption changes.",
)

_KEPT_LANGUAGE = Text("The language that you chose with /language, until you send /forget.")
_KEPT_CORRECTIONS = Text(
    "When you correct a digit: its crop, what it is, what I had said, and your user id, until you send /forget. "
    "Models learn from those crops after an admin approved them; a model that has learned keeps what it learned."
)

_KEPT_COUNTS = Text("Nameless counts: how many pictures were read, and judged right or wrong.")

_FORGET_ALL = Text("/forget deletes all of yours but those counts.")


def privacy(days: int, readings: int, noted_days: int) -> str:
    """Say what is kept and for how long; `noted_days` is how long it is known which message held which file."""
    kept = (
        _WHAT_I_KEEP(),
        _NEVER_PHOTOS(),
        _KEPT_READINGS(days, readings=readings),
        _KEPT_FILES(noted_days),
        _KEPT_LANGUAGE(),
        _KEPT_CORRECTIONS(),
        _KEPT_COUNTS(),
    )
    return "\n".join(kept) + f"\n\n{_FORGET_ALL()}"


PRIVACY_PAGE = Text("The same as a web page")
