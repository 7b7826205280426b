"""Every word about the draw page: pure functions and constants, like `replies`."""

from collections.abc import Mapping

from bot.init_data import Problem

DRAW = (
    "Draw digits with a finger, a pen or the mouse, and watch every layer of the network react. “Send to chat” brings "
    "your drawing here, with its reading."
)

DRAW_BUTTON, MENU_BUTTON, PRIVATE_BUTTON = "Draw a digit", "Draw", "Open our private chat"

DRAW_IN_PRIVATE = "Telegram opens the draw page in a private chat only: press the button, then Start."

DRAW_NEEDS_SETTING = (
    "To open the draw page from here, set PUBLIC_URL in .env to the https address at which people reach this bot's web "
    "side, and restart the bot."
)

DRAW_NOT_HERE = "Drawing isn't available with this bot. Draw on paper and send me a photo instead."

# ── what the draw page is told when a drawing can't be sent

_WRONG_INIT_DATA: Mapping[Problem, str] = {
    "missing": "Sending needs Telegram: open this page with /draw in the chat with the bot.",
    "malformed": "Telegram's word about who you are came broken. Close this page and open it again with /draw.",
    "forged": "This page was not opened by the bot that runs here. Open it with /draw in the chat with the bot.",
    "expired": "This page was opened too long ago to send from it. Close it and open it again with /draw.",
    "from the future": "This bot's clock is wrong, so it can't tell how old this page is. Please tell its admin.",
    "without a user": "Telegram doesn't say who you are here. Open this page with /draw in your own chat with the bot.",
}

NOT_READY = "The bot is starting or stopping. Please try again in a moment."

BLOCKED = "The bot can't write to you: open the chat with it, press Start (or Unblock), and send again."

NOT_SENT = "Telegram did not take the drawing. Please try again in a moment."


def wrong_init_data(problem: Problem) -> str:
    """Say why a drawing's sender can't be told, and what to do."""
    return _WRONG_INIT_DATA[problem]
