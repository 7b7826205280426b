"""The person's side of the local chat: what can be sent, what the page gets, and what it keeps out and forgets."""

import asyncio
import io
from typing import Any

import pytest
from PIL import Image

from bot.local import ADMIN_ID, GUEST_ID
from tests.local_server import Local, Stage, picture
from tests.pictures import encode, paper

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEYS = {"inline_keyboard": [[{"text": "✓", "callback_data": "y"}], [{"text": "Draw", "url": "https://example.org"}]]}


async def last_message(local: Local) -> dict[str, Any]:
    """The message of the latest update."""
    update = (await local.updates(offset=-1))[0]
    message: dict[str, Any] = update.get("message") or update["edited_message"]
    return message


# Sending


async def test_a_photo_is_reencoded_as_telegram_does(local: Local) -> None:
    """A 4:3 photo of a phone arrives as JPEGs of 90, 320, 800 and 1280 pixels, turned upright, without its EXIF."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Phone"
    await local.say("what is it? /read", files={"photo": ("IMG.JPG", picture(2400, 1800, exif=exif))})
    message = await last_message(local)
    assert [(size["width"], size["height"]) for size in message["photo"]] == [
        (67, 90),
        (240, 320),
        (600, 800),
        (960, 1280),
    ]
    assert message["caption"] == "what is it? /read"
    assert message["caption_entities"] == [{"type": "bot_command", "offset": 12, "length": 5}]
    (shown,) = await local.messages()
    served = await local.http.get(shown["photo"])
    assert served.headers["content-type"] == "image/jpeg"
    image = Image.open(io.BytesIO(served.content))
    assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (960, 1280), {})
    assert image.getpixel((20, 600)) < (60, 60, 60) < image.getpixel((940, 600))  # type: ignore[operator]


@pytest.mark.parametrize(("width", "height", "sizes"), [(60, 40, 1), (300, 200, 2), (1280, 100, 4)])
async def test_a_small_photo_is_never_enlarged(local: Local, width: int, height: int, sizes: int) -> None:
    """The largest size is the picture's own when that is below 1280."""
    await local.say(files={"photo": ("x.png", picture(width, height, kind="PNG"))})
    photo = (await last_message(local))["photo"]
    assert len(photo) == sizes
    assert (photo[-1]["width"], photo[-1]["height"]) == (width, height)


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (b"", "not a picture"),
        (b"rubbish", "not a picture"),
        (picture()[:400], "not a picture"),
        (picture(6000, 4001, quality=5), "6000×4001"),
        (picture(2100, 100), "2100×100"),
        (bytes(10 * 1024 * 1024 + 1), "over 10 MB"),
    ],
    ids=["empty", "no picture", "cut short", "too many pixels", "too long", "too many bytes"],
)
async def test_what_telegram_refuses_as_a_photo_is_refused(local: Local, file: bytes, reason: str) -> None:
    """400 with a sentence for the page, and nothing is posted: not even the good half of an album."""
    files = [("photo", ("good.jpg", picture())), ("photo", ("bad.jpg", file))]
    response = await local.http.post("/local/messages", files=files)
    assert response.status_code == 400
    assert reason in response.json()["error"]
    assert await local.messages() == []
    assert await local.updates() == []


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1", "I;16", "CMYK"])
async def test_a_photo_of_any_colour_mode_arrives_as_jpeg(local: Local, mode: str) -> None:
    """Transparency becomes white, 16-bit grey keeps its tones, CMYK and palettes are converted."""
    stream = io.BytesIO()
    Image.new(mode, (64, 64), 0).save(stream, "JPEG" if mode == "CMYK" else "PNG")
    await local.say(files={"photo": ("x", stream.getvalue())})
    (shown,) = await local.messages()
    image = Image.open(io.BytesIO((await local.http.get(shown["photo"])).content))
    white = mode in {"RGBA", "LA", "CMYK"}
    assert all(abs(tone - (255 if white else 0)) < 3 for tone in image.getpixel((30, 30)))  # type: ignore[union-attr]


async def test_a_phones_heic_arrives_as_jpeg(local: Local) -> None:
    """Phones turn their own format into JPEG when it is sent as a photo, not as a file."""
    await local.say(files={"photo": ("IMG_1.HEIC", encode(paper(64, 48), "HEIF"))})
    (shown,) = await local.messages()
    image = Image.open(io.BytesIO((await local.http.get(shown["photo"])).content))
    assert (image.format, image.size) == ("JPEG", (64, 48))


