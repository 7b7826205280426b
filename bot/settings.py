"""Every setting, from the environment and .env, checked once at the start.

A setting's description doubles as its comment in .env.example (a test compares them) and as the line that a person sees
when the setting is wrong: it names the setting and what it takes, never the value, which may be a secret.
"""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.api.proxies import proxy_url

_TOKEN_SHAPE = re.compile(r"\d{3,}:[A-Za-z0-9_-]{30,}")
# GroupAnonymousBot, Channel Bot, Telegram: everybody who writes in a chat's name has one of these ids, in every chat.
_NOBODYS_IDS = frozenset({1087968824, 136817688, 777000})
_DATABASE_SHAPE = re.compile(r"(sqlite(\+aiosqlite)?:///|postgres(ql)?(\+asyncpg)?://)\S+")

# A file's address has no host; all else is for fsspec to know.
_MODELS_SHAPE = re.compile(r"file:///\S+|(?!file:)[a-z][a-z0-9+.-]*://[^\s/?#]\S*")


class SettingsError(Exception):
    """A setting that is wrong. The message is one line that names it and what it takes, never its value."""


def _split(ids: object) -> object:
    return [part for part in re.split(r"[,\s]+", ids) if part] if isinstance(ids, str) else ids


def _token_shaped(token: SecretStr) -> SecretStr:
    secret = token.get_secret_value().strip()
    if secret and not _TOKEN_SHAPE.fullmatch(secret):
        raise ValueError("not a token")
    return SecretStr(secret)


def _database_shaped(url: SecretStr) -> SecretStr:
    secret = url.get_secret_value().strip()
    if secret and not _DATABASE_SHAPE.fullmatch(secret):
        raise ValueError("neither SQLite nor PostgreSQL")
    return SecretStr(secret)


def _models_shaped(url: SecretStr) -> SecretStr:
    secret = url.get_secret_value().strip()
    if secret and not _MODELS_SHAPE.fullmatch(secret):
        raise ValueError("no address of a folder")
    return SecretStr(secret)


def _network(text: str) -> str:
    return str(ip_network(text))  # a ValueError for anything else


def _somebodys(user_id: int) -> int:
    if user_id in _NOBODYS_IDS:
        raise ValueError("not one person")
    return user_id


def _proxy_shaped(url: SecretStr) -> SecretStr:
    secret = url.get_secret_value().strip()
    if secret:
        proxy_url(secret)
    return SecretStr(secret)


def _server_address(url: str) -> str:
    if not url:
        return url
    parts = urlsplit(url)  # a ValueError for brackets that don't match; `port` for one out of range
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0 or parts.username is not None:
        raise ValueError("no address of a server")
    # The client library puts the token in for braces, and the bot puts /bot… and /file/bot… at the end itself.
    if re.search(r"[?#\s\\{}]", url) or parts.path.rstrip("/").endswith("/bot"):
        raise ValueError("more than an address")
    return url.rstrip("/")


def _https_address(url: str) -> str:
    if not url:
        return url
    parts = urlsplit(url)  # a ValueError for brackets that don't match; `port` for one out of range
    if parts.scheme != "https" or not parts.hostname or parts.port == 0 or parts.username is not None:
        raise ValueError("no https address")
    if parts.path not in ("", "/") or re.search(r"[?#\s\\]", url):  # the draw page asks for /draw/… itself
        raise ValueError("more than an address")
    return url.rstrip("/")


def _webhook_address(url: str) -> str:
    if not url:
        return url
    parts = urlsplit(url)
    host = parts.hostname or ""
    # Telegram takes https; a Bot API server of one's own takes http too, at names that nobody else can have.
    is_inner = "." not in host or re.fullmatch(r"[\d.:a-f]+", host) is not None
    if not host or parts.username is not None or parts.scheme not in (("http", "https") if is_inner else ("https",)):
        raise ValueError("no address for a webhook")
    if re.search(r"[?#\s\\{}]", url) or parts.port == 0:
        raise ValueError("more than an address")
    return url


Port = Annotated[int, Field(ge=0, le=65535)]
UserId = Annotated[int, Field(gt=0), AfterValidator(_somebodys)]
Networks = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], NoDecode, BeforeValidator(_split)]
UserIds = Annotated[frozenset[UserId], NoDecode, BeforeValidator(_split)]


