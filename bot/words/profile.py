"""What Telegram shows of the bot before anybody has written to it."""

from bot.words.language import Text

DESCRIPTION = Text(
    "Send me a photo of handwritten digits, and I tell you what they are and how sure I am of it: one digit, a whole "
    "number, several lines.\n\nWhen I am wrong, you can correct me, and I learn from it. I never keep your photos."
)
"""In an empty chat; at most 512 characters, in any language."""

SHORT_DESCRIPTION = Text("I read handwritten digits from photos, and say how sure I am.")
"""In the profile, and beside a link to it; at most 120 characters, in any language."""
