"""What in a message can be read as a picture, and whether a group's message is meant for the bot."""

from dataclasses import dataclass

from telegram import Bot, Message, MessageEntity
from telegram.ext import filters

# A phone's file over a slow line; the library's default of 5 s is too short for 20 MB.
_DOWNLOAD_TIMEOUT_S = 60.0

PICTURE = filters.PHOTO | filters.Document.ALL | filters.Sticker.STATIC | filters.ANIMATION
"""Any message that may hold a picture; a document is judged by its bytes, since clients claim wrong mime types."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that Telegram holds, to be fetched."""

    file_id: str
    unique_id: str  # the same for the same file, whoever sends it
    size: int | None  # bytes, as Telegram says


def picture_of(message: Message) -> Picture | None:
    """Find the picture in a message: its largest photo, its file, its sticker, or its animation's thumbnail."""
    file = (
        (message.photo[-1] if message.photo else None)
        # An animation is an MP4 and also claims to be a document: its thumbnail is the picture.
        or (message.animation.thumbnail if message.animation else None)
        or (message.document if not message.animation else None)
        or message.sticker
    )
    return Picture(file.file_id, file.file_unique_id, file.file_size) if file else None


async def fetched(bot: Bot, picture: Picture) -> bytes:
    """Fetch a picture from Telegram. Raises TelegramError."""
    file = await bot.get_file(picture.file_id)
    return bytes(await file.download_as_bytearray(read_timeout=_DOWNLOAD_TIMEOUT_S))


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