@pytest.mark.parametrize(
    ("name", "mime"),
    [
        ("IMG_1.HEIC", "image/heic"),
        ("scan.png", "image/png"),
        ("seven.xyz", "application/octet-stream"),
        ("../../etc/pass\nwd.jpg", "image/jpeg"),
    ],
)
async def test_a_document_is_left_byte_for_byte(local: Local, name: str, mime: str) -> None:
    """The bytes come through untouched, whatever they are; the type is guessed from the name alone."""
    await local.say(files={"document": (name, b"\x00any bytes")})
    document = (await last_message(local))["document"]
    assert (document["mime_type"], document["file_size"]) == (mime, 10)
    assert "/" not in document["file_name"]
    path = (await local.result("getFile", file_id=document["file_id"]))["file_path"]
    assert (await local.http.get(f"/file/bot{local.chat.token}/{path}")).content == b"\x00any bytes"


async def test_an_empty_document_reaches_the_bot(local: Local) -> None:
    """The bot is to say that a file is empty, so it must get to know of it."""
    await local.say(files={"document": ("empty.jpg", b"")})
    assert (await last_message(local))["document"]["file_size"] == 0


async def test_an_animated_gif_becomes_an_animation_with_a_thumbnail(local: Local) -> None:
    """As in Telegram: `animation` and `document` of one file_id, a JPEG thumbnail; a still GIF stays a document."""
    frames = [Image.new("L", (400, 200), tone) for tone in (0, 128, 255)]
    stream = io.BytesIO()
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:], duration=500)
    await local.say(files={"document": ("dance.gif", stream.getvalue())})
    message = await last_message(local)
    animation = message["animation"]
    assert (animation["width"], animation["height"], animation["duration"]) == (400, 200, 2)
    assert animation["thumbnail"]["width"] == 320
    assert message["document"]["file_id"] == animation["file_id"]
    await local.say(files={"document": ("still.gif", picture(kind="GIF"))})
    assert "animation" not in await last_message(local)


async def test_stickers_are_webp_or_animated(local: Local) -> None:
    """A static sticker has its size, an animated one its flag, and any other file is refused."""
    await local.say(files={"sticker": ("s.webp", picture(512, 300, kind="WEBP"))})
    sticker = (await last_message(local))["sticker"]
    assert (sticker["width"], sticker["height"], sticker["is_animated"]) == (512, 300, False)
    await local.say(files={"sticker": ("s.tgs", b"lottie")})
    assert (await last_message(local))["sticker"]["is_animated"] is True
    refused = await local.http.post("/local/messages", files={"sticker": ("s.png", picture(kind="PNG"))})
    assert refused.status_code == 400


async def test_an_album_is_an_update_for_each_photo(local: Local) -> None:
    """One media_group_id, the caption on the first; the answer is the last id."""
    files = [("photo", (f"{n}.jpg", picture(100 + n, 100))) for n in range(3)]
    last = await local.say("sum", files=files)
    messages = [update["message"] for update in await local.updates()]
    assert messages[-1]["message_id"] == last
    assert len({message["media_group_id"] for message in messages}) == 1
    assert [message.get("caption") for message in messages] == ["sum", None, None]
    assert [message["photo"][-1]["width"] for message in messages] == [100, 101, 102]
    assert len({shown["album"] for shown in await local.messages()}) == 1
    mixed = [("photo", ("x.jpg", picture(100, 100))), ("document", ("x.jpg", b"x"))]
    assert (await local.http.post("/local/messages", files=mixed)).status_code == 400
    eleven = [("photo", ("x.jpg", picture(100, 100)))] * 11
    assert (await local.http.post("/local/messages", files=eleven)).status_code == 400


async def test_an_edit_of_the_users_is_an_edited_message(local: Local) -> None:
    """A new text, a new caption, a new photo: each is an `edited_message` with the same id."""
    text = await local.say("6")
    assert await local.say("7", edit=str(text)) == text
    edited = (await local.updates(offset=-1))[0]["edited_message"]
    assert (edited["message_id"], edited["text"]) == (text, "7")
    photo = await local.say("six", files={"photo": ("6.jpg", picture(100, 100))})
    first = (await last_message(local))["photo"]
    await local.say("seven", edit=str(photo))
    assert ((await last_message(local))["caption"], (await last_message(local))["photo"]) == ("seven", first)
    await local.say(files={"photo": ("7.jpg", picture(200, 100))}, edit=str(photo))
    assert (await last_message(local))["photo"][-1]["width"] == 200
    assert [shown["edits"] for shown in await local.messages()] == [1, 2]
    assert (await local.http.post("/local/messages", data={"text": "x", "edit": "99"})).status_code == 404


