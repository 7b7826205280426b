"""/review on the fake Telegram: nothing is learned from that no admin has seen."""

import io
from dataclasses import replace

import pytest
from PIL import Image
from sqlalchemy import update

from bot import words
from bot.buttons.presses import Review, pressed
from bot.drawn.pictures import Claim, contact_sheet
from bot.store import Correction, Kind
from bot.store.tables import CorrectionRow
from tests.fakes import ADMIN, PERSON, Bot
from tests.pressing import approve_all, buttons, press, press_shown, sent, shown

A_CORRECTION = Correction(1, bytes(784), 1, 7, 0.97, "v1", 7, 0)


async def correct(bot: Bot, digits: str) -> None:
    """Let a person say that sevens are these digits."""
    for digit in digits:
        await bot.handle(message=bot.photo("7"))
        await press_shown(bot, "✗")
        await press_shown(bot, digit)


async def review(bot: Bot) -> list[str]:
    """Send /review as an admin."""
    return await bot.handle(message=bot.command("/review", ADMIN))


async def labels(bot: Bot) -> tuple[list[int | None], list[int | None]]:
    """What counts, and what waits."""
    corrections = bot.store.corrections
    return (
        [each.label for each in await corrections.approved()],
        [each.label for each in await corrections.waiting(100)],
    )


async def test_what_was_missed_is_reviewed_as_such(bot: Bot) -> None:
    """A crop that was refused was not read as anything, whatever it would have been taken for."""
    for number in "71":
        await bot.handle(message=bot.photo("?7"))
        await press_shown(bot, "there is one")
        await bot.handle(message=bot.message(text=number))
    for waits in await bot.store.corrections.waiting(2):
        assert Claim(waits.bitmap, waits.label, waits.kind.read_as).had_said == "missed"
        assert "I saw no digit" in words.review.review_one(waits)
        read = replace(waits, was_read=True, said=4)
        assert Claim(read.bitmap, read.label, read.kind.read_as).had_said == "read as 4"
        assert "I read 4" in words.review.review_one(read)


async def test_review_is_for_admins(bot: Bot) -> None:
    """Somebody else is told so, and sees no crop of anybody's."""
    await correct(bot, "1")
    assert await bot.handle(message=bot.command("/review")) == [words.replies.ADMINS_ONLY()]
    assert not sent(bot, "sendPhoto")


async def test_with_nothing_waiting_review_says_so(bot: Bot) -> None:
    """No empty sheet."""
    assert await review(bot) == [words.review.REVIEW_EMPTY()]


async def test_review_shows_what_waits_as_one_picture(bot: Bot) -> None:
    """The sheet with its three ways to settle it."""
    await correct(bot, "12")
    await review(bot)
    assert shown(bot).method == "sendPhoto"
    waiting = await bot.store.corrections.waiting(2)
    assert shown(bot).parameters["caption"] == words.review.review_sheet(waiting, {Kind(7, 1): 1, Kind(7, 2): 1})
    assert list(buttons(shown(bot))) == ["✓ Approve all 2", "✗ Drop all 2", "One by one"]


async def test_a_sheet_holds_twenty_and_says_how_many_wait(bot: Bot) -> None:
    """Those that would teach most; approving it leaves the rest for the next /review."""
    await correct(bot, "1" * 22)
    await review(bot)
    assert "22 corrections wait; these 20 would teach me most." in shown(bot).parameters["caption"]
    assert "1 read as 7: 22" in shown(bot).parameters["caption"]
    await press_shown(bot, "✓ Approve all 20", ADMIN)
    assert await bot.store.corrections.count() == (20, 2)
    assert shown(bot).parameters["caption"] == words.review.reviewed(20, 0, 2)


@pytest.mark.parametrize(("button", "left"), [("✓ Approve all 2", ([1, 2], [])), ("✗ Drop all 2", ([], []))])
async def test_all_are_settled_at_once(bot: Bot, button: str, left: tuple[list[int], list[int]]) -> None:
    """The sheet's message says what came of it, and has no buttons any more."""
    await correct(bot, "12")
    await review(bot)
    assert await press_shown(bot, button, ADMIN) == ""
    assert await labels(bot) == left
    assert words.review.REVIEW_EMPTY() in shown(bot).parameters["caption"]
    assert buttons(shown(bot)) == {}


async def test_what_came_after_the_sheet_is_not_approved_with_it(bot: Bot) -> None:
    """Neither a new correction nor an old one that was changed meanwhile: nobody has seen them."""
    await correct(bot, "12")
    reading_of_last = buttons(shown(bot))["✗"]
    await review(bot)
    approve = buttons(shown(bot))["✓ Approve all 2"]
    await press(bot, reading_of_last)
    await press_shown(bot, "9")
    await correct(bot, "3")
    await press(bot, approve, ADMIN)
    assert await labels(bot) == ([1], [9, 3])


async def test_what_is_left_of_a_sheet_is_settled_and_the_rest_counted(bot: Bot) -> None:
    """What a newer sheet shows is that one's: the older one's message says how many it could not settle."""
    await correct(bot, "12")
    await review(bot)
    older = buttons(shown(bot))
    first, _ = await bot.store.corrections.waiting(2)
    await bot.store.sheets.lay([first.id])
    assert await press(bot, older["✓ Approve all 2"], ADMIN) == ""
    assert await labels(bot) == ([2], [1])
    assert shown(bot).parameters["caption"] == words.review.reviewed(1, 0, 1, 1)
    assert await press(bot, older["✗ Drop all 2"], ADMIN) == words.review.REVIEW_STALE()


async def test_a_button_from_before_sheets_had_numbers_settles_nothing(bot: Bot) -> None:
    """It names the first and the last of what it showed, and what else lies between them by now nobody has seen."""
    await correct(bot, "12")
    assert await press(bot, "2:review:approve:1:9", ADMIN) == words.replies.UNKNOWN_BUTTON()
    assert await labels(bot) == ([], [1, 2])