class Settings(BaseSettings):
    """The bot's settings. Names in the environment are the field names in capitals."""

    model_config = SettingsConfigDict(env_file_encoding="utf-8", env_ignore_empty=True, frozen=True)

    bot_token: Annotated[SecretStr, AfterValidator(_token_shaped)] = Field(
        SecretStr(""),
        description="The token that @BotFather gave, like 123456789:AAF…; empty starts the local chat in the browser",
    )
    admin_ids: UserIds = Field(
        frozenset(), description="Who may retrain and review: Telegram user ids, comma-separated, like 12345,67890"
    )
    telegram_proxy: Annotated[SecretStr, AfterValidator(_proxy_shaped)] = Field(
        SecretStr(""),
        description="The proxy to Telegram, like socks5://USER:PASSWORD@HOST:1080 (http, https, socks5); empty: the "
        "environment's",
    )
    bot_api_url: Annotated[str, AfterValidator(_server_address)] = Field(
        "", description="A Bot API server of your own: http://127.0.0.1:8081, no /bot at its end; empty is Telegram's"
    )
    webhook_url: Annotated[str, AfterValidator(_webhook_address)] = Field(
        "",
        description="Where Telegram brings updates: https://digits.example.org/telegram; empty: the bot asks for them",
    )
    answer_business_chats: bool = Field(
        default=False,
        description="Whether to read the pictures sent to a Telegram Business account, in its owner's name: true or "
        "false",
    )
    data_dir: Path = Field(Path("data"), description="The folder for what the bot keeps: its database, trained models")
    database_url: Annotated[SecretStr, AfterValidator(_database_shaped)] = Field(
        SecretStr(""),
        description="The database: postgresql://USER:PASSWORD@HOST/NAME or sqlite:///FILE; empty is SQLite in DATA_DIR",
    )
    models_url: Annotated[SecretStr, AfterValidator(_models_shaped)] = Field(
        SecretStr(""),
        description="Where several bots share trained models: s3://BUCKET/PATH, file:///FOLDER or what else fsspec "
        "knows; empty: DATA_DIR alone",
    )
    models_private_key: Path | None = Field(
        None,
        description="The file of the elliptic curve key (PEM, no password) that trained models are signed with; empty: "
        "they are not",
    )
    models_public_key: Path | None = Field(
        None,
        description="The file of the public key (PEM) that trained models must be signed for, else none is served; "
        "empty: all are",
    )
    local_chat_port: Port = Field(
        8080, description="Port of the local chat on 127.0.0.1, from 0 to 65535; 0 picks any free one"
    )
    http_host: str = Field(
        "127.0.0.1", min_length=1, description="Address that the web side (/healthz) listens on when there is a token"
    )
    http_port: Port = Field(8081, description="Port of the web side when there is a token, from 0 to 65535")
    public_url: Annotated[str, AfterValidator(_https_address)] = Field(
        "",
        description="Where people reach the web side: https://digits.example.org, no path, no query; /draw needs it",
    )
    trusted_proxies: Networks = Field(
        (),
        description="Proxies in front of the web side whose X-Forwarded-For is believed: addresses or networks, "
        "comma-separated, like 127.0.0.1,10.0.0.0/8",
    )
    metrics_from: Networks = Field(
        (),
        description="Who may read /metrics beside this machine: addresses or networks, comma-separated, like "
        "10.0.0.0/8",
    )
    readings_per_minute: int = Field(
        60, ge=1, description="How many pictures one person may have read in a minute, at least 1; admins have no limit"
    )
    messages_per_second: float = Field(
        28, gt=0, description="How many messages a second the bot sends at most, above 0; Telegram allows about 30"
    )
    reading_threads: int = Field(
        2, ge=1, le=64, description="How many pictures are read at the same time, from 1 to 64; one a core is right"
    )
    retrain_epochs: int | None = Field(
        None, ge=1, description="How many epochs /retrain takes, at least 1; empty leaves it to the recipe"
    )
    retrain_digits: int | None = Field(
        None, ge=1000, le=60000, description="How many digits /retrain learns from, 1000 to 60000; empty takes them all"
    )
    shadow_hours: float = Field(
        0,
        ge=0,
        le=168,
        description="For how many hours a new model that passed reads beside the served one before it serves, unseen, "
        "up to 168; 0: it serves at once",
    )
    mnist_dir: Path | None = Field(
        None, description="A folder that holds the four MNIST files; empty fetches them when training needs them"
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(str.upper)] = Field(
        "INFO", description="How much is logged: DEBUG, INFO, WARNING or ERROR"
    )

    @property
    def is_local(self) -> bool:
        """Whether the bot runs in the local chat, because no token is set."""
        return not self.bot_token.get_secret_value()

    @property
    def webhook_path(self) -> str:
        """The path of WEBHOOK_URL."""
        return urlsplit(self.webhook_url).path or "/"


def load_settings(env_file: Path = Path(".env")) -> Settings:
    """Read and check every setting; the process environment wins over `env_file`, which may be absent.

    Raises SettingsError for the first setting that is wrong, or a name in `env_file` that is no setting.
    """
    try:
        return Settings(_env_file=env_file)  # type: ignore[call-arg]
    except ValidationError as error:
        raise SettingsError(_explain(error)) from None  # the cause holds the value, which may be a secret
    except (UnicodeDecodeError, OSError) as error:
        raise SettingsError(f".env can't be read: {type(error).__name__}") from None


def _explain(error: ValidationError) -> str:
    name = str(error.errors(include_input=False, include_context=False)[0]["loc"][0])
    field = Settings.model_fields.get(name.lower())
    if field is None:
        return f"{name.upper()} in .env is no setting of this bot: .env.example lists them all"
    return f"{name.upper()} is wrong. {field.description}"
