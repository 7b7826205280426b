"""The embedded Bot API through aiogram, a client that nobody here wrote: its models refuse malformed objects."""

import asyncio
import io
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiogram import Bot, Dispatcher, exceptions
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.middlewares.base import BaseRequestMiddleware
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ChatAction
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BufferedInputFile,
    CallbackQuery,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputMediaDocument,
    InputMediaPhoto,
    InputTextMessageContent,
    MenuButtonCommands,
    MenuButtonWebApp,
    Message,
    ReplyParameters,
    Update,
    WebAppInfo,
)

from bot.local import ADMIN_ID, GUEST_ID
from tests.local_server import Local, picture

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEYS = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="✓", callback_data="y")]])


class Recorder(BaseRequestMiddleware):
    """Notes which methods were called."""

    def __init__(self) -> None:
        self.methods: set[str] = set()

    async def __call__(self, make_request: Any, bot: Any, method: Any) -> Any:
        """Note, and pass on."""
        self.methods.add(method.__api_method__)
        return await make_request(bot, method)


@pytest_asyncio.fixture(loop_scope="module")
async def recorder() -> Recorder:
    """What the client called."""
    return Recorder()


@pytest_asyncio.fixture(loop_scope="module")
async def bot(local: Local, recorder: Recorder) -> AsyncIterator[Bot]:
    """An aiogram bot of this chat."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(local.origin))
    session.middleware(recorder)
    async with Bot(local.chat.token, session=session) as running:
        yield running


def upload(name: str = "why.png") -> BufferedInputFile:
    """A picture to send."""
    return BufferedInputFile(picture(kind="PNG"), name)


async def latest(bot: Bot) -> Update:
    """The last update."""
    return (await bot.get_updates(offset=-1))[0]


async def send_and_edit_text(bot: Bot, local: Local) -> None:
    """A command in, a formatted reply out, edited twice."""
    asked = await local.say("/read@local_digit_bot 7")
    update = await latest(bot)
    assert update.message is not None
    assert update.message.entities is not None
    assert [entity.type for entity in update.message.entities] == ["bot_command"]

    sent = await bot.send_message(
        ADMIN_ID,
        "<b>7</b> 99 %",
        parse_mode="HTML",
        reply_markup=KEYS,
        reply_parameters=ReplyParameters(message_id=asked),
    )
    assert sent.reply_to_message is not None
    assert (sent.text, sent.html_text) == ("7 99 %", "<b>7</b> 99 %")
    edited = await bot.edit_message_text("8", chat_id=ADMIN_ID, message_id=sent.message_id, reply_markup=KEYS)
    assert isinstance(edited, Message)
    bare = await bot.edit_message_reply_markup(chat_id=ADMIN_ID, message_id=sent.message_id)
    assert isinstance(bare, Message)
    assert bare.reply_markup is None


async def send_and_edit_media(bot: Bot) -> None:
    """Photos, documents and albums, by upload and by id; edits, deletion, download."""
    photo = await bot.send_photo(ADMIN_ID, upload(), caption="why")
    assert photo.photo is not None
    captioned = await bot.edit_message_caption(chat_id=ADMIN_ID, message_id=photo.message_id, caption="because")
    assert isinstance(captioned, Message)
    assert captioned.caption == "because"
    media = InputMediaPhoto(media=upload("next.png"), caption="next")
    swapped = await bot.edit_message_media(media, chat_id=ADMIN_ID, message_id=photo.message_id)
    assert isinstance(swapped, Message)
    assert swapped.photo is not None
    assert swapped.photo[0].file_unique_id != photo.photo[0].file_unique_id

    hidden = await bot.send_photo(ADMIN_ID, upload(), has_spoiler=True)
    assert hidden.has_media_spoiler
    captioned = await bot.edit_message_caption(chat_id=ADMIN_ID, message_id=hidden.message_id, caption="7")
    assert isinstance(captioned, Message)
    assert captioned.has_media_spoiler

    document = await bot.send_document(ADMIN_ID, BufferedInputFile(b"digits", "corrections.json"))
    assert document.document is not None
    assert (document.document.mime_type, document.document.file_size) == ("application/json", 6)
    assert await bot.delete_message(ADMIN_ID, document.message_id)
    again = [InputMediaDocument(media=document.document.file_id, caption=f"{n}") for n in range(2)]
    assert [message.caption for message in await bot.send_media_group(ADMIN_ID, list(again))] == ["0", "1"]
    album = await bot.send_media_group(ADMIN_ID, [InputMediaPhoto(media=upload(f"{n}.png")) for n in range(3)])
    assert len({message.media_group_id for message in album}) == 1

    assert await bot.send_chat_action(ADMIN_ID, ChatAction.TYPING)
    file = await bot.get_file(photo.photo[-1].file_id)
    assert file.file_path is not None
    content = await bot.download_file(file.file_path, io.BytesIO())
    assert content is not None
    assert len(content.read()) == file.file_size


async def set_profile_and_webhook(bot: Bot) -> None:
    """Commands, menu button and webhook, set and read back."""
    scope = BotCommandScopeChat(chat_id=GUEST_ID)
    commands = [BotCommand(command="stats", description="How good it is")]
    assert await bot.set_my_commands(commands, scope=scope, language_code="en")
    assert [command.command for command in await bot.get_my_commands(scope=scope, language_code="en")] == ["stats"]
    assert await bot.get_my_commands(scope=BotCommandScopeAllPrivateChats()) == []
    assert await bot.delete_my_commands(scope=scope, language_code="en")
    assert await bot.set_my_description("Digits")
    assert await bot.set_my_description("Ziffern", language_code="de")
    assert [(await bot.get_my_description(code)).description for code in ("de", "fr", None)] == [
        "Ziffern", "Digits", "Digits"
    ]  # fmt: skip
    assert await bot.set_my_short_description("Ziffern!", language_code="de")
    assert (await bot.get_my_short_description(language_code="de")).short_description == "Ziffern!"
    button = MenuButtonWebApp(text="Draw", web_app=WebAppInfo(url="https://example.org"))
    assert await bot.set_chat_menu_button(chat_id=GUEST_ID, menu_button=button)
    assert isinstance(await bot.get_chat_menu_button(chat_id=GUEST_ID), MenuButtonWebApp)
    assert await bot.set_chat_menu_button(menu_button=MenuButtonCommands())

    hook = "https://example.org/hook"
    assert await bot.set_webhook(hook, secret_token="s3cret", drop_pending_updates=True)  # nothing goes there
    assert (await bot.get_webhook_info()).url == hook
    assert await bot.delete_webhook(drop_pending_updates=True)


async def answer_a_press(bot: Bot, local: Local) -> None:
    """A callback query, answered."""
    sent = await bot.send_message(ADMIN_ID, "7", reply_markup=KEYS)
    press = {"message_id": sent.message_id, "data": "y"}
    pressing = asyncio.create_task(local.http.post("/local/presses", json=press))
    (update,) = await bot.get_updates(timeout=20)
    assert update.callback_query is not None
    assert await bot.answer_callback_query(update.callback_query.id, text="Thanks", show_alert=True)
    assert (await pressing).json()["alert"] == "Thanks"


async def answer_a_guest_query(bot: Bot, local: Local) -> None:
    """A message with what it answers, from a group where the bot is no member; answered, with a button."""
    said = {"text": f"read this, @{local.chat.bot_username}", "user": "guest"}
    files = {"photo": ("7.jpg", picture())}
    asking = asyncio.create_task(local.http.post("/local/guest_queries", data=said, files=files))
    while (message := (await latest(bot)).guest_message) is None:
        pass
    assert message.from_user is not None
    assert (message.from_user.id, message.chat.type) == (GUEST_ID, "supergroup")
    assert message.reply_to_message is not None
    assert message.reply_to_message.photo is not None
    assert (await bot.get_file(message.reply_to_message.photo[-1].file_id)).file_size
    text = InputTextMessageContent(message_text="<b>7</b> 99 %", parse_mode="HTML")
    result = InlineQueryResultArticle(id="1", title="7", input_message_content=text, reply_markup=KEYS)
    assert (await message.answer_guest_query(result).as_(bot)).inline_message_id
    answer = (await asking).json()
    assert (answer["text"], answer["entities"]) == ("7 99 %", [{"type": "bold", "offset": 0, "length": 1}])
    assert answer["buttons"]["inline_keyboard"][0][0]["text"] == "✓"


async def test_every_method_is_understood_by_a_strict_client(bot: Bot, local: Local, recorder: Recorder) -> None:
    """Each method of the table is called by aiogram, and its answer fits aiogram's models."""
    me = await bot.get_me()
    assert (me.id, me.is_bot, me.username) == (bot.id, True, local.chat.bot_username)
    assert me.supports_guest_queries
    await send_and_edit_text(bot, local)
    await send_and_edit_media(bot)
    await set_profile_and_webhook(bot)
    await answer_a_press(bot, local)
    await answer_a_guest_query(bot, local)
    assert recorder.methods == local.chat.methods


