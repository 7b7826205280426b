"""What the bot says about itself: its commands, its descriptions, and its menu button."""

import re
from typing import Any

from bot.local.chat import Chat, Conversations
from bot.local.web_apps import check_web_app
from bot.local.wire import Json, Params, bad_request

_SCOPES = {
    "default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat", "chat_administrators",
    "chat_member",
}  # fmt: skip
_LANGUAGE = re.compile(r"([a-z]{2})?")
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_MAX_COMMANDS = 100
_MAX_DESCRIPTION, _MAX_SHORT_DESCRIPTION = 512, 120
_DEFAULT_BUTTON: Json = {"type": "default"}

ScopeKey = tuple[str, int, str]  # scope, chat id or 0, language or ""


class Profile:
    """Commands by scope and language, descriptions by language, menu buttons by chat."""

    def __init__(self, conversations: Conversations) -> None:
        self._talk = conversations
        self._commands: dict[ScopeKey, list[Json]] = {}
        self._descriptions: dict[str, str] = {}  # by language or ""
        self._short_descriptions: dict[str, str] = {}
        self._button = _DEFAULT_BUTTON

    def commands_for(self, chat: Chat) -> list[Json]:
        """What the person sees: the narrowest scope that has commands, their own language before any."""
        chat_id, own = chat.person.id, chat.person.language_code.partition("-")[0]
        for scope, owner in (("chat", chat_id), ("all_private_chats", 0), ("default", 0)):
            for language in (own, ""):
                if found := self._commands.get((scope, owner, language)):
                    return found
        return []

    def menu_button(self, chat: Chat) -> Json:
        """The button beside the chat's input."""
        return chat.menu_button or self._button

    async def set_commands(self, params: Params) -> bool:
        """`setMyCommands`."""
        key = self._key(params)
        commands = params.array("commands")
        if commands is None:
            raise bad_request("can't parse commands: commands must be a non-empty Array")
        if len(commands) > _MAX_COMMANDS:
            raise bad_request("too many commands")
        self._list(key, [_command(command) for command in commands])
        return True

    async def get_commands(self, params: Params) -> list[Json]:
        """`getMyCommands`: of exactly this scope and language."""
        return self._commands.get(self._key(params), [])

    async def delete_commands(self, params: Params) -> bool:
        """`deleteMyCommands`."""
        self._list(self._key(params), [])
        return True

    async def set_description(self, params: Params) -> bool:
        """`setMyDescription`; an empty one takes that of a language back."""
        self._descriptions[_language(params)] = _description(params, "description", _MAX_DESCRIPTION)
        return True

    async def get_description(self, params: Params) -> Json:
        """`getMyDescription`: as somebody of this language sees it."""
        return {"description": self._descriptions.get(_language(params)) or self._descriptions.get("", "")}

    async def set_short_description(self, params: Params) -> bool:
        """`setMyShortDescription`; an empty one takes that of a language back."""
        text = _description(params, "short_description", _MAX_SHORT_DESCRIPTION)
        self._short_descriptions[_language(params)] = text
        return True

    async def get_short_description(self, params: Params) -> Json:
        """`getMyShortDescription`: as somebody of this language sees it."""
        shown = self._short_descriptions.get(_language(params)) or self._short_descriptions.get("", "")
        return {"short_description": shown}

    async def set_menu_button(self, params: Params) -> bool:
        """`setChatMenuButton`, of one chat or of all."""
        button = params.obj("menu_button") or _DEFAULT_BUTTON
        if button.get("type") not in {"default", "commands", "web_app"}:
            raise bad_request("can't parse menu button: unsupported type")
        if button["type"] == "web_app":
            if not isinstance(button.get("text"), str) or not button["text"]:
                raise bad_request("can't parse menu button: a web_app button needs a text")
            check_web_app(button.get("web_app"), "menu button")
        chat = self._chat(params)
        if chat is None:
            self._button = button
        else:
            chat.menu_button = button if button["type"] != "default" else None
        self._changed()
        return True

    async def get_menu_button(self, params: Params) -> Json:
        """`getChatMenuButton`."""
        chat = self._chat(params)
        return self._button if chat is None else self.menu_button(chat)

    def _chat(self, params: Params) -> Chat | None:
        chat_id = params.integer("chat_id")
        if chat_id is None:
            return None
        try:
            return self._talk.chats[chat_id]
        except KeyError:
            raise bad_request("chat not found") from None

    def _key(self, params: Params) -> ScopeKey:
        scope = params.obj("scope") or {"type": "default"}
        kind, chat_id = scope.get("type"), scope.get("chat_id", 0)
        if kind not in _SCOPES:
            raise bad_request("can't parse BotCommandScope: unsupported type specified")
        if kind == "chat" and str(chat_id) not in {str(known) for known in self._talk.chats}:
            raise bad_request("chat not found")
        return kind, int(chat_id) if str(chat_id).lstrip("-").isdecimal() else 0, _language(params)

    def _list(self, key: ScopeKey, commands: list[Json]) -> None:
        """Take a list over, and tell those who see another one now."""
        before = {chat_id: self.commands_for(chat) for chat_id, chat in self._talk.chats.items()}
        self._commands[key] = commands
        for chat_id, chat in self._talk.chats.items():
            if self.commands_for(chat) != before[chat_id]:
                self._talk.touch(chat)

    def _changed(self) -> None:
        for chat in self._talk.chats.values():
            self._talk.touch(chat)


def _language(params: Params) -> str:
    code = params.text("language_code") or ""
    if not _LANGUAGE.fullmatch(code):
        raise bad_request("invalid language code specified")
    return code


def _description(params: Params, name: str, longest: int) -> str:
    text = params.text(name) or ""
    if len(text) > longest:
        raise bad_request(f"{name} is too long")
    return text


def _command(given: Any) -> Json:
    if not isinstance(given, dict) or not {"command", "description"} <= given.keys():
        raise bad_request("can't parse BotCommand: command and description are needed")
    name, description = str(given["command"]).removeprefix("/"), str(given["description"]).strip()
    if not _COMMAND.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}
