"""Who writes and who presses: people, and chats in whose name people write.

The rule. A message belongs to the chat in whose name it is written (an anonymous admin's to the group, else to the
channel), and to its user only where there is none: all anonymous admins of all groups share one user id. A press
always comes with the person's own id, also an anonymous admin's. So whoever presses speaks for a chat only when
Telegram says that they administer it; it often won't tell a bot that is no administrator there, and then they say what
they mean in a message in that chat's name, for which Telegram vouches.
"""

from telegram import Bot, Message
from telegram.constants import ChatMemberStatus
from telegram.error import TelegramError

_ADMINISTRATORS = (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)


def sender_of(message: Message) -> int:
    """Give the id of whoever a message is from: a chat's (below 0) when it is written in its name, else a user's."""
    if message.sender_chat is not None:
        return message.sender_chat.id
    return message.from_user.id if message.from_user is not None else message.chat_id


def is_chat(sender: int) -> bool:
    """Whether an id is a group's or a channel's."""
    return sender < 0


async def administers(bot: Bot, user_id: int, chat_id: int) -> bool:
    """Whether Telegram says that a person is an administrator of a chat; False also where it does not tell."""
    try:
        member = await bot.get_chat_member(chat_id, user_id)
    except TelegramError:
        return False
    return member.status in _ADMINISTRATORS
