"""/retrain's conversation on a fake Telegram; the training is a script of a few lines."""

import asyncio
import resource
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot import words
from bot.handlers.training import _Board
from bot.learning.trainer import Trainer
from bot.learning.versions import KEPT, SHIPPED_NAME
from model import SHIPPED, Reading, open_version
from model.blame import WIDTH
from model.mnist import Mnist
from tests.fakes import ADMIN, ADMIN_ID, EDITION, PERSON, PRIVATE, Bot, Call, ScriptedReader, a_reading
from tests.processes import ROOT, environment
from tests.versions import a_version

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


def a_training(lost: int = 2) -> str:
    """A script that trains nothing: its new version is the shipped one, said to have lost so many digits."""
    return f"""
import json, pathlib, shutil, sys
progress = {{"event": "progress", "epoch": 1, "epochs": 5, "accuracy": .9, "eta_s": 75}}
for fraction in (0.1, 0.5):
    print(json.dumps(progress | {{"fraction": fraction}}))
print(json.dumps({{"event": "exporting"}}))
options = dict(zip(sys.argv[1::1], sys.argv[2::1]))
name = "v" + str(1 + len(list(pathlib.Path(options["--models"]).glob("v*"))))
folder = pathlib.Path(options["--models"], name)
shutil.copytree({str(SHIPPED)!r}, folder)
metrics = json.loads((folder / "metrics.json").read_text())
served = json.loads(pathlib.Path(options["--served"], "metrics.json").read_text())["version"]
paired = {{"digits": 100, "old": 95, "new": 97 - {lost}, "only_old": {lost}, "only_new": 2}}
comparison = {{"served": served, "validation": paired, "photos": paired, "corrections": None}}
comparison["is_judged"] = options["--recipe"] != "seed"
metrics |= {{"version": name, "recipe": options["--recipe"], "test_accuracy": 0.9876, "comparison": comparison}}
(folder / "metrics.json").write_text(json.dumps(metrics))
print(json.dumps({{"event": "done", "version": name, "folder": str(folder), "test_accuracy": 0.9876}}))
"""


def a_real_training(first: str) -> str:
    """A script that trains for real, on a budget of seconds, after `first`."""
    return f"""
import os, resource, runpy, sys
sys.path.insert(0, {str(ROOT)!r})
{first}
sys.argv += ["--epochs", "1", "--digits", "500"]
sys.argv.insert(1, "train")
runpy.run_module("model", run_name="__main__")
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """What is run in place of a training."""
    path = tmp_path / "training.py"
    path.write_text(a_training())
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


async def test_retrain_says_whom_the_corrections_teach(bot: Bot) -> None:
    """The classifier, which digit; the judge, whether one; the scorer, what the judge's word could not change.

    What is held back teaches nobody, and what was kept of another edition's features is left out, and said so.
    """
    surely = np.full(WIDTH, 3.0, np.float32)
    digit = replace(a_reading("7").digits[0], features=tuple(surely.tolist()))
    for edition in (EDITION, "another"):
        known = replace(a_reading("7"), lines=((digit,),), edition=edition)
        await corrected(bot, known, None, is_trusted=True)
    await corrected(bot, "7", 1, is_trusted=True)
    await corrected(bot, "?4", 4, is_trusted=True)
    await corrected(bot, "7", 1, is_trusted=True)  # the fifth is held back
    (question,) = await bot.handle(message=command(bot, "/retrain", ADMIN))
    assert "5 corrections, 1 of which are held back" in question
    assert question.split("\n\n")[2].split("\n") == [
        "1 of them teaches the classifier: which digit it is.",
        "2 of them teach the judge: whether it is a digit.",
        "1 of them teaches the scorer: how much the judge's word counts.",
        words.retrain._STRANGE(1),
    ]
    (seed,) = await bot.handle(message=command(bot, "/retrain seed", ADMIN))
    assert "teach" not in seed


async def test_retrain_without_corrections_teaches_nobody_anything_new(bot: Bot) -> None:
    """Then nothing is said of it."""
    (question,) = await bot.handle(message=command(bot, "/retrain", ADMIN))
    assert "of them" not in question


def test_the_verdict_says_what_was_taught() -> None:
    """As the version's metrics say; nothing of a version from before that was counted."""
    shipped = open_version(SHIPPED)
    taught = replace(shipped.metrics, taught={"classifier": 12, "judge": 5, "scorer": 2})
    verdict = words.verdict.verdict(replace(shipped, metrics=taught), shipped, "unjudged", 60)
    assert "Corrections that taught the classifier: 12, the judge: 5, the scorer: 2" in verdict
    assert "taught" not in words.verdict.verdict(shipped, shipped, "unjudged", 60)


