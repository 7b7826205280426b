"""Every word of the two pages, by the id that they ask for it with: the local chat's, and the draw page's.

The pages put them where their HTML has `data-word="id"`, and where their scripts say `say("id")`.
"""

from collections.abc import Mapping
from typing import Any, Final

from bot.words.language import LANGUAGES, Plural, Text, spoken

Words = Mapping[str, Text | Plural]

CHAT: Final[Words] = {
    "title": Text("Digit bot · local chat"),
    "skip": Text("Skip to the message field"),
    "bot": Text("Digit bot"),
    "language": Text("Language"),
    "who-you-are": Text("Who you are"),
    "admin": Text("Admin"),
    "guest": Text("Guest"),
    # ── whether the bot is there
    "connecting": Text("connecting…"),
    "ready": Text("ready · local chat"),
    "not-connected": Text("not connected"),
    "unreachable-yet": Text("The bot cannot be reached. Is it still running? Trying again by itself…"),
    "unreachable": Text("The bot cannot be reached."),
    "no-answer": Text("The bot cannot answer right now."),
    "not-accepted": Text("The bot did not accept that."),
    # ── what it does, below its name and beside it
    "writing": Text("is writing…"),
    "drawing": Text("is drawing the answer…"),
    "preparing": Text("is preparing a file…"),
    "working": Text("is at work…"),
    "bot-does": Text("{bot} {does}"),
    # ── the conversation
    "conversation": Text("Conversation"),
    "messages": Text("Messages"),
    "today": Text("Today"),
    "yesterday": Text("Yesterday"),
    "newest": Text("Newest"),
    "new-messages": Plural("{n} new message", "{n} new messages"),
    "show-me": Text("Show me a number"),
    "show-me-how": Text(
        "Drop a photo of handwritten digits anywhere on this page, paste one, or choose one. No photo at hand? "
        "Tap a sample."
    ),
    "choose-photo": Text("Choose a photo"),
    "send-start": Text("Send /start"),
    # ── a message
    "message": Text("Message"),
    "earlier-message": Text("an earlier message"),
    "show-message": Text("Show this message"),
    "reply": Text("Reply"),
    "reply-to": Text("Reply to: {message}"),
    "no-reply": Text("Do not reply to this message"),
    "edited": Text("edited"),
    "answers": Text("Answers"),
    "photo": Text("Photo"),
    "file": Text("File"),
    "picture": Text("Picture"),
    "picture-to-bot": Text("Picture sent to the bot"),
    "picture-from-bot": Text("Picture from the bot"),
    "picture-gone": Text("This picture is no longer kept."),
    "enlarge": Text("Enlarge"),
    "close-picture": Text("Close the picture"),
    "copy": Text("Copy"),
    "copy-digits": Text("{words}, copy"),
    "copied": Text("Copied"),
    "copied-words": Text("Copied {words}"),
    "not-copied": Text("This browser did not allow copying. Select the text instead."),
    # ── sending
    "write": Text("Write a message or /"),
    "send": Text("Send"),
    "send-picture": Text("Send a picture"),
    "photos": Text("Photos"),
    "photos-album": Text("several make an album"),
    "camera": Text("Camera"),
    "camera-now": Text("take a photo now"),
    "files": Text("Files"),
    "as-file": Text("Send as file"),
    "as-file-left": Text("left as it is, not compressed"),
    "drop-photo": Text("Drop to have it read"),
    "drop-photo-as": Text("as a photo"),
    "drop-file": Text("Send as a file"),
    "drop-file-as": Text("left as it is"),
    "being-sent": Text("Being sent"),
    "sending": Text("sending…"),
    "not-sent": Text("Not sent. {reason}"),
    "again": Text("Try again"),
    "remove": Text("Remove"),
    # ── what to try
    "things-to-try": Text("Things to try"),
    "commands": Text("Commands"),
    "sending-pictures": Text("Sending pictures"),
    "sending-pictures-how": Text(
        "Drop them anywhere, paste with Ctrl+V, or use the + button. Several at once become an album."
    ),
    "samples": Text("Sample pictures"),
    "try-sample": Text("Try a sample"),
    "send-sample": Text("Send: {title}"),
    "send-the-sample": Text("Send the sample: {title}"),
    "sample-not-loaded": Text("This sample could not be loaded. Please try again."),
    "sample-a-seven": Text("A seven"),
    "sample-chalk-on-a-board": Text("Chalk on a board"),
    "sample-felt-pen-on-cardboard": Text("Felt pen on cardboard"),
    "sample-no-digit-at-all": Text("No digit at all"),
    "sample-on-ruled-paper": Text("On ruled paper"),
    "sample-on-squared-paper": Text("On squared paper"),
    "sample-two-lines": Text("Two lines"),
    "sample-yellow-note": Text("Yellow note"),
    "app-buttons": Text("Buttons of the page"),
    "close-app": Text("Close and go back to the chat"),
}

