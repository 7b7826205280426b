"""Every word a user sees: pure functions from what happened to text (Telegram's HTML).

The last stage of the road: handlers.reading ▸ model ▸ here. Nothing in here knows Telegram's objects.
"""

import html
from collections.abc import Mapping, Sequence

from model import Reading, UnreadableReason

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
Handwritten digits, 0 to 9: one digit, a number, several lines. Dark on light or light on dark.

<b>How to send them</b>
A photo, a picture file (JPEG, PNG, WebP, HEIC, BMP, GIF), a sticker, or an album of photos.
In a group: mention me in the caption, reply to me with the picture, or answer a picture with /read.

<b>What comes back</b>
The digits, and how sure I am that all of them are right. When there is no digit, I say so.

/read – reads the picture that you reply to
/stats – how good the model is
/help – this text"""

ADMIN_HELP = "\n\n<b>For admins</b>\n/retrain – trains a new model (/retrain full: the long recipe)"

NOT_A_PICTURE = "I read handwritten digits from pictures. Send me a photo of some, or /help to see what works."

READ_WHAT = "Answer a picture with /read, or send me one with /read as its caption, and I'll read its digits."

NO_DIGIT = (
    "I see no digit here.\nIf there is one: go closer until it fills a good part of the picture, use a darker pen, "
    "more light, and hold still."
)

DOWNLOAD_FAILED = "I couldn't get that picture from Telegram. Please send it again."

NO_THUMBNAIL = "That animation has no still picture that I could read. Send a photo instead."

APOLOGY = "Something went wrong on my side, and it has been noted. Please try once more."

_UNREADABLE: Mapping[UnreadableReason, str] = {
    "empty": "That file is empty (0 bytes). Please send the picture again.",
    "not an image": "That file isn't a picture I know. Send a photo, or a JPEG, PNG, WebP, HEIC, BMP or GIF file.",
    "cut short": "That picture is cut short: its end is missing. Please send it again.",
    "too large": "That picture has too many pixels for me. Send it as a photo instead of a file, or make it smaller.",
    "unsupported": "That kind of picture is more than I can read. Send it as a photo, or as a JPEG or PNG file.",
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


def reading(read: Reading) -> str:
    """Answer one picture: the digits, a line a line of writing, then how sure, then the runner-up when it is close."""
    if not read.lines:
        return NO_DIGIT
    digits = "\n".join(f"<code>{text}</code>" for text in read.texts)
    return f"{digits}\n{_certainty(read)}"


def album(reads: Sequence[Reading | str]) -> str:
    """Answer an album in one message: a line a picture, in order; a string is what was wrong with that picture."""
    return "\n".join(_album_line(read) for read in reads)


def _album_line(read: Reading | str) -> str:
    if isinstance(read, str):
        return read
    if not read.lines:
        return "no digit"
    return f"<code>{' / '.join(read.texts)}</code> · {_percent(read.confidence)} sure"


def _certainty(read: Reading) -> str:
    if read.confidence >= _SURE:
        return f"{_percent(read.confidence)} sure"
    doubtful = min(read.digits, key=lambda digit: digit.confidence)
    second, probability = doubtful.runner_up
    if probability < _CLOSE:
        return f"{_percent(read.confidence)} sure"
    if len(read.digits) == 1:
        return f"{_percent(read.confidence)} sure, or is it a {second}?"
    return f"{_percent(read.confidence)} sure: the {doubtful.digit} could be a {second}"


def _percent(share: float) -> str:
    # Never "100 %": no reading is that sure.
    return f"{min(99, round(100 * share))} %"


def stats(*, version: str, recipe: str, parameters: int, date: str, test_accuracy: float) -> str:
    """Say how good the served model is, the test accuracy first."""
    return (
        f"<b>Test accuracy: {100 * test_accuracy:.2f} %</b>\n"
        "on the 10,000 MNIST test digits, which it never trained on.\n\n"
        f"Model <code>{html.escape(version)}</code>\n"
        f"recipe {html.escape(recipe)} · {parameters:,} parameters · {html.escape(date[:10])}"
    )


ADMINS_ONLY = "Only an admin of this bot can do that. Everything else in /help is yours."

RETRAIN_LEFT = "Left as it is: nothing was trained."

RETRAIN_RUNNING = "A training is running already. Its message shows how far it is; it can be cancelled there."

RETRAIN_STALE = "That button is from an earlier training. Send /retrain to start a new one."

RETRAIN_CANCELLING = "Cancelling …"

RETRAIN_CANCELLED = "Training cancelled. The served model is unchanged."

TRAINING_STARTS = "Training starts: loading TensorFlow and MNIST …"


def retrain_usage(recipes: Sequence[str]) -> str:
    """Say which recipes /retrain takes."""
    return "I know these recipes: " + ", ".join(f"/retrain {recipe}" for recipe in recipes)


def retrain_question(recipe: str, description: str) -> str:
    """Ask before training."""
    return (
        f"Train a new model with the <b>{html.escape(recipe)}</b> recipe?\n{html.escape(description)}\n"
        "Photos are read as usual meanwhile."
    )


def training_progress(*, epoch: int, epochs: int, fraction: float, accuracy: float, eta_s: float) -> str:
    """Show how far a training is: epoch, accuracy, a bar, time left."""
    filled = round(12 * min(1.0, max(0.0, fraction)))
    bar = "▰" * filled + "▱" * (12 - filled)
    return (
        f"Training: epoch {epoch} of {epochs}\n{bar} {100 * fraction:.0f} %\n"
        f"accuracy {100 * accuracy:.2f} % · {_duration(eta_s)} left"
    )


TRAINING_EXPORTS = "Training: writing and checking the model …"

TRAINING_DONE = "Training finished."


def verdict(*, version: str, test_accuracy: float, served_accuracy: float, took_s: float) -> str:
    """Say what came out of a training, new against served, and why the served model stays."""
    return (
        f"Trained in {_duration(took_s)}.\n"
        f"test accuracy: new {100 * test_accuracy:.2f} %, served {100 * served_accuracy:.2f} %\n\n"
        f"<code>{html.escape(version)}</code> is kept, and <b>refused</b> for service: a model only goes live after "
        "it was compared with the served one on digits that neither has trained on. The served model is unchanged."
    )


def training_failed(reason: str) -> str:
    """Say that a training failed, why, and that nothing was lost. `reason` is written for admins."""
    return f"Training failed: {html.escape(reason)}\nThe served model is unchanged; /retrain starts anew."


def _duration(seconds: float) -> str:
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
