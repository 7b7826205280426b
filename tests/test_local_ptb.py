"""The embedded Bot API through python-telegram-bot's real Application: the bot's own client."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    MenuButtonCommands,
    Update,
)
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.local import ADMIN_ID, GUEST_ID
from tests.local_server import Local, picture

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEYS = InlineKeyboardMarkup(
    [[InlineKeyboardButton("✓", callback_data="y"), InlineKeyboardButton("✗", callback_data="n")]]
)


def builder(local: Local) -> ApplicationBuilder:  # type: ignore[type-arg]
    """An application's builder that speaks to this chat."""
    return (
        Application.builder()
        .token(local.chat.token)
        .base_url(f"{local.origin}/bot")
        .base_file_url(f"{local.origin}/file/bot")
    )


@pytest_asyncio.fixture(loop_scope="module")
async def bot(local: Local) -> AsyncIterator[Bot]:
    """The client without its polling."""
    application = builder(local).updater(None).build()
    async with application.bot as running:
        yield running


async def test_a_polling_bot_reads_a_photo_and_takes_a_press(local: Local) -> None:
    """The whole road over HTTP: photo in, download, reply with buttons, press, edit; and it stops without a wait."""
    application = builder(local).build()
    received: list[int] = []

    async def read(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.effective_message
        assert message is not None
        await message.reply_chat_action("typing")
        file = await message.photo[-1].get_file()
        received.append(len(await file.download_as_bytearray()))
        await message.reply_text("7\n99 %", reply_markup=KEYS, do_quote=True)

    async def confirm(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        query = update.callback_query
        assert query is not None
        await query.edit_message_text(f"you said {query.data}")
        await query.answer("Thanks")

    application.add_handler(MessageHandler(filters.PHOTO, read))
    application.add_handler(CallbackQueryHandler(confirm))
    async with application:
        await application.start()
        assert application.updater is not None
        await application.updater.start_polling(timeout=30)
        asked = await local.say(files={"photo": ("7.jpg", picture())})
        answers: list[dict[str, object]] = []
        while not answers:  # the chat action ends a look too
            answers = await local.messages(after=asked, wait=10)
        answer = answers[0]
        assert (answer["text"], answer["reply_to"], len(received)) == ("7\n99 %", asked, 1)
        press = {"message_id": answer["message_id"], "data": "y", "user": "admin"}
        assert (await local.http.post("/local/presses", json=press)).json() == {"alert": "Thanks", "modal": False}
        (edited,) = await local.messages(since=answer["revision"])
        assert (edited["text"], edited["edits"], edited["message_id"]) == ("you said y", 1, answer["message_id"])
        await asyncio.wait_for(application.updater.stop(), 5)
        await application.stop()
    assert await local.updates() == []  # all of them confirmed


async def test_an_applications_start_needs_nothing_that_is_missing(local: Local) -> None:
    """Commands, scopes and the menu button are set as a bot's start does, and the page shows them."""
    async with builder(local).updater(None).build().bot as bot:
        await bot.set_my_commands([BotCommand("start", "What I do")])
        await bot.set_my_commands([("retrain", "Train")], scope=BotCommandScopeChat(ADMIN_ID))
        await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
        assert (await bot.get_my_commands())[0].command == "start"
        assert (await bot.get_webhook_info()).url == ""
    assert (await local.state())["commands"] == [{"command": "retrain", "description": "Train"}]


async def test_photos_are_sent_edited_and_grouped(bot: Bot, local: Local) -> None:
    """Uploads, media edits, albums and files by id in python-telegram-bot's way of sending them."""
    sent = await bot.send_photo(ADMIN_ID, picture(kind="PNG"), caption="<b>why</b>", parse_mode="HTML")
    assert (sent.photo[-1].width, sent.caption) == (640, "why")
    swapped = await bot.edit_message_media(
        InputMediaPhoto(picture(200, 100), caption="next"), ADMIN_ID, sent.message_id, reply_markup=KEYS
    )
    assert not isinstance(swapped, bool)
    assert (swapped.photo[-1].width, swapped.caption) == (200, "next")
    album = await bot.send_media_group(ADMIN_ID, [InputMediaPhoto(sent.photo[-1].file_id), InputMediaPhoto(picture())])
    assert len({message.media_group_id for message in album}) == 1
    document = await bot.send_document(ADMIN_ID, b"{}", filename="metrics.json")
    assert document.document is not None
    assert document.document.file_name == "metrics.json"
    assert [message["kind"] for message in await local.messages()] == ["photo", "photo", "photo", "document"]


@pytest.mark.filterwarnings("ignore:.*retry_after:telegram.warnings.PTBDeprecationWarning")  # int until they change it
async def test_errors_become_the_clients_own_exceptions(bot: Bot, local: Local) -> None:
    """Each refusal of Telegram's is the exception that the bot's handlers are written for."""
    sent = await bot.send_message(ADMIN_ID, "7")
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("7", ADMIN_ID, sent.message_id)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("7", ADMIN_ID, 99)
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query("1")
    local.block(GUEST_ID)
    with pytest.raises(Forbidden):
        await bot.send_message(GUEST_ID, "7")
    local.fail_next("sendMessage", status=429, retry_after=2)
    with pytest.raises(RetryAfter):
        await bot.send_message(ADMIN_ID, "7")
    local.fail_next("sendMessage", status=500)
    with pytest.raises(NetworkError):
        await bot.send_message(ADMIN_ID, "7")
    await bot.set_webhook("https://example.org/hook")
    with pytest.raises(Conflict):
        await bot.get_updates()
    local.fail_next("getMe", status=401)
    with pytest.raises(InvalidToken):
        await bot.get_me()


async def test_a_slow_or_broken_download_is_a_network_error(bot: Bot, local: Local) -> None:
    """The bot meets the network's bad days as the client's exceptions, and the next try works."""
    await local.say(files={"document": ("7.bin", bytes(200_000))})
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.document is not None
    file = await update.message.document.get_file()
    local.fail_next("download", cut_after=100)
    with pytest.raises(NetworkError):
        await file.download_as_bytearray()
    local.fail_next("download", delay_s=0.2)
    with pytest.raises(TimedOut):
        await file.download_as_bytearray(read_timeout=0.02)
    assert len(await file.download_as_bytearray()) == 200_000
