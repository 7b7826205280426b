"""The embedded Bot API as a bot meets it: what comes in, what goes out, what is refused and in whose words."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from starlette.responses import Response

from bot.local import ADMIN_ID, GUEST_ID
from bot.local.wire import ApiError, Params
from tests.local_server import Local, Stage, picture

KEYS = {"inline_keyboard": [[{"text": "✓", "callback_data": "y"}, {"text": "✗", "callback_data": "n"}]]}


pytestmark = pytest.mark.asyncio(loop_scope="module")


# Tokens, methods and the wire


async def test_a_wrong_token_is_unauthorized(local: Local) -> None:
    """Only the token of this start opens the API, and a client sees the 401 that Telegram would send."""
    response = await local.http.get("/bot123456:AAwrong/getMe")
    assert response.status_code == 401
    assert response.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}


async def test_an_unknown_method_is_not_found(local: Local) -> None:
    """What is not modelled is a 404, never a success that did nothing."""
    assert await local.refusal("sendInvoice", chat_id=ADMIN_ID) == "Not Found: method not found"


async def test_each_start_has_a_token_of_its_own(local: Local, stage: Stage) -> None:
    """A token seen in an old log opens nothing later."""
    async with stage.local_chat() as other:
        assert other.chat.token != local.chat.token
        assert other.chat.token.partition(":")[0] == str((await other.result("getMe"))["id"])


@pytest.mark.parametrize("encoding", ["query", "urlencoded", "multipart", "json"])
async def test_parameters_arrive_in_every_encoding(local: Local, encoding: str) -> None:
    """A client may send a call in any of the four ways of the Bot API, nested values as JSON strings in forms."""
    url = f"/bot{local.chat.token}/SendMessage"  # the method's case does not matter
    values: dict[str, Any] = {"chat_id": str(ADMIN_ID), "text": "7", "reply_markup": json.dumps(KEYS)}
    options: dict[str, Any] = {
        "query": {"params": values},
        "urlencoded": {"data": values},
        "multipart": {"files": {name: (None, value) for name, value in values.items()}},
        "json": {"json": {"chat_id": ADMIN_ID, "text": "7", "reply_markup": KEYS}},
    }[encoding]
    response = await local.http.request("GET" if encoding == "query" else "POST", url, **options)
    assert response.json()["result"]["reply_markup"] == KEYS
    assert isinstance(response.json()["result"]["date"], int)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"[1]", "application/json"),
        (b"\xff", "application/json"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data"),
    ],
)
async def test_a_malformed_body_is_a_bad_request(local: Local, body: bytes, kind: str) -> None:
    """Broken wire data is the caller's fault: 400, never a crash of the server."""
    url = f"/bot{local.chat.token}/sendMessage"
    response = await local.http.post(url, content=body, headers={"content-type": kind})
    assert response.status_code == 400
    assert response.json()["error_code"] == 400


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_over_the_limit_is_refused(local: Local, *, announced: bool) -> None:
    """More than 50 MB is never taken in, announced or not, and the client gets to read why."""
    size = 60 * 1024 * 1024
    head = b'--x\r\ncontent-disposition: form-data; name="photo"; filename="big.jpg"\r\n\r\n'

    async def endless() -> AsyncIterator[bytes]:
        yield head
        for _ in range(60):
            yield bytes(size // 60)

    headers = {"content-type": "multipart/form-data; boundary=x"}
    if announced:
        headers["content-length"] = str(size + len(head))
    answer = await local.http.post(f"/bot{local.chat.token}/sendPhoto", content=endless(), headers=headers)
    assert answer.status_code == answer.json()["error_code"] == 413


@pytest.mark.parametrize(
    ("method", "params", "reason"),
    [
        ("sendMessage", {"text": "7"}, "chat_id is empty"),
        ("sendMessage", {"chat_id": 5, "text": "7"}, "chat not found"),
        ("sendMessage", {"chat_id": "@nobody", "text": "7"}, "chat not found"),
        ("sendMessage", {"chat_id": ADMIN_ID}, "message text is empty"),
        ("sendMessage", {"chat_id": ADMIN_ID, "text": " \n"}, "message text is empty"),
        ("sendMessage", {"chat_id": ADMIN_ID, "text": "x" * 4097}, "message is too long"),
        ("sendMessage", {"chat_id": ADMIN_ID, "text": "😀" * 2049}, "message is too long"),
        ("sendMessage", {"chat_id": ADMIN_ID, "text": ["7"]}, "text must be of type String"),
        (
            "sendMessage",
            {"chat_id": ADMIN_ID, "text": "7", "reply_markup": "{"},
            "can't parse reply_markup JSON object",
        ),
        ("sendMessage", {"chat_id": ADMIN_ID, "text": "7", "entities": {}}, "entities must be an Array"),
        (
            "sendMessage",
            {"chat_id": ADMIN_ID, "text": "7", "reply_parameters": {"message_id": 99}},
            "message to be replied not found",
        ),
        ("sendChatAction", {"chat_id": ADMIN_ID, "action": "dance"}, "wrong parameter action in request"),
        ("sendPhoto", {"chat_id": ADMIN_ID}, "there is no photo in the request"),
        ("sendPhoto", {"chat_id": ADMIN_ID, "photo": "attach://x"}, "there is no photo in the request"),
        ("sendPhoto", {"chat_id": ADMIN_ID, "photo": "none"}, "wrong file identifier/HTTP URL specified"),
        ("sendMediaGroup", {"chat_id": ADMIN_ID, "media": [{}]}, "a media group must include 2-10 items"),
        ("getFile", {}, "file_id not specified"),
        ("getFile", {"file_id": "x"}, "wrong file_id or the file is temporarily unavailable"),
        ("editMessageText", {"chat_id": ADMIN_ID, "text": "7"}, "message identifier is not specified"),
        ("editMessageText", {"chat_id": ADMIN_ID, "message_id": "x"}, "message_id must be an Integer"),
        ("editMessageText", {"chat_id": ADMIN_ID, "message_id": 9, "text": "7"}, "message to edit not found"),
        ("deleteMessage", {"chat_id": ADMIN_ID, "message_id": 9}, "message to delete not found"),
        (
            "answerCallbackQuery",
            {"callback_query_id": "1"},
            "query is too old and response timeout expired or query ID is invalid",
        ),
        ("setMyCommands", {"commands": [{"command": "Bad Name", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ("setMyCommands", {"commands": [{"command": "x", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        (
            "setMyCommands",
            {"commands": [], "scope": {"type": "moon"}},
            "can't parse BotCommandScope: unsupported type specified",
        ),
        ("setMyCommands", {"commands": [], "language_code": "pt-br"}, "invalid language code specified"),
        ("getMyDescription", {"language_code": "../"}, "invalid language code specified"),
        ("setMyDescription", {"description": "x" * 513}, "description is too long"),
        ("setMyShortDescription", {"short_description": "x" * 121}, "short_description is too long"),
        ("setChatMenuButton", {"menu_button": {"type": "x"}}, "can't parse menu button: unsupported type"),
        ("setWebhook", {"url": "http://x"}, "bad webhook: An HTTPS URL must be provided for webhook"),
    ],
)
async def test_a_call_that_makes_no_sense_is_refused_in_telegrams_words(
    local: Local, method: str, params: dict[str, Any], reason: str
) -> None:
    """A bot that works here meets the same refusals there: 400 with Telegram's description."""
    assert await local.refusal(method, **params) == f"Bad Request: {reason}"


@pytest.mark.parametrize(
    ("button", "reason"),
    [
        ({"text": "x", "callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "x"}, "Text buttons are unallowed in the inline keyboard"),
        ({"text": " ", "callback_data": "x"}, "text is empty"),
        ("x", "must be an Object"),
        ({"text": "x", "web_app": "x"}, "can't parse inline keyboard button: web_app needs a url"),
        ({"text": "x", "copy_text": {"text": ""}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "x", "copy_text": {"text": "7" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "x", "copy_text": "7"}, "must be an Object with a text"),
        ({"text": "x", "copy_text": {"text": 7}}, "must be an Object with a text"),
    ],
)
async def test_a_button_that_telegram_would_not_take_is_refused(local: Local, button: Any, reason: str) -> None:
    """Callback data has 1 to 64 bytes, and every button needs something to do."""
    said = await local.refusal("sendMessage", chat_id=ADMIN_ID, text="7", reply_markup={"inline_keyboard": [[button]]})
    assert reason in said


async def test_half_a_surrogate_pair_is_refused(local: Local) -> None:
    """JSON can spell a text that no answer could carry: it is refused, top level or nested."""
    url = f"/bot{local.chat.token}/sendMessage"
    markup = json.dumps({"inline_keyboard": [[{"text": "\ud800", "callback_data": "x"}]]})
    for values in ({"text": "\ud800"}, {"text": "7", "reply_markup": markup}):
        body = json.dumps({"chat_id": ADMIN_ID, **values})
        answer = await local.http.post(url, content=body, headers={"content-type": "application/json"})
        assert answer.json()["description"] == "Bad Request: strings must be encoded in UTF-8"


# Updates


async def test_updates_come_again_until_the_offset_moves_past_them(local: Local) -> None:
    """A bot that dies before it confirmed an update gets it again; a confirmed one never comes back."""
    await local.say("one")
    await local.say("two")
    first = await local.updates()
    assert [update["message"]["text"] for update in first] == ["one", "two"]
    assert await local.updates(limit=1) == first[:1]
    assert await local.updates(offset=first[1]["update_id"]) == first[1:]
    assert await local.updates() == first[1:]
    assert await local.updates(offset=first[1]["update_id"] + 1) == []


async def test_a_negative_offset_keeps_only_the_latest(local: Local) -> None:
    """`offset=-1` gives the last update and forgets those before it."""
    for text in ("one", "two", "three"):
        await local.say(text)
    assert [update["message"]["text"] for update in await local.updates(offset=-1)] == ["three"]
    assert len(await local.updates()) == 1


async def test_a_held_poll_is_answered_by_the_next_message(local: Local) -> None:
    """Long polling: the bot hears of a message when it is sent, not at the end of its timeout."""
    poll = asyncio.create_task(local.updates(timeout=50))
    await local.say("7")
    assert (await asyncio.wait_for(poll, 5))[0]["message"]["text"] == "7"


async def test_kinds_that_the_bot_did_not_ask_for_are_not_queued(local: Local) -> None:
    """`allowed_updates` holds from the call on, until it is given again."""
    await local.updates(allowed_updates=["callback_query"])
    await local.say("unheard")
    assert await local.updates() == []
    await local.updates(allowed_updates=[])
    await local.say("heard")
    assert len(await local.updates()) == 1


async def test_a_second_poll_ends_the_first_with_a_conflict(local: Local) -> None:
    """Two bots on one token are told so, as by Telegram: 409 for the older poll."""
    older = asyncio.create_task(local.call("getUpdates", timeout=50))
    newer = asyncio.create_task(local.call("getUpdates", timeout=50))
    done, _ = await asyncio.wait([older, newer], return_when=asyncio.FIRST_COMPLETED, timeout=5)
    response = done.pop().result()
    assert response.status_code == 409
    assert response.json()["description"].startswith("Conflict: terminated by other getUpdates request")
    await local.say("7")
    assert sorted([(await older).status_code, (await newer).status_code]) == [200, 409]


async def test_a_webhook_stops_polling_until_it_is_deleted(local: Local) -> None:
    """A forgotten webhook is a 409 with the way out in its text."""
    await local.say("before")
    await local.result("setWebhook", url="https://example.org/hook", drop_pending_updates=True)
    info = await local.result("getWebhookInfo")
    assert (info["url"], info["pending_update_count"]) == ("https://example.org/hook", 0)
    assert "use deleteWebhook" in await local.refusal("getUpdates")
    await local.result("deleteWebhook")
    assert await local.updates() == []


async def test_closing_answers_every_held_poll(local: Local) -> None:
    """The server can stop at once: nobody is left waiting for an update, a change or an answer to a press."""
    sent = await local.result("sendMessage", chat_id=ADMIN_ID, text="7", reply_markup=KEYS)
    press = {"message_id": sent["message_id"], "data": "y"}
    await local.updates(offset=-1)
    held = [
        asyncio.create_task(local.http.get("/local/messages", params={"after": sent["message_id"], "wait": 50})),
        asyncio.create_task(local.http.post("/local/presses", json=press)),
    ]
    await local.updates(timeout=50)  # the press has arrived
    (update,) = await local.updates()
    held.append(asyncio.create_task(local.call("getUpdates", timeout=50, offset=update["update_id"] + 1)))
    await local.call("getMe")
    local.chat.close()
    answers = await asyncio.wait_for(asyncio.gather(*held), 5)
    assert [answer.json() for answer in answers] == [[], {"alert": None, "modal": False}, {"ok": True, "result": []}]


# Messages


async def test_an_unchanged_edit_is_refused_and_a_changed_one_counted(local: Local) -> None:
    """`message is not modified` is said whenever text, entities and buttons are all the same."""
    sent = await local.result("sendMessage", chat_id=ADMIN_ID, text="7", reply_markup=KEYS)
    same = {"chat_id": ADMIN_ID, "message_id": sent["message_id"], "text": "7", "reply_markup": KEYS}
    assert (await local.refusal("editMessageText", **same)).startswith("Bad Request: message is not modified: ")
    edited = await local.result("editMessageText", chat_id=ADMIN_ID, message_id=sent["message_id"], text="7")
    assert "reply_markup" not in edited
    assert edited["edit_date"] >= sent["date"]
    (shown,) = await local.messages()
    assert (shown["edits"], shown["buttons"]) == (1, [])


async def test_a_bot_edits_its_own_messages_only_and_by_the_right_method(local: Local) -> None:
    """A user's message can't be edited, a photo has no text and a text no caption."""
    theirs = await local.say("mine")
    assert (
        await local.refusal("editMessageText", chat_id=ADMIN_ID, message_id=theirs, text="x")
        == "Bad Request: message can't be edited"
    )
    text = await local.result("sendMessage", chat_id=ADMIN_ID, text="7")
    assert (
        await local.refusal("editMessageCaption", chat_id=ADMIN_ID, message_id=text["message_id"], caption="x")
        == "Bad Request: there is no caption in the message to edit"
    )
    upload = {"photo": ("why.png", picture(kind="PNG"))}
    url = f"/bot{local.chat.token}/sendPhoto"
    photo = (await local.http.post(url, data={"chat_id": ADMIN_ID}, files=upload)).json()["result"]
    assert (
        await local.refusal("editMessageText", chat_id=ADMIN_ID, message_id=photo["message_id"], text="x")
        == "Bad Request: there is no text in the message to edit"
    )


async def test_html_becomes_text_with_entities_in_utf16_units(local: Local) -> None:
    """The page and the client see what Telegram would show: plain text, and where it is bold, code or a link."""
    sent = await local.result(
        "sendMessage",
        chat_id=ADMIN_ID,
        parse_mode="HTML",
        text=' 😀 <b>7 &lt; <i>8</i></b> <pre><code class="language-py">x</code></pre>'
        ' <a href="https://e.org">e</a> /help ',
    )
    assert sent["text"] == "😀 7 < 8 x e /help"
    assert sent["entities"] == [
        {"type": "bold", "offset": 3, "length": 5},
        {"type": "italic", "offset": 7, "length": 1},
        {"type": "pre", "offset": 9, "length": 1, "language": "py"},
        {"type": "text_link", "offset": 11, "length": 1, "url": "https://e.org"},
        {"type": "bot_command", "offset": 13, "length": 5},
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<b>x",
        "x</b>",
        "<b><i>x</b></i>",
        "<h1>x</h1>",
        "1 < 2 <",
        "<br/>",
        "<!-- x -->",
        "<b",
        "&#xffffffff;",
        "&#xd800;",
        "<span>x</span>",
    ],
)
async def test_malformed_html_is_refused(local: Local, text: str) -> None:
    """A bot that forgets to escape is found out here, not by its first user."""
    said = await local.refusal("sendMessage", chat_id=ADMIN_ID, text=text, parse_mode="HTML")
    assert said.startswith("Bad Request: can't parse entities: ")


async def test_a_parse_mode_that_is_not_modelled_is_refused(local: Local) -> None:
    """Markdown is not shown raw as if it were fine."""
    said = await local.refusal("sendMessage", chat_id=ADMIN_ID, text="*7*", parse_mode="MarkdownV2")
    assert said == "Bad Request: parse_mode MarkdownV2 is not supported by the local chat: use HTML"


async def test_given_entities_move_with_the_trimmed_text(local: Local) -> None:
    """White space around a text is taken off, and its entities still mark the same words."""
    given = [{"type": "bold", "offset": 1, "length": 3}]
    sent = await local.result("sendMessage", chat_id=ADMIN_ID, text=" 77 8", entities=given)
    assert (sent["text"], sent["entities"]) == ("77 8", [{"type": "bold", "offset": 0, "length": 3}])
    assert "can't parse entities" in await local.refusal("sendMessage", chat_id=ADMIN_ID, text="7", entities=[7])


async def test_a_reply_carries_the_message_it_answers(local: Local) -> None:
    """A reply shows what it answers, one level deep; a missing message is left out only when the bot allows it."""
    asked = await local.say("7?")
    answer = await local.result("sendMessage", chat_id=ADMIN_ID, text="7", reply_parameters={"message_id": asked})
    assert answer["reply_to_message"]["text"] == "7?"
    allowed = {"message_id": 99, "allow_sending_without_reply": True}
    assert "reply_to_message" not in await local.result(
        "sendMessage", chat_id=ADMIN_ID, text="7", reply_parameters=allowed
    )
    again = await local.result("sendMessage", chat_id=ADMIN_ID, text="7", reply_to_message_id=answer["message_id"])
    assert "reply_to_message" not in again["reply_to_message"]


async def test_a_person_who_blocked_the_bot_is_out_of_reach(local: Local) -> None:
    """A 403 for the one who blocked it, business as usual for the other."""
    local.block(GUEST_ID)
    assert await local.refusal("sendMessage", chat_id=GUEST_ID, text="7") == "Forbidden: bot was blocked by the user"
    await local.result("sendMessage", chat_id=ADMIN_ID, text="7")
    local.block(GUEST_ID, blocked=False)
    await local.result("sendMessage", chat_id=GUEST_ID, text="7")


# Files


async def test_a_photo_is_downloaded_by_its_path_and_sent_again_by_its_id(local: Local) -> None:
    """getFile tells size and path, the path gives exactly the file, and the id stands for it in later calls."""
    await local.say(files={"photo": ("7.jpg", picture())})
    (update,) = await local.updates()
    sizes = update["message"]["photo"]
    file = await local.result("getFile", file_id=sizes[-1]["file_id"])
    data = await local.http.get(f"/file/bot{local.chat.token}/{file['file_path']}")
    assert len(data.content) == file["file_size"] == sizes[-1]["file_size"]
    assert file["file_unique_id"] == sizes[-1]["file_unique_id"]
    again = await local.result("sendPhoto", chat_id=ADMIN_ID, photo=sizes[0]["file_id"], caption="again")
    assert again["photo"] == sizes
    assert (
        await local.refusal("sendDocument", chat_id=ADMIN_ID, document=sizes[0]["file_id"])
        == "Bad Request: can't use file of type Photo as Document"
    )


async def test_a_download_needs_the_token_and_a_known_path(local: Local) -> None:
    """Files are as closed as the methods."""
    assert (await local.http.get("/file/bot123456:AAwrong/photos/file_1.jpg")).status_code == 401
    assert (await local.http.get(f"/file/bot{local.chat.token}/photos/file_99.jpg")).status_code == 404


async def test_a_document_over_20_mb_is_announced_but_not_given(local: Local) -> None:
    """The bot learns the size from the message, and getFile refuses, so both paths of a bot can be tried."""
    size = 20 * 1024 * 1024 + 1
    await local.say(files={"document": ("big.bin", bytes(size))})
    (update,) = await local.updates()
    assert update["message"]["document"]["file_size"] == size
    said = await local.refusal("getFile", file_id=update["message"]["document"]["file_id"])
    assert said == "Bad Request: file is too big"
    (shown,) = await local.messages()
    assert shown["file"] == {"name": "big.bin", "size": size, "mime": "application/octet-stream", "url": None}


async def test_what_is_no_picture_is_not_sent_as_a_photo(local: Local) -> None:
    """A bot can't send rubbish as a photo, nor an empty file."""
    url = f"/bot{local.chat.token}/sendPhoto"
    for content, reason in ((b"rubbish", "PHOTO_INVALID"), (b"", "file must be non-empty")):
        answer = await local.http.post(url, data={"chat_id": ADMIN_ID}, files={"photo": ("x.jpg", content)})
        assert reason in answer.json()["description"]
    assert await local.messages() == []


# What stands around calls


async def test_what_stands_around_calls_sees_each_and_may_answer_for_it(stage: Stage) -> None:
    """It gets methods and downloads by name with what was asked; what it raises is said as Telegram says it."""
    seen: list[tuple[str, str | None]] = []

    async def around(name: str, params: Params, carry_out: Callable[[], Awaitable[Response]]) -> Response:
        seen.append((name, params.text("chat_id") or params.text("file_path")))
        if name == "sendChatAction":
            raise ApiError(418, "I'm a teapot")
        return await carry_out()

    async with stage.local_chat(around=around) as local:
        await local.result("sendMessage", chat_id=ADMIN_ID, text="7")
        assert await local.refusal("sendChatAction", chat_id=ADMIN_ID, action="typing") == "I'm a teapot"
        assert (await local.http.get(f"/file/bot{local.chat.token}/photos/file_99.jpg")).status_code == 404
    asked = str(ADMIN_ID)
    assert seen == [("sendMessage", asked), ("sendChatAction", asked), ("download", "photos/file_99.jpg")]


# Faults


async def test_a_fault_hits_the_next_calls_of_its_method_only(local: Local) -> None:
    """429 with `retry_after` and 5xx, as often as asked for, then everything is fine again."""
    local.fail_next("sendMessage", status=429, retry_after=3)
    local.fail_next("sendMessage", status=502, delay_s=0.01)
    await local.result("getMe")
    flood = (await local.call("sendMessage", chat_id=ADMIN_ID, text="7")).json()
    assert flood["parameters"] == {"retry_after": 3}
    assert flood["description"] == "Too Many Requests: retry after 3"
    assert await local.refusal("sendMessage", chat_id=ADMIN_ID, text="7") == "Bad Gateway"
    await local.result("sendMessage", chat_id=ADMIN_ID, text="7")


async def test_a_download_breaks_off_when_asked_to(local: Local) -> None:
    """The connection closes in the middle of a file, and the next try gets it whole."""
    await local.say(files={"document": ("7.bin", bytes(300_000))})
    (update,) = await local.updates()
    path = (await local.result("getFile", file_id=update["message"]["document"]["file_id"]))["file_path"]
    local.fail_next("download", cut_after=1000)
    local.fail_next("download", status=500)
    with pytest.raises(httpx.RemoteProtocolError):
        await local.http.get(f"/file/bot{local.chat.token}/{path}")
    assert (await local.http.get(f"/file/bot{local.chat.token}/{path}")).status_code == 500
    assert (await local.http.get(f"/file/bot{local.chat.token}/{path}")).content == bytes(300_000)


# Commands and the menu button


async def test_commands_are_shown_by_the_narrowest_scope(local: Local) -> None:
    """The admin sees what was set for their chat, the guest what was set for everybody; deleting falls back."""
    everybody, admins = [{"command": "start", "description": "Start"}], [{"command": "retrain", "description": "Train"}]
    scope = {"type": "chat", "chat_id": ADMIN_ID}
    await local.result("setMyCommands", commands=everybody)
    await local.result("setMyCommands", commands=admins, scope=scope)
    assert (await local.state("admin"))["commands"] == admins == await local.result("getMyCommands", scope=scope)
    assert (await local.state("guest"))["commands"] == everybody
    await local.result("deleteMyCommands", scope=scope)
    assert (await local.state("admin"))["commands"] == everybody
    assert await local.refusal("setMyCommands", commands=[], scope={"type": "chat", "chat_id": 5}) == (
        "Bad Request: chat not found"
    )


async def test_commands_are_shown_in_the_language_of_a_persons_telegram(stage: Stage) -> None:
    """Within a scope their own language comes before all others; a list for one language is none for another."""
    english, german = [{"command": "start", "description": "Start"}], [{"command": "start", "description": "Anfang"}]
    async with stage.local_chat(admin_language="de-AT", guest_language="fr") as local:
        await local.result("setMyCommands", commands=german, language_code="de")
        assert (await local.state("guest"))["commands"] == []
        before = (await local.state("admin"))["revision"]
        await local.result("setMyCommands", commands=english)
        assert (await local.state("guest"))["commands"] == english
        assert (await local.state("admin"))["commands"] == german
        assert (await local.state("admin"))["revision"] == before  # who sees nothing new is not woken


async def test_a_description_is_taken_back_by_an_empty_one(local: Local) -> None:
    """Then that of all languages is shown."""
    await local.result("setMyDescription", description="Digits")
    await local.result("setMyDescription", description="Ziffern", language_code="de")
    await local.result("setMyDescription", description="", language_code="de")
    assert await local.result("getMyDescription", language_code="de") == {"description": "Digits"}


async def test_a_menu_button_is_set_for_one_chat_or_for_all(local: Local) -> None:
    """The page offers the chat's own button before everybody's."""
    draw = {"type": "web_app", "text": "Draw", "web_app": {"url": "https://example.org/draw"}}
    await local.result("setChatMenuButton", menu_button={"type": "commands"})
    await local.result("setChatMenuButton", chat_id=GUEST_ID, menu_button=draw)
    assert (await local.state("admin"))["menu_button"] == {"type": "commands"}
    assert (await local.state("guest"))["menu_button"] == draw
    assert await local.result("getChatMenuButton", chat_id=GUEST_ID) == draw
    assert await local.result("getChatMenuButton") == {"type": "commands"}
