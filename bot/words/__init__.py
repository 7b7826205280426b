"""Every word that people read from the bot, a module a topic: pure functions from what happened to Telegram's HTML.

Nothing in here knows Telegram's objects, how an answer is sent, or what its buttons do.
"""

from bot.words import (
    commands,
    corrections,
    drawing,
    examples,
    introduction,
    languages,
    models,
    pages,
    privacy,
    profile,
    replies,
    review,
    shadow,
    training,
    why,
)

__all__ = [
    "commands",
    "corrections",
    "drawing",
    "examples",
    "introduction",
    "languages",
    "models",
    "pages",
    "privacy",
    "profile",
    "replies",
    "review",
    "shadow",
    "training",
    "why",
]