async def test_a_user_replies_to_a_message_of_the_bots(local: Local) -> None:
    """The bot gets the message that was answered."""
    sent = await local.result("sendMessage", chat_id=ADMIN_ID, text="7")
    await local.say("wrong", reply_to=str(sent["message_id"]))
    assert (await last_message(local))["reply_to_message"]["text"] == "7"
    assert (await local.messages())[-1]["reply_to"] == sent["message_id"]
    assert (await local.http.post("/local/messages", data={"text": "x", "reply_to": "99"})).status_code == 404


async def test_two_people_have_a_chat_each(local: Local) -> None:
    """The guest's words come from the guest's id, and the admin doesn't see them."""
    await local.say("hello", user="guest")
    message = await last_message(local)
    assert (message["from"]["id"], message["chat"]["id"], message["chat"]["type"]) == (GUEST_ID, GUEST_ID, "private")
    assert await local.messages(user="admin") == []
    assert len(await local.messages(user="guest")) == 1


@pytest.mark.parametrize(
    "fields", [{}, {"text": " "}, {"text": "x" * 4097}, {"text": "x", "user": "nobody"}, {"text": "x", "edit": "y"}]
)
async def test_a_senseless_post_is_refused(local: Local, fields: dict[str, str]) -> None:
    """400 with a reason, and nothing is posted."""
    response = await local.http.post("/local/messages", data=fields)
    assert response.status_code == 400
    assert response.json()["error"]
    assert await local.messages() == []


# Looking


async def test_the_page_gets_what_is_new_or_changed(local: Local) -> None:
    """`after` and `since` together give exactly the news: later messages, and earlier ones edited since."""
    one = await local.result("sendMessage", chat_id=ADMIN_ID, text="one", reply_markup=KEYS)
    two = await local.result("sendMessage", chat_id=ADMIN_ID, text="two")
    shown = await local.messages()
    assert [message["text"] for message in shown] == ["one", "two"]
    assert shown[0]["buttons"] == [
        [{"text": "✓", "data": "y", "url": None, "web_app": None, "copy": None}],
        [{"text": "Draw", "data": "", "url": "https://example.org", "web_app": None, "copy": None}],
    ]
    revision = shown[-1]["revision"]
    assert await local.messages(after=two["message_id"], since=revision) == []
    await local.result("editMessageText", chat_id=ADMIN_ID, message_id=one["message_id"], text="uno")
    (changed,) = await local.messages(after=two["message_id"], since=revision)
    assert (changed["text"], changed["edits"], changed["buttons"]) == ("uno", 1, [])
    assert changed["revision"] > revision
    assert [message["text"] for message in await local.messages(after=one["message_id"])] == ["two"]


async def test_a_held_look_ends_with_the_next_change(local: Local) -> None:
    """A message ends it with the message, a chat action or a deletion with nothing but news in the state."""
    look = asyncio.create_task(local.messages(after=0, wait=50))
    await local.http.get("/local/state")
    sent = await local.result("sendMessage", chat_id=ADMIN_ID, text="7")
    assert [message["text"] for message in await asyncio.wait_for(look, 5)] == ["7"]
    seen = (await local.state())["revision"]
    look = asyncio.create_task(local.messages(after=sent["message_id"], seen=seen, wait=50))
    await local.result("sendChatAction", chat_id=ADMIN_ID, action="typing")
    assert await asyncio.wait_for(look, 5) == []
    assert (await local.state())["action"] == "typing"
    # A change between two looks is not missed either.
    await local.result("deleteMessage", chat_id=ADMIN_ID, message_id=sent["message_id"])
    assert await asyncio.wait_for(local.messages(after=sent["message_id"], seen=seen, wait=50), 5) == []
    assert (await local.state())["deleted"] == [sent["message_id"]]


async def test_an_action_ends_after_five_seconds_or_with_the_answer(stage: Stage) -> None:
    """The bot is never shown typing for ever."""
    now = [1000.0]
    async with stage.local_chat(now=lambda: now[0]) as local:
        await local.result("sendChatAction", chat_id=ADMIN_ID, action="typing")
        now[0] += 4.9
        assert (await local.state())["action"] == "typing"
        now[0] += 0.2
        assert (await local.state())["action"] is None
        await local.result("sendChatAction", chat_id=ADMIN_ID, action="upload_photo")
        await local.result("sendMessage", chat_id=ADMIN_ID, text="7")
        assert (await local.state())["action"] is None


