"""/retrain's conversation on a fake Telegram; the training is a script of a few lines."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot import replies
from bot.trainer import Trainer
from tests.fakes import ADMIN, PERSON, PRIVATE, Bot, Call, ScriptedReader

GOOD = """
import json, sys
for fraction in (0.1, 0.5):
    print(json.dumps({"event": "progress", "epoch": 1, "epochs": 5, "fraction": fraction, "accuracy": .9, "eta_s": 75}))
print(json.dumps({"event": "exporting"}))
print(json.dumps({"event": "done", "version": "v<1", "folder": "x", "test_accuracy": 0.9876}))
"""
WAITING = """
import json, time
print(json.dumps({"event": "progress", "epoch": 1, "epochs": 5, "fraction": 0, "accuracy": .9, "eta_s": 1}), flush=True)
time.sleep(60)
"""
FAILING = """
import json, sys
print(json.dumps({"event": "error", "message": "The disk <is> full."}))
sys.exit(1)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """What is run in place of a training."""
    path = tmp_path / "training.py"
    path.write_text(GOOD)
    return path


@pytest.fixture
async def bot(script: Path, tmp_path: Path) -> AsyncIterator[Bot]:
    """A bot whose training is the script."""
    trainer = Trainer(tmp_path / "models", command=(sys.executable, str(script)))
    async with Bot(ScriptedReader(), trainer) as running:
        yield running
        await trainer.cancel()


def command(bot: Bot, text: str, person: dict[str, Any]) -> dict[str, Any]:
    """A message with a command."""
    entities = [{"type": "bot_command", "offset": 0, "length": len(text.partition(" ")[0])}]
    return bot.message(text=text, entities=entities, **{"from": person})


def press(data: str, person: dict[str, Any]) -> dict[str, Any]:
    """A pressed button under message 500."""
    message = {"message_id": 500, "date": 1, "chat": PRIVATE, "text": "?"}
    return {"id": "q", "from": person, "chat_instance": "c", "data": data, "message": message}


def buttons(call: Call) -> list[str]:
    """The texts of a message's buttons."""
    markup = call.parameters.get("reply_markup") or {"inline_keyboard": []}
    return [button["text"] for row in markup["inline_keyboard"] for button in row]


def calls(bot: Bot, method: str) -> list[Call]:
    """The calls of one method."""
    return [call for call in bot.telegram.calls if call.method == method]


async def test_retrain_of_somebody_else_is_refused_politely(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    """A guest is told that this is for an admin; nothing is asked, trained or logged as an error."""
    (answer,) = await bot.handle(message=command(bot, "/retrain", PERSON))
    assert "admin" in answer
    assert not buttons(calls(bot, "sendMessage")[0])
    assert not caplog.records


async def test_retrain_asks_an_admin_first(bot: Bot) -> None:
    """The question comes with a button that starts and one that leaves it."""
    await bot.handle(message=command(bot, "/retrain", ADMIN))
    assert [button[0] for button in buttons(calls(bot, "sendMessage")[0])] == ["✅", "✖"]


async def test_retrain_with_an_unknown_recipe_names_those_there_are(bot: Bot) -> None:
    """A typing error lists the recipes and starts nothing."""
    assert await bot.handle(message=command(bot, "/retrain sed", ADMIN)) == [replies.retrain_usage(["seed", "full"])]


async def test_leaving_it_edits_the_question_and_trains_nothing(bot: Bot) -> None:
    """The second button closes the question."""
    await bot.handle(callback_query=press("train:leave", ADMIN))
    (edit,) = calls(bot, "editMessageText")
    assert (edit.parameters["text"], buttons(edit)) == (replies.RETRAIN_LEFT, [])


async def test_a_training_shows_progress_in_one_message_and_ends_with_a_verdict(bot: Bot) -> None:
    """Progress is edited into the question's message, with Cancel; only the verdict, a new message, says refused."""
    sent = await bot.handle(callback_query=press("train:go:seed", ADMIN))
    edits = calls(bot, "editMessageText")
    assert {edit.parameters["message_id"] for edit in edits} == {500}
    assert [edit.parameters["text"] for edit in edits] == [
        replies.TRAINING_STARTS,
        replies.TRAINING_EXPORTS,
        replies.TRAINING_DONE,
    ]
    assert [buttons(edit) for edit in edits] == [["✖ Cancel"], ["✖ Cancel"], []]
    assert not any("promoted" in edit.parameters["text"] or "refused" in edit.parameters["text"] for edit in edits)
    (verdict,) = sent
    assert "98.76 %" in verdict
    assert "refused" in verdict
    assert "v&lt;1" in verdict


async def test_edits_come_no_faster_than_telegram_allows(bot: Bot) -> None:
    """Two progress events in a row bring no edit within the 3 s after the last one."""
    await bot.handle(callback_query=press("train:go:seed", ADMIN))
    assert not any("epoch" in edit.parameters["text"] for edit in calls(bot, "editMessageText"))


async def test_a_second_training_is_refused_while_one_runs_and_cancel_ends_it(bot: Bot, script: Path) -> None:
    """One at a time, whoever asks; Cancel stops the process and says that nothing changed; then another can start."""
    script.write_text(WAITING)
    go = bot.update(callback_query=press("train:go:seed", ADMIN))
    await bot.application.process_update(go)
    assert await bot.handle_only(message=command(bot, "/retrain", ADMIN)) == [replies.RETRAIN_RUNNING]
    await bot.handle_only(callback_query=press("train:go:seed", ADMIN))
    assert calls(bot, "answerCallbackQuery")[-1].parameters["text"] == replies.RETRAIN_RUNNING
    await bot.handle(callback_query=press("train:cancel", ADMIN))
    assert calls(bot, "editMessageText")[-1].parameters["text"] == replies.RETRAIN_CANCELLED
    script.write_text(GOOD)
    assert "refused" in (await bot.handle(callback_query=press("train:go:seed", ADMIN)))[0]


async def test_a_failed_training_says_why_and_that_nothing_was_lost(bot: Bot, script: Path) -> None:
    """The process's own words reach the admin, escaped, in the training's message."""
    script.write_text(FAILING)
    assert await bot.handle(callback_query=press("train:go:seed", ADMIN)) == []
    assert calls(bot, "editMessageText")[-1].parameters["text"] == replies.training_failed("The disk <is> full.")


async def test_somebody_elses_press_does_nothing_but_say_so(bot: Bot) -> None:
    """In a group others see the buttons too: they get an alert, and no training starts."""
    await bot.handle(callback_query=press("train:go:seed", PERSON))
    assert [call.method for call in bot.telegram.calls] == ["answerCallbackQuery"]
    assert bot.telegram.calls[0].parameters["text"] == replies.ADMINS_ONLY


async def test_a_button_of_an_earlier_training_says_that_it_is_over(bot: Bot) -> None:
    """Cancel with nothing running is answered, not ignored."""
    await bot.handle(callback_query=press("train:cancel", ADMIN))
    assert bot.telegram.calls[0].parameters["text"] == replies.RETRAIN_STALE


async def test_a_deleted_progress_message_does_not_end_the_training(bot: Bot) -> None:
    """When the message can't be edited any more, the verdict still comes."""
    bot.telegram.failures["editMessageText"] = (400, "Bad Request: message to edit not found")
    (verdict,) = await bot.handle(callback_query=press("train:go:seed", ADMIN))
    assert "refused" in verdict
