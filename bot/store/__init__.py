"""What the bot keeps: readings for as long as they can be corrected, corrections, tallies, served models, updates.

The only part of the bot that knows SQL. A package, not one module: each topic is a small class over one `Database`, and
each of its methods one transaction that gives plain dataclasses. Photos never come in here, only 28×28 crops.
"""

import time
from collections.abc import Callable
from pathlib import Path

from bot.store.alignment import MARK
from bot.store.answered import ANSWERED_AGE_S, EDITABLE_S, Answered
from bot.store.corrections import SOMEBODY_GONE, Correction, Corrections, Kind
from bot.store.database import Database
from bot.store.differences import Difference, Differences, Misread
from bot.store.engines import database_url
from bot.store.judgements import Corrected, Judgements
from bot.store.people import Forgotten, People
from bot.store.readings import MAX_AGE_S, MAX_READINGS, Crop, Question, Readings, Remembered
from bot.store.records import Record, Records
from bot.store.replicas import Replicas
from bot.store.sends import Rate, Sends
from bot.store.service import Served, Service
from bot.store.shadows import Ending, Seen, Shadow, Shadows
from bot.store.sheets import Placed, Sheet, Sheets
from bot.store.tallies import Tally
from bot.store.trouble import StoreDamaged, StoreTooNew, StoreUnavailable
from bot.store.updates import RENEWED_LEASE_S, Album, Claim, Updates

__all__ = [
    "ANSWERED_AGE_S",
    "EDITABLE_S",
    "MARK",
    "MAX_AGE_S",
    "MAX_READINGS",
    "RENEWED_LEASE_S",
    "SOMEBODY_GONE",
    "Album",
    "Answered",
    "Claim",
    "Corrected",
    "Correction",
    "Corrections",
    "Crop",
    "Difference",
    "Differences",
    "Ending",
    "Forgotten",
    "Judgements",
    "Kind",
    "Misread",
    "People",
    "Placed",
    "Question",
    "Rate",
    "Readings",
    "Record",
    "Records",
    "Remembered",
    "Replicas",
    "Seen",
    "Sends",
    "Served",
    "Service",
    "Shadow",
    "Shadows",
    "Sheet",
    "Sheets",
    "Store",
    "StoreDamaged",
    "StoreTooNew",
    "StoreUnavailable",
    "Tally",
    "Updates",
]


class Store:
    """The bot's database, to be opened before use.

    `url` is SQLite's or PostgreSQL's, empty for SQLite in `data_dir`; `bot` tells bots apart whose message and update
    ids are counted apart; `keep_readings` is how many readings are kept at most; `now` gives unix seconds, by default
    this machine's, or PostgreSQL's where processes must agree. A database that another program locks, or that is far,
    gets `patience_s`. Raises StoreUnavailable for a wrong URL, as every method does for a database that can't be used.
    """

    def __init__(
        self,
        url: str,
        data_dir: Path,
        *,
        bot: str,
        keep_readings: int = MAX_READINGS,
        now: Callable[[], float] | None = None,
        patience_s: float = 5.0,
    ) -> None:
        self._database = Database(database_url(url, data_dir), patience_s)
        self.readings = Readings(self._database, bot, keep_readings, now or time.time)
        self.judgements = Judgements(self._database, now or time.time)
        self.corrections = Corrections(self._database)
        self.sheets = Sheets(self._database)
        self.people = People(self._database)
        self.service = Service(self._database, now or time.time)
        self.records = Records(self._database, now or time.time)
        self.shadows = Shadows(self._database, now or time.time)
        self.differences = Differences(self._database, now or time.time)
        self.sends = Sends(self._database, bot)
        self.updates = Updates(self._database, bot, now)
        self.answered = Answered(self._database, bot, now)
        self.replicas = Replicas(self._database, bot, now)

    async def open(self) -> None:
        """Connect, bring the schema up to date, and throw away what is too old to be of use."""
        await self._database.open()
        try:
            await self.readings.prune()
            await self.updates.prune()
            await self.answered.prune()
            await self.sends.prune()
        except StoreUnavailable:  # a database that can be read only, for one
            await self._database.close()
            raise

    async def close(self) -> None:
        """Let go of every connection."""
        await self._database.close()
