"""From /draw to a corrected drawing in the local chat, and Why?: the whole bot, over HTTP, as its page does it."""

import io
import time
from collections.abc import Iterator
from urllib.parse import parse_qs

import httpx
import pytest
from PIL import Image

from bot import words
from tests import loopback
from tests.pictures import encode, paper, write
from tests.processes import ROOT, BotProcess, running_bot
from tests.talking import message_now, press, say

pytestmark = pytest.mark.slow

SAMPLES = ROOT / "bot" / "local" / "page" / "samples"
SEVEN = encode(write(paper(300, 300, 255), "7", 110, 90, pen=12, ink=0))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotProcess]:
    """One bot for this module."""
    with running_bot(tmp_path_factory.mktemp("bot")) as bot:
        yield bot


def init_data(bot: BotProcess, user: str) -> str:
    """Say /draw, press the button below the answer, and give what the page that opens is told of the user."""
    (answer,) = bot.replies(say(bot, "/draw", user), user=user)
    ((button,),) = answer["buttons"]
    assert (answer["text"], button["text"], button["web_app"]) == (
        words.drawing.DRAW(),
        words.drawing.DRAW_BUTTON(),
        f"{bot.origin}/draw",
    )
    opened = loopback.post(f"{bot.origin}/local/web_apps", json={"user": user, "url": button["web_app"]}, timeout=30)
    page, _, fragment = str(opened.json()["url"]).partition("#")
    assert loopback.get(page, timeout=30).headers["content-type"].startswith("text/html")
    return parse_qs(fragment)["tgWebAppData"][0]


def send(bot: BotProcess, png: bytes, header: str) -> httpx.Response:
    """Send a drawing as the page does."""
    return loopback.post(f"{bot.origin}/draw/send", content=png, headers={"x-telegram-init-data": header}, timeout=60)


@pytest.mark.parametrize("user", ["admin", "guest"])
def test_a_drawing_is_sent_read_and_corrected(running: BotProcess, user: str) -> None:
    """/draw, the page, Send: the drawing is in that user's chat with its reading, and ✗ asks which digit it is."""
    response = send(running, SEVEN, init_data(running, user))
    assert response.status_code == 200, response.text
    message = message_now(running, response.json()["message_id"], user)
    assert message["from"] == "bot"
    assert message["text"].startswith("7\n")
    assert "%" in message["text"]
    assert loopback.get(running.origin + message["photo"], timeout=30).content.startswith(b"\xff\xd8\xff")
    assert [button["text"] for button in message["buttons"][0]] == ["✓", "✗"]
    press(running, message, "✗", user)
    keypad = message_now(running, message["message_id"], user)
    assert [button["text"] for row in keypad["buttons"] for button in row] == [*"1234567890", "not a digit"]
    assert "it is a 1" in press(running, keypad, "1", user)


def test_a_page_that_was_opened_elsewhere(running: BotProcess) -> None:
    """Without signed init data, or with somebody else's name in it, nothing arrives in any chat."""
    header = init_data(running, "guest")
    before = [len(loopback.get(f"{running.origin}/local/messages?user={user}").json()) for user in ("admin", "guest")]
    for wrong in ("", header.replace("700000002", "700000001"), header[:-1]):
        response = send(running, SEVEN, wrong)
        assert (response.status_code, list(response.json())) == (401, ["error"])
    after = [len(loopback.get(f"{running.origin}/local/messages?user={user}").json()) for user in ("admin", "guest")]
    assert after == before


def test_the_menu_button_opens_the_same_page(running: BotProcess) -> None:
    """The button beside the input is set at the start."""
    state = loopback.get(f"{running.origin}/local/state", timeout=30).json()
    assert state["menu_button"]["web_app"] == {"url": f"{running.origin}/draw"}


def test_the_commands_are_told_soon_after_the_start(running: BotProcess) -> None:
    """In the background: nobody's message waits for that."""
    commands: list[str] = []
    until = time.monotonic() + 10
    while "draw" not in commands and time.monotonic() < until:
        state = loopback.get(f"{running.origin}/local/state", timeout=30).json()
        commands = [command["command"] for command in state["commands"]]
    assert {"draw", "language"} <= set(commands)


@pytest.mark.parametrize("photo", ["on-ruled-paper.jpg", "chalk-on-a-board.jpg"])
def test_a_photo_is_explained(running: BotProcess, photo: str) -> None:
    """Why? brings one picture in reply to the reading, made of the photo that is fetched again; ✗ works as before."""
    (reading,) = running.replies(running.send(SAMPLES / photo))
    assert [[button["text"] for button in row] for row in reading["buttons"]] == [["✓", "✗"], ["Copy", "Why?"]]
    assert press(running, reading, "Why?") == ""
    (reason,) = running.replies(reading["message_id"])
    assert reason["reply_to"] == reading["message_id"]
    assert "occlusion" in reason["text"]
    assert "isn't in this chat any more" not in reason["text"]
    picture = Image.open(io.BytesIO(loopback.get(running.origin + reason["photo"], timeout=30).content))
    assert picture.width == 854
    assert "further down" in press(running, reading, "Why?")
    press(running, reading, "✓")
    judged = message_now(running, reading["message_id"])
    assert [button["text"] for row in judged["buttons"] for button in row] == ["✓", "✗", "Copy", "Why?"]


def test_a_drawing_is_explained(running: BotProcess) -> None:
    """It answers no photo: the drawing itself is one."""
    sent = send(running, SEVEN, init_data(running, "admin"))
    reading = message_now(running, sent.json()["message_id"])
    assert press(running, reading, "Why?") == ""
    (reason,) = running.replies(reading["message_id"])
    assert "isn't in this chat any more" not in reason["text"]
    picture = Image.open(io.BytesIO(loopback.get(running.origin + reason["photo"], timeout=30).content))
    assert picture.height > 600
