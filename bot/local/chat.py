"""The conversations: who talks with the bot, and what was said. Knows nothing of HTTP."""

import itertools
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.local.files import Bundle, FileStore
from bot.local.text import Entity
from bot.local.updates import Bell
from bot.local.wire import Json

_ACTION_S = 5  # Telegram shows a chat action for that long


@dataclass(frozen=True)
class Person:
    """Somebody who can talk with the bot. The private chat with them has the same id."""

    id: int
    name: str  # as the page calls them: admin, guest
    first_name: str
    language_code: str = "en"  # of their Telegram

    def as_user(self) -> Json:
        """The Bot API's User."""
        return {
            "id": self.id, "is_bot": False, "first_name": self.first_name, "username": f"local_{self.name}",
            "language_code": self.language_code,
        }  # fmt: skip

    def as_chat(self) -> Json:
        """The Bot API's Chat."""
        return {
            "id": self.id, "type": "private", "first_name": self.first_name, "username": f"local_{self.name}",
        }  # fmt: skip


@dataclass(frozen=True)
class Content:
    """What a message says: a text, or media with the text as its caption."""

    text: str = ""
    entities: tuple[Entity, ...] = ()
    media: Bundle | None = None
    buttons: Json | None = None  # an InlineKeyboardMarkup
    spoiler: bool = False  # a photo that is covered until it is tapped

    def as_api(self) -> Json:
        """The fields of the Bot API's Message that say it."""
        body: Json = {}
        prefix = "caption_" if self.media else ""
        if self.text:
            body["caption" if self.media else "text"] = self.text
        if self.entities:
            body[f"{prefix}entities"] = list(self.entities)
        if self.media:
            body[self.media.kind] = self.media.media
            if self.media.kind == "animation":  # as Telegram does, for clients that don't know animations
                document = ("file_id", "file_unique_id", "file_name", "mime_type", "file_size", "thumbnail")
                body["document"] = {key: self.media.media[key] for key in document}
        if self.spoiler:
            body["has_media_spoiler"] = True
        if self.buttons:
            body["reply_markup"] = self.buttons
        return body


@dataclass(eq=False)
class Message:
    """One message; `revision` is that of its last change, `edits` how often it was edited."""

    message_id: int
    chat: "Chat"
    from_bot: bool
    date: int  # unix seconds
    content: Content
    revision: int
    reply_to: int | None = None  # a message id; the message itself may be forgotten by now
    media_group_id: str | None = None
    edits: int = 0
    edit_date: int = 0

    def as_api(self, *, nested: bool = False) -> Json:
        """The Bot API's Message; a nested one doesn't carry the message it replies to."""
        body: Json = {
            "message_id": self.message_id,
            "from": self.chat.bot if self.from_bot else self.chat.person.as_user(),
            "chat": self.chat.person.as_chat(),
            "date": self.date,
            **self.content.as_api(),
        }
        if self.edit_date:
            body["edit_date"] = self.edit_date
        if self.media_group_id:
            body["media_group_id"] = self.media_group_id
        answered = self.chat.messages.get(self.reply_to or 0)
        if answered and not nested:
            body["reply_to_message"] = answered.as_api(nested=True)
        return body


@dataclass(eq=False)
class Chat:
    """The private chat of one person with the bot; the oldest messages over `keep` are forgotten."""

    person: Person
    bot: Json  # the Bot API's User
    keep: int
    messages: OrderedDict[int, Message] = field(default_factory=OrderedDict)
    deleted: list[int] = field(default_factory=list)  # ids, the latest last
    revision: int = 0  # of the last change: message, action, commands, menu button
    keyboard: Json | None = None  # the reply keyboard the bot shows
    menu_button: Json | None = None
    bell: Bell = field(default_factory=Bell)
    _action: tuple[str, float] = ("", 0.0)

    def action(self, now: float) -> str | None:
        """What the bot is seen doing ("typing"), until five seconds after it said so or until it sends something."""
        name, since = self._action
        return name if name and now - since < _ACTION_S else None

    def action_left_s(self, now: float) -> float:
        """Seconds until the action expires; 0 without one."""
        return self._action[1] + _ACTION_S - now if self.action(now) else 0.0

    def act(self, name: str, now: float) -> None:
        """Show an action; an empty name takes it back."""
        self._action = (name, now)


class Conversations:
    """The chats of all persons. Message ids and revisions count over all of them, as in Telegram."""

    def __init__(
        self, people: list[Person], bot: Json, files: FileStore, *, keep: int, now: Callable[[], float] = time.time
    ):
        self.files = files
        self.now = now
        self.chats = {person.id: Chat(person, bot, keep) for person in people}
        self._message_ids = itertools.count(1)
        self._revisions = itertools.count(1)

    def touch(self, chat: Chat) -> int:
        """Count a change in a chat and wake who watches it; answers the new revision."""
        chat.revision = next(self._revisions)
        chat.bell.ring()
        return chat.revision

    def add(
        self, chat: Chat, content: Content, *, from_bot: bool, reply_to: int | None = None, album: str | None = None
    ) -> Message:
        """Append a message."""
        if from_bot:
            chat.act("", self.now())
        message = Message(
            message_id=next(self._message_ids),
            chat=chat,
            from_bot=from_bot,
            date=int(self.now()),
            content=content,
            revision=self.touch(chat),
            reply_to=reply_to,
            media_group_id=album,
        )
        chat.messages[message.message_id] = message
        while len(chat.messages) > chat.keep:
            chat.messages.popitem(last=False)
        return message

    def edit(self, message: Message, content: Content) -> None:
        """Change what a message says."""
        message.content = content
        message.edits += 1
        message.edit_date = int(self.now())
        message.revision = self.touch(message.chat)

    def delete(self, message: Message) -> None:
        """Take a message out of its chat."""
        del message.chat.messages[message.message_id]
        message.chat.deleted = [*message.chat.deleted, message.message_id][-message.chat.keep :]
        self.touch(message.chat)
