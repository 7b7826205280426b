"""How a figure is written in words: a share of digits, a length of time."""

from bot.words.language import Text, number, percentage


def exact(share: float) -> str:
    """A share of digits, as fine as a test set's."""
    return percentage(share, 2)


def hours(seconds: float) -> str:
    """A time in hours, as many as there are and a tenth."""
    return number(seconds / 3600, 0 if seconds >= 36_000 else 1)


_MINUTES = Text("{minutes} min {seconds} s")

_SECONDS = Text("{seconds} s")


def duration(seconds: float) -> str:
    """A time in minutes and seconds, or in seconds alone."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return _MINUTES(minutes=minutes, seconds=rest) if minutes else _SECONDS(seconds=rest)
