"""What /start and /help say. As pure as `replies`."""

from bot.words.language import Text

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
