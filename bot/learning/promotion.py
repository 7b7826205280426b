"""Which versions may come into service: a fresh one by itself, and any other by an admin's word, warned or not.

A version must have passed its comparison with the served one, see `model.gate`, and lose no more in all than promotions
may, see `budget`.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from bot.learning.budget import ALLOWED, Budget, figures_of, latest, lost, own_figures
from bot.learning.models import Models, ServedMeanwhile
from bot.learning.versions import SHIPPED_NAME
from bot.store import Records, Shadows, StoreUnavailable
from model import Metrics, Version

Outcome = Literal["promoted", "beside", "worse", "unjudged", "changed", "spent"]
"""What became of a new version: served; or it reads beside the served one first; or kept, for it is worse, can't be
judged, was compared with another, or is no worse than the served one but loses too much against the best that ever
served."""


class Judged(NamedTuple):
    """A new version and what became of it."""

    version: Version
    outcome: Outcome
    lost: int = 0  # digits, against the best that ever served


@dataclass(frozen=True, slots=True)
class Listed:
    """A version as /models shows it."""

    name: str  # of its folder; SHIPPED_NAME for the one that came with the bot
    metrics: Metrics | None  # None when it is damaged
    is_served: bool
    lost: int = 0  # digits, against the best that ever served

    @property
    def is_safe(self) -> bool:
        """Whether it may be served without a warning: it passed its comparison, or came with the bot."""
        passed = self.metrics is not None and self.metrics.comparison is not None and self.metrics.comparison.is_good
        return (passed and not self.is_spent) or self.name == SHIPPED_NAME

    @property
    def is_spent(self) -> bool:
        """Whether it loses more than promotions may lose in all."""
        return self.lost > ALLOWED


class Promotion:
    """Judges versions by their comparisons and by the `records` of those that served."""

    def __init__(self, models: Models, records: Records, shadows: Shadows, *, beside_s: float = 0.0) -> None:
        """For `beside_s` a version that passed reads beside the served one, as `shadows` says; 0: it is served."""
        self._models = models
        self._versions = models.versions
        self._records = records
        self._shadows = shadows
        self.beside_s = beside_s

    async def judge(self, name: str, by_id: int) -> Judged:
        """Serve a fresh version if its comparison and the budget allow. Raises ModelUnavailable, StoreUnavailable."""
        version = await self._versions.opened(name)
        await self._versions.share(name)  # one that is refused too: whoever presses its button may reach any process
        comparison = version.metrics.comparison
        if comparison is None or not comparison.is_judged:
            return Judged(version, "unjudged")
        if comparison.served == self._models.served.name:
            # What the served one reads of these editions of the sets may not have been known before.
            figures = figures_of(self._models.served.metrics, [version.metrics])
            await self._records.raise_to(figures, self._models.served_name)
        if not comparison.is_good:
            return Judged(version, "worse")
        if comparison.served != self._models.served.name:
            return Judged(version, "changed")
        loss = lost(comparison.figures("new"), await self._records.best()) or 0
        if loss > ALLOWED:
            return Judged(version, "spent", loss)
        if self.beside_s:
            await self._shadows.begin(name, served=self._models.served_name, lasts_s=self.beside_s, by_id=by_id)
            return Judged(version, "beside", loss)
        try:
            await self._models.serve(name, by_id, instead_of=comparison.served)
        except ServedMeanwhile:
            return Judged(version, "changed", loss)
        return Judged(version, "promoted", loss)

    async def listed(self) -> tuple[Listed, ...]:
        """All there are, the newest first, the one that came with the bot last."""
        found = await self._versions.metrics()
        try:
            best = await self._records.best()
        except StoreUnavailable:  # the store has logged it; the versions themselves are known all the same
            best = {}
        shipped = await self._models.version(SHIPPED_NAME)
        served = self._models.served_name
        listed = [
            Listed(name, metrics, name == served, 0 if metrics is None else lost(own_figures(metrics), best) or 0)
            for name, metrics in found.items()
        ]
        return (*listed, Listed(SHIPPED_NAME, shipped.metrics, served == SHIPPED_NAME))

    async def budget(self) -> Budget:
        """How much of what promotions may lose in all the served version has used. Raises StoreUnavailable."""
        best = await self._records.best()
        found = await self._versions.metrics()
        others = [metrics for metrics in found.values() if metrics is not None]
        figures = figures_of(self._models.served.metrics, others)
        return Budget(latest(best), lost(figures, best))