async def test_every_kind_of_update_is_understood_by_a_strict_client(bot: Bot, local: Local) -> None:
    """What people can send, from photo to sticker, fits aiogram's models with the fields a bot looks at."""
    await local.say("/read", files={"photo": ("7.jpg", picture())})
    message = (await latest(bot)).message
    assert message is not None
    assert message.photo is not None
    assert message.from_user is not None
    assert message.from_user.id == ADMIN_ID
    assert [entity.type for entity in message.caption_entities or []] == ["bot_command"]

    await local.say(files={"photo": ("7.jpg", picture())}, spoiler="true")
    message = (await latest(bot)).message
    assert message is not None
    assert message.has_media_spoiler

    await local.say(files={"document": ("IMG.HEIC", b"x")})
    message = (await latest(bot)).message
    assert message is not None
    assert message.document is not None
    assert message.document.mime_type == "image/heic"

    await local.say(files={"sticker": ("s.webp", picture(kind="WEBP"))})
    message = (await latest(bot)).message
    assert message is not None
    assert message.sticker is not None
    assert not message.sticker.is_animated

    gif = io.BytesIO(picture(40, 30, kind="GIF", save_all=True, append_images=[]))
    await local.say(files={"document": ("still.gif", gif.getvalue())}, reply_to="1")
    message = (await latest(bot)).message
    assert message is not None
    assert message.reply_to_message is not None
    assert message.reply_to_message.photo is not None

    files = [("photo", (f"{n}.jpg", picture(90, 90))) for n in range(2)]
    last = await local.say("album", files=files)
    message = (await latest(bot)).message
    assert message is not None
    assert message.media_group_id is not None

    await local.say(files={"photo": ("new.jpg", picture(80, 80))}, edit=str(last))
    edited = (await latest(bot)).edited_message
    assert edited is not None
    assert edited.photo is not None
    assert edited.edit_date is not None


