"""The bot as a process of its own between proxies: the local chat beside them, Telegram through them."""

import asyncio
import contextlib
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.local_server import Local
from tests.processes import environment, running_bot
from tests.proxies import CERTIFICATE, PAGE, Proxy, answering, listening, to
from tests.talking import SEVEN

PASSWORD = "sécret: p@ss"
QUOTED = "s%C3%A9cret%3A%20p%40ss"

pytestmark = pytest.mark.slow  # starts processes, each for seconds


@pytest.fixture(autouse=True)
def _no_proxy_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@contextlib.asynccontextmanager
async def bot_process(folder: Path, local: Local, **settings: str) -> AsyncIterator[tuple[Process, Path]]:
    """Run the bot with the token of the local chat's Bot API, and stop it as a service manager would; and its log."""
    log = folder / "log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            cwd=folder,
            env=environment(BOT_TOKEN=local.chat.token, HTTP_PORT="0", DATA_DIR=str(folder)) | settings,
            stdout=DEVNULL,
            stderr=errors,
        )
    try:
        yield process, log
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def test_with_proxies_in_the_environment_the_local_chat_starts_and_reads(tmp_path: Path) -> None:
    """Loopback never uses a proxy: nothing listens on these, and a photo is read all the same."""
    with running_bot(tmp_path, ALL_PROXY="socks5://127.0.0.1:1", HTTP_PROXY="http://127.0.0.1:1") as bot:
        (reply,) = bot.replies(bot.send(SEVEN))
        assert reply["text"].startswith("7\n")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("kind", ["http", "socks5"])
async def test_through_a_proxy_with_a_password_a_photo_is_read_and_nothing_is_told(
    tmp_path: Path, local: Local, kind: str
) -> None:
    """The whole road over https through a proxy; at the loudest level neither password nor token is logged."""
    port = int(local.origin.rpartition(":")[2])
    async with listening(to(port), tls=True) as secure:
        proxy = Proxy({"botapi.test:443": secure}, ("ada", PASSWORD))
        async with listening(proxy.http if kind == "http" else proxy.socks5) as own:
            settings = {
                "TELEGRAM_PROXY": f"{kind}://ada:{QUOTED}@127.0.0.1:{own}",
                "BOT_API_URL": "https://botapi.test",
                "SSL_CERT_FILE": str(CERTIFICATE),
                "LOG_LEVEL": "DEBUG",
            }
            asked = await local.say(files={"photo": (SEVEN.name, SEVEN.read_bytes())})
            async with bot_process(tmp_path, local, **settings) as (process, log):
                while not (replies := await local.messages(after=asked, wait=5)):
                    assert process.returncode is None
                process.terminate()
                assert await process.wait() == 0
                logged = log.read_text()
    assert replies[0]["text"].startswith("7\n")
    assert "DEBUG" in logged
    assert [secret for secret in (PASSWORD, QUOTED, local.chat.token) if secret in logged] == []


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (
            {"TELEGRAM_PROXY": "socks5://ada:hunter2@127.0.0.1:{proxy}", "BOT_API_URL": "http://botapi.test"},
            "TELEGRAM_PROXY: the proxy ",
        ),
        ({"BOT_API_URL": "http://127.0.0.1:{web}"}, "BOT_API_URL: "),
        ({"ALL_PROXY": "socks4://ada:hunter2@127.0.0.1:1"}, "ALL_PROXY in the environment "),
    ],
    ids=["a refused password", "a web page", "an unknown kind of proxy"],
)
async def test_what_can_not_be_mended_by_waiting_ends_the_start_with_one_line(
    tmp_path: Path, local: Local, settings: dict[str, str], line: str
) -> None:
    """The last line names the setting; the exit status is 2, as for any wrong setting; no traceback, no secret."""
    proxy = Proxy({}, ("ada", PASSWORD))
    async with listening(proxy.socks5) as own, listening(answering(200, PAGE)) as web:
        chosen = {name: text.format(proxy=own, web=web) for name, text in settings.items()}
        async with bot_process(tmp_path, local, **chosen) as (process, log):
            assert await process.wait() == 2
    logged = log.read_text()
    assert logged.splitlines()[-1].startswith(line)
    assert [word for word in ("Traceback", "hunter2", "It works") if word in logged] == []