DRAW: Final[Words] = {
    "title": Text("Draw a digit"),
    "title-more": Text("and watch the network think"),
    "skip": Text("Skip to the canvas"),
    # ── the model in the bar
    "model": Text("The model that is served"),
    "model-version": Text("Model {version}: {accuracy} of the MNIST test digits right"),
    "parameters": Plural("{n} parameter", "{n} parameters"),
    # ── drawing
    "drawing": Text("Drawing"),
    "canvas": Text(
        "Canvas. Draw digits with mouse, pen or finger. With the keyboard: arrows move the pen, Space puts it down and "
        "lifts it, Control Z undoes, Delete clears."
    ),
    "invite": Text("Draw a digit"),
    "invite-more": Text("or several, side by side"),
    "tools": Text("Drawing tools"),
    "undo": Text("Undo"),
    "undo-key": Text("Undo (Ctrl+Z)"),
    "clear": Text("Clear"),
    "clear-key": Text("Clear (Delete)"),
    "thickness": Text("Thickness"),
    "thickness-pen": Text("Thickness of the pen"),
    "send": Text("Send to chat"),
    "sent": Text("Sent. The bot answers in the chat."),
    "full-screen": Text("Full screen"),
    "remembered": Text("Your last drawing: only this device remembers it."),
    # ── what is read
    "reading": Text("What is read"),
    "digits": Text("The digits that were read"),
    "nothing": Text("nothing"),
    "sure": Text("{share} sure"),
    "sure-tap": Text("{share} sure · tap a digit to look inside"),
    "look": Text("{digit}, {share}: look at this digit"),
    "likely": Text("How likely each digit is"),
    "no-digit": Text("No digit here, as far as I can see."),
    "no-digit-dark": Text("No digit here. It is too dark to tell."),
    "no-digit-blurred": Text("No digit here. It looks blurred."),
    "no-digit-faint": Text("No digit here. The pen is too thin: make it thicker."),
    "no-digit-small": Text("No digit here. Draw it larger."),
    "sees": Text("The 28 by 28 pixels that the network sees"),
    "sees-short": Text("what the network sees"),
    "unreachable": Text("The bot can't be reached. Your drawing stays here; it is sent again."),
    "no-answer": Text("The bot can't answer just now."),
    # ── the network, stage by stage
    "inside": Text("Inside the network"),
    "brightness": Text("Brightness"),
    "brightness-layer": Text("a layer's own"),
    "brightness-map": Text("each map's own"),
    "convolution": Text("convolution"),
    "max-pooling": Text("max pooling"),
    "average-pooling": Text("average pooling"),
    "global-average": Text("each map's average"),
    "flatten": Text("all maps in a row"),
    "dense": Text("dense"),
    "batch-normalisation": Text("batch normalisation"),
    "relu": Text("ReLU"),
    "dropout": Text("dropout (while training only)"),
    "reach": Text("{reach} {stage}"),  # 3 × 3 convolution
    "every-second": Text("{stage} of every second pixel"),
    "fused": Text("{stage}, with {parts} fused into it"),
    "last-stage": Text("{stage}, softmax: the network's own answer. The bars above also weigh what the finder saw."),
    "filters": Plural("{n} filter", "{n} filters"),
    "maps": Plural("{n} map", "{n} maps"),
    "numbers": Plural("{n} number", "{n} numbers"),
    "enlarge": Text("{stage}, enlarge"),
    "filter": Text("{stage}, filter {n}"),
    "map": Text("{stage}, map {n}"),
    # ── one map, enlarged
    "lens": Text("One map, enlarged"),
    "lens-map": Text("The map, enlarged"),
    "lens-filter-title": Text("{stage} · filter {n}"),
    "lens-map-title": Text("{stage} · map {n}"),
    "one-of": Text("{size}, one of {n}"),
    "close": Text("Close"),
    "convolved": Text("convolved with"),
    "gives": Text("gives"),
    "kernel": Text("3 × 3 kernel"),
    "kernel-served": Text("The kernel as it is served. Its bias and ReLU follow."),
    "kernel-fused": Text(
        "The kernel as it is served: the batch normalisation is multiplied into it. Its bias and ReLU follow."
    ),
    "place": Text("no. {n}"),
    "pixel": Text("row {row}, column {column}"),
    "facts": Text("strongest {strongest} · mean {mean} · {share} silent"),
    "no-facts": Text("Draw something to see it react."),
}


def told(words: Words) -> dict[str, Any]:
    """What a page is told of the language that is spoken: its words with `{names}` to fill, plural forms apart."""
    language = spoken()
    return {
        "language": language.code,
        "rtl": language.is_rtl,
        "languages": {each.code: each.name for each in LANGUAGES.values()},
        "words": {name: word.unfilled() for name, word in words.items()},
    }