async def test_the_bot_is_told_the_language_of_who_writes(stage: Stage) -> None:
    """From the choice on, every update of that person has it: a message, an edit, a press; until then, English."""
    async with stage.local_chat(press_timeout_s=0.02) as local:
        first = await local.say("before", user="guest")
        before = (await local.state("guest"))["revision"]
        chosen = await local.http.post("/local/language", json={"user": "guest", "language": "ar"})
        assert (chosen.status_code, chosen.json()) == (200, {"language": "ar"})
        assert (await local.state("guest"))["revision"] > before  # the page asks for its commands anew
        await local.say("after", user="guest", edit=str(first))
        sent = await local.result("sendMessage", chat_id=GUEST_ID, text="?", reply_markup=KEYS)
        press = {"user": "guest", "message_id": sent["message_id"], "data": "y"}
        await local.http.post("/local/presses", json=press)
        await local.say("somebody else")
        parts = [part for update in await local.updates() for part in update.values() if isinstance(part, dict)]
    assert [part["from"]["language_code"] for part in parts] == ["en", "ar", "ar", "en"]


@pytest.mark.parametrize("code", ["", "tlh", "de-AT", "../en"])
async def test_a_language_that_the_bot_does_not_speak_is_refused(local: Local, code: str) -> None:
    """The page offers those that there are."""
    refused = await local.http.post("/local/language", json={"user": "guest", "language": code})
    assert (refused.status_code, refused.json()["error"][:27]) == (400, "language must be one of en,")


async def test_a_reply_keyboard_is_shown_until_it_is_removed(local: Local) -> None:
    """The page can offer the buttons below the input that the bot asks for."""
    keyboard = {"keyboard": [[{"text": "Draw", "web_app": {"url": "https://example.org"}}]], "resize_keyboard": True}
    await local.result("sendMessage", chat_id=ADMIN_ID, text="7", reply_markup=keyboard)
    assert (await local.state())["keyboard"] == keyboard
    await local.result("sendMessage", chat_id=ADMIN_ID, text="7", reply_markup={"remove_keyboard": True})
    assert (await local.state())["keyboard"] is None


# Pressing


async def test_a_press_answers_with_the_bots_alert(local: Local) -> None:
    """The query carries message, person and data; its answer comes back to the page; a second one is too late."""
    sent = await local.result("sendMessage", chat_id=GUEST_ID, text="7", reply_markup=KEYS)
    press = {"message_id": sent["message_id"], "data": "y", "user": "guest"}
    pressing = asyncio.create_task(local.http.post("/local/presses", json=press))
    query = (await local.updates(timeout=50))[0]["callback_query"]
    assert (query["data"], query["from"]["id"], query["message"]) == ("y", GUEST_ID, sent)
    answer = {"callback_query_id": query["id"], "text": "Thanks", "show_alert": True}
    assert "MESSAGE_TOO_LONG" in await local.refusal("answerCallbackQuery", **{**answer, "text": "x" * 201})
    await local.result("answerCallbackQuery", **answer)
    assert (await pressing).json() == {"alert": "Thanks", "modal": True}
    assert "query is too old" in await local.refusal("answerCallbackQuery", **answer)


@pytest.mark.parametrize("length", [1, 256])
async def test_a_button_that_copies_shows_what_and_is_never_pressed(local: Local, length: int) -> None:
    """The page copies by itself: the bot hears nothing of it."""
    copies = {"inline_keyboard": [[{"text": "Copy", "copy_text": {"text": "7" * length}}]]}
    sent = await local.result("sendMessage", chat_id=ADMIN_ID, text="7", reply_markup=copies)
    assert sent["reply_markup"] == copies
    (shown,) = await local.messages()
    button = {"text": "Copy", "data": "", "url": None, "web_app": None, "copy": "7" * length}
    assert shown["buttons"] == [[button]]
    press = {"message_id": sent["message_id"], "data": ""}
    assert (await local.http.post("/local/presses", json=press)).status_code == 400
    assert await local.updates() == []


async def test_a_press_that_the_bot_never_answers_ends(stage: Stage) -> None:
    """The page is let go after a while; then the query is too old."""
    async with stage.local_chat(press_timeout_s=0.02) as local:
        sent = await local.result("sendMessage", chat_id=ADMIN_ID, text="7", reply_markup=KEYS)
        press = {"message_id": sent["message_id"], "data": "y", "user": "admin"}
        assert (await local.http.post("/local/presses", json=press)).json() == {"alert": None, "modal": False}
        query = (await local.updates())[0]["callback_query"]
        assert "query is too old" in await local.refusal("answerCallbackQuery", callback_query_id=query["id"])


