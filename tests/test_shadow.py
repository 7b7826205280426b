"""A candidate that reads beside the served version, on the fake Telegram: unseen, judged, dropped or promoted."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import words
from bot.handlers.language import Languages
from bot.handlers.shadow import tell_admins
from bot.learning.lessons import lessons
from bot.learning.shadow import MOST_MISSED, MOST_WAITING, ShadowReader
from bot.learning.trainer import Trainer
from bot.learning.versions import SHIPPED_NAME
from bot.store import Correction, Remembered, Shadow
from model import SHIPPED, CropReader, Reading, load_reader, open_version
from model.decision import Decision
from tests.databases import migrated_file
from tests.fakes import ADMIN, ADMIN_ID, Bot, ScriptedCrops, ScriptedReader, a_reading
from tests.pressing import buttons, press, press_shown, shown
from tests.talking import SEVEN
from tests.versions import a_version


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the versions are: v1 and v2 passed their comparison."""
    for name in ("v1", "v2"):
        a_version(tmp_path / "models", name)
    return tmp_path / "models"


@pytest.fixture
def clock() -> list[float]:
    """The store's time, in unix seconds, to be moved on."""
    return [1_800_000_000.0]


@pytest.fixture
async def bot(folder: Path, clock: list[float]) -> AsyncIterator[Bot]:
    """A bot in which v1 reads beside the served version, sevens as ones."""
    async with Bot(ScriptedReader(), Trainer(folder), now=lambda: clock[0], shadow_hours=24.0) as running:
        running.crop_readers["v1"] = ScriptedCrops({7: 1})
        running.crop_readers[running.reader.version.name] = ScriptedCrops({4: None})
        assert (await running.promotion.judge("v1", ADMIN_ID))[1] == "beside"
        await turn(running)
        yield running


async def turn(bot: Bot) -> list[str]:
    """Have the candidate read what waits; what the admins are told."""
    before = len(bot.telegram.sent())

    async def tell(shadow: Shadow) -> None:
        # As in `bot/running.py`; nobody has chosen a language.
        await tell_admins(bot.application.bot, Languages(bot.store.people), frozenset({ADMIN_ID}), shadow)

    await bot.shadow.turn(tell)
    return bot.telegram.sent()[before:]


async def latest(bot: Bot) -> Shadow:
    """The candidate as the store has it."""
    shadow = await bot.store.shadows.latest()
    assert shadow is not None
    return shadow


async def photos(bot: Bot, *numbers: str) -> list[str]:
    """Send photos, and have their crops read; the first lines of the answers."""
    said = [(await bot.handle(message=bot.photo(number)))[-1].partition("\n")[0] for number in numbers]
    await turn(bot)
    return said


async def over(bot: Bot, *, served: str = SHIPPED_NAME) -> list[str]:
    """Have another candidate, v2, whose time is over at once; what the admins are told when it ends."""
    await bot.store.shadows.begin("v2", served=served, lasts_s=0, by_id=ADMIN_ID)
    return await turn(bot)


def judged(shadow: Shadow) -> tuple[int, int, int]:
    """For it, against it, left."""
    return shadow.better, shadow.worse, shadow.unjudged


def read(bot: Bot, text: str) -> Reading:
    """A reading by the served version."""
    return a_reading(text, version=bot.reader.version.name)


def remembered(number: int) -> Remembered:
    """A reading that the store knows by this number."""
    return Remembered(number, 7, 7, ("7",), (), None)


async def corrected(bot: Bot, label: int) -> tuple[Correction, ...]:
    """Have the admin say what the seven of the last photo is; what counts then."""
    (difference,) = await bot.store.differences.unjudged("v1", 9)
    assert difference.said == 7
    await bot.store.judgements.correct(1, [label], giver_id=ADMIN_ID, is_trusted=True)
    return await bot.store.corrections.approved()


async def test_what_passed_is_not_served_yet_and_never_seen(bot: Bot) -> None:
    """Two of three digits are read otherwise: the answers are the served version's, and /models tells the admins."""
    assert bot.pool.reader is bot.reader
    assert await photos(bot, "77", "8") == ["<code>77</code>", "<code>8</code>"]
    (text,) = await bot.handle(message=bot.command("/models", ADMIN))
    assert "2 of 3 crops read otherwise (66.7 %)" in text
    assert "for 24 h more" in text
    assert {"What differs", "✖ Stop it"} <= set(buttons(shown(bot)))


async def test_the_verdict_says_that_it_is_not_promoted_yet(bot: Bot) -> None:
    """The word that a verdict must have is there, and so is the time."""
    version, outcome, _ = await bot.promotion.judge("v2", ADMIN_ID)
    said = words.verdict.verdict(version, bot.models.served, outcome, 60, beside_s=bot.promotion.beside_s)
    assert "not promoted yet" in said
    assert "beside the served one for 24 h" in said
    assert (await latest(bot)).version == "v2"  # a newer candidate takes the place of the one before


