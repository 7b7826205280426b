"""/privacy says what is kept; /forget deletes it."""

from telegram import LinkPreviewOptions, Update
from telegram.constants import ParseMode
from telegram.ext import ContextTypes

from bot import words
from bot.handlers.people import sender_of
from bot.store import ANSWERED_AGE_S, MAX_AGE_S, MAX_READINGS, Store
from bot.words.language import spoken

PRIVACY_PATH = "/privacy"
"""Where the privacy page is, below the web side's address."""

_DAY_S = 24 * 3600


def privacy_text() -> str:
    """Say what is kept, and for how long, in Telegram's HTML."""
    return words.privacy.privacy(MAX_AGE_S // _DAY_S, MAX_READINGS, ANSWERED_AGE_S // _DAY_S)


def privacy_link(page: str) -> str:
    """Link to the privacy page, which is at the address `page`, in the language that is spoken."""
    # Beside the words, not in them: what is put into those is set apart where they run from right to left.
    return f'<a href="{page}?language={spoken().code}">{words.privacy.PRIVACY_PAGE()}</a>'


class PrivacyHandlers:
    """What people may know and undo; `page` is the privacy page's address, empty where it has none."""

    def __init__(self, store: Store, page: str) -> None:
        self._store = store
        self._page = page

    async def privacy(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Say what is kept, and for how long, and where that stands in the person's language."""
        assert update.effective_message is not None  # the filter guarantees it
        text = privacy_text()
        if self._page:
            text += f"\n\n{privacy_link(self._page)}"
        await update.effective_message.reply_text(
            text, ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True)
        )

    async def forget(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Delete everything that came from whoever asks."""
        message = update.effective_message
        assert message is not None  # the filter guarantees it
        person = sender_of(message)
        gone = await self._store.people.forget(person)
        said = [words.languages.FORGOTTEN()] if gone.had_language else []
        if gone.readings or gone.corrections or not said:
            said.insert(0, words.privacy.forgotten(gone.readings, gone.corrections))
        await message.reply_text("\n".join(said))
        await self._store.sends.forget(str(person))  # when their chat may be written to: the answer has noted it anew
