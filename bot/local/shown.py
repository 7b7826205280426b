"""A message as the page gets it: contracts, "Local chat", and what `bot.local` adds."""

from typing import Any

from bot.local.chat import Message
from bot.local.files import FileStore
from bot.local.wire import Json


def as_page(message: Message, files: FileStore) -> Json:
    """The message; the urls of files that `files` no longer keeps are null."""
    content = message.content
    media = content.media
    kind = media.kind if media else "text"
    url, mime, details = None, "", None
    if media:
        file = media.files[-1 if kind == "photo" else 0]  # a photo's largest size; the others' first is the file itself
        mime = file.mime
        if files.get(file.file_id) and file.data is not None:
            url = f"/local/files/{file.file_id}"
        if kind != "photo":
            details = {"name": file.name, "size": file.size, "mime": file.mime, "url": url}
    rows: list[list[Json]] = (content.buttons or {}).get("inline_keyboard", [])
    return {
        "message_id": message.message_id,
        "from": "bot" if message.from_bot else "user",
        "text": content.text,
        "entities": list(content.entities),
        "photo": url if kind != "document" and mime.startswith("image/") else None,
        "kind": kind,
        "spoiler": content.spoiler,
        "file": details,
        "album": message.media_group_id,
        "buttons": [[_button(button) for button in row] for row in rows],
        "reply_to": message.reply_to,
        "edits": message.edits,
        "revision": message.revision,
        "date": message.date,
    }


def _button(button: Json) -> Json:
    web_app: Any = button.get("web_app") or {}
    copied: Any = button.get("copy_text") or {}
    return {
        "text": button["text"],
        "data": button.get("callback_data", ""),
        "url": button.get("url"),
        "web_app": web_app.get("url"),
        "copy": copied.get("text"),
    }