async def test_without_the_setting_what_passed_serves_at_once(folder: Path) -> None:
    """Off by default; a candidate that read before is ended, so that /models does not wait for it for ever."""
    async with Bot(ScriptedReader(), Trainer(folder)) as plain:
        await plain.store.shadows.begin("v2", served=SHIPPED_NAME, lasts_s=60, by_id=ADMIN_ID)
        assert (await plain.promotion.judge("v1", ADMIN_ID))[1] == "promoted"
        await plain.shadow.follow(lambda _: pytest.fail("nobody is told"))
        assert (await latest(plain)).ended == "off"


async def test_only_what_is_the_candidates_doing_is_a_difference(bot: Bot) -> None:
    """A crop that shows less than its photo is read otherwise by both versions: that says nothing of the candidate."""
    bot.shadow = ShadowReader(bot.models, bot.store.shadows, lambda _: ScriptedCrops({7: 1}))
    await turn(bot)
    bot.shadow.offer([remembered(1)], [read(bot, "77")])
    await turn(bot)
    assert ((await latest(bot)).crops, (await latest(bot)).differed) == (2, 0)


async def test_what_was_refused_is_read_too(bot: Bot) -> None:
    """Of "I see no digit" what might be some: a candidate that sees one there differs."""
    await photos(bot, "?42")
    assert (await latest(bot)).differed == 1


async def test_what_differs_comes_on_a_sheet_and_is_judged_one_by_one(bot: Bot) -> None:
    """✓ and ✗ become corrections that count, by the admin, and are held back for ever; neither leaves none."""
    await photos(bot, "7", "7", "7")
    await bot.handle(message=bot.command("/models", ADMIN))
    await press_shown(bot, "What differs", ADMIN)
    assert "3 crops" in shown(bot).parameters["caption"]
    assert shown(bot).files[0].startswith(b"\x89PNG")
    await press_shown(bot, "One by one", ADMIN)
    assert set(buttons(shown(bot))) == {"✓ 1", "✗ 7", "Neither", "Later"}
    again = buttons(shown(bot))["✓ 1"]
    for answer in ("✓ 1", "✗ 7", "Neither"):
        await press_shown(bot, answer, ADMIN)
    assert shown(bot).parameters["caption"] == words.shadow.done(await latest(bot))
    assert await press(bot, again, ADMIN) == words.shadow.SETTLED()
    approved = await bot.store.corrections.approved()
    assert [(each.said, each.label, each.approved_by, each.is_held_back) for each in approved] == [
        (7, 1, ADMIN_ID, True),
        (7, 7, ADMIN_ID, True),
    ]
    assert lessons(approved).learned == ()
    assert judged(await latest(bot)) == (1, 1, 0)


async def test_what_the_served_version_refused_is_judged_too(bot: Bot) -> None:
    """✗ says that it is no digit after all."""
    await photos(bot, "?4")
    (difference,) = await bot.store.differences.unjudged("v1", 9)
    assert (difference.said, difference.instead) == (None, 4)
    await press(bot, f"2:differs:each:{difference.id}:{difference.id}", ADMIN)
    await press_shown(bot, "✗ not a digit", ADMIN)
    (kept,) = await bot.store.corrections.approved()
    assert (kept.label, kept.was_read) == (None, False)


async def test_a_correction_that_says_the_same_stays(bot: Bot) -> None:
    """An admin corrected the crop before: that one goes on as it was, and is not taken from what is learned."""
    await photos(bot, "7")
    (crop,) = await bot.store.differences.unjudged("v1", 9)
    before = await corrected(bot, 1)
    await bot.store.differences.judge(crop.id, is_better=True, by_id=ADMIN_ID)
    assert await bot.store.corrections.approved() == before
    assert judged(await latest(bot)) == (1, 0, 0)


async def test_the_admins_word_stands_over_another_ones(bot: Bot) -> None:
    """A crop that was said to be something else is what the admin says, under a new number."""
    await photos(bot, "7")
    (crop,) = await bot.store.differences.unjudged("v1", 9)
    (before,) = await corrected(bot, 4)
    await bot.store.differences.judge(crop.id, is_better=True, by_id=ADMIN_ID)
    (after,) = await bot.store.corrections.approved()
    assert (after.label, after.is_held_back) == (1, True)
    assert after.id > before.id


