"""The bot as a process: how it starts, what it says when it can't, what is in its memory, how it ends."""

import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from model import SHIPPED, open_version
from tests import loopback
from tests.processes import ROOT, BotProcess, environment, healthz, measured, running_bot
from tests.talking import say

pytestmark = pytest.mark.slow

SAMPLES = ROOT / "bot" / "local" / "page" / "samples"
SECRET = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotProcess]:
    """One bot for the tests that leave it as it was."""
    with running_bot(tmp_path_factory.mktemp("data"), **measured()) as process:
        yield process


def start(folder: Path, project: Path = ROOT, **settings: str) -> subprocess.CompletedProcess[str]:
    """Start a bot that is expected to refuse."""
    return subprocess.run(
        [sys.executable, "-m", "bot"],
        cwd=folder,
        env=environment(**settings) | (measured() if project == ROOT else {}) | {"PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_health_check_answers_when_the_chat_is_announced(bot: BotProcess) -> None:
    """Once `local chat:` is printed, /healthz is 200 and names the served model."""
    assert healthz(bot.origin) == {"status": "ok", "model": open_version(SHIPPED).name}


def test_the_collector_passes_over_what_the_start_made(tmp_path: Path) -> None:
    """Garbage is looked for once the bot serves, but not among the modules and tables that stay."""
    asked = """if True:
        import asyncio, gc, os, signal
        from bot.process import run
        from bot.settings import load_settings
        def announced(_origin):
            print(gc.isenabled(), gc.get_freeze_count() > len(gc.get_objects()))
            os.kill(os.getpid(), signal.SIGTERM)
        gc.disable()
        asyncio.run(run(load_settings(), announced))
    """
    settings = environment(DATA_DIR=str(tmp_path), LOCAL_CHAT_PORT="0")
    done = subprocess.run(
        [sys.executable, "-c", asked], env=settings, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "True True\n"


def test_a_photo_sent_in_the_local_chat_is_read(bot: BotProcess) -> None:
    """The whole road over HTTP: a photo in, a reply to it with the digit and a confidence out."""
    photo = bot.send(SAMPLES / "a-seven.jpg")
    (reply,) = bot.replies(photo)
    assert reply["text"].startswith("7\n")
    assert "%" in reply["text"]
    assert reply["reply_to"] == photo


def test_the_link_under_privacy_opens_the_page(bot: BotProcess) -> None:
    """What /privacy says, a browser finds at the address that it links to."""
    (reply,) = bot.replies(say(bot, "/privacy"))
    (link,) = [entity["url"] for entity in reply["entities"] if entity["type"] == "text_link"]
    assert link == f"{bot.origin}/privacy?language=en"
    assert reply["text"].splitlines()[0] in loopback.get(link).text


def test_an_unreadable_document_is_answered_and_the_bot_lives_on(bot: BotProcess) -> None:
    """A text file named like a photo gets a sentence; the next photo is read."""
    sent = bot.send("photo.jpg", kind="document", content=b"not a picture")
    (reply,) = bot.replies(sent)
    assert "isn't a picture" in reply["text"]
    assert bot.replies(bot.send(SAMPLES / "a-seven.jpg"))


def test_the_bot_and_its_children_hold_no_tensorflow(bot: BotProcess) -> None:
    """After a reading, nothing of TensorFlow or Keras is mapped into the bot or anything it started."""
    bot.replies(bot.send(SAMPLES / "a-seven.jpg"))
    for pid in bot.family():
        maps = Path(f"/proc/{pid}/maps").read_text()
        assert "litert" in maps  # the check sees libraries at all
        assert "/tensorflow/" not in maps
        assert "/keras/" not in maps


def test_the_start_imports_nothing_that_may_never_be_needed() -> None:
    """It would take a tenth longer: libraries load what is installed for uses that no bot has, and HEIC is rare."""
    asked = "import sys, bot.__main__ as bot; told = bot.main(); "
    asked += "rare = {'rich', 'cryptography', 'watchfiles', 'pillow_heif'} & set(sys.modules); "
    asked += "sys.exit(told != 2 or len(rare))"
    wrong = environment(HTTP_PORT="none")
    subprocess.run([sys.executable, "-c", asked], env=wrong, check=True, capture_output=True)


def test_what_the_start_spares_can_be_imported_later() -> None:
    """Signed versions are checked with cryptography: it is only not loaded before somebody needs it."""
    asked = (
        "import bot.__main__ as bot; bot.main(); import cryptography.hazmat.primitives.hashes, watchfiles, httpx._main"
    )
    wrong = environment(HTTP_PORT="none")
    subprocess.run([sys.executable, "-c", asked], env=wrong, check=True, capture_output=True)


def test_a_guest_is_no_admin(bot: BotProcess) -> None:
    """The page's guest may not retrain."""
    form = {"text": "/retrain", "user": "guest"}
    sent = loopback.post(f"{bot.origin}/local/messages", data=form).json()["message_id"]
    (reply,) = bot.replies(sent, user="guest")
    assert "admin" in reply["text"]
    assert reply["buttons"] == []


def test_a_wrong_setting_stops_the_start_with_one_line(tmp_path: Path) -> None:
    """Standard error is one line that names the setting and not its value; the exit status is 2."""
    refused = start(tmp_path, ROOT, BOT_TOKEN="hunter2")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("BOT_TOKEN is wrong. ")
    assert refused.stderr.count("\n") == 1
    assert "hunter2" not in refused.stderr


def test_a_port_in_use_stops_the_start_with_one_line(tmp_path: Path) -> None:
    """Another program on the port: the line names the setting to change."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = start(tmp_path, LOCAL_CHAT_PORT=str(taken.getsockname()[1]))
    assert refused.returncode == 2
    assert refused.stderr.splitlines()[-1].startswith("LOCAL_CHAT_PORT: ")


def test_a_broken_model_stops_the_start_with_the_command_that_mends_it(tmp_path: Path) -> None:
    """An unreadable model is one line with a command, never a bot that cannot read; a missing one: test_wheel."""
    for name in ("bot", "model"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    weights = tmp_path / "model" / "weights" / "model.tflite"
    weights.write_bytes(weights.read_bytes()[:1000])
    refused = start(tmp_path, tmp_path, LOCAL_CHAT_PORT="0")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "mend it with: pip install --force-reinstall" in refused.stderr  # no checkout lies around it


def test_a_token_never_shows_when_telegram_is_out_of_reach(tmp_path: Path) -> None:
    """With a token and no network the bot keeps trying, logs so at the loudest level without the token, and stops."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot"],
        cwd=tmp_path,
        env=environment(BOT_TOKEN=SECRET, LOG_LEVEL="DEBUG", HTTP_PORT="0", DATA_DIR=str(tmp_path))
        | measured()
        | {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"},  # nothing listens there
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None  # asked for above
    with process.stderr:
        lines = []
        for line in process.stderr:
            lines.append(line)
            if "trying again" in line:
                break
        process.send_signal(signal.SIGTERM)
        logged = "".join(lines) + process.stderr.read()
    assert process.wait(20) == 0
    assert "Telegram can't be reached" in logged
    assert SECRET not in logged


def test_a_stopped_bot_ends_cleanly_with_a_page_open(tmp_path: Path) -> None:
    """Ctrl-C while a page waits for messages ends the bot at once with status 0."""
    with running_bot(tmp_path) as bot:
        host, port = bot.origin.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as page:
            page.sendall(b"GET /local/messages?wait=50 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            assert healthz(bot.origin)  # the server has come to the page's request by now
            bot.process.send_signal(signal.SIGTERM)
            assert page.recv(12) == b"HTTP/1.1 200"
        assert bot.process.wait(10) == 0
