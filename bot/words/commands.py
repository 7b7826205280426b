"""What each command does, as Telegram lists it beside the command: a few words, at most 256 characters."""

from collections.abc import Mapping
from typing import Final

from bot.words.language import Text

FOR_ALL: Final[Mapping[str, Text]] = {
    "start": Text("what this bot does"),
    "help": Text("what to send, and what comes back"),
    "read": Text("read the picture that you reply to"),
    "draw": Text("draw digits and watch the network think"),
    "stats": Text("how good the model is"),
    "language": Text("choose the language that I speak"),
    "privacy": Text("what I keep"),
    "forget": Text("delete what I keep of you"),
}

FOR_ADMINS: Final[Mapping[str, Text]] = {
    **FOR_ALL,
    "review": Text("approve or drop corrections"),
    "retrain": Text("train a new model"),
    "models": Text("see every model, serve another"),
    "rollback": Text("serve the model before this one"),
}
