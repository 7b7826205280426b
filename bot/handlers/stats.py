"""/stats: how good the served model is, how it is judged by those who use it, and for admins how the bot is doing."""

import logging
from datetime import UTC, datetime

from telegram import InputMediaPhoto, Message, Update
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import ContextTypes

from bot import words
from bot.learning.models import Models
from bot.pool import ReadingPool
from bot.store import Store, StoreUnavailable, Tally
from model import Version

_log = logging.getLogger(__name__)


class StatsHandlers:
    """Tells the figures of the model that is in service; `admins` also see the bot's own."""

    def __init__(self, models: Models, pool: ReadingPool, store: Store, admins: frozenset[int]) -> None:
        self._models = models
        self._pool = pool
        self._store = store
        self._admins = admins

    async def stats(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Say the test accuracy of the served model and what is known of it, then show its charts."""
        message, user = update.effective_message, update.effective_user
        assert message is not None  # the filter guarantees it
        version = self._models.served
        is_admin = user is not None and user.id in self._admins
        processes: dict[str, str] = {}  # their versions
        try:
            day, all_time = await self._store.readings.tally()
            corrections = await self._store.corrections.count()
            processes = await self._store.replicas.versions() if is_admin else {}
        except StoreUnavailable as error:  # the model's own figures are known all the same
            _log.debug("the counts could not be read: %s", error)
            day, all_time, corrections = Tally(), Tally(), (0, 0)
        text = words.stats.stats(version, day, all_time, corrections, datetime.now(UTC))
        if is_admin:
            text += words.stats.vitals(self._pool.vitals, self._pool.waiting)
            text += words.models.processes(list(processes.values()), version.name)
        await message.reply_text(text, ParseMode.HTML)
        await self._show_charts(message, version)

    async def _show_charts(self, message: Message, version: Version) -> None:
        try:
            charts = [InputMediaPhoto(path.read_bytes()) for path in version.chart_paths]
            if charts:
                await message.reply_media_group(charts, write_timeout=60)
        except (OSError, TelegramError) as error:  # the figures are said; a picture less is no reason to apologise
            _log.warning("the charts of %s could not be shown: %s", version.name, error)
