"""How many readings one person may ask for in a minute."""

from collections import OrderedDict, deque
from collections.abc import Callable

_WINDOW_S = 60.0
# People remembered at once; the one who was quiet longest is forgotten first.
_MAX_PEOPLE = 10_000


class ReadingLimit:
    """A sliding window of a minute for each person. `clock` gives seconds and never goes back."""

    def __init__(self, per_minute: int, clock: Callable[[], float]) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._taken: OrderedDict[int, deque[float]] = OrderedDict()

    def take(self, person: int) -> float:
        """Count one reading for `person` and return 0, or return the seconds to wait and count nothing."""
        now = self._clock()
        times = self._taken.setdefault(person, deque())
        self._taken.move_to_end(person)
        while len(self._taken) > _MAX_PEOPLE:
            self._taken.popitem(last=False)
        while times and now - times[0] >= _WINDOW_S:
            times.popleft()
        if len(times) >= self.per_minute:
            return _WINDOW_S - (now - times[0])
        times.append(now)
        return 0.0