async def test_a_mini_app_button_is_understood_by_a_strict_client(bot: Bot, local: Local) -> None:
    """It comes back as it was sent, also with the press of another button; plain http is refused as by Telegram."""
    draw = InlineKeyboardButton(text="Draw", web_app=WebAppInfo(url="https://example.org/draw"))
    keys = InlineKeyboardMarkup(inline_keyboard=[[draw], *KEYS.inline_keyboard])
    sent = await bot.send_message(ADMIN_ID, "Draw!", reply_markup=keys)
    assert sent.reply_markup is not None
    shown = keys.model_dump(exclude_none=True)
    assert sent.reply_markup.model_dump(exclude_none=True) == shown
    body = {"message_id": sent.message_id, "data": "y", "user": "admin"}
    pressing = asyncio.create_task(local.http.post("/local/presses", json=body))
    (update,) = await bot.get_updates(timeout=10)
    query = update.callback_query
    assert query is not None
    assert isinstance(query.message, Message)
    assert query.message.reply_markup is not None
    assert query.message.reply_markup.model_dump(exclude_none=True) == shown
    await bot.answer_callback_query(query.id)
    await pressing
    with pytest.raises(exceptions.TelegramBadRequest, match="Only HTTPS links are allowed"):
        await bot.set_chat_menu_button(
            menu_button=MenuButtonWebApp(text="Draw", web_app=WebAppInfo(url="http://example.org"))
        )


