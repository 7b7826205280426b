"""What a reading says, and whatever has no topic of its own: pure functions from what happened to Telegram's HTML.

The last stage of the road: handlers.reading ▸ model ▸ here. Nothing in here knows Telegram's objects.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from model import Hint, Reading, UnreadableReason

MAX_PICTURE_MB = 20  # what the Bot API lets a bot download

# Below this the reply says that it is unsure and names the runner-up.
_SURE = 0.9
# A runner-up less likely than this is no news to anybody.
_CLOSE = 0.05

START = (
    "Hi! Send me a photo of handwritten digits and I'll read them: one digit or a whole number, on paper, a board or a "
    "screen.\n\nBest is a close, sharp photo in good light. A picture sent as a file works too."
)

HELP = """<b>What I read</b>
Handwritten digits, 0 to 9: one digit, a number, several lines, and between them the signs . , - + × ÷ = / : ( ) %
Dark on light or light on dark.

<b>How to send them</b>
A photo, a picture file (JPEG, PNG, WebP, HEIC, TIFF, BMP, GIF), a sticker, or an album of photos.
In a group: mention me in the caption, reply to me with the picture, or answer a picture with /read.

<b>What comes back</b>
The digits, and how sure I am that all of them are right. Several digits come drawn on your photo: what is orange and
has a question mark, I doubt. When there is no digit, I say so, and what to try.

<b>When I am wrong</b>
Press ✗ under my answer and tell me what it is: I learn from that. ✓ tells me that I was right. “Why?” shows what I saw
in each digit, and what mattered.

/read – reads the picture that you reply to
/draw – draw digits and watch the network think
/stats – how good the model is
/privacy – what I keep
/forget – deletes what I keep of you
/help – this text"""

ADMIN_HELP = (
    "\n\n<b>For admins</b>\n/review – approve or drop what people corrected\n"
    "/retrain – trains a new model with what people corrected (/retrain full, /retrain seed: from nothing)\n"
    "/models – every model there is, and serving another\n"
    "/rollback – serves the model before this one again"
)

NOT_A_PICTURE = "I read handwritten digits from pictures. Send me a photo of some, or /help to see what works."

READ_WHAT = "Answer a picture with /read, or send me one with /read as its caption, and I'll read its digits."

_WHAT_TO_TRY: Mapping[Hint | None, str] = {
    "dark": "The picture is very dark. If there is one: more light, or the flash, should help.",
    "blurred": "The picture is blurred. If there is one: tap on it to focus, hold still, and go a little further away.",
    "faint": "Hardly anything stands out in the picture. If there is one: a darker pen or more light should help.",
    "small": "What I see is tiny. If it is one: go closer, until it fills a good part of the picture.",
    None: "If there is one: go closer until it fills a good part of the picture, use a darker pen, more light, and "
    "hold still.",
}

UNKNOWN_BUTTON = "That button is from an earlier version of me and does nothing any more. /help says what I can do now."

DOWNLOAD_FAILED = "I couldn't get that picture from Telegram. Please send it again."

NO_THUMBNAIL = "That animation has no still picture that I could read. Send a photo instead."

NO_PICTURE = "no picture that I could read"

STORE_TROUBLE = "I can't get at my notes just now, and changed nothing. Please try again in a moment."

APOLOGY = "Something went wrong on my side, and it has been noted. Please try once more."


def alert(update_id: int, kind: str) -> str:
    """Tell an admin of the first of a burst of errors: what kind it is, and where to look for the rest."""
    return (
        f"Something went wrong on my side: {kind}, at update {update_id}. The log says more. Of what follows I say "
        "nothing until ten minutes were quiet; /stats counts it."
    )


_UNREADABLE: Mapping[UnreadableReason, str] = {
    "empty": "That file is empty (0 bytes). Please send the picture again.",
    "not an image": "That file isn't a picture I know. Send a photo, or a JPEG, PNG, WebP, HEIC, TIFF, BMP or GIF.",
    "cut short": "That picture is cut short: a good part of it is missing. Please send it again.",
    "too large": "That picture has too many pixels for me. Send it as a photo instead of a file, or make it smaller.",
    "unsupported": "That kind of picture is more than I can read. Send it as a photo, or as a JPEG or PNG file.",
    "too costly": "Opening that file takes more than I can give one picture. Send it as a photo instead of a file.",
}


def unreadable(reason: UnreadableReason) -> str:
    """Say why a file can't be read and what to do."""
    return _UNREADABLE[reason]


