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
