"""The Bot API's methods that put something into a chat or change what is there."""

import secrets
from dataclasses import replace
from typing import Any

from bot.local.chat import Chat, Content, Conversations, Message
from bot.local.files import Bundle
from bot.local.keyboards import inline_keyboard, show_reply_keyboard
from bot.local.pictures import NotAPhoto
from bot.local.text import MAX_CAPTION, MAX_TEXT, formatted, utf16_length
from bot.local.uploads import Uploads
from bot.local.wire import Json, Params, bad_request

_ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


class Sending:
    """Each method is named as in the Bot API and answers its result."""

    def __init__(self, conversations: Conversations, uploads: Uploads) -> None:
        self._talk = conversations
        self._uploads = uploads

    async def send_message(self, params: Params) -> Json:
        """`sendMessage`."""
        chat = self._chat(params)
        content = _worded(params, "text", buttons=inline_keyboard(params))
        return self._deliver(chat, params, content)

    async def send_photo(self, params: Params) -> Json:
        """`sendPhoto`."""
        return await self._send_media(params, "photo")

    async def send_document(self, params: Params) -> Json:
        """`sendDocument`."""
        return await self._send_media(params, "document")

    async def send_media_group(self, params: Params) -> list[Json]:
        """`sendMediaGroup` of photos or of documents."""
        chat = self._chat(params)
        items = params.array("media")
        if not items or not 2 <= len(items) <= 10 or not all(isinstance(item, dict) for item in items):
            raise bad_request("a media group must include 2-10 items")
        if len({item.get("type") for item in items}) > 1:
            raise bad_request("photos and documents can't be mixed in a media group")
        reply_to = _reply_to(params, chat)
        contents = [await self._input_media(item, params) for item in items]
        album = str(secrets.randbits(53))
        return [
            self._talk.add(chat, content, from_bot=True, reply_to=reply_to, album=album).as_api()
            for content in contents
        ]

    async def send_chat_action(self, params: Params) -> bool:
        """`sendChatAction`."""
        chat = self._chat(params)
        action = params.text("action")
        if action not in _ACTIONS:
            raise bad_request("wrong parameter action in request")
        chat.act(action, self._talk.now())
        self._talk.touch(chat)
        return True

    async def edit_message_text(self, params: Params) -> Json:
        """`editMessageText`."""
        message = self._own_message(params)
        content = _worded(params, "text", buttons=inline_keyboard(params))
        if message.content.media:
            raise bad_request("there is no text in the message to edit")
        return self._change(message, content)

    async def edit_message_caption(self, params: Params) -> Json:
        """`editMessageCaption`."""
        message = self._own_message(params)
        if not message.content.media:
            raise bad_request("there is no caption in the message to edit")
        worded = _worded(params, "caption", media=message.content.media, buttons=inline_keyboard(params))
        return self._change(message, replace(worded, spoiler=message.content.spoiler))

    async def edit_message_media(self, params: Params) -> Json:
        """`editMessageMedia`."""
        message = self._own_message(params)
        item = params.obj("media")
        if item is None:
            raise bad_request("there is no media in the request")
        content = await self._input_media(item, params)
        return self._change(message, replace(content, buttons=inline_keyboard(params)))

    async def edit_message_reply_markup(self, params: Params) -> Json:
        """`editMessageReplyMarkup`."""
        message = self._own_message(params)
        return self._change(message, replace(message.content, buttons=inline_keyboard(params)))

    async def delete_message(self, params: Params) -> bool:
        """`deleteMessage`."""
        chat = self._chat(params)
        message = chat.messages.get(params.integer("message_id") or 0)
        if message is None:
            raise bad_request("message to delete not found")
        self._talk.delete(message)
        return True

    def _chat(self, params: Params) -> Chat:
        given = params.text("chat_id")
        if not given:
            raise bad_request("chat_id is empty")
        chat = next((chat for chat_id, chat in self._talk.chats.items() if str(chat_id) == given), None)
        if chat is None:
            raise bad_request("chat not found")
        return chat

    def _own_message(self, params: Params) -> Message:
        message_id = params.integer("message_id")
        if message_id is None:
            raise bad_request("message identifier is not specified")
        message = self._chat(params).messages.get(message_id)
        if message is None:
            raise bad_request("message to edit not found")
        if not message.from_bot:
            raise bad_request("message can't be edited")
        return message

    def _deliver(self, chat: Chat, params: Params, content: Content) -> Json:
        reply_to = _reply_to(params, chat)
        show_reply_keyboard(params, chat)
        return self._talk.add(chat, content, from_bot=True, reply_to=reply_to).as_api()

    def _change(self, message: Message, content: Content) -> Json:
        if content == message.content:
            raise bad_request(_NOT_MODIFIED)
        self._talk.edit(message, content)
        return message.as_api()

    async def _send_media(self, params: Params, kind: str) -> Json:
        chat = self._chat(params)
        worded = _worded(params, "caption", buttons=inline_keyboard(params))
        media = await self._media(kind, params, kind, params.text(kind))
        spoiler = kind == "photo" and params.flag("has_spoiler")
        return self._deliver(chat, params, replace(worded, media=media, spoiler=spoiler))

    async def _input_media(self, item: Json, params: Params) -> Content:
        kind = item.get("type")
        if kind not in {"photo", "document"}:
            raise bad_request(f"InputMedia of type {kind} is not supported by the local chat")
        worded = _worded(Params(item, {}), "caption")
        reference = str(item.get("media") or "")
        spoiler = kind == "photo" and Params(item, {}).flag("has_spoiler")
        return replace(worded, media=await self._media(kind, params, reference, reference), spoiler=spoiler)

    async def _media(self, kind: str, params: Params, field: str, reference: str | None) -> Bundle:
        """The media of an InputFile: an upload in `field`, or what `reference` names (attach://name, or a file_id)."""
        attached = reference is not None and reference.startswith("attach://")
        upload = params.attached(reference or "") if attached else params.file(field)
        if upload is not None:
            if not upload.size:
                raise bad_request("file must be non-empty")
            try:
                return await self._uploads.make(kind, upload)
            except NotAPhoto as refusal:
                raise bad_request(f"PHOTO_INVALID: {refusal}") from refusal
        if not reference or attached:
            raise bad_request(f"there is no {kind} in the request")
        known = self._talk.files.bundle(reference)
        if known is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if known.kind != kind and (known.kind, kind) != ("animation", "document"):
            raise bad_request(f"can't use file of type {known.kind.title()} as {kind.title()}")
        return known


def _worded(params: Params, field: str, *, media: Bundle | None = None, buttons: Json | None = None) -> Content:
    """The text or caption of a call, formatted and within its limits."""
    entities: list[Any] | None = params.array("entities" if field == "text" else "caption_entities")
    text, found = formatted(params.text(field) or "", parse_mode=params.text("parse_mode"), entities=entities)
    if field == "text" and not text:
        raise bad_request("message text is empty")
    if utf16_length(text) > (MAX_TEXT if field == "text" else MAX_CAPTION):
        raise bad_request("message is too long" if field == "text" else "message caption is too long")
    return Content(text, tuple(found), media, buttons)


def _reply_to(params: Params, chat: Chat) -> int | None:
    """The id of the message replied to, if it is there."""
    given = params.obj("reply_parameters") or {
        "message_id": params.integer("reply_to_message_id"),
        "allow_sending_without_reply": params.flag("allow_sending_without_reply"),
    }
    message_id = given.get("message_id")
    if message_id is None:
        return None
    if isinstance(message_id, int) and message_id in chat.messages:
        return message_id
    if given.get("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")