async def test_a_button_that_copies_is_understood_by_a_strict_client(bot: Bot, local: Local) -> None:
    """It comes back as it was sent, up to what Telegram copies; more is refused as by Telegram."""
    copy = InlineKeyboardButton(text="Copy", copy_text=CopyTextButton(text="12 + 3 = 15\n" * 21))
    keys = InlineKeyboardMarkup(inline_keyboard=[*KEYS.inline_keyboard, [copy]])
    sent = await bot.send_message(ADMIN_ID, "7", reply_markup=keys)
    assert sent.reply_markup is not None
    assert sent.reply_markup.model_dump(exclude_none=True) == keys.model_dump(exclude_none=True)
    (shown,) = await local.messages(after=sent.message_id - 1)
    assert shown["buttons"][1][0]["copy"] == "12 + 3 = 15\n" * 21
    long = InlineKeyboardButton(text="Copy", copy_text=CopyTextButton(text="7" * 257))
    with pytest.raises(exceptions.TelegramBadRequest, match="BUTTON_COPY_TEXT_INVALID"):
        await bot.send_message(ADMIN_ID, "7", reply_markup=InlineKeyboardMarkup(inline_keyboard=[[long]]))


async def test_what_is_told_of_a_webhook_is_understood_by_a_strict_client(bot: Bot, local: Local) -> None:
    """aiogram's model takes all that getWebhookInfo says: the settings, what waits, and what went wrong."""
    with socket.socket() as nobody:  # bound, and nobody listens
        nobody.bind(("127.0.0.1", 0))
        hook = f"http://127.0.0.1:{nobody.getsockname()[1]}/hook"
        assert await bot.set_webhook(hook, secret_token="s3cret", max_connections=7, allowed_updates=["message"])
        await local.say("7")
        while (info := await bot.get_webhook_info()).last_error_message is None:
            pass
    assert (info.url, info.has_custom_certificate, info.pending_update_count) == (hook, False, 1)
    assert (info.max_connections, info.allowed_updates) == (7, ["message"])
    assert info.last_error_date is not None


async def test_errors_become_the_clients_own_exceptions(bot: Bot, local: Local) -> None:
    """Status, description and parameters are what a foreign client expects of Telegram."""
    local.fail_next("sendMessage", status=429, retry_after=7)
    with pytest.raises(exceptions.TelegramRetryAfter) as flood:
        await bot.send_message(ADMIN_ID, "7")
    assert flood.value.retry_after == 7
    local.block(GUEST_ID)
    with pytest.raises(exceptions.TelegramForbiddenError):
        await bot.send_message(GUEST_ID, "7")
    with pytest.raises(exceptions.TelegramBadRequest, match="chat not found"):
        await bot.send_message(5, "7")
    local.fail_next("getMe", status=502)
    with pytest.raises(exceptions.TelegramServerError):
        await bot.get_me()
    await bot.set_webhook("https://example.org/hook")
    with pytest.raises(exceptions.TelegramConflictError):
        await bot.get_updates()
    local.fail_next("sendChatAction", status=401)
    with pytest.raises(exceptions.TelegramUnauthorizedError):
        await bot.send_chat_action(ADMIN_ID, "typing")


async def test_a_whole_aiogram_bot_runs_on_it(bot: Bot, local: Local) -> None:
    """aiogram's dispatcher polls, answers a photo with buttons, takes a press: nothing is tailored to one client."""
    dispatcher = Dispatcher()

    async def read(message: Message) -> None:
        await message.reply("7\n99 %", reply_markup=KEYS)

    async def confirm(query: CallbackQuery) -> None:
        await query.answer("Thanks")

    dispatcher.message.register(read)
    dispatcher.callback_query.register(confirm)
    polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, close_bot_session=False))
    asked = await local.say(files={"photo": ("7.jpg", picture())})
    (answer,) = await local.messages(after=asked, wait=10)
    assert (answer["text"], answer["reply_to"]) == ("7\n99 %", asked)
    press = {"message_id": answer["message_id"], "data": "y", "user": "admin"}
    assert (await local.http.post("/local/presses", json=press)).json()["alert"] == "Thanks"
    stopping = asyncio.create_task(dispatcher.stop_polling())
    local.chat.close()
    await asyncio.wait_for(asyncio.gather(stopping, polling), 10)
