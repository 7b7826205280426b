"""The way to the Bot API: real proxies on loopback between the real client library and the local Bot API.

`botapi.test` is a name that nothing resolves but the proxies here: who gets there went through one.
"""

import asyncio
import contextlib
import gc
import logging
import warnings
from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote

import pytest
from telegram import Bot
from telegram.error import Conflict, NetworkError, TelegramError

from bot.api.connection import BotApi, NoConnection, insist, polling_failed, requests
from bot.api.proxies import WrongProxy
from bot.logs import configure_logging
from tests.local_server import Local, picture
from tests.proxies import CERTIFICATE, PAGE, Proxy, answering, listening, to

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOGIN = ("ada", "sécret: p@ss/1")
NOBODY = "http://127.0.0.1:1"  # no proxy listens there


@pytest.fixture(autouse=True)
def _no_proxy_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


@pytest.fixture(autouse=True)
def _left_open() -> Iterator[None]:
    """Close what httpcore leaves open where a SOCKS5 proxy refuses, before it is laid at another test's door."""
    gc.freeze()  # else every test looks at all of TensorFlow, too, once another one has imported it: 0.7 s
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
    gc.unfreeze()


@contextlib.asynccontextmanager
async def proxied(
    local: Local, kind: str, login: tuple[str, str] | None = None, given: tuple[str, str] | None = None
) -> AsyncIterator[tuple[Proxy, str]]:
    """A proxy of a kind that leads to the local Bot API, by http and by https, and its address with what is `given`."""
    port = int(local.origin.rpartition(":")[2])
    async with listening(to(port), tls=True) as secure:
        proxy = Proxy({"botapi.test:80": port, "botapi.test:443": secure}, login)
        handler = proxy.socks5 if kind == "socks5" else proxy.http
        async with listening(handler, tls=kind == "https") as own:
            userinfo = f"{quote(given[0], safe='')}:{quote(given[1], safe='')}@" if given else ""
            yield proxy, f"{kind}://{userinfo}127.0.0.1:{own}"


@contextlib.asynccontextmanager
async def client(api: BotApi) -> AsyncIterator[Bot]:
    """The client library as the bot builds it."""
    calls, polls = requests(api)
    bot = Bot(api.token, f"{api.url}/bot", f"{api.url}/file/bot", request=calls, get_updates_request=polls)
    async with bot:
        yield bot


async def asked_once(api: BotApi) -> None:
    """Say hello to the Bot API as the bot does at its start."""
    calls, polls = requests(api)
    bot = Bot(api.token, f"{api.url}/bot", request=calls, get_updates_request=polls)
    try:
        await bot.initialize()
    finally:
        await bot.shutdown()
        await asyncio.gather(calls.shutdown(), polls.shutdown())  # which the bot leaves open when it never started


async def warnings_of(api: BotApi, caplog: pytest.LogCaptureFixture) -> list[str]:
    """What is logged when the Bot API is out of reach and the bot is stopped while it waits for the next try."""
    stop = asyncio.Event()
    insisting = asyncio.create_task(insist(lambda: asked_once(api), api, stop))
    while not (said := [record.message for record in caplog.records if record.name == "bot.api.connection"]):
        await asyncio.sleep(0.01)
        assert not insisting.done()
    stop.set()
    await insisting
    assert not any(record.exc_info for record in caplog.records)
    return said


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("kind", ["http", "https", "socks5"])
@pytest.mark.parametrize("login", [None, LOGIN], ids=["open", "with a password"])
async def test_the_bot_api_is_reached_through_a_proxy(
    local: Local, kind: str, scheme: str, login: tuple[str, str] | None
) -> None:
    """Calls, polling and downloads all go through it, also with a password that needs quoting."""
    await local.say(files={"document": ("7.bin", bytes(300_000))})
    async with proxied(local, kind, login, login) as (proxy, address):
        async with client(BotApi(local.chat.token, server=f"{scheme}://botapi.test", proxy=address)) as bot:
            assert bot.username == local.chat.bot_username
            (update,) = await bot.get_updates()
            assert update.message is not None
            assert update.message.document is not None
            file = await update.message.document.get_file()
            assert len(await file.download_as_bytearray()) == 300_000
            await bot.send_photo(update.message.chat_id, picture())
        assert all("botapi.test:" in asked for asked in proxy.asked)
        assert len(proxy.asked) >= 2


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("kind", ["http", "socks5"])
@pytest.mark.parametrize(
    ("given", "words"), [(None, "asks for a user name and a password"), (("ada", "hunter2"), "refuses this user name")]
)
async def test_a_proxy_that_wants_another_password_is_one_line_that_names_the_setting(
    local: Local, kind: str, scheme: str, given: tuple[str, str] | None, words: str
) -> None:
    """The start ends, for trying again is of no use; the line holds no password."""
    async with proxied(local, kind, LOGIN, given) as (_, address):
        api = BotApi(local.chat.token, server=f"{scheme}://botapi.test", proxy=address)
        with pytest.raises(NoConnection) as raised:
            await insist(lambda: asked_once(api), api, asyncio.Event())
    line = str(raised.value)
    assert line.startswith(f"TELEGRAM_PROXY: the proxy {kind}://127.0.0.1:")
    assert words in line
    assert "\n" not in line
    assert "hunter2" not in line


