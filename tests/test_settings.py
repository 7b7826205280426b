from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, load_settings

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def load(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    """Load with these in the environment and no .env."""
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    return load_settings(Path("no such file"))


@pytest.mark.parametrize("text", ["12,345", " 12 , 345,", "12 345"])
def test_admin_ids_are_separated_by_commas_or_spaces(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """However people write the list, the same two ids come out."""
    assert load(monkeypatch, ADMIN_IDS=text).admin_ids == {12, 345}


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("ADMIN_IDS", "12,alice-secret"),
        ("ADMIN_IDS", "-5"),
        ("BOT_TOKEN", "alice-secret"),
        ("LOCAL_CHAT_PORT", "alice-secret"),
        ("HTTP_PORT", "70000"),
        ("READINGS_PER_MINUTE", "-17"),
        ("MESSAGES_PER_SECOND", "-0.25"),
        ("READING_THREADS", "-17"),
        ("RETRAIN_DIGITS", "77"),
        ("LOG_LEVEL", "alice-secret"),
        ("DATABASE_URL", "mysql://alice:secret@host/bot"),
        ("MODELS_URL", "/alice/secret"),
        ("MODELS_URL", "file://alice/secret"),
        ("MODELS_URL", "s3:///alice"),
        ("MODELS_URL", "s3://alice secret"),
        ("ADMIN_IDS", "1087968824"),
        ("ADMIN_IDS", "12,136817688"),
        ("TELEGRAM_PROXY", "socks4://alice:secret@127.0.0.1:1"),
        ("TELEGRAM_PROXY", "alice.org:3128"),
        ("TELEGRAM_PROXY", "http://"),
        ("TELEGRAM_PROXY", "http://alice:secret"),
        ("TELEGRAM_PROXY", "http://127.0.0.1:0"),
        ("TELEGRAM_PROXY", "http://127.0.0.1:70000"),
        ("TELEGRAM_PROXY", "http://alice secret:1"),
        ("TELEGRAM_PROXY", "http://[alice-secret"),
        ("TELEGRAM_PROXY", "http://127.0.0.1:1/alice"),
        ("TELEGRAM_PROXY", "http://127.0.0.1:1?alice=secret"),
        ("BOT_API_URL", "alice.org:8081"),
        ("BOT_API_URL", "ftp://alice.org"),
        ("BOT_API_URL", "http:///alice"),
        ("BOT_API_URL", "http://alice:secret@127.0.0.1"),
        ("BOT_API_URL", "http://alice.org/bot"),
        ("BOT_API_URL", "http://alice.org/{token}"),
        ("BOT_API_URL", "http://alice.org?token=secret"),
        ("BOT_API_URL", "http://alice.org:secret"),
        ("ANSWER_BUSINESS_CHATS", "alice"),
        ("PUBLIC_URL", "http://digits.alice.org"),
        ("PUBLIC_URL", "digits.alice.org"),
        ("PUBLIC_URL", "https:///alice-secret"),
        ("PUBLIC_URL", "https://alice:secret@digits.example.org"),
        ("PUBLIC_URL", "https://digits.example.org/?alice=secret"),
        ("PUBLIC_URL", "https://digits.example.org/#alice-secret"),
        ("PUBLIC_URL", "https://digits.example.org:alice"),
        ("PUBLIC_URL", "https://digits.example.org/alice"),
        ("PUBLIC_URL", "https://digits.example.org\\alice"),
        ("PUBLIC_URL", "https://alice secret.org"),
        ("PUBLIC_URL", "https://[alice-secret"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(monkeypatch: pytest.MonkeyPatch, name: str, wrong: str) -> None:
    """One line names the setting and what it takes; the value, perhaps a secret, is nowhere, not even in a cause."""
    with pytest.raises(SettingsError) as raised:
        load(monkeypatch, **{name: wrong})
    message = str(raised.value)
    assert message.startswith(f"{name} is wrong. ")
    assert "\n" not in message
    assert wrong not in message
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_a_name_in_env_file_that_is_no_setting_is_named(tmp_path: Path) -> None:
    """A typing error such as ADMIN_ID stops the start instead of leaving the bot without admins."""
    (tmp_path / ".env").write_text("ADMIN_ID=12\n")
    with pytest.raises(SettingsError, match=r"^ADMIN_ID in \.env is no setting"):
        load_settings(tmp_path / ".env")


def test_an_env_file_that_is_no_text_is_said_to_be_so(tmp_path: Path) -> None:
    """A binary .env gives one line, not a traceback."""
    (tmp_path / ".env").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"^\.env can't be read"):
        load_settings(tmp_path / ".env")


def test_no_token_means_the_local_chat(monkeypatch: pytest.MonkeyPatch) -> None:
    """An absent and an empty BOT_TOKEN both start the local chat; a token does not."""
    assert load(monkeypatch).is_local
    assert load(monkeypatch, BOT_TOKEN="").is_local
    assert not load(monkeypatch, BOT_TOKEN="110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw").is_local


def test_the_token_is_hidden_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Printing or logging the settings never shows the token."""
    settings = load(monkeypatch, BOT_TOKEN="110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw")
    assert "AAHdq" not in repr(settings)


def test_env_example_lists_every_setting_with_its_meaning_and_default() -> None:
    """.env.example has each setting, in order, under its description, and loads as the defaults."""
    example = (ROOT / ".env.example").read_text()
    wanted = [(f"# {field.description}", name.upper()) for name, field in Settings.model_fields.items()]
    lines = example.splitlines()
    found = [(lines[i - 1], line.split("=")[0]) for i, line in enumerate(lines) if "=" in line and line[0] != "#"]
    assert found == wanted
    assert load_settings(ROOT / ".env.example") == load_settings(Path("no such file"))


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("https://digits.example.org", "https://digits.example.org"),
        ("https://digits.example.org:8443/", "https://digits.example.org:8443"),
        ("HTTPS://digits.example.org", "HTTPS://digits.example.org"),
        ("", ""),
    ],
)
def test_the_public_address(monkeypatch: pytest.MonkeyPatch, given: str, taken: str) -> None:
    """Any https address will do, one with a port too; pages are put below it, so it ends without a slash."""
    assert load(monkeypatch, PUBLIC_URL=given).public_url == taken


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:3128", "HTTPS://proxy.example.org", "socks5://ada:p%40ss@[::1]:1080", "socks5h://proxy", ""],
)
def test_a_proxys_address(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Each kind, with and without port and password; printing the settings shows none of it."""
    settings = load(monkeypatch, TELEGRAM_PROXY=f" {address} ")
    assert settings.telegram_proxy.get_secret_value() == address
    assert "p%40ss" not in repr(settings)


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("http://127.0.0.1:8081", "http://127.0.0.1:8081"),
        ("https://example.org/api/", "https://example.org/api"),
        ("http://[::1]:8081/", "http://[::1]:8081"),
    ],
)
def test_the_address_of_a_bot_api_server(monkeypatch: pytest.MonkeyPatch, given: str, taken: str) -> None:
    """Any http or https address, with a path too; what the bot asks for is put below it."""
    assert load(monkeypatch, BOT_API_URL=given).bot_api_url == taken


@pytest.mark.parametrize("address", ["s3://bucket/path", "file:///mnt/models", "sftp://ada:p%40ss@host/models", ""])
def test_the_place_of_the_models(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Any address of fsspec's shape; printing the settings shows none of it."""
    settings = load(monkeypatch, MODELS_URL=f" {address} ")
    assert settings.models_url.get_secret_value() == address
    assert "p%40ss" not in repr(settings)