async def test_only_a_button_that_is_there_can_be_pressed(local: Local) -> None:
    """Data that no button has, and messages that are gone or of another chat, are refused."""
    sent = await local.result("sendMessage", chat_id=ADMIN_ID, text="7", reply_markup=KEYS)
    for press, status in (
        ({"message_id": sent["message_id"], "data": "z"}, 400),
        ({"message_id": sent["message_id"]}, 400),
        ({"message_id": 99, "data": "y"}, 404),
        ({"message_id": sent["message_id"], "data": "y", "user": "guest"}, 404),
    ):
        assert (await local.http.post("/local/presses", json=press)).status_code == status


# Keeping out


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "[bad", ""])
async def test_a_foreign_host_name_is_refused(local: Local, host: str) -> None:
    """A page elsewhere whose name was pointed at this machine reads nothing."""
    for path in ("/", "/local/messages", "/local/state", "/page/icon.svg"):
        assert (await local.http.get(path, headers={"host": host})).status_code == 403


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
async def test_every_loopback_name_is_served(local: Local, name: str) -> None:
    """However the person typed the address."""
    assert (await local.http.get("/local/messages", headers={"host": f"{name}:8080"})).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
async def test_another_site_can_not_write(local: Local, headers: dict[str, str]) -> None:
    """No form or script elsewhere can talk to the bot in the person's name."""
    for path in ("/local/messages", "/local/presses"):
        assert (await local.http.post(path, data={"text": "/retrain"}, headers=headers)).status_code == 403
    assert await local.messages() == []
    own = {"origin": local.origin, "sec-fetch-site": "same-origin"}
    assert (await local.http.post("/local/messages", data={"text": "7"}, headers=own)).status_code == 200


async def test_no_answer_lets_foreign_script_in(local: Local) -> None:
    """Every page answer has a policy without inline script and forbids guessing types."""
    for path in ("/", "/local/messages", "/local/samples", "/page/index.html"):
        headers = (await local.http.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]


async def test_an_uploaded_page_is_never_shown_as_one(local: Local) -> None:
    """What a person uploads can be saved, but never runs as a page of this origin."""
    for name in ("evil.html", "evil.svg", "x.jpg.html"):
        await local.say(files={"document": (name, b"<script>alert(1)</script>")})
        url = (await local.messages())[-1]["file"]["url"]
        response = await local.http.get(url)
        assert response.headers["content-type"] == "application/octet-stream"
        assert response.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in response.headers["content-security-policy"]


async def test_the_page_and_its_samples_are_served(local: Local) -> None:
    """The root is the page, and every listed sample is a picture with a title."""
    assert "text/html" in (await local.http.get("/")).headers["content-type"]
    samples = (await local.http.get("/local/samples")).json()
    assert samples
    for sample in samples:
        assert (await local.http.get(sample["url"])).headers["content-type"].startswith("image/")
        assert sample["title"][0].isupper()


# Forgetting


async def test_only_the_latest_messages_and_files_are_kept(stage: Stage) -> None:
    """After days of use the memory is bounded: old messages go, and a forgotten file is gone for page and bot alike."""
    async with stage.local_chat(keep_messages=3, keep_files=2) as local:
        for n in range(3):
            await local.say(files={"photo": (f"{n}.jpg", picture(50 + n, 50))})
        shown = await local.messages()
        assert [message["photo"] is None for message in shown] == [True, False, False]
        first = (await local.updates())[0]["message"]["photo"][0]
        said = await local.refusal("getFile", file_id=first["file_id"])
        assert said == "Bad Request: wrong file_id or the file is temporarily unavailable"
        assert (await local.http.get(f"/local/files/{first['file_id']}")).status_code == 404
        await local.say("four")
        assert [message["message_id"] for message in await local.messages()] == [2, 3, 4]


async def test_the_files_together_stay_within_their_memory(local: Local) -> None:
    """40 MiB of files are kept, not 200 large ones."""
    for n in range(3):
        await local.say(files={"document": (f"{n}.bin", bytes(15 * 1024 * 1024))})
    urls = [message["file"]["url"] for message in await local.messages()]
    assert [url is None for url in urls] == [True, False, False]


async def test_updates_that_nobody_fetches_are_bounded(stage: Stage) -> None:
    """With no bot listening, the oldest updates are dropped."""
    async with stage.local_chat(keep_updates=3) as local:
        for n in range(5):
            await local.say(f"{n}")
        assert [update["message"]["text"] for update in await local.updates()] == ["2", "3", "4"]
