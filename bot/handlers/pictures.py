"""What in a message can be read as a picture, how it is fetched, and whether a group's message is meant for the bot."""

import asyncio
import logging
from dataclasses import dataclass

from telegram import Bot, ExternalReplyInfo, Message, MessageEntity
from telegram.error import InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import filters

from bot.api.pace import asked_s

_log = logging.getLogger(__name__)

# Silence in the middle of a download; the library's default of 5 s is too short for a slow line. Two tries must end
# well before the update's lease does (store.updates).
_DOWNLOAD_TIMEOUT_S = 30.0
# A connection that broke is made anew at once; a server that is restarted takes a moment.
_AGAIN_AFTER_S = 0.3

PICTURE = filters.PHOTO | filters.Document.ALL | filters.Sticker.STATIC | filters.ANIMATION
"""Any message that may hold a picture; a document is judged by its bytes, since clients claim wrong mime types."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that Telegram holds, to be fetched."""

    file_id: str
    unique_id: str  # the same for the same file, whoever sends it
    size: int | None  # bytes, as Telegram says


def picture_of(message: Message | ExternalReplyInfo) -> Picture | None:
    """Find the picture in a message: its largest photo, its file, its sticker, or its animation's thumbnail."""
    file = (
        (message.photo[-1] if message.photo else None)
        # An animation is an MP4 and also claims to be a document: its thumbnail is the picture.
        or (message.animation.thumbnail if message.animation else None)
        or (message.document if not message.animation else None)
        or message.sticker
    )
    return Picture(file.file_id, file.file_unique_id, file.file_size) if file else None


def asked_about(message: Message) -> Message | ExternalReplyInfo | None:
    """Find what a message answers and holds a picture or an animation: in this chat, or quoted from another one."""
    for answered in (message.reply_to_message, message.external_reply):
        if answered is not None and (answered.animation or picture_of(answered)):
            return answered
    return None


async def fetched(bot: Bot, picture: Picture) -> bytes:
    """Fetch a picture from Telegram, with a second try when the first one fails. Raises TelegramError."""
    try:
        return await _fetch(bot, picture)
    except (InvalidToken, NetworkError, RetryAfter) as error:  # InvalidToken is what the library makes of a file's 404
        if is_too_big(error):
            raise
        _log.info("a download failed (%s): trying again", type(error).__name__)
        wait_s = asked_s(error) if isinstance(error, RetryAfter) else _AGAIN_AFTER_S
    await asyncio.sleep(wait_s)
    return await _fetch(bot, picture)


def is_too_big(error: TelegramError) -> bool:
    """Whether Telegram refuses to hand a file out because of its size."""
    return "too big" in error.message.lower()


async def _fetch(bot: Bot, picture: Picture) -> bytes:
    file = await bot.get_file(picture.file_id)
    try:
        return bytes(await file.download_as_bytearray(read_timeout=_DOWNLOAD_TIMEOUT_S))
    except InvalidToken:
        # A server of one's own with --local names files by their path on its disk.
        if (file.file_path or "").startswith(f"{bot.base_file_url}//"):
            _log.warning(
                "the Bot API server (--local) keeps its files where this machine doesn't find them: "
                "share its folder under the same path, or have it served below /file/bot"
            )
        raise


class _InAlbum(filters.MessageFilter):
    """A part of an album, whatever it is."""

    def filter(self, message: Message) -> bool:
        return message.media_group_id is not None


IN_ALBUM = _InAlbum()


class _FromCustomer(filters.MessageFilter):
    """A business chat's message that its owner got, not one that they or a bot in their name sent."""

    def filter(self, message: Message) -> bool:
        return message.from_user is not None and message.from_user.id == message.chat.id


FROM_CUSTOMER = filters.UpdateType.BUSINESS_MESSAGE & _FromCustomer()


class _Addressed(filters.MessageFilter):
    """A message that mentions the bot, answers one of its messages, or is captioned /read."""

    def filter(self, message: Message) -> bool:
        bot = message.get_bot()
        answered = message.reply_to_message
        if answered is not None and answered.from_user is not None and answered.from_user.id == bot.id:
            return True
        return mentions(message) or is_captioned_read(message)


def mentions(message: Message) -> bool:
    """Whether the text or the caption names the bot."""
    bot = message.get_bot()
    named = {
        **message.parse_entities([MessageEntity.MENTION]),
        **message.parse_caption_entities([MessageEntity.MENTION]),
    }
    return any(name.lower() == f"@{bot.username}".lower() for name in named.values()) or any(
        entity.user is not None and entity.user.id == bot.id
        for entity in (*message.entities, *message.caption_entities)
    )


def is_captioned_read(message: Message) -> bool:
    """Whether the caption is the command /read, as such or sent to this bot by name."""
    commands = message.parse_caption_entities([MessageEntity.BOT_COMMAND]).values()
    return any(command.lower() in ("/read", f"/read@{message.get_bot().username}".lower()) for command in commands)


ADDRESSED = _Addressed()