async def test_retrain_with_an_unknown_recipe_names_those_there_are(bot: Bot) -> None:
    """A typing error lists the recipes and starts nothing."""
    assert await bot.handle(message=command(bot, "/retrain sed", ADMIN)) == [
        words.retrain.usage(["continue", "seed", "full"])
    ]


async def test_leaving_it_edits_the_question_and_trains_nothing(bot: Bot) -> None:
    """The second button closes the question."""
    await bot.handle(callback_query=press("train:leave", ADMIN))
    (edit,) = calls(bot, "editMessageText")
    assert (edit.parameters["text"], buttons(edit)) == (words.retrain.LEFT(), [])


async def test_a_training_shows_progress_in_one_message_and_ends_with_a_verdict(bot: Bot) -> None:
    """Progress is edited into the question's message, with Cancel; only the verdict, a new message, says promoted."""
    sent = await bot.handle(callback_query=press("train:go:continue", ADMIN))
    edits = calls(bot, "editMessageText")
    assert {edit.parameters["message_id"] for edit in edits} == {500}
    assert [edit.parameters["text"] for edit in edits] == [
        words.training.STARTS(),
        words.training.EXPORTS(),
        words.training.DONE(),
    ]
    assert [buttons(edit) for edit in edits] == [["✖ Cancel"], ["✖ Cancel"], []]
    assert not any("promoted" in edit.parameters["text"] or "refused" in edit.parameters["text"] for edit in edits)
    (verdict,) = sent
    assert "promoted" in verdict
    assert verdict.index("promoted") < verdict.index("98.76 %")  # the test accuracy comes after the verdict


async def test_a_model_that_passed_reads_from_then_on_and_can_be_taken_back(bot: Bot) -> None:
    """The swap is at once: /stats and /healthz's source name the new version; /rollback brings the old one back."""
    before = bot.pool.reader
    await bot.handle(callback_query=press("train:go:continue", ADMIN))
    assert bot.pool.reader.version.name == "v1"
    assert [each.version for each in await bot.store.service.pile()] == ["v1"]
    (stats,) = await bot.handle(message=command(bot, "/stats", PERSON))
    assert stats.startswith("<b>Test accuracy: 98.76 %</b>")
    await bot.handle(message=command(bot, "/rollback", ADMIN))
    assert bot.pool.reader is before


async def test_a_model_that_passed_reads_beside_the_served_one_first(script: Path, tmp_path: Path) -> None:
    """Where that is set: the served model stays, the verdict says for how long, and a button serves it at once."""
    trainer = Trainer(tmp_path / "models", command=(sys.executable, str(script)))
    async with Bot(ScriptedReader(), trainer, shadow_hours=1.5) as bot:
        (verdict,) = await bot.handle(callback_query=press("train:go:continue", ADMIN))
        assert "not promoted yet" in verdict
        assert "for 1.5 h" in verdict
        assert buttons(calls(bot, "sendMessage")[-1]) == ["Serve v1"]
        assert bot.pool.reader is bot.reader
        shadow = await bot.store.shadows.latest()
        assert shadow is not None
        assert (shadow.version, shadow.served, shadow.by_id) == ("v1", SHIPPED_NAME, ADMIN_ID)


async def test_old_versions_are_deleted_after_a_training(bot: Bot) -> None:
    """Once there are more than are kept: the oldest goes."""
    for number in range(KEPT):
        a_version(bot.models.versions.folder, f"v0{number:02}")
    await bot.handle(callback_query=press("train:go:seed", ADMIN))
    left = sorted(path.name for path in bot.models.versions.folder.iterdir() if path.is_dir())
    assert (left[0], len(left)) == ("v001", KEPT)