def too_big() -> str:
    """Say that a file is over what a bot may download."""
    return f"That file is over {MAX_PICTURE_MB} MB, more than I can fetch. Send it as a photo, or make it smaller."


def too_many_readings(per_minute: int, wait_s: float) -> str:
    """Say that a person sent more pictures than the limit and when to go on."""
    return f"That's more than {per_minute} pictures a minute. Please go on in {max(1, round(wait_s))} s."


_OTHER_WRITING = "There is other writing beside it, which I don't read."


def reading(read: Reading) -> str:
    """Answer one picture: what is written, a line each, then how sure, then the runner-up when it is close."""
    if not read.lines:
        return no_digit(read.hint)
    written = "\n".join(f"<code>{text}</code>" for text in read.as_written)
    more = f"\n{_OTHER_WRITING}" if read.other_writing else ""
    return f"{written}\n{_certainty(read)}{more}"


def no_digit(hint: Hint | None = None) -> str:
    """Say that there is no digit, and what to try: of all things, the one that the picture shows, if it does."""
    return f"I see no digit here.\n{_WHAT_TO_TRY[hint]}"


@dataclass(frozen=True, slots=True)
class Unread:
    """A picture that was not read, and what is said of it."""

    why: str


def album(reads: Sequence[Reading | Unread]) -> str:
    """Answer an album in one message: a line a picture, in order."""
    return "\n".join(_album_line(read) for read in reads)


def _album_line(read: Reading | Unread) -> str:
    if isinstance(read, Unread):
        return read.why
    if not read.lines:
        return "no digit"
    return f"<code>{' | '.join(read.as_written)}</code> · {percent(read.confidence)} sure"


def _certainty(read: Reading) -> str:
    if read.confidence >= _SURE:
        return f"{percent(read.confidence)} sure"
    doubtful = min(read.digits, key=lambda digit: digit.confidence)
    second, probability = doubtful.runner_up
    if probability < _CLOSE:
        return f"{percent(read.confidence)} sure"
    if len(read.digits) == 1:
        return f"{percent(read.confidence)} sure, or is it a {second}?"
    return f"{percent(read.confidence)} sure: the {doubtful.digit} could be a {second}"


def percent(share: float) -> str:
    """How sure, as a whole percentage."""
    # Never "100 %": no reading is that sure.
    return f"{min(99, round(100 * share))} %"


ADMINS_ONLY = "Only an admin of this bot can do that. Everything else in /help is yours."


def forgotten(readings: int, corrections: int) -> str:
    """Say what /forget deleted."""
    if not readings and not corrections:
        return "There was nothing of yours to delete."
    parts = [f"{readings} remembered reading{'s' * (readings != 1)}"] if readings else []
    parts += [f"{corrections} correction{'s' * (corrections != 1)}"] if corrections else []
    return f"Deleted: {' and '.join(parts)}, with every crop in them."


def privacy(days: int, readings: int, noted_days: int) -> str:
    """Say what is kept and for how long; `noted_days` is how long it is known which message held which file."""
    return (
        "<b>What I keep</b>\n"
        "Never your photo: it is read in memory and gone (for “Why?” it is fetched again from this chat).\n"
        "What you write: until it is answered, so that nothing is lost when I am restarted.\n"
        f"For {days} days (the latest {readings:,} readings at most): what I read, who asked and where, and a 28×28 "
        "crop of each digit, or of what might be one, so that you can correct me.\n"
        f"For {noted_days} days: which of your messages held which file (Telegram's number of it, never the file), so "
        "that I don't answer it again when only its caption changes.\n"
        "When you correct a digit: its crop, what it is, what I had said, and your user id, until you send /forget. "
        "Models learn from those crops after an admin approved them; a model that has learned keeps what it learned.\n"
        "Nameless counts: how many pictures were read, and judged right or wrong.\n\n"
        "/forget deletes all of yours but those counts."
    )
