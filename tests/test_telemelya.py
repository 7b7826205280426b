"""The photo flow over the webhook, through telemelya: a Bot API server that nobody here wrote.

It keeps its state in Redis and its files in S3, of which fakeredis and moto have servers. It shows no secret with what
it brings, so a doorman in between does.
"""

import contextlib
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from fakeredis import TcpFakeServer
from moto.server import ThreadedMotoServer

from bot.web.webhook import secret_of
from tests import loopback
from tests.bench.replicas import free_ports
from tests.fakes import TOKEN
from tests.processes import environment, measured
from tests.talking import SEVEN

pytestmark = pytest.mark.slow

ADA = 7


@dataclass(frozen=True)
class Telemelya:
    """A running telemelya, and a chat of Ada's with the bot in it."""

    origin: str

    def control(self, path: str, **how: Any) -> dict[str, Any]:
        """Use the side that plays the people."""
        answer = loopback.post(
            f"{self.origin}/api/v1/test/{path}", headers={"authorization": "Bearer any"}, timeout=60, **how
        )
        answer.raise_for_status()
        said: dict[str, Any] = answer.json()
        return said

    def brought(self, **said: Any) -> int:
        """Have Ada say something; the status of its delivery."""
        sent = self.control("send_update", json={"chat_id": ADA, **said}, params={"bot_token": TOKEN})
        return int(sent["delivery"]["status_code"])

    def answers(self) -> list[dict[str, Any]]:
        """What the bot has said and done."""
        answer = loopback.get(
            f"{self.origin}/api/v1/test/responses", headers={"authorization": "Bearer any"}, timeout=30
        )
        found: list[dict[str, Any]] = answer.json()["responses"]
        return found


class Doorman(BaseHTTPRequestHandler):
    """Shows the bot the secret."""

    bot = ""

    def do_POST(self) -> None:
        """Pass a body on, and its answer back."""
        body = self.rfile.read(int(self.headers["content-length"]))
        answer = loopback.post(
            self.bot, content=body, headers={"x-telegram-bot-api-secret-token": secret_of(TOKEN)}, timeout=30
        )
        self.send_response(answer.status_code)
        self.send_header("content-length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def doorman(bot: str) -> Iterator[str]:
    """Run a doorman before the address of the bot's webhook; his own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("_Doorman", (Doorman,), {"bot": bot}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/telegram"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def telemelya() -> Iterator[Telemelya]:
    """A telemelya with a Redis and an S3."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    redis = TcpFakeServer(("127.0.0.1", 0))
    serving = threading.Thread(target=redis.serve_forever)
    serving.start()
    s3 = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    s3.start()
    try:
        _, s3_port = s3.get_host_and_port()
        with running_telemelya(redis.server_address[1], s3_port) as origin:
            yield Telemelya(origin)
    finally:
        s3.stop()
        redis.shutdown()
        serving.join()
        redis.server_close()


@contextlib.contextmanager
def running_telemelya(redis_port: int, s3_port: int) -> Iterator[str]:
    """Run telemelya's own server as a process; its origin."""
    (port,) = free_ports(1)
    settings = {
        "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
        "MINIO_ENDPOINT": f"127.0.0.1:{s3_port}",
        "MOCK_SERVER_HOST": "127.0.0.1",
        "MOCK_SERVER_PORT": str(port),
    }
    process = subprocess.Popen([sys.executable, "-m", "telemelya.server.app"], cwd="/", env=environment(**settings),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        origin = f"http://127.0.0.1:{port}"
        wait_for(f"{origin}/", process)
        yield origin
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def running_bot(folder: Path, api: str) -> Iterator[str]:
    """Run the bot behind a doorman; the origin of its web side."""
    (port,) = free_ports(1)
    with doorman(f"http://127.0.0.1:{port}/telegram") as url:
        settings = environment(BOT_TOKEN=TOKEN, BOT_API_URL=api, WEBHOOK_URL=url, HTTP_PORT=str(port), DATA_DIR="data")
        process = subprocess.Popen([sys.executable, "-m", "bot"], cwd=folder, env=settings | measured())
        try:
            origin = f"http://127.0.0.1:{port}"
            wait_for(f"{origin}/healthz", process)
            yield origin
        finally:
            process.terminate()
            assert process.wait(20) == 0


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until something answers at a URL."""
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(loopback.TransportError):
            if loopback.get(url, timeout=5).status_code == 200:
                return
        time.sleep(0.1)
    pytest.fail(f"nothing answers at {url}")


def test_a_photo_is_read_and_corrected(telemelya: Telemelya, tmp_path: Path) -> None:
    """A photo is fetched and answered before its delivery is confirmed, its buttons work; the webhook is removed."""
    uploaded = telemelya.control("upload_media", files={"file": ("seven.jpg", SEVEN.read_bytes(), "image/jpeg")})
    with running_bot(tmp_path, telemelya.origin):
        assert telemelya.brought(photo_file_id=uploaded["file_id"], photo_caption="which?") == 200
        reading = next(answer for answer in telemelya.answers() if answer["method"] == "sendMessage")
        assert "7" in reading["text"]
        assert "%" in reading["text"]
        wrong = reading["reply_markup"]["inline_keyboard"][0][1]
        assert wrong["text"] == "✗"
        pressed = {"callback_data": wrong["callback_data"], "callback_message_id": reading["message_id"]}
        assert telemelya.brought(**pressed) == 200
        keypad = next(answer for answer in telemelya.answers() if answer["method"] == "editMessageText")
        assert "not a digit" in str(keypad["reply_markup"])
        assert "answerCallbackQuery" in [answer["method"] for answer in telemelya.answers()]
        webhook = loopback.post(f"{telemelya.origin}/bot{TOKEN}/getWebhookInfo").json()["result"]
        assert webhook["url"].endswith("/telegram")
    webhook = loopback.post(f"{telemelya.origin}/bot{TOKEN}/getWebhookInfo").json()["result"]
    assert webhook["url"] == ""