async def test_a_model_that_lost_too_much_is_refused_and_offered(bot: Bot, script: Path) -> None:
    """The served model stays; the verdict says why, states the margin, and has a button that serves it all the same."""
    script.write_text(a_training(lost=30))
    (verdict,) = await bot.handle(callback_query=press("train:go:continue", ADMIN))
    assert "refused" in verdict
    assert "30 lost; with 2 won, up to 8 may be lost" in verdict
    assert buttons(calls(bot, "sendMessage")[-1]) == ["Serve v1"]
    assert bot.pool.reader is bot.reader


async def test_a_seed_model_is_kept_and_offered_not_judged(bot: Bot) -> None:
    """It has seen the digits that models are judged on."""
    (verdict,) = await bot.handle(callback_query=press("train:go:seed", ADMIN))
    assert "refused" in verdict
    assert "validation digits" not in verdict
    assert bot.pool.reader is bot.reader


async def test_a_model_that_was_compared_with_another_is_refused(bot: Bot, script: Path) -> None:
    """While it trained, an admin put another version into service: the comparison says nothing about that one."""
    await bot.handle(callback_query=press("train:go:continue", ADMIN))
    script.write_text(a_training().replace('"served": served', '"served": "elsewhere"'))
    (verdict,) = await bot.handle(callback_query=press("train:go:continue", ADMIN))
    assert "refused" in verdict
    assert "another model" in verdict
    assert bot.pool.reader.version.name == "v1"


async def test_a_model_that_is_damaged_is_not_served(bot: Bot, script: Path) -> None:
    """What the training wrote is checked against its checksums before anybody reads with it."""
    damage = '(folder / "model.tflite").write_bytes(b"x")\n'
    script.write_text(
        a_training().replace('print(json.dumps({"event": "done"', damage + 'print(json.dumps({"event": "done"')
    )
    assert await bot.handle(callback_query=press("train:go:continue", ADMIN)) == []
    assert "Training failed" in calls(bot, "editMessageText")[-1].parameters["text"]
    assert bot.pool.reader is bot.reader


async def test_the_question_says_what_it_trains_on(bot: Bot) -> None:
    """MNIST plus the approved corrections, how many are held back, and how many wait for review."""
    for number in range(6):
        await corrected(bot, "7", number, is_trusted=True)
    await corrected(bot, "7", 1, is_trusted=False)
    await corrected(bot, "7", None, is_trusted=True)
    (question,) = await bot.handle(message=command(bot, "/retrain", ADMIN))
    assert "MNIST plus 7 corrections, 1 of which" in question
    assert "1 of them teaches the judge: whether it is a digit." in question
    assert "1 correction waits for /review" in question
    (question,) = await bot.handle(message=command(bot, "/retrain seed", ADMIN))
    assert "MNIST alone" in question


async def test_corrections_reach_the_training_but_for_those_held_back(bot: Bot, script: Path, tmp_path: Path) -> None:
    """The crops, their labels, and every fifth by its number in a file of its own; the files are gone afterwards."""
    for number in range(6):
        await corrected(bot, "7", number, is_trusted=True)
    copy = f"shutil.copytree(pathlib.Path(options['--corrections']).parent, {str(tmp_path / 'seen')!r})\n"
    script.write_text(a_training().replace("name = ", copy + "name = ", 1))
    await bot.handle(callback_query=press("train:go:continue", ADMIN))
    with (
        np.load(tmp_path / "seen" / "corrections.npz") as learned,
        np.load(tmp_path / "seen" / "held-back.npz") as held,
    ):
        assert learned["y"].tolist() == [0, 1, 2, 3, 5]
        assert learned["x"].shape == (5, 28, 28)
        assert held["y"].tolist() == [4]
    assert [path.name for path in (tmp_path / "models").iterdir() if path.is_dir()] == ["v1"]


async def corrected(bot: Bot, said: str | Reading, label: int | None, *, is_trusted: bool) -> None:
    """A stored correction, of a reading that was not sure: a burst of them does not look wrong."""
    read = a_reading(said, 0.6) if isinstance(said, str) else said
    (reading,) = await bot.store.readings.remember([read], chat_id=7, user_id=7)
    await bot.store.judgements.correct(reading.id, [label], giver_id=8, is_trusted=is_trusted)


