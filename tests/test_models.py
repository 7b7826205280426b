"""/models, /rollback, and what is in service after a start, on the fake Telegram."""

import asyncio
import logging
import shutil
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import words
from bot.learning.models import Models, NothingBefore, ServedMeanwhile
from bot.learning.promotion import Promotion
from bot.learning.trainer import Trainer
from bot.learning.versions import SHIPPED_NAME, Versions
from bot.pool import ReadingPool
from bot.store import Store, StoreUnavailable
from model import ModelUnavailable, load_reader
from tests.fakes import ADMIN, ADMIN_ID, PERSON, Bot, ScriptedReader
from tests.pressing import buttons, press, press_shown, sent, shown
from tests.versions import a_version


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the versions are: v1 passed its comparison, v2 did not."""
    a_version(tmp_path / "models", "v1")
    a_version(tmp_path / "models", "v2", lost=30)
    return tmp_path / "models"


@pytest.fixture
async def bot(folder: Path) -> AsyncIterator[Bot]:
    """A bot that has these versions."""
    async with Bot(ScriptedReader(), Trainer(folder)) as running:
        yield running


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A store on disk, which outlives a bot."""
    opened = Store("", tmp_path, bot="b")
    await opened.open()
    yield opened
    await opened.close()


def models(folder: Path, store: Store) -> Models:
    """What a start of the bot makes of the folder and the store, with real readers."""
    return Models(Versions(folder), store.service, ReadingPool(load_reader(), 1))


async def test_models_lists_every_version_with_its_figures(bot: Bot) -> None:
    """The newest first, the shipped one last; which passed, which was refused, which is in service; what to press."""
    (text,) = await bot.handle(message=bot.command("/models", ADMIN))
    assert text.index("v2") < text.index("v1") < text.index(bot.reader.version.name)
    newest, older, shipped = text.split("\n\n")
    assert "refused" in newest
    assert "16 corrections" in older
    assert "passed" in older
    assert shipped.startswith("▶")
    assert list(buttons(shown(bot))) == ["Serve v2", "Serve v1"]


@pytest.mark.parametrize("command", ["/models", "/rollback"])
async def test_models_are_for_admins(bot: Bot, command: str) -> None:
    """Somebody else is told so, in a text that contains admin."""
    assert await bot.handle(message=bot.command(command, PERSON)) == [words.replies.ADMINS_ONLY()]
    assert await press(bot, "models:serve:v1", PERSON) == words.replies.ADMINS_ONLY()


async def test_a_version_that_passed_is_served_at_a_press(bot: Bot) -> None:
    """The reader is swapped, the message says so, and the store knows who did it."""
    await bot.handle(message=bot.command("/models", ADMIN))
    await press_shown(bot, "Serve v1", ADMIN)
    assert bot.pool.reader.version.name == "v1"
    assert "v1 is in service now" in shown(bot).parameters["text"].replace("<code>", "").replace("</code>", "")
    (top,) = await bot.store.service.pile()
    assert (top.version, top.by_id) == ("v1", ADMIN_ID)


async def test_a_refused_version_is_served_after_a_warning_only(bot: Bot) -> None:
    """The first press asks; ✖ leaves all as it is; ✅ serves it."""
    await press(bot, "models:serve:v2", ADMIN)
    assert [text[0] for text in buttons(shown(bot))] == ["✅", "✖"]
    assert "refused" in shown(bot).parameters["text"]
    assert bot.pool.reader is bot.reader
    warning = buttons(shown(bot))
    await press(bot, warning["✖ Leave it"], ADMIN)
    assert shown(bot).parameters["text"] == words.models.SERVE_LEFT()
    assert bot.pool.reader is bot.reader
    await press(bot, warning["✅ Serve it"], ADMIN)
    assert bot.pool.reader.version.name == "v2"


async def test_rollback_goes_back_one_by_one(bot: Bot) -> None:
    """v1, v2: back to v1, back to the shipped one, and then there is nothing before it."""
    await press(bot, "models:serve:v1", ADMIN)
    await press(bot, "models:surely:v2", ADMIN)
    assert "v1" in (await bot.handle(message=bot.command("/rollback", ADMIN)))[0]
    await bot.handle(message=bot.command("/rollback", ADMIN))
    assert bot.pool.reader is bot.reader
    assert await bot.handle(message=bot.command("/rollback", ADMIN)) == [words.models.NOTHING_BEFORE()]


