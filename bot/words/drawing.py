"""Every word about the draw page: pure functions and constants, like `replies`."""

from collections.abc import Mapping

from bot.init_data import Problem
from bot.words.language import Button, Plural, Text

DRAW = Text(
    "Draw digits with a finger, a pen or the mouse, and watch every layer of the network react. “Send to chat” brings "
    "your drawing here, with its reading."
)

DRAW_BUTTON = Button("Draw a digit")

MENU_BUTTON = Button("Draw")

PRIVATE_BUTTON = Button("Open our private chat")

DRAW_IN_PRIVATE = Text("Telegram opens the draw page in a private chat only: press the button, then Start.")

DRAW_NEEDS_SETTING = Text(
    "To open the draw page from here, set PUBLIC_URL in .env to the https address at which people reach this bot's web "
    "side, and restart the bot."
)

DRAW_NOT_HERE = Text("Drawing isn't available with this bot. Draw on paper and send me a photo instead.")

# ── what the draw page is told when a drawing can't be sent

_WRONG_INIT_DATA: Mapping[Problem, Text] = {
    "missing": Text("Sending needs Telegram: open this page with /draw in the chat with the bot."),
    "malformed": Text("Telegram's word about who you are came broken. Close this page and open it again with /draw."),
    "forged": Text("This page was not opened by the bot that runs here. Open it with /draw in the chat with the bot."),
    "expired": Text("This page was opened too long ago to send from it. Close it and open it again with /draw."),
    "from the future": Text("This bot's clock is wrong, so it can't tell how old this page is. Please tell its admin."),
    "without a user": Text(
        "Telegram doesn't say who you are here. Open this page with /draw in your own chat with the bot."
    ),
}

NOT_READY = Text("The bot is starting or stopping. Please try again in a moment.")

BLOCKED = Text("The bot can't write to you: open the chat with it, press Start (or Unblock), and send again.")

NOT_SENT = Text("Telegram did not take the drawing. Please try again in a moment.")


def wrong_init_data(problem: Problem) -> str:
    """Say why a drawing's sender can't be told, and what to do."""
    return _WRONG_INIT_DATA[problem]()


# ── what it is told of a drawing that can't be read

TOO_SLOW = Text("The picture did not arrive within {seconds} s. Send it again.")

TOO_HEAVY = Text("The picture has more than {megabytes} MB. Send a smaller PNG of the drawing.")

NO_BODY = Text("The body is empty. Send a PNG of the drawing as the body of the request.")

NO_PNG = Text("This is not a PNG. Send the drawing as a PNG, as the body of the request.")

PNG_CUT_SHORT = Text("This PNG ends before its picture begins. Send the whole file.")

PNG_DAMAGED = Text("This PNG can't be decoded: it is damaged or cut short. Send it again.")

NO_PIXELS = Text("The picture has no pixels. Send a PNG of the drawing.")

TOO_LARGE = Text("The picture has {size} pixels. Send one of at most {limit}.")

NO_LAYERS = Text("The layers of this model can't be shown: its file of layers is missing or damaged. Digits are read.")

MANY_DRAWING = Text("Many people are drawing just now. Try again in a second.")

MANY_AT_ONCE = Plural(
    "{n} of your drawings is being read already. Wait for an answer, then send the next.",
    "{n} of your drawings are being read already. Wait for an answer, then send the next.",
)

MANY_A_SECOND = Plural(
    "You send more than {n} drawing a second. Wait {seconds} s, then send the next.",
    "You send more than {n} drawings a second. Wait {seconds} s, then send the next.",
)
