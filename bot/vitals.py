"""How the bot itself is doing since its start: a few counters in memory, for /stats."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

_READINGS: Final = 1_000


@dataclass(slots=True)
class Vitals:
    """Counted as it happens; nothing of it is kept."""

    errors: int = 0  # updates that no handler could answer
    reading_ms: deque[float] = field(default_factory=lambda: deque(maxlen=_READINGS))  # of the latest readings

    def percentile(self, share: float) -> float:
        """What so many percent of the latest readings took at most, in ms; there must be one."""
        ordered = sorted(self.reading_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))]