async def test_a_candidate_that_crashes_is_dropped(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    """The log has the error, /models the reason, an admin is told; everybody is answered all the same."""
    bot.crop_readers["v1"].failure = ValueError("broken")
    await bot.handle(message=bot.photo("7"))
    (told,) = await turn(bot)
    assert "refused" in told
    assert "failed" in told
    assert any(record.exc_info for record in caplog.records)
    (text,) = await bot.handle(message=bot.command("/models", ADMIN))
    assert "v1</b> reads no more: it failed" in text
    assert await photos(bot, "78") == ["<code>78</code>"]
    assert bot.pool.reader is bot.reader


async def test_a_slow_candidate_keeps_nobody_waiting_and_is_dropped(bot: Bot) -> None:
    """While it reads its first crop, photos are answered; then its patience is over."""
    held = ScriptedCrops(gate=threading.Event())
    bot.shadow = ShadowReader(bot.models, bot.store.shadows, lambda _: held, patience_s=0.5)
    await turn(bot)
    bot.shadow.offer([remembered(1)], [read(bot, "7")])
    reading = asyncio.create_task(turn(bot))
    await bot.until(lambda: held.crops == 1)
    assert (await bot.handle(message=bot.photo("78")))[-1].startswith("<code>78</code>")
    told = (await reading)[-1]
    assert held.gate is not None
    held.gate.set()
    assert "refused" in told
    assert (await latest(bot)).ended == "slow"
    assert ((await latest(bot)).crops, (await latest(bot)).missed) == (0, 1)


async def test_what_it_has_no_time_for_is_counted_and_in_the_end_too_much(bot: Bot) -> None:
    """The queue takes so many readings and no more; a candidate that misses a hundred is dropped."""
    reads = [read(bot, "12")] * (MOST_WAITING + 3)
    bot.shadow.offer([remembered(1)] * len(reads), reads)
    await turn(bot)
    assert ((await latest(bot)).crops, (await latest(bot)).missed) == (2 * MOST_WAITING, 2 * 3)
    assert (await latest(bot)).ended is None
    reads = [read(bot, "12")] * (MOST_WAITING + MOST_MISSED)
    bot.shadow.offer([remembered(1)] * len(reads), reads)
    (told,) = await turn(bot)
    assert "could not keep up" in told


async def test_what_another_version_read_is_not_compared(bot: Bot) -> None:
    """A photo that was under way when the served version changed says nothing of the two."""
    bot.shadow.offer([remembered(1)], [a_reading("7", version="v0")])
    await turn(bot)
    assert (await latest(bot)).crops == 0


async def test_a_restart_goes_on(bot: Bot) -> None:
    """All that is known is in the store: what was counted before counts on."""
    await photos(bot, "7")
    bot.shadow = ShadowReader(bot.models, bot.store.shadows, lambda version: bot.crop_readers[version.name])
    bot.crop_readers[bot.reader.version.name] = ScriptedCrops()
    await turn(bot)
    kept = await bot.store.readings.remember([read(bot, "7")], chat_id=7, user_id=7)
    bot.shadow.offer(kept, [read(bot, "7")])
    await turn(bot)
    assert ((await latest(bot)).crops, (await latest(bot)).differed) == (2, 2)


async def test_of_two_processes_each_reads_its_own_and_one_promotes(
    folder: Path, tmp_path: Path, clock: list[float]
) -> None:
    """What they read is counted together; it comes into service once, and one of them tells."""
    database = await migrated_file(tmp_path / "bot.sqlite")
    told: list[str] = []

    async def tell(shadow: Shadow) -> None:
        told.append(words.shadow.outcome(shadow))

    async with (
        Bot(ScriptedReader(), Trainer(folder), database=database, now=lambda: clock[0], shadow_hours=24.0) as one,
        Bot(ScriptedReader(), Trainer(folder), database=database, now=lambda: clock[0], shadow_hours=24.0) as other,
    ):
        await one.store.shadows.begin("v1", served=SHIPPED_NAME, lasts_s=60, by_id=ADMIN_ID)
        for bot in (one, other):
            bot.crop_readers["v1"] = ScriptedCrops({7: 1})
            await bot.shadow.turn(tell)
            await bot.deliver([one.update(message=one.photo("78"))])
            await bot.shadow.turn(tell)
        assert ((await latest(one)).crops, (await latest(one)).differed) == (4, 2)
        clock[0] += 61
        await asyncio.gather(one.shadow.turn(tell), other.shadow.turn(tell))
        await one.shadow.turn(tell)
        await other.shadow.turn(tell)
        assert len(await one.store.service.pile()) == 1
        assert len(told) == 1
        assert "promoted" in told[0]


async def test_a_process_that_lags_behind_promotes_nothing(bot: Bot) -> None:
    """Another process put v2 into service: what this one still serves is not what counts."""
    await bot.store.service.put("v2", on=0, by_id=ADMIN_ID)
    (told,) = await turn(bot)
    assert "refused" in told
    assert "another model" in told


async def test_after_its_time_it_is_promoted(bot: Bot) -> None:
    """Nobody judged anything: it passed its comparison, so it serves; the pile knows who trained it."""
    (told,) = await over(bot)
    assert "promoted" in told
    assert bot.pool.reader.version.name == "v2"
    (top,) = await bot.store.service.pile()
    assert (top.version, top.by_id) == ("v2", ADMIN_ID)
    assert (await latest(bot)).ended == "served"
    assert await turn(bot) == []


@pytest.mark.parametrize(
    ("verdicts", "word"), [("new old", "promoted"), ("old", "refused"), ("new old old", "refused")]
)
async def test_after_its_time_what_was_judged_decides(bot: Bot, clock: list[float], verdicts: str, word: str) -> None:
    """More against it than for it: refused, and kept; as many or fewer: promoted."""
    bot.crop_readers["v2"] = ScriptedCrops({7: 1})
    await bot.store.shadows.begin("v2", served=SHIPPED_NAME, lasts_s=60, by_id=ADMIN_ID)
    await turn(bot)
    await photos(bot, "777")
    found = await bot.store.differences.unjudged("v2", 9)
    for difference, verdict in zip(found, verdicts.split(), strict=False):
        await press(bot, f"2:differs:{verdict}:{difference.id}:{difference.id}", ADMIN)
    clock[0] += 61
    (told,) = await turn(bot)
    assert word in told
    assert (bot.pool.reader.version.name == "v2") == (word == "promoted")


async def test_it_is_refused_once_another_version_serves(bot: Bot) -> None:
    """An admin served v2 meanwhile: v1 was not compared with that one, and need not read any more."""
    await bot.models.serve("v2", ADMIN_ID)
    (told,) = await turn(bot)
    assert "refused" in told
    assert (await latest(bot)).ended == "changed"
    assert await turn(bot) == []


async def test_an_admin_who_serves_it_early_is_told_nothing_more(bot: Bot) -> None:
    """The button of /models serves it, and ends its reading beside."""
    await press(bot, "models:serve:v1", ADMIN)
    assert await turn(bot) == []
    assert (await latest(bot)).ended == "served"


async def test_an_admin_can_stop_it(bot: Bot) -> None:
    """It reads no more, is kept, and never comes into service by itself; nobody else can."""
    assert await press(bot, "2:shadow:stop:v1") == words.replies.ADMINS_ONLY()
    await bot.handle(message=bot.command("/models", ADMIN))
    assert await press_shown(bot, "✖ Stop it", ADMIN) == words.shadow.STOPPED()
    assert await press(bot, "2:shadow:stop:v1", ADMIN) == words.shadow.GONE()
    assert await press(bot, "2:shadow:show:v1", ADMIN) == words.shadow.NOTHING_DIFFERS()
    await photos(bot, "7")
    assert (await latest(bot)).crops == 0


async def test_a_candidate_whose_files_are_damaged_is_dropped_after_its_time(
    bot: Bot, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Another process may have what this one lacks: so it waits a minute past its time, and the log says why once."""
    (folder / "v2" / "model.tflite").write_bytes(b"x")
    assert await over(bot) == []
    assert await turn(bot) == []
    assert len([record for record in caplog.records if record.levelno >= logging.ERROR]) == 1
    await bot.store.shadows.begin("v3", served=SHIPPED_NAME, lasts_s=-61, by_id=ADMIN_ID)
    (told,) = await turn(bot)
    assert "damaged or gone" in told


async def test_forget_takes_what_differed_along(bot: Bot) -> None:
    """/forget deletes a person's differences with their readings, and what an admin judged of them."""
    await photos(bot, "77")
    first, _ = await bot.store.differences.unjudged("v1", 9)
    await bot.store.differences.judge(first.id, is_better=True, by_id=ADMIN_ID)
    await bot.handle(message=bot.command("/forget"))
    assert await bot.store.differences.unjudged("v1", 9) == ()
    assert judged(await latest(bot)) == (0, 0, 0)
    assert await bot.store.corrections.approved() == ()
    assert (await latest(bot)).differed == 2  # how often is nobody's data


def test_a_version_reads_crops_as_its_own_networks_do(tmp_path: Path) -> None:
    """The shipped one reads a photo's crop as the photo; one that takes nothing for a digit refuses it."""
    read = load_reader().read(SEVEN.read_bytes())
    assert [each.digit for each in CropReader(open_version(SHIPPED)).read(read.digits)] == [7]
    strict = Decision(beside=dict(Decision().beside) | {"always": -1000.0})
    folder = a_version(tmp_path, "v1", decision=strict.to_json())
    (opinion,) = CropReader(open_version(folder)).read(read.digits)
    assert opinion.digit is None
    assert opinion.confidence > 0.99
    assert (
        CropReader(open_version(folder)).read(a_reading("7").digits)[0].digit is not None
    )  # of which nothing is known