async def test_what_would_teach_most_comes_first(bot: Bot) -> None:
    """On the sheet and one by one: a kind of which nothing counts yet before one of which something does."""
    await correct(bot, "11")
    await approve_all(bot)
    await correct(bot, "12")
    await review(bot)
    await press_shown(bot, "One by one", ADMIN)
    assert "<b>a 2</b>" in shown(bot).parameters["media"]["caption"]
    await press_shown(bot, "✓ Approve", ADMIN)
    assert "<b>a 1</b>" in shown(bot).parameters["media"]["caption"]
    assert await labels(bot) == ([1, 1, 2], [1])


async def test_why_something_was_set_aside_comes_with_it(bot: Bot) -> None:
    """On the sheet with its places, one by one below it."""
    await correct(bot, "123")
    async with bot.store._database.transaction() as session:
        reasons = update(CorrectionRow).where(CorrectionRow.label != 2)
        await session.execute(reasons.values(reason="contradicted"))
    await review(bot)
    assert "⚠ 1, 3: Crops that look like it are called something else" in shown(bot).parameters["caption"]
    await press_shown(bot, "One by one", ADMIN)
    assert "⚠ Crops that look like it are called something else" in shown(bot).parameters["media"]["caption"]
    await press_shown(bot, "Later", ADMIN)
    assert "⚠" not in shown(bot).parameters["media"]["caption"]


def test_the_commonest_kinds_are_counted_and_the_others_together() -> None:
    """Missed is one kind whatever was missed, not a digit one whatever it was read as."""
    waiting = {Kind(9, 4): 7, Kind(1, None): 3, Kind(7, None): 2, Kind(None, 3): 1, Kind(None, 8): 1, Kind(7, 1): 1}
    caption = words.review.review_sheet([A_CORRECTION] * 5, waiting)
    assert "15 corrections wait; these 5 would teach me most." in caption
    assert "4 read as 9: 7 · not a digit: 5 · missed: 2 · other: 1" in caption


def test_a_caption_is_short_enough_for_telegram_whatever_the_reasons() -> None:
    """It would refuse the whole sheet."""
    shown = [replace(A_CORRECTION, reason=f"{place} {'&' * 500}") for place in range(20)]
    assert len(words.review.review_sheet(shown, {Kind(7, 1): 10**9})) <= 1024


async def test_a_sheet_that_was_settled_says_so(bot: Bot) -> None:
    """Two admins, or one pressing twice: the second press changes nothing."""
    await correct(bot, "12")
    await review(bot)
    both = buttons(shown(bot))
    await press(bot, both["✓ Approve all 2"], ADMIN)
    assert await press(bot, both["✗ Drop all 2"], ADMIN) == words.review.REVIEW_STALE()
    assert await labels(bot) == ([1, 2], [])


async def test_one_by_one_shows_each_crop_in_turn(bot: Bot) -> None:
    """Approve, drop, later: each moves on to the next; the end says what still waits."""
    await correct(bot, "123")
    await review(bot)
    await press_shown(bot, "One by one", ADMIN)
    assert shown(bot).method == "editMessageMedia"
    assert list(buttons(shown(bot))) == ["✓ Approve", "✗ Drop", "Later"]
    for verdict in ("✓ Approve", "✗ Drop", "Later"):
        await press_shown(bot, verdict, ADMIN)
    assert await labels(bot) == ([1], [3])
    assert shown(bot).parameters["caption"] == words.review.reviewed(0, 0, 1)


async def test_one_by_one_passes_over_what_another_admin_settled(bot: Bot) -> None:
    """The press is told so, and the next crop comes."""
    await correct(bot, "12")
    await review(bot)
    await press_shown(bot, "One by one", ADMIN)
    sheet = pressed(buttons(shown(bot))["✓ Approve"])
    assert isinstance(sheet, Review)
    await bot.store.sheets.drop(sheet.sheet, place=1)
    assert await press_shown(bot, "✓ Approve", ADMIN) == words.review.REVIEW_STALE()
    await press_shown(bot, "✓ Approve", ADMIN)
    assert await labels(bot) == ([2], [])


async def test_a_guests_press_on_a_sheet_settles_nothing(bot: Bot) -> None:
    """In a group others see the buttons too."""
    await correct(bot, "1")
    await review(bot)
    assert await press_shown(bot, "✓ Approve", PERSON) == words.replies.ADMINS_ONLY()
    assert await labels(bot) == ([], [1])


async def test_a_press_while_the_database_is_gone_is_answered_and_explained(bot: Bot) -> None:
    """A database gone bad leaves no button waiting, and the reply says what it is."""
    await correct(bot, "1")
    await review(bot)
    approve = buttons(shown(bot))["✓ Approve"]
    async with bot.store._database.transaction() as session:
        await (await session.connection()).exec_driver_sql("DROP TABLE corrections")
    assert await press(bot, approve, ADMIN) == ""
    assert bot.telegram.sent()[-1] == words.replies.STORE_TROUBLE()


def test_a_contact_sheet_is_a_picture_with_a_card_for_each_crop() -> None:
    """Five in a row; what was ink in the crop is dark on the card."""
    sheet = Image.open(io.BytesIO(contact_sheet([Claim(bytes([255]) * 784, 1, 7)] * 6)))
    single = Image.open(io.BytesIO(contact_sheet([Claim(bytes(784), None, 7)])))
    assert sheet.width > 4 * single.width
    assert sheet.height > 1.5 * single.height
    assert sheet.convert("L").getpixel((80, 80)) == 0
    assert single.convert("L").getpixel((80, 80)) == 255