@pytest.mark.parametrize("kind", ["http", "socks5"])
async def test_an_unreachable_proxy_is_one_line_that_names_it(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """It may come yet: the bot goes on trying, and says through which proxy, without its password."""
    api = BotApi("1:A", proxy=f"{kind}://ada:hunter2@127.0.0.1:1")
    (line,) = await warnings_of(api, caplog)
    assert line == (
        f"Telegram can't be reached through the proxy {kind}://127.0.0.1:1 (TELEGRAM_PROXY): ConnectError; "
        "trying again in 1 s"
    )


@pytest.mark.parametrize("kind", ["http", "socks5"])
async def test_a_proxy_that_does_not_get_there_says_why(
    local: Local, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The proxy's own reason is in the line."""
    async with proxied(local, kind) as (_, address):
        (line,) = await warnings_of(BotApi("1:A", server="https://elsewhere.test", proxy=address), caplog)
    assert line.startswith(f"The Bot API server (BOT_API_URL) can't be reached through the proxy {address} (TELEGRAM")
    assert ("502 Bad Gateway" if kind == "http" else "Host unreachable") in line


async def test_loopback_never_uses_a_proxy(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the environment's nor TELEGRAM_PROXY: what is on this machine is reached directly."""
    for name in ("HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, NOBODY)
    await asked_once(BotApi(local.chat.token, origin=local.origin))
    await asked_once(BotApi(local.chat.token, server=local.origin, proxy=NOBODY))
    await asked_once(BotApi(local.chat.token, server=local.origin.replace("127.0.0.1", "localhost"), proxy=NOBODY))


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
async def test_the_environments_proxy_is_used(local: Local, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As everywhere, without a setting of the bot's; an address without a scheme is an HTTP proxy's."""
    async with proxied(local, "http") as (proxy, address):
        monkeypatch.setenv(name, address.removeprefix("http://"))
        await asked_once(BotApi(local.chat.token, server="https://botapi.test"))
        assert proxy.asked == ["CONNECT botapi.test:443"]


async def test_the_setting_wins_over_the_environment(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    """TELEGRAM_PROXY is used although the environment has another proxy, even one of a wrong kind, and NO_PROXY."""
    monkeypatch.setenv("HTTPS_PROXY", "gopher://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "*")
    async with proxied(local, "socks5") as (proxy, address):
        await asked_once(BotApi(local.chat.token, server="https://botapi.test", proxy=address))
        assert proxy.asked == ["botapi.test:443"]


async def test_no_proxy_of_the_environment_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_PROXY names servers that are reached without the environment's proxy."""
    monkeypatch.setenv("ALL_PROXY", NOBODY)
    assert BotApi("1:A").way.source == "ALL_PROXY"
    monkeypatch.setenv("NO_PROXY", "example.org,telegram.org")
    assert BotApi("1:A").way.source == ""


@pytest.mark.parametrize(
    "address", ["socks://ada:hunter2@127.0.0.1:1", "http://ada:hunter2@[::1", "http://ada hunter2"]
)
async def test_a_proxy_of_the_environment_that_is_none_is_one_line(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line names the variable, not its value, and the setting that wins over it."""
    monkeypatch.setenv("ALL_PROXY", address)
    with pytest.raises(WrongProxy) as raised:
        requests(BotApi("1:A"))
    assert str(raised.value).startswith("ALL_PROXY in the environment is no http, https or socks5 proxy")
    assert "TELEGRAM_PROXY" in str(raised.value)
    assert "hunter2" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("kind", ["http", "socks5"])
@pytest.mark.parametrize("given", [LOGIN, ("ada", "hunter2")], ids=["right", "wrong"])
async def test_a_password_is_never_logged(
    local: Local, kind: str, given: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """At the loudest level, whether the proxy takes it or not: not as written, not decoded, not in a header."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    async with proxied(local, kind, LOGIN, given) as (_, address):
        api = BotApi(local.chat.token, server="https://botapi.test", proxy=address)
        try:
            configure_logging("DEBUG", api.token, api.way.secrets)
            logging.getLogger("httpcore").setLevel(logging.DEBUG)  # which the bot keeps quiet, and which tells most
            with contextlib.suppress(TelegramError):
                await asked_once(api)
            logging.getLogger("anybody").warning("%s", address)
        finally:
            logging.getLogger("httpcore").setLevel(logging.NOTSET)
            root.handlers[:], root.level = before, level
    logged = capsys.readouterr().err
    assert "DEBUG" in logged
    assert f"{kind}://ada:<password>@127.0.0.1" in logged
    assert [secret for secret in (*api.way.secrets, given[1], quote(given[1], safe="")) if secret in logged] == []
    assert len(api.way.secrets) >= 2


# ── a Bot API server of one's own


@pytest.mark.parametrize(("status", "body"), [(200, PAGE), (404, PAGE), (403, b""), (301, PAGE), (200, b"It works!")])
async def test_a_server_that_answers_html_is_one_line_that_says_what_to_do(
    status: int, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """A web page is no Bot API server, whatever its status: the line names the setting, and the page is not logged."""
    async with listening(answering(status, body)) as port:
        api = BotApi("1:A", server=f"http://127.0.0.1:{port}")
        with pytest.raises(NoConnection) as raised:
            await insist(lambda: asked_once(api), api, asyncio.Event())
    line = str(raised.value)
    assert line.startswith(f"BOT_API_URL: what answers there (HTTP {status}) is no Bot API server")
    assert "like http://127.0.0.1:8081" in line
    assert "\n" not in line
    assert caplog.records == []


async def test_a_server_that_is_being_restarted_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    """A gateway's 502 page passes: a line, and another try."""
    async with listening(answering(502, PAGE)) as port:
        (line,) = await warnings_of(BotApi("1:A", server=f"http://127.0.0.1:{port}"), caplog)
    assert line == "The Bot API server (BOT_API_URL) can't be reached: HTTP 502 without JSON; trying again in 1 s"


async def test_a_web_page_in_telegrams_place_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    """What a hotel's network shows before it lets anybody out ends by itself: only BOT_API_URL would be to blame."""
    async with listening(answering(200, PAGE)) as port:
        (line,) = await warnings_of(BotApi("1:A", origin=f"http://127.0.0.1:{port}"), caplog)
    assert line == "Telegram can't be reached: HTTP 200 without JSON; trying again in 1 s"


async def test_a_token_that_is_refused_is_one_line(local: Local) -> None:
    """It names BOT_TOKEN, and with a server of one's own that setting too."""
    for api in (BotApi("1:A", origin=local.origin), BotApi("1:A", server=local.origin)):
        with pytest.raises(NoConnection, match=r"^BOT_TOKEN: Telegram refuses this token") as raised:
            await insist(lambda api=api: asked_once(api), api, asyncio.Event())  # type: ignore[misc]
        assert ("BOT_API_URL" in str(raised.value)) == bool(api.server)


@pytest.mark.filterwarnings("ignore:.*retry_after:telegram.warnings.PTBDeprecationWarning")  # int until they change it
async def test_a_flood_wait_at_the_start_is_waited_out(local: Local, caplog: pytest.LogCaptureFixture) -> None:
    """One line that says for how long, no traceback."""
    local.fail_next("getMe", status=429, retry_after=7)
    (line,) = await warnings_of(BotApi(local.chat.token, origin=local.origin), caplog)
    assert line == "Telegram can't be reached: it asks for a pause (flood control); trying again in 7 s"


async def test_trouble_with_polling_is_one_line_each(caplog: pytest.LogCaptureFixture) -> None:
    """A second process with the same token is an error that says what to do; an outage is a warning."""
    polling_failed(BotApi("1:A"), Conflict("terminated by other getUpdates request"))
    polling_failed(BotApi("1:A"), NetworkError("httpx.ReadError: "))
    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("ERROR", "another process polls with the same token: stop one of them"),
        ("WARNING", "Telegram can't be reached: NetworkError; trying again"),
    ]
