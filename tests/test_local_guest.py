"""Guest mode in the local chat over real HTTP: the whole bot answers in a group where it is no member, and once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot import words
from bot.api.connection import BotApi
from bot.learning.trainer import Trainer
from bot.local import GUEST_ID
from model import Reading
from tests.fakes import BLANK, Bot, ScriptedReader, a_reading
from tests.local_server import Local, Stage, picture

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAMED = "what is it, @Local_digit_bot?"
TEXT = {"message_text": "<b>7</b> 99 %", "parse_mode": "HTML"}
RESULT = {"type": "article", "id": "1", "title": "7", "input_message_content": TEXT}
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


class JpegReader(ScriptedReader):
    """Reads every photo that Telegram made a JPEG of as 4071."""

    def read(self, photo: bytes) -> Reading:
        """Read."""
        if not photo.startswith(b"\xff\xd8"):
            return super().read(photo)
        self.photos.append(photo)
        return a_reading("4071")


@pytest_asyncio.fixture(loop_scope="module")
async def bot(local: Local, tmp_path: Path) -> AsyncIterator[Bot]:
    """The whole bot, which polls the local chat with its own client."""
    api = BotApi(local.chat.token, origin=local.origin)
    async with Bot(JpegReader(), Trainer(tmp_path / "models"), api=api) as running:
        updater = running.application.updater
        assert updater is not None
        await updater.start_polling(poll_interval=0, timeout=10)
        yield running
        await updater.stop()


async def ask(local: Local, text: str = NAMED, **files: tuple[str, bytes]) -> Any:
    """Name the bot elsewhere, in answer to a file if one comes with it; its answer."""
    said = {"user": "guest", "text": text}
    response = await local.http.post("/local/guest_queries", data=said, files=files or None)
    assert response.status_code == 200, response.text
    return response.json()


async def asked(local: Local) -> tuple[asyncio.Task[Any], dict[str, Any]]:
    """Name the bot elsewhere, in answer to a photo; the waiting question, and the message that the bot gets."""
    asking = asyncio.create_task(ask(local, photo=("7.jpg", picture())))
    (update,) = await local.updates(timeout=20)
    return asking, update["guest_message"]


async def test_a_photo_that_is_answered_with_the_bots_name_is_read_there(bot: Bot, local: Local) -> None:
    """The update, the photo's download and the answer go over HTTP; the bot's own chats hear nothing of it."""
    answer = await ask(local, photo=("page.jpg", picture()))
    assert (answer["text"], answer["buttons"]) == ("4071\n97 % sure", None)
    assert answer["entities"][0] == {"type": "code", "offset": 0, "length": 4}
    assert len(bot.reader.photos) == 1
    assert await local.messages(user="guest") == []


async def test_a_file_is_read_there_and_what_is_none_is_answered(bot: Bot, local: Local) -> None:
    """A picture sent as a file, one that is too big, and nothing at all."""
    assert (await ask(local, document=("9.png", BLANK + b"9")))["text"] == "9\n97 % sure"
    big = await ask(local, document=("9.png", b"0" * ((20 << 20) + 1)))
    assert big["text"].startswith("That file is over 20 MB")
    assert (await ask(local))["text"] == words.replies.GUEST_WHAT()
    assert len(bot.reader.photos) == 1


async def test_a_guests_message_is_as_telegram_documents_it(local: Local) -> None:
    """It has the query's id, the group, who asks, and what is answered with its author; getMe says that it may come."""
    assert (await local.result("getMe"))["supports_guest_queries"] is True
    asking, message = await asked(local)
    assert (message["from"]["id"], message["chat"]["type"], message["text"]) == (GUEST_ID, "supergroup", NAMED)
    assert message["entities"] == [{"type": "mention", "offset": 12, "length": 16}]
    answered = message["reply_to_message"]
    assert answered["from"]["id"] != GUEST_ID
    assert answered["chat"] == message["chat"]
    assert "guest_query_id" not in answered
    assert "chat not found" in await local.refusal("sendMessage", chat_id=message["chat"]["id"], text="7")
    await local.result("answerGuestQuery", guest_query_id=message["guest_query_id"], result=RESULT)
    assert (await asking)["text"] == "7 99 %"


async def test_a_guest_query_takes_one_answer(local: Local) -> None:
    """A second one is too late, and so is one with an id that was never given."""
    asking, message = await asked(local)
    assert TOO_OLD in await local.refusal("answerGuestQuery", guest_query_id="1", result=RESULT)
    answer = {"guest_query_id": message["guest_query_id"], "result": RESULT}
    assert (await local.result("answerGuestQuery", **answer))["inline_message_id"]
    await asking
    assert TOO_OLD in await local.refusal("answerGuestQuery", **answer)


async def test_a_guest_query_that_the_bot_never_answers_expires(stage: Stage) -> None:
    """Whoever asked is let go after a while; then the query is too old."""
    async with stage.local_chat(press_timeout_s=0.02) as local:
        assert await ask(local) is None
        query = (await local.updates())[0]["guest_message"]["guest_query_id"]
        assert TOO_OLD in await local.refusal("answerGuestQuery", guest_query_id=query, result=RESULT)


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (None, "result isn't specified"),
        ({**RESULT, "id": ""}, "RESULT_ID_INVALID"),
        ({**RESULT, "id": "x" * 65}, "RESULT_ID_INVALID"),
        ({**RESULT, "title": ""}, "ARTICLE_TITLE_EMPTY"),
        ({**RESULT, "type": "photo"}, "only an article"),
        ({**RESULT, "input_message_content": "7"}, "only an article"),
        ({**RESULT, "input_message_content": {"message_text": " "}}, "message text is empty"),
        ({**RESULT, "input_message_content": {"message_text": "7" * 4097}}, "message is too long"),
        ({**RESULT, "input_message_content": {**TEXT, "message_text": "<b>7"}}, "can't parse entities"),
        ({**RESULT, "reply_markup": {"inline_keyboard": [[{"text": "✓"}]]}}, "Text buttons are unallowed"),
    ],
)
async def test_a_malformed_answer_is_refused_and_the_query_stays(
    local: Local, result: dict[str, Any] | None, why: str
) -> None:
    """A mistake in the one answer that is allowed can be mended."""
    asking, message = await asked(local)
    query = message["guest_query_id"]
    assert why in await local.refusal("answerGuestQuery", guest_query_id=query, result=result)
    await local.result("answerGuestQuery", guest_query_id=query, result=RESULT)
    assert (await asking)["text"] == "7 99 %"


@pytest.mark.parametrize("text", ["", "what is it?"])
async def test_what_does_not_name_the_bot_is_no_guest_query(local: Local, text: str) -> None:
    """Telegram would not tell the bot of it."""
    response = await local.http.post("/local/guest_queries", data={"text": text})
    assert (response.status_code, "names the bot" in response.json()["error"]) == (400, True)
    assert await local.updates() == []
