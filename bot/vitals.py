"""How the bot itself is doing since its start: counters in memory, for /stats and for Prometheus."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from telegram import Update

_READINGS: Final = 1_000
_BUCKETS_S: Final = (0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6)


class Vitals:
    """Counted as it happens; nothing of it is kept, and nothing says whose it was."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.reading_ms: deque[float] = deque(maxlen=_READINGS)  # of the latest readings
        self.errors = 0  # updates that no handler could answer
        self._updates = Counter("digits_updates", "Updates that came, by kind", ["kind"], registry=self.registry)
        self._errors = Counter(
            "digits_errors", "Updates nobody could answer, by error", ["error"], registry=self.registry
        )
        self._pictures = Counter(
            "digits_pictures", "Pictures, by what came of them", ["outcome"], registry=self.registry
        )
        self._stages = Histogram(
            "digits_stage_seconds",
            "What the stages of a picture take",
            ["stage"],
            buckets=_BUCKETS_S,
            registry=self.registry,
        )

    def update(self, update: Update) -> None:
        """Count an update."""
        kinds = (kind for kind in Update.ALL_TYPES if getattr(update, kind, None) is not None)
        self._updates.labels(next(kinds, "other")).inc()

    def error(self, error: BaseException | None) -> None:
        """Count an update that no handler could answer."""
        self.errors += 1
        self._errors.labels(type(error).__name__).inc()

    def picture(self, outcome: str) -> None:
        """Count a picture: "read", "no digit", a reason why it is unreadable, "too many", "download failed"."""
        self._pictures.labels(outcome).inc()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage of a picture: "download", "read" with its wait for a thread, "answer"."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._stages.labels(name).observe(time.monotonic() - began)

    def watch(self, *, model: Callable[[], str], **gauges: Callable[[], float]) -> None:
        """Show these, and the served model's name, as they are whenever somebody looks."""
        self.registry.register(_Now(model, gauges))

    def percentile(self, share: float) -> float:
        """What so many percent of the latest readings took at most, in ms; there must be one."""
        ordered = sorted(self.reading_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))]


class _Now(Collector):
    """What is asked for when somebody looks."""

    def __init__(self, model: Callable[[], str], gauges: dict[str, Callable[[], float]]) -> None:
        self._model, self._gauges = model, gauges

    def collect(self) -> Iterable[Metric]:
        served = GaugeMetricFamily("digits_model", "The model in service", labels=["version"])
        served.add_metric([self._model()], 1)
        yield served
        for name, value in self._gauges.items():
            yield GaugeMetricFamily(f"digits_{name}", name.replace("_", " "), value())
