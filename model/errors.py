"""Every error that model/ raises on purpose.

ModelError
├── UnreadablePhoto        this file can't be read as a picture; `reason` says why, for the person who sent it
├── ModelUnavailable       the served model is missing or broken; the message names the command that mends it
└── DatasetUnavailable     MNIST can't be had or is not what it should be; the message says what to do
"""

from typing import Literal

# What a person can be told about a file; the bot has a sentence for each.
UnreadableReason = Literal[
    "empty",  # 0 bytes
    "not an image",
    "cut short",  # the header is fine, a good part of the pixels is missing
    "too large",  # more pixels than this format can be decoded with in bounded memory
    "unsupported",  # a picture, in a format or variant that is not read
    "too costly",  # decoding it takes more time or memory than any honest picture, or breaks the decoder
]


class ModelError(Exception):
    """The root of the tree drawn above."""


class UnreadablePhoto(ModelError):
    """A file that can't be read as a picture. `reason` is for the user, the message for the log."""

    def __init__(self, reason: UnreadableReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: UnreadableReason = reason


class ModelUnavailable(ModelError):
    """The served model is missing or broken. The message is one line and names the command that mends it."""


class DatasetUnavailable(ModelError):
    """MNIST can't be had or is damaged. The message is one line and says what to do."""