async def test_a_damaged_version_is_shown_as_such_and_never_served(bot: Bot, folder: Path) -> None:
    """No button, and an old button says why nothing happens."""
    (folder / "v1" / "model.tflite").write_bytes(b"x")
    (text,) = await bot.handle(message=bot.command("/models", ADMIN))
    assert "damaged" in text
    assert list(buttons(shown(bot))) == ["Serve v2"]
    assert await press(bot, "models:serve:v1", ADMIN) == words.models.MODEL_GONE()
    assert await press(bot, "models:serve:v9", ADMIN) == words.models.MODEL_GONE()
    assert bot.pool.reader is bot.reader


async def test_a_version_that_was_damaged_while_it_is_in_service_is_listed_so(bot: Bot, folder: Path) -> None:
    """It reads on from memory: that it was never served would be wrong."""
    await press(bot, "models:serve:v1", ADMIN)
    (folder / "v1" / "model.tflite").write_bytes(b"x")
    (text,) = await bot.handle(message=bot.command("/models", ADMIN))
    assert words.models.DAMAGED_SERVED() in text


async def test_photos_are_read_while_the_model_is_swapped(bot: Bot) -> None:
    """Thirty photos while versions come and go: each is answered once, and right."""
    photos = [bot.update(message=bot.photo(str(number))) for number in range(10, 40)]
    delivered = asyncio.create_task(bot.deliver(photos))
    for name in ("v1", "v2", "v1"):
        await bot.models.serve(name, ADMIN_ID)
        await asyncio.sleep(0)
    await delivered
    said = [call.parameters["caption"].partition("\n")[0] for call in sent(bot, "sendPhoto")]
    assert sorted(said) == [f"<code>{number}</code>" for number in range(10, 40)]


async def test_what_was_being_read_at_a_swap_is_the_old_models(bot: Bot) -> None:
    """A correction names the version that said it, not the one that came into service before the answer was out."""
    gate = bot.reader.gate = threading.Event()
    answered = asyncio.create_task(bot.deliver([bot.update(message=bot.photo("7"))]))
    await bot.until(lambda: len(bot.reader.photos) == 1)
    await bot.models.serve("v1", ADMIN_ID)
    gate.set()
    await answered
    await bot.deliver([bot.update(message=bot.photo("8"))])
    for call in sent(bot, "sendMessage"):
        await press(bot, buttons(call)["✗"])
        await press_shown(bot, "1")
    said = {each.said: each.version for each in await bot.store.corrections.waiting(10)}
    assert said == {7: bot.reader.version.name, 8: "v1"}


async def test_stats_show_figures_and_then_the_charts(bot: Bot) -> None:
    """Photos, refusals, judgements and corrections are counted; the pictures are the served version's own."""
    await bot.handle(message=bot.photo("7"))
    await press_shown(bot, "✓")
    await bot.handle(message=bot.photo(""))
    (text,) = await bot.handle(message=bot.command("/stats"))
    assert text.startswith("<b>Test accuracy: ")
    assert "1 photo read, 1 without a digit\nright, as people judged: 100.00 % of 1" in text
    assert "errors" not in text
    (album,) = sent(bot, "sendMediaGroup")
    assert list(album.files) == [path.read_bytes() for path in bot.reader.version.chart_paths]


async def test_admins_also_see_queue_errors_and_latencies(bot: Bot) -> None:
    """What the bot itself has been through since its start."""
    await bot.handle(message=bot.photo("7"))
    bot.reader.failure = RuntimeError("boom")
    await bot.handle(message=bot.photo("8"))
    (text,) = await bot.handle(message=bot.command("/stats", ADMIN))
    assert "waiting for a reading: 0" in text
    assert "errors: 1" in text
    assert "last 2 readings: p50" in text


@pytest.mark.parametrize("command", ["/models", "/stats"])
async def test_admins_see_how_many_processes_serve(bot: Bot, command: str) -> None:
    """And whether all read with the model in service; of one alone, and to others, nothing is said."""
    versions = [bot.reader.version.name, bot.reader.version.name, "v1"]
    texts = []
    for name, version in zip("abc", versions, strict=True):
        await bot.store.replicas.seen(name, version)
        texts += await bot.handle(message=bot.command(command, ADMIN))
    assert "processes" not in texts[0]
    assert texts[1].endswith("\n\n2 processes serve the bot, all with the model in service")
    assert texts[2].endswith("\n\n3 processes serve the bot; 1 of them still with another model")
    assert "processes" not in (await bot.handle(message=bot.command(command, PERSON)))[0]