async def test_edits_come_no_faster_than_telegram_allows(bot: Bot) -> None:
    """Progress within the 3 s after an edit brings no edit, later progress does; what must be said is said at once."""
    message = bot.update(message=bot.message(text="?")).message
    assert message is not None
    seconds = iter([100.0, 102.9, 103.1, 103.1, 103.2, 103.2])  # asked before an edit that may wait, and at each edit
    board = _Board(message, lambda: next(seconds))
    await board.show("starts")
    for text in ("1 %", "2 %", "3 %"):
        await board.show_when_due(text)
    await board.show("exports")
    assert [edit.parameters["text"] for edit in calls(bot, "editMessageText")] == ["starts", "2 %", "exports"]


async def test_a_second_training_is_refused_while_one_runs_and_cancel_ends_it(bot: Bot, script: Path) -> None:
    """One at a time, whoever asks; Cancel stops the process and says that nothing changed; then another can start."""
    script.write_text(WAITING)
    go = bot.update(callback_query=press("train:go:seed", ADMIN))
    await bot.application.process_update(go)
    assert await bot.handle_only(message=command(bot, "/retrain", ADMIN)) == [words.retrain.RUNNING()]
    await bot.handle_only(callback_query=press("train:go:seed", ADMIN))
    assert calls(bot, "answerCallbackQuery")[-1].parameters["text"] == words.retrain.RUNNING()
    await bot.handle(callback_query=press("train:cancel", ADMIN))
    assert calls(bot, "editMessageText")[-1].parameters["text"] == words.training.CANCELLED()
    script.write_text(a_training())
    assert "refused" in (await bot.handle(callback_query=press("train:go:seed", ADMIN)))[0]


class Elsewhere(Trainer):
    """A trainer that reaches the trainings of others."""

    is_cancelled = False

    async def can_cancel(self) -> bool:
        """There is one."""
        return True

    async def cancel(self) -> None:
        """Note it."""
        self.is_cancelled = True


async def test_a_training_that_runs_elsewhere_is_cancelled_where_it_can_be(tmp_path: Path) -> None:
    """On a cluster any replica may get the press: what counts is whether the training is within reach."""
    trainer = Elsewhere(tmp_path / "models")
    async with Bot(ScriptedReader(), trainer) as bot:
        await bot.handle(callback_query=press("train:cancel", ADMIN))
        assert bot.telegram.calls[0].parameters["text"] == words.training.CANCELLING()
    assert trainer.is_cancelled


