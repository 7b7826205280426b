"""The Bot API over HTTP: one table of methods, one place where a call becomes an answer."""

import hmac
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.local.chat import Conversations
from bot.local.download import send_file
from bot.local.files import MAX_DOWNLOAD_BYTES
from bot.local.guests import Guests
from bot.local.presses import Presses
from bot.local.profile import Profile
from bot.local.sending import Sending
from bot.local.updates import Updates
from bot.local.uploads import Uploads
from bot.local.webhooks import Webhooks
from bot.local.wire import ApiError, Json, Params, bad_request, read_params

_MAX_POLL_S = 50

DOWNLOAD: Final = "download"
"""What a file's download is called where a method has its name."""

Endpoint = Callable[[Request], Awaitable[Response]]
Method = Callable[[Params], Awaitable[Any]]
Around = Callable[[str, Params, Callable[[], Awaitable[Response]]], Awaitable[Response]]
"""Stands around every call: gets its name, its parameters, and what carries it out, and gives the answer.

An `ApiError` that it raises is answered as one of the call's own.
"""


async def as_it_is(name: str, params: Params, carry_out: Callable[[], Awaitable[Response]]) -> Response:
    """Stand around a call and change nothing."""
    del name, params
    return await carry_out()


class BotApi:
    """The bot's side: its calls, and its updates by getUpdates or to a webhook."""

    def __init__(
        self,
        conversations: Conversations,
        token: str,
        bot: Json,
        *,
        updates: Updates,
        uploads: Uploads,
        presses: Presses,
        guests: Guests,
        profile: Profile,
        webhooks: Webhooks,
        around: Around,
    ) -> None:
        self._talk = conversations
        self._token = token
        self._bot = bot
        self._updates = updates
        self._around = around
        sending = Sending(conversations, uploads)
        methods: dict[str, Method] = {
            "getMe": self._get_me,
            "getUpdates": self._get_updates,
            "setWebhook": webhooks.set,
            "deleteWebhook": webhooks.delete,
            "getWebhookInfo": webhooks.info,
            "getFile": self._get_file,
            "sendMessage": sending.send_message,
            "sendPhoto": sending.send_photo,
            "sendDocument": sending.send_document,
            "sendMediaGroup": sending.send_media_group,
            "sendChatAction": sending.send_chat_action,
            "editMessageText": sending.edit_message_text,
            "editMessageCaption": sending.edit_message_caption,
            "editMessageMedia": sending.edit_message_media,
            "editMessageReplyMarkup": sending.edit_message_reply_markup,
            "deleteMessage": sending.delete_message,
            "answerCallbackQuery": presses.answer,
            "answerGuestQuery": guests.answer,
            "setMyCommands": profile.set_commands,
            "getMyCommands": profile.get_commands,
            "deleteMyCommands": profile.delete_commands,
            "setMyDescription": profile.set_description,
            "getMyDescription": profile.get_description,
            "setMyShortDescription": profile.set_short_description,
            "getMyShortDescription": profile.get_short_description,
            "setChatMenuButton": profile.set_menu_button,
            "getChatMenuButton": profile.get_menu_button,
        }
        self.method_names = frozenset(methods)
        self._methods = {name.lower(): method for name, method in methods.items()}  # Telegram ignores the case

    def routes(self) -> list[BaseRoute]:
        """Calls and file downloads."""
        return [
            Route("/bot{token}/{method}", _answering(self._call), methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", _answering(self._download), methods=["GET"]),
        ]

    async def _call(self, request: Request) -> Response:
        name = request.path_params["method"]
        self._check_token(request)
        method = self._methods.get(name.lower())
        if method is None:
            raise ApiError(404, "Not Found: method not found")
        async with read_params(request) as params:

            async def carry_out() -> Response:
                return JSONResponse({"ok": True, "result": await method(params)})

            return await self._around(name, params, carry_out)

    async def _download(self, request: Request) -> Response:
        self._check_token(request)
        path = request.path_params["path"]

        async def carry_out() -> Response:
            file = self._talk.files.at(path)
            if file is None or file.data is None:
                raise ApiError(404, "Not Found")
            return send_file(file)

        return await self._around(DOWNLOAD, Params({"file_path": path}, {}), carry_out)

    def _check_token(self, request: Request) -> None:
        if not hmac.compare_digest(request.path_params["token"].encode(), self._token.encode()):
            raise ApiError(401, "Unauthorized")

    async def _get_me(self, params: Params) -> Json:
        del params
        return {
            **self._bot,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
            "supports_guest_queries": True,
        }

    async def _get_updates(self, params: Params) -> list[Json]:
        limit = params.integer("limit")
        self._updates.allow(params.array("allowed_updates"))
        return await self._updates.get(
            offset=params.integer("offset") or 0,
            limit=100 if limit is None or not 1 <= limit <= 100 else limit,
            timeout_s=max(0, min(params.integer("timeout") or 0, _MAX_POLL_S)),
        )

    async def _get_file(self, params: Params) -> Json:
        file_id = params.text("file_id")
        if not file_id:
            raise bad_request("file_id not specified")
        file = self._talk.files.get(file_id)
        if file is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if file.size > MAX_DOWNLOAD_BYTES:
            raise bad_request("file is too big")
        return {
            "file_id": file.file_id,
            "file_unique_id": file.file_unique_id,
            "file_size": file.size,
            "file_path": file.path,
        }


def _answering(endpoint: Endpoint) -> Endpoint:
    """The endpoint with its refusals said as Telegram says them."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ApiError as refusal:
            return JSONResponse(refusal.as_json(), refusal.status)

    return answer
