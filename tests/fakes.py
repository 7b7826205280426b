"""The fakes: small, and only at seams. Telegram as the client library's transport, the reader as a script.

The local chat's tests drive the same handlers over real HTTP, and aiogram, a client that nobody here wrote, keeps that
Bot API honest.
"""

import asyncio
import json
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from telegram import Update
from telegram.request import BaseRequest, RequestData

from bot.answers import PictureAnswers
from bot.api.connection import BotApi
from bot.app import build_application
from bot.learning.models import Models
from bot.learning.promotion import Promotion
from bot.learning.shadow import ShadowReader
from bot.learning.trainer import Trainer
from bot.learning.versions import Versions
from bot.limits import ReadingLimit
from bot.pool import ReadingPool
from bot.settings import load_settings
from bot.store import Store
from model import SHIPPED, Bitmap, Blames, Box, Digit, Opinion, Reading, Version, Why, open_version
from model.blame import blames, of_edition
from model.decision import Decision
from model.hypothesis import Hypothesis
from model.signs import CLASSES
from tests.databases import copy_migrated, in_memory
from tests.pictures import encode, paper

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
BOT = {"id": 110201543, "is_bot": True, "first_name": "Digits", "username": "digits_bot"}
PERSON = {"id": 7, "is_bot": False, "first_name": "Ada"}
STRANGER = {"id": 99, "is_bot": False, "first_name": "Eve"}
ADMIN_ID = 8
ADMIN = {"id": ADMIN_ID, "is_bot": False, "first_name": "Root"}
PRIVATE = {"id": 7, "type": "private", "first_name": "Ada"}
GROUP = {"id": -100, "type": "supergroup", "title": "Sums"}
ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
"""Whom Telegram gives as the sender of every anonymous admin's message, in every group."""

BLANK = encode(paper(200, 100))
"""The PNG of an empty page, as large as `a_reading` says; what comes after its end is ignored by everybody else."""
_PNG_END = BLANK[-8:]
EDITION = "scripted"
"""Of the features in what ScriptedReader reads."""

_ALWAYS: dict[str, object] = {
    "getMe": BOT,
    "answerGuestQuery": {"inline_message_id": "i"},
    "sendMediaGroup": [],
    "getMyCommands": [],
    "getMyDescription": {"description": ""},
    "getMyShortDescription": {"short_description": ""},
}


@dataclass(frozen=True, slots=True)
class Call:
    """One method that the bot called."""

    method: str
    parameters: dict[str, Any]
    files: tuple[Any, ...] = ()  # the bytes of what was uploaded with it