# Each is said in the training's message, in these words.
TROUBLES = {
    "FAILED": (FAILING, "The disk &lt;is&gt; full."),
    "KILLED": ("import os\nos.kill(os.getpid(), 9)", "killed (signal 9), perhaps for want of memory"),
    "CRASHED": ("raise MemoryError", "ended with status 1; the log has the details"),
    "DONE WITHOUT A MODEL": ("pass", "ended with status 0"),
    "NO MNIST": (a_real_training("os.environ['MNIST_DIR'] = '/dev/null'"), "train-images-idx3-ubyte"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_whatever_ends_a_training_is_said_and_the_next_one_works(bot: Bot, script: Path, trouble: str) -> None:
    """What happened, that the served model is unchanged, how to start anew; and that is so."""
    await check_trouble(bot, script, *TROUBLES[trouble])


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_a_disk_that_is_full_is_said_and_the_next_training_works(bot: Bot, script: Path, mnist: Mnist) -> None:
    """A real training whose model no longer fits: what was half-written is gone."""
    assert len(mnist.train_labels) == 60_000  # fetched before
    # Without bytecode: what is imported only now would leave half of it with the package, for everybody.
    limited = "sys.dont_write_bytecode = True; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    full = a_real_training(limited)
    await check_trouble(bot, script, full, "no room left on the disk: free some", recipe="seed")  # the quickest


def test_corrections_that_no_longer_fit_on_the_disk_are_said(script: Path, tmp_path: Path) -> None:
    """The bot writes them for the training, into the same folder."""
    # In a process of its own: a limit on the size of files holds for all of a process, the tests' reports included.
    there = f"{on_a_full_disk.__module__} import {on_a_full_disk.__name__}"
    refused, trained = subprocess.run(
        [sys.executable, "-c", f"import sys; from {there} as run; run(*sys.argv[1:])", str(script), str(tmp_path)],
        env=environment(PYTHONDONTWRITEBYTECODE="1"),  # half a file of it would stay with the package
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert "be written (File too large); mend that first." in refused
    assert "promoted" in trained


def on_a_full_disk(script: str, folder: str) -> None:
    """Print what is said of a training whose corrections can't be written, and of one after that, a line each."""

    async def run() -> None:
        trainer = Trainer(Path(folder, "models"), command=(sys.executable, script))
        async with Bot(ScriptedReader(), trainer) as bot:
            for number in range(6):
                await corrected(bot, "7", number, is_trusted=True)
            limits = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
            await bot.handle(callback_query=press("train:go:continue", ADMIN))
            print(repr(calls(bot, "editMessageText")[-1].parameters["text"]))  # noqa: T201
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            print(await bot.handle(callback_query=press("train:go:continue", ADMIN)))  # noqa: T201

    asyncio.run(run())


async def check_trouble(bot: Bot, script: Path, trouble: str, words: str, *, recipe: str = "continue") -> None:
    """A training that comes to grief says these words and changes nothing; the next one is promoted."""
    script.write_text(trouble)
    assert await bot.handle(callback_query=press(f"train:go:{recipe}", ADMIN)) == []
    last = calls(bot, "editMessageText")[-1]
    assert words in last.parameters["text"]
    assert "The served model is unchanged; /retrain starts anew." in last.parameters["text"]
    assert buttons(last) == []
    assert (bot.pool.reader, await bot.store.service.pile()) == (bot.reader, ())
    assert [path.name for path in bot.models.versions.folder.iterdir()] == [".lock"]
    script.write_text(a_training())
    assert len(await bot.handle(message=command(bot, "/retrain", ADMIN))) == 1
    assert "promoted" in (await bot.handle(callback_query=press("train:go:continue", ADMIN)))[0]


async def test_a_model_that_the_database_can_not_take_is_kept_and_said(bot: Bot) -> None:
    """The training was not in vain: the served model stays, and /models offers the new one."""
    async with bot.store._database.transaction() as session:
        await (await session.connection()).exec_driver_sql("ALTER TABLE served RENAME TO elsewhere")
    assert await bot.handle(callback_query=press("train:go:continue", ADMIN)) == []
    assert calls(bot, "editMessageText")[-1].parameters["text"] == words.training.NOT_PUT_INTO_SERVICE()
    assert bot.pool.reader is bot.reader
    await bot.handle(message=command(bot, "/models", ADMIN))
    assert buttons(calls(bot, "sendMessage")[-1]) == ["Serve v1"]


async def test_somebody_elses_press_does_nothing_but_say_so(bot: Bot) -> None:
    """In a group others see the buttons too: they get an alert, and no training starts."""
    await bot.handle(callback_query=press("train:go:seed", PERSON))
    assert [call.method for call in bot.telegram.calls] == ["answerCallbackQuery"]
    assert bot.telegram.calls[0].parameters["text"] == words.replies.ADMINS_ONLY()


async def test_a_button_of_an_earlier_training_says_that_it_is_over(bot: Bot) -> None:
    """Cancel with nothing running is answered, not ignored."""
    await bot.handle(callback_query=press("train:cancel", ADMIN))
    assert bot.telegram.calls[0].parameters["text"] == words.retrain.STALE()


@pytest.mark.parametrize("said", ["train:leave", "models:leave"])
async def test_a_button_too_old_to_be_edited_says_so_anew(bot: Bot, said: str) -> None:
    """Telegram hands out no more than the message's number: what came of the press is a message of its own."""
    old = press(said, ADMIN)
    old["message"] = {"message_id": 500, "date": 0, "chat": PRIVATE}
    assert await bot.handle(callback_query=old) in ([words.retrain.LEFT()], [words.models.SERVE_LEFT()])
    assert not calls(bot, "editMessageText")


async def test_a_press_that_can_not_be_answered_trains_all_the_same(bot: Bot) -> None:
    """A query that is too old to be answered neither stops this training nor stands in the way of the next one."""
    bot.telegram.failures["answerCallbackQuery"] = (400, "Bad Request: query is too old")
    for _ in range(2):
        assert len(await bot.handle(callback_query=press("train:go:seed", ADMIN))) == 1


async def test_a_deleted_progress_message_does_not_end_the_training(bot: Bot) -> None:
    """When the message can't be edited any more, the verdict still comes."""
    bot.telegram.failures["editMessageText"] = (400, "Bad Request: message to edit not found")
    (verdict,) = await bot.handle(callback_query=press("train:go:seed", ADMIN))
    assert "refused" in verdict
