"""/stats: how good the served model is."""

from telegram import Update
from telegram.constants import ParseMode
from telegram.ext import ContextTypes

from bot import replies
from bot.pool import ReadingPool


class StatsHandlers:
    """Tells the figures of the model that is in service."""

    def __init__(self, pool: ReadingPool) -> None:
        self._pool = pool

    async def stats(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Say the test accuracy of the served model, which model it is and how it was made."""
        assert update.effective_message is not None  # the filter guarantees it
        metrics = self._pool.reader.version.metrics
        text = replies.stats(
            version=metrics.version,
            recipe=metrics.recipe,
            parameters=metrics.parameters,
            date=metrics.date,
            test_accuracy=metrics.test_accuracy,
        )
        await update.effective_message.reply_text(text, ParseMode.HTML)