class Telegram(BaseRequest):
    """Telegram, as far as the transport of python-telegram-bot can see: records calls, hands out `files` by id."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.files: dict[str, bytes] = {}
        self.failures: dict[str, tuple[int, str]] = {}  # method → what it answers instead
        self.lasting: dict[str, int] = {}  # method → how many calls more its failure lasts; for ever without
        self.owners: set[tuple[int, int]] = set()  # (chat, person): of all others Telegram tells nothing
        self.menu_button: dict[str, Any] = {"type": "default"}
        self.webhook = ""
        self.ephemeral: Literal["unknown", "member", "administrator"] = "unknown"  # whether it may send these messages
        self._next_id = 1000

    @property
    def read_timeout(self) -> float | None:
        """No timeout."""
        return None

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_timeouts: object, **_more: object
    ) -> tuple[int, bytes]:
        """Answer as Telegram would, in the smallest form that the library accepts."""
        if method == "GET":  # only files are fetched so
            return 200, self.files[url.rsplit("/", 1)[1]]
        name = url.rsplit("/", 1)[1]
        parameters = request_data.parameters if request_data else {}
        uploads = request_data.multipart_data if request_data else {}
        self.calls.append(Call(name, parameters, tuple(upload[1] for upload in (uploads or {}).values())))
        await asyncio.sleep(0)
        if name == "getChatMember" and (parameters["chat_id"], parameters["user_id"]) not in self.owners:
            return _refusal(400, "Bad Request: member list is inaccessible")
        if "ephemeral_message_parameters" in parameters and (refusal := self._ephemeral_refusal(parameters)):
            return _refusal(400, f"Bad Request: {refusal}")
        if name in self.failures and self.lasting.get(name, 1):
            if name in self.lasting:
                self.lasting[name] -= 1
            return _refusal(*self.failures[name])
        return 200, json.dumps({"ok": True, "result": self._result(name, parameters)}).encode()

    def _result(self, name: str, parameters: dict[str, Any]) -> object:
        match name:
            case "getFile":
                file_id = parameters["file_id"]
                return {"file_id": file_id, "file_unique_id": file_id, "file_path": file_id}
            case "getChatMember":
                user = {"id": parameters["user_id"], "is_bot": False, "first_name": "Ada"}
                return {"status": "creator", "user": user, "is_anonymous": True}
            case _ if name in _ALWAYS:
                return _ALWAYS[name]
            case "setWebhook" | "deleteWebhook":
                self.webhook = parameters.get("url", "")
                return True
            case "getWebhookInfo":
                return {"url": self.webhook, "has_custom_certificate": False, "pending_update_count": 0}
            case "getChatMenuButton":
                return self.menu_button
            case "setChatMenuButton":
                self.menu_button = parameters["menu_button"]
                return True
            case _ if name.startswith(("send", "editMessage")) and name != "sendChatAction":
                return self._message(parameters)
            case _:
                return True

    def _message(self, parameters: dict[str, Any]) -> dict[str, Any]:
        self._next_id += 1
        said: dict[str, Any] = {key: parameters[key] for key in ("text", "caption") if key in parameters}
        if "ephemeral_message_parameters" in parameters and self.ephemeral != "unknown":
            receiver = {**PERSON, "id": parameters["ephemeral_message_parameters"]["receiver_user_id"]}
            said |= {"ephemeral_message_id": self._next_id, "receiver_user": receiver}
            return {"message_id": 0, "date": 1, "chat": GROUP, "from": BOT, **said}
        chat = {"id": parameters["chat_id"], "type": "private", "first_name": "Ada"}
        return {"message_id": self._next_id, "date": 1, "chat": chat, "from": BOT, **said}

    def _ephemeral_refusal(self, parameters: dict[str, Any]) -> str:
        """Why an ephemeral message is not sent; a server that does not know them sends an ordinary one."""
        if self.ephemeral == "unknown":
            return ""
        if parameters["chat_id"] > 0:
            return "PEER_ID_INVALID"
        is_reply = "ephemeral_message_id" in parameters.get("reply_parameters", {})
        is_answer = is_reply or "callback_query_id" in parameters["ephemeral_message_parameters"]
        return "" if is_answer or self.ephemeral == "administrator" else "CHAT_ADMIN_REQUIRED"

    @property
    def last_id(self) -> int:
        """The id of the message that was sent last."""
        return self._next_id

    def sent(self) -> list[str]:
        """The texts of the messages that the bot sent, and the captions of its photos, in order."""
        words = {"sendMessage": "text", "sendPhoto": "caption"}
        return [call.parameters[words[call.method]] for call in self.calls if call.method in words]


def _refusal(status: int, description: str) -> tuple[int, bytes]:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    if status == 429:
        body["parameters"] = {"retry_after": 1}
    return status, json.dumps(body).encode()


def a_reading(text: str = "7", confidence: float = 0.97, runner_up: int = 1, version: str = "v1") -> Reading:
    """A reading of one line of digits and signs; what the last digit lacks in confidence goes to `runner_up`.

    "?42" stands for a picture in which no digit is seen, but two things that might be a 4 and a 2; in "4?071" the 0 is
    such a thing, and 471 is read.
    """
    digits: list[Digit] = []
    for place, character in enumerate(filter(str.isdecimal, text)):
        probabilities = np.zeros(10)
        probabilities[runner_up] = 1 - confidence
        probabilities[int(character)] += confidence
        box = Box(30 * place, 0, 30 * place + 20, 28)
        bitmap = np.zeros((28, 28), np.float32)
        digits.append(Digit(int(character), confidence, box, bitmap, tuple(probabilities.tolist())))
    size = max(200, 30 * len(digits)), 100
    if text.startswith("?"):
        return Reading((), (), 0.0, size, version, doubtful=tuple(digits))
    if not digits:
        return Reading((), (), 0.0, size, version)
    doubted = {at - text[:at].count("?") for at in range(1, len(text)) if text[at - 1] == "?"}  # digits alone before it
    read = tuple(digit for place, digit in enumerate(digits) if place not in doubted)
    return Reading(
        (read,),
        (re.sub(r"\?\d", "", text),),
        confidence,
        size,
        version,
        doubtful=tuple(digits[place] for place in sorted(doubted)),
        doubtful_after=tuple(place - rank for rank, place in enumerate(sorted(doubted))),
    )


def a_hypothesis(box: Box, probabilities: NDArray[Any]) -> Hypothesis:
    """A digit that everything speaks for, with these probabilities of 0..9."""
    meaning = np.zeros(CLASSES, np.float32)
    meaning[int(probabilities.argmax())] = 1
    return Hypothesis(
        box=box,
        bitmap=np.zeros((28, 28), np.float32),
        contrast=200.0,
        share=0.3,
        classical=float(probabilities.max()),
        score=1.0,
        judged=1.0,
        probabilities=np.asarray(probabilities, np.float32),
        meaning=meaning,
        likely=1.0,
        lined=1.0,
    )


@dataclass
class ScriptedReader:
    """Reads a photo by its bytes, or by those after its last chunk: b"42" is read as 42, b"" and b"?42" as no digit.

    `gate` holds every reading back.
    """

    version: Version = field(default_factory=lambda: open_version(SHIPPED))
    gate: threading.Event | None = None
    failure: Exception | None = None
    photos: list[bytes] = field(default_factory=list)
    explained: list[tuple[Bitmap, int]] = field(default_factory=list)

    def read(self, photo: bytes) -> Reading:
        """Read, or raise `failure`."""
        self.photos.append(photo)
        if self.gate is not None:
            assert self.gate.wait(10)
        if self.failure is not None:
            raise self.failure
        return a_reading(photo.rpartition(_PNG_END)[2].decode(), version=self.version.name)

    def why(self, bitmap: Bitmap, digit: int) -> Why:
        """Be sure of the digit, whatever is erased."""
        self.explained.append((bitmap, digit))
        return Why(tuple(np.eye(10)[digit].tolist()), np.zeros((28, 28), np.float32), 0.5)

    def blames(self, said: NDArray[Any], label: NDArray[Any], features: NDArray[Any], editions: NDArray[Any]) -> Blames:
        """Count as the real one, with the weights that come with the package."""
        known, strange = of_edition(features, editions, EDITION)
        return blames(said, label, known, Decision(), strange=strange)


@dataclass
class ScriptedCrops:
    """Reads the crops of some digits otherwise, None: not a digit; `gate` holds it back."""

    otherwise: dict[int, int | None] = field(default_factory=dict)
    gate: threading.Event | None = None
    failure: Exception | None = None
    crops: int = 0

    def read(self, digits: Sequence[Digit]) -> Sequence[Opinion]:
        """Read, or raise `failure`."""
        self.crops += len(digits)
        if self.gate is not None:
            assert self.gate.wait(10)
        if self.failure is not None:
            raise self.failure
        return [Opinion(self.otherwise.get(digit.digit, digit.digit), 0.9) for digit in digits]


class Bot:
    """A whole bot on a fake Telegram; use it as an async context manager."""

    def __init__(
        self,
        reader: ScriptedReader,
        trainer: Trainer,
        *,
        telegram: Telegram | None = None,
        api: BotApi | None = None,
        database: str = "",
        now: Callable[[], float] | None = None,
        **settings: object,
    ) -> None:
        """By default it has a Telegram and a database of its own; two processes of one bot share both.

        With an `api`, a local chat's say, it speaks to that by the client library's own transport, over real HTTP.
        """
        self.telegram = telegram or Telegram()
        self.reader = reader
        self.pool = ReadingPool(reader, 2)
        self._database, url = in_memory()
        self.store = Store(database or url, Path(), bot="fake", now=now)
        chosen = load_settings().model_copy(update=settings)
        versions = Versions(trainer.models, lambda folder: ScriptedReader(open_version(folder)))
        self.models = Models(versions, self.store.service, self.pool)
        beside_s = 3600 * chosen.shadow_hours
        self.promotion = Promotion(self.models, self.store.records, self.store.shadows, beside_s=beside_s)
        self.crop_readers: dict[str, ScriptedCrops] = {}  # by version; others read every crop as it was read
        self.shadow = ShadowReader(
            self.models,
            self.store.shadows,
            lambda version: self.crop_readers.get(version.name, ScriptedCrops()),
            is_on=beside_s > 0,
        )
        limit = ReadingLimit(chosen.readings_per_minute, time.monotonic)
        self.answers = PictureAnswers(self.pool, self.store, limit, frozenset({ADMIN_ID}), self.shadow)
        self.application = build_application(
            chosen,
            api or BotApi(TOKEN, request=self.telegram),
            self.answers,
            trainer,
            self.store,
            served=self.models,
            promotion=self.promotion,
            admins=frozenset({ADMIN_ID}),
        )
        self._next_id = 0

    async def __aenter__(self) -> "Bot":
        await copy_migrated(self._database)
        await self.store.open()
        await self.models.restore()
        await self.application.initialize()
        await self.application.start()
        self.telegram.calls.clear()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.application.stop()
        await self.application.shutdown()
        await self.store.close()
        self._database.close()
        self.pool.close()

    def update(self, **fields: Any) -> Update:
        """An update of the next id."""
        self._next_id += 1
        update = Update.de_json({"update_id": self._next_id, **fields}, self.application.bot)
        assert update is not None  # given data, the library gives an update
        return update

    def message(self, **fields: Any) -> dict[str, Any]:
        """A message of the next id, from a person in a private chat unless `fields` say otherwise."""
        self._next_id += 1
        return {"message_id": self._next_id, "date": 4_000_000_000, "chat": PRIVATE, "from": PERSON} | fields

    def photo(self, digits: str, **fields: Any) -> dict[str, Any]:
        """A message with a photo that ScriptedReader reads as `digits`."""
        file_id = f"photo{digits}"
        self.telegram.files[file_id] = BLANK + digits.encode()  # a picture, since what is read is drawn on it
        sizes = [{"file_id": file_id, "file_unique_id": file_id, "width": 90, "height": 90, "file_size": 900}]
        return self.message(photo=sizes, **fields)

    def command(self, text: str, person: dict[str, Any] = PERSON) -> dict[str, Any]:
        """A message with a command, from `person` in a private chat."""
        entities = [{"type": "bot_command", "offset": 0, "length": len(text.partition(" ")[0])}]
        return self.message(text=text, entities=entities, **{"from": person})

    async def handle(self, **fields: Any) -> list[str]:
        """Handle one update to its end, background tasks included, and give the texts sent for it."""
        before = len(self.telegram.sent())
        await self.deliver([self.update(**fields)])
        return self.telegram.sent()[before:]

    async def handle_only(self, **fields: Any) -> list[str]:
        """Like `handle`, leaving what runs in the background running."""
        before = len(self.telegram.sent())
        await self.application.process_update(self.update(**fields))
        return self.telegram.sent()[before:]

    async def deliver(self, updates: Sequence[Update]) -> None:
        """Handle updates as they come from Telegram: all at once, in the bot's own order."""
        processor = self.application.update_processor
        await asyncio.gather(
            *(processor.process_update(update, self.application.process_update(update)) for update in updates)
        )
        await self.until(lambda: not any(task.get_name() in ("album", "training") for task in asyncio.all_tasks()))

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until something is so; the test's own time limit ends a wait in vain."""
        while not true():  # noqa: ASYNC110 what is waited for has no event
            await asyncio.sleep(0.01)
