"""Every word that people read from the bot, a module a topic: pure functions from what happened to Telegram's HTML.

Nothing in here knows Telegram's objects, how an answer is sent, or what its buttons do.
"""

from bot.words import (
    budget,
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
    retrain,
    review,
    shadow,
    stats,
    training,
    verdict,
    why,
)

__all__ = [
    "budget",
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
    "retrain",
    "review",
    "shadow",
    "stats",
    "training",
    "verdict",
    "why",
]