async def test_models_are_listed_without_the_database(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many processes serve is then left out."""

    async def away() -> dict[str, str]:
        raise StoreUnavailable("away")

    monkeypatch.setattr(bot.store.replicas, "versions", away)
    (text,) = await bot.handle(message=bot.command("/models", ADMIN))
    assert "v1" in text


async def test_stats_without_charts_still_say_the_figures(bot: Bot) -> None:
    """When Telegram refuses the album, the text has come all the same and nobody reads an apology."""
    bot.telegram.failures["sendMediaGroup"] = (400, "Bad Request: not today")
    (text,) = await bot.handle(message=bot.command("/stats"))
    assert text.startswith("<b>Test accuracy: ")


# ── after a start


async def test_the_served_version_is_served_again_after_a_restart(folder: Path, store: Store) -> None:
    """What the store says is on top, verified and loaded."""
    before = models(folder, store)
    await before.serve("v1", ADMIN_ID)
    after = models(folder, store)
    await after.restore()
    assert after.served.name == "v1"
    listed = await Promotion(after, store.records, store.shadows).listed()
    assert [each.name for each in listed if each.is_served] == ["v1"]


async def test_instead_of_a_damaged_version_the_one_before_is_served(
    folder: Path, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Damaged on top, gone below it, whole below that; the log names them.

    The store's word stands, for other processes may have them; /rollback does away with them.
    """
    before = models(folder, store)
    for name in ("v1", SHIPPED_NAME, "v2"):
        await before.serve(name, ADMIN_ID)
    a_version(folder, "v3")
    await before.serve("v3", ADMIN_ID)
    shutil.rmtree(folder / "v2")
    (folder / "v3" / "model.tflite").write_bytes(b"x")
    after = models(folder, store)
    with caplog.at_level(logging.ERROR):
        await after.restore()
    assert after.served.name == load_reader().version.name
    assert all(name in caplog.text for name in ("v2", "v3", "is served instead"))
    assert [each.version for each in await store.service.pile()] == ["v3", "v2", SHIPPED_NAME, "v1"]
    assert (await after.go_back()).name == load_reader().version.name
    assert [each.version for each in await store.service.pile()] == [SHIPPED_NAME, "v1"]


async def test_when_no_version_is_whole_the_shipped_one_is_served(folder: Path, store: Store) -> None:
    """The last resort is what came with the bot."""
    await models(folder, store).serve("v1", ADMIN_ID)
    shutil.rmtree(folder)
    after = models(folder, store)
    await after.restore()
    assert after.served.name == load_reader().version.name
    await after.go_back()
    with pytest.raises(NothingBefore):
        await after.go_back()


async def test_a_version_that_can_not_be_loaded_changes_nothing(folder: Path, store: Store) -> None:
    """The store hears of a version only when its reader is there; names that lead elsewhere lead nowhere."""
    (folder / "v1" / "model.tflite").write_bytes(b"x")
    running = models(folder, store)
    for name in ("v1", "v9", "../models/v2", ".lock"):
        with pytest.raises(ModelUnavailable):
            await running.serve(name, ADMIN_ID)
    assert await store.service.pile() == ()


async def test_old_versions_go_but_for_those_that_were_in_service(
    folder: Path, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Of the whole ones the newest stay, the served one, and what /rollback goes back to; what is no version stays."""
    for name in ("v3", "v4", "v5", "v6"):
        a_version(folder, name, lost=30)
    (folder / "a-folder").mkdir()
    running = Models(Versions(folder, keep=2), store.service, ReadingPool(load_reader(), 1))
    for name in ("v2", "v1", "v3"):
        await running.serve(name, ADMIN_ID)
    with caplog.at_level(logging.INFO):
        await running.tidy()
    assert sorted(path.name for path in folder.iterdir()) == ["a-folder", "v1", "v3", "v5", "v6"]
    assert [each.version for each in await store.service.pile()] == ["v3", "v1"]
    assert "v2, one of the oldest, is deleted" in caplog.text
    assert (await running.go_back()).name == "v1"


async def test_another_process_that_served_something_else_wins(folder: Path, store: Store) -> None:
    """A promotion is for the version that it was compared with."""
    running = models(folder, store)
    await running.serve("v1", ADMIN_ID)
    with pytest.raises(ServedMeanwhile):
        await running.serve("v2", ADMIN_ID, instead_of="v7")
    assert running.served.name == "v1"


def test_alerts_stay_below_what_telegram_takes() -> None:
    """What is said in a pop-up has 200 characters at most."""
    alerts = [words.models.MODEL_GONE(), words.models.SERVED_MEANWHILE(), words.models.DATABASE_TROUBLE()]
    assert all(len(text) <= 200 for text in [*alerts, words.retrain.RUNNING(), words.retrain.STALE()])
