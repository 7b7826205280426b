"""The user's side of the local chat over HTTP: what its page and tests use in place of a Telegram app."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.local.chat import Chat, Content, Conversations, Message
from bot.local.download import send_file
from bot.local.files import Bundle
from bot.local.guard import LoopbackOnly
from bot.local.guests import Guests
from bot.local.page_files import page_routes
from bot.local.pictures import NotAPhoto
from bot.local.presses import Presses
from bot.local.profile import Profile
from bot.local.shown import as_page
from bot.local.text import MAX_CAPTION, MAX_TEXT, formatted, utf16_length
from bot.local.updates import Updates
from bot.local.uploads import Uploads
from bot.local.web_apps import WebApps
from bot.local.wire import ApiError, Params, read_params
from bot.words.language import LANGUAGES

_MAX_WAIT_S = 50
_KINDS = ("photo", "document", "sticker")
_MAX_ALBUM = 10

Endpoint = Callable[[Request], Awaitable[Response]]


class PeopleApi:
    """The routes of the page. Errors are `{"error": …}` with the status saying whose fault it was."""

    def __init__(
        self,
        conversations: Conversations,
        *,
        updates: Updates,
        uploads: Uploads,
        presses: Presses,
        guests: Guests,
        profile: Profile,
        web_apps: WebApps,
        press_timeout_s: float,
    ) -> None:
        self._talk = conversations
        self._updates = updates
        self._uploads = uploads
        self._presses = presses
        self._guests = guests
        self._profile = profile
        self._web_apps = web_apps
        self._press_timeout_s = press_timeout_s
        self._chats = {chat.person.name: chat for chat in conversations.chats.values()}

    def routes(self) -> list[BaseRoute]:
        """Everything the page needs, guarded against other sites."""
        guard = [Middleware(LoopbackOnly)]
        return [
            Route("/local/messages", _answering(self._messages), methods=["GET"], middleware=guard),
            Route("/local/messages", _answering(self._post), methods=["POST"], middleware=guard),
            Route("/local/guest_queries", _answering(self._guest_query), methods=["POST"], middleware=guard),
            Route("/local/language", _answering(self._speak), methods=["POST"], middleware=guard),
            Route("/local/presses", _answering(self._press), methods=["POST"], middleware=guard),
            Route("/local/web_apps", _answering(self._web_app), methods=["POST"], middleware=guard),
            Route("/local/state", _answering(self._state), methods=["GET"], middleware=guard),
            Route("/local/files/{file_id}", _answering(self._file), methods=["GET"], middleware=guard),
            *page_routes(guard),
        ]

    def _chat(self, name: str | None) -> Chat:
        try:
            return self._chats[name or "admin"]
        except KeyError:
            raise ApiError(400, f"user must be one of {', '.join(self._chats)}") from None

    async def _messages(self, request: Request) -> Response:
        """What is newer than `after` or changed after `since`; with `wait`, held until something is or changes."""
        query = Params(request.query_params, {})
        chat = self._chat(query.text("user"))
        after, since = query.integer("after"), query.integer("since")
        loop = asyncio.get_running_loop()
        deadline = loop.time() + min(query.integer("wait") or 0, _MAX_WAIT_S)
        seen = query.integer("seen")
        seen = chat.revision if seen is None else seen
        while True:
            found = [message for message in chat.messages.values() if _is_news(message, after, since)]
            left = deadline - loop.time()
            if found or chat.revision > seen or chat.bell.closed or left <= 0:
                break
            fading_s = chat.action_left_s(self._talk.now())
            await chat.bell.wait(min(left, fading_s) if fading_s else left)
            if fading_s and not chat.action(self._talk.now()):
                break
        headers = {"x-revision": str(chat.revision)}
        return JSONResponse([as_page(message, self._talk.files) for message in found], headers=headers)

    async def _post(self, request: Request) -> Response:
        async with read_params(request) as params:
            chat = self._chat(params.text("user"))
            uploads = [(kind, file) for kind in _KINDS for file in params.files(kind)]
            if len(uploads) > _MAX_ALBUM or len({kind for kind, _ in uploads}) > 1:
                raise ApiError(400, f"an album holds at most {_MAX_ALBUM} files, all of one kind")
            text, entities = formatted(params.text("caption" if uploads else "text") or "")
            if utf16_length(text) > (MAX_CAPTION if uploads else MAX_TEXT):
                raise ApiError(400, f"a {'caption' if uploads else 'text'} of this length is refused")
            if not uploads and not text and not params.integer("edit"):
                raise ApiError(400, "a text or a file is needed")
            media = [await self._uploads.make(kind, file) for kind, file in uploads]
            content = Content(text, tuple(entities), spoiler=params.flag("spoiler"))
            if params.integer("edit"):
                message = self._edit(chat, params, content, media)
            else:
                message = self._send(chat, params, content, media)
        return JSONResponse({"message_id": message.message_id})

    def _send(self, chat: Chat, params: Params, content: Content, media: list[Bundle]) -> Message:
        reply_to = params.integer("reply_to")
        if reply_to is not None and reply_to not in chat.messages:
            raise ApiError(404, "the message to reply to is not in this chat")
        album = str(secrets.randbits(53)) if len(media) > 1 else None
        contents = [Content(media=bundle, spoiler=content.spoiler and bundle.kind == "photo") for bundle in media] or [
            Content()
        ]
        contents[0] = replace(contents[0], text=content.text, entities=content.entities)
        for each in contents:
            message = self._talk.add(chat, each, from_bot=False, reply_to=reply_to, album=album)
            self._updates.put("message", message.as_api())
        return message

    def _edit(self, chat: Chat, params: Params, content: Content, media: list[Bundle]) -> Message:
        message = chat.messages.get(params.integer("edit") or 0)
        if message is None or message.from_bot:
            raise ApiError(404, "the message to edit is not one of yours")
        if media or message.content.media:
            said = params.text("caption") if params.text("caption") is not None else params.text("text")
            text, entities = formatted(said or "") if said is not None else ("", [])
            if said is None and message.content.media:
                text, entities = message.content.text, list(message.content.entities)
            spoiler = params.flag("spoiler", default=message.content.spoiler)
            content = Content(text, tuple(entities), media[0] if media else message.content.media, spoiler=spoiler)
        elif not content.text:
            raise ApiError(400, "a text or a file is needed")
        self._talk.edit(message, content)
        self._updates.put("edited_message", message.as_api())
        return message

    async def _guest_query(self, request: Request) -> Response:
        async with read_params(request) as params:
            chat = self._chat(params.text("user"))
            text, entities = formatted(params.text("text") or "")
            uploads = [(kind, file) for kind in _KINDS for file in params.files(kind)]
            if f"@{chat.bot['username']}".lower() not in text.lower() or len(uploads) > 1:
                raise ApiError(400, "a text that names the bot is needed, and one file at most")
            media = [await self._uploads.make(kind, file) for kind, file in uploads]
        answered = Content(media=media[0]) if media else None
        said = Content(text, tuple(entities))
        answer = await self._guests.ask(chat.person, said, answered, timeout_s=self._press_timeout_s)
        return JSONResponse(answer and {"text": answer.text, "entities": answer.entities, "buttons": answer.buttons})

    async def _press(self, request: Request) -> Response:
        async with read_params(request) as params:
            chat = self._chat(params.text("user"))
            message = chat.messages.get(params.integer("message_id") or 0)
            rows = ((message.content.buttons if message else None) or {}).get("inline_keyboard", [])
            data = params.text("data")
        if message is None:
            raise ApiError(404, "the message is not in this chat")
        if not data or data not in [button.get("callback_data") for row in rows for button in row]:
            raise ApiError(400, "the message has no such button")
        answer = await self._presses.press(message, data, timeout_s=self._press_timeout_s)
        return JSONResponse({"alert": answer.get("text") or None, "modal": bool(answer.get("show_alert"))})

    async def _web_app(self, request: Request) -> Response:
        async with read_params(request) as params:
            chat = self._chat(params.text("user"))
            url, theme = params.text("url") or "", params.obj("theme_params")
        return JSONResponse({"url": self._web_apps.opened(chat, url, self._profile.menu_button(chat), theme)})

    async def _state(self, request: Request) -> Response:
        chat = self._chat(request.query_params.get("user"))
        return JSONResponse(
            {
                "bot": {"name": chat.bot["first_name"], "username": chat.bot["username"]},
                "action": chat.action(self._talk.now()),
                "commands": self._profile.commands_for(chat),
                "menu_button": self._profile.menu_button(chat),
                "keyboard": chat.keyboard,
                "deleted": chat.deleted,
                "revision": chat.revision,
            }
        )

    async def _file(self, request: Request) -> Response:
        file = self._talk.files.get(request.path_params["file_id"])
        if file is None or file.data is None:
            raise ApiError(404, "this file is not kept")
        return send_file(file, to_browser=True)

    async def _speak(self, request: Request) -> Response:
        """From now on the person's app says that it speaks a language, as every update tells the bot."""
        async with read_params(request) as params:
            chat, code = self._chat(params.text("user")), params.text("language") or ""
        if code not in LANGUAGES:
            raise ApiError(400, f"language must be one of {', '.join(LANGUAGES)}")
        if code != chat.person.language_code:
            chat.person = replace(chat.person, language_code=code)
            self._talk.touch(chat)  # commands and the menu button may have other words
        return JSONResponse({"language": code})


def _is_news(message: Message, after: int | None, since: int | None) -> bool:
    if after is None and since is None:
        return True
    return (after is not None and message.message_id > after) or (since is not None and message.revision > since)


def _answering(endpoint: Endpoint) -> Endpoint:
    """The endpoint with its refusals said as the page expects them."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except NotAPhoto as refusal:
            return JSONResponse({"error": str(refusal)}, 400)
        except ApiError as refusal:
            return JSONResponse({"error": refusal.description.removeprefix("Bad Request: ")}, refusal.status)

    return answer
