"""/review on the fake Telegram: nothing is learned from that no admin has seen."""

import io

import pytest
from PIL import Image

from bot import words
from bot.drawn.pictures import Claim, contact_sheet
from tests.fakes import ADMIN, PERSON, Bot
from tests.pressing import buttons, press, press_shown, sent, shown


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
        [each.label for each in await corrections.pending(100)],
    )


async def test_what_was_missed_is_reviewed_as_such(bot: Bot) -> None:
    """A crop that was refused and would have been read right says so: "read as 7" would make no sense of a 7."""
    await bot.handle(message=bot.photo("?7"))
    await press_shown(bot, "there is one")
    await bot.handle(message=bot.message(text="7"))
    (waits,) = await bot.store.corrections.pending(1)
    assert Claim(waits.bitmap, waits.label, waits.said).had_said == "missed"
    assert Claim(waits.bitmap, waits.label, 1).had_said == "read as 1"
    assert "I saw no digit" in words.review.review_one(waits.said, waits.label, waits.confidence)
    assert "I read 1" in words.review.review_one(1, waits.label, waits.confidence)


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
    assert shown(bot).parameters["caption"] == words.review.review_sheet(2, 2)
    assert list(buttons(shown(bot))) == ["✓ Approve all 2", "✗ Drop all 2", "One by one"]


async def test_a_sheet_holds_twenty_and_says_how_many_wait(bot: Bot) -> None:
    """The oldest first; approving it leaves the rest for the next /review."""
    await correct(bot, "1" * 22)
    await review(bot)
    assert "20 oldest of 22" in shown(bot).parameters["caption"]
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
    first, *_ = await bot.store.corrections.pending(1)
    await bot.store.corrections.drop(first.id, first.id)
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
