"""The keyboards that a bot hangs on its messages."""

from typing import Any

from bot.local.chat import Chat
from bot.local.web_apps import check_web_app
from bot.local.wire import Json, Params, bad_request

_MAX_BUTTONS = 100
_MAX_DATA_BYTES = 64
_MAX_COPIED = 256
_TARGETS = ("callback_data", "url", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
            "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay")  # fmt: skip


def inline_keyboard(params: Params) -> Json | None:
    """The InlineKeyboardMarkup of a call, checked; None without one, or with an empty one."""
    markup = params.obj("reply_markup")
    if markup is None or "inline_keyboard" not in markup:
        return None
    rows = [[_button(button) for button in _row(row)] for row in _row(markup["inline_keyboard"])]
    if sum(map(len, rows)) > _MAX_BUTTONS:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    rows = [row for row in rows if row]
    return {"inline_keyboard": rows} if rows else None


def show_reply_keyboard(params: Params, chat: Chat) -> None:
    """Take over the reply keyboard that comes with a message: shown, or removed."""
    markup = params.obj("reply_markup") or {}
    if "keyboard" in markup:
        chat.keyboard = {**markup, "keyboard": [list(_row(row)) for row in _row(markup["keyboard"])]}
    elif markup.get("remove_keyboard"):
        chat.keyboard = None


def _row(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise bad_request("can't parse reply keyboard markup JSON object")
    return value


def _button(button: Any) -> Json:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object with a text")
    if not button["text"].strip():
        raise bad_request("can't parse inline keyboard button: text is empty")
    if not any(target in button for target in _TARGETS):
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if not isinstance(button.get("url", ""), str):
        raise bad_request("BUTTON_URL_INVALID")
    if "web_app" in button:
        check_web_app(button["web_app"], "inline keyboard button")
    if "copy_text" in button:
        _check_copied(button["copy_text"])
    data = button.get("callback_data")
    if data is not None and (not isinstance(data, str) or not 1 <= len(data.encode()) <= _MAX_DATA_BYTES):
        raise bad_request("BUTTON_DATA_INVALID")
    return button


def _check_copied(copied: Any) -> None:
    text = copied.get("text") if isinstance(copied, dict) else None
    if not isinstance(text, str):
        raise bad_request('can\'t parse inline keyboard button: Field "copy_text" must be an Object with a text')
    if not 1 <= len(text) <= _MAX_COPIED:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
