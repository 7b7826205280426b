"""One digit of a number, corrected with two presses after ✗, on the fake Telegram; and copying what was read."""

import pytest

from bot import words
from bot.buttons.presses import Label, WrongDigit, data
from bot.store import Tally
from tests.fakes import ADMIN, BOT, GROUP, PERSON, PRIVATE, STRANGER, Bot
from tests.pressing import (
    KEYPAD,
    a_press,
    approve_all,
    buttons,
    copied,
    labels,
    mention,
    press,
    press_shown,
    reply_to_last,
    sent,
    shown,
    tally,
    wrong_number,
)

READ = "7\n97 % sure"  # what the pressed message says, whatever was read: see tests.pressing


def rows(bot: Bot) -> list[list[str]]:
    """The texts of the buttons that are shown, a list a row."""
    markup = shown(bot).parameters["reply_markup"]["inline_keyboard"]
    return [[button["text"] for button in row] for row in markup]


async def test_wrong_shows_the_digits_in_their_order(bot: Bot) -> None:
    """In the answer itself; below them another length, and ✓ for whoever pressed by mistake."""
    await wrong_number(bot, "40713562")
    assert rows(bot) == [[*"40713562"], ["another length", "✓"]]
    assert shown(bot).parameters["text"] == f"{READ}\n\n{words.corrections.WHICH_IS_WRONG()}"
    assert len(sent(bot, "sendMessage", "sendPhoto")) == 1


async def test_one_wrong_digit_of_eight_is_two_presses(bot: Bot) -> None:
    """The digit, its keypad: the crop is kept, the note says what the number is now, ✓ and ✗ are back."""
    await wrong_number(bot, "40713562")
    await press_shown(bot, "3")
    assert list(buttons(shown(bot))) == KEYPAD
    assert shown(bot).parameters["text"].endswith("Which digit is it, in 4071<u>3</u>562?")
    popped = await press_shown(bot, "8")
    assert popped == words.corrections.corrected("3", 8, changed=1, is_trusted=False)
    assert shown(bot).parameters["text"] == f"{READ}\n\n{popped} So it is <b>40718562</b>, and not 40713562."
    assert list(buttons(shown(bot))) == ["✓", "✗", "Why?"]
    assert await labels(bot) == [(3, 8)]
    assert await tally(bot) == Tally(readings=1, wrong=1, digits_right=7, digits_wrong=1)


async def test_two_digits_that_look_alike_are_told_apart_by_their_places(bot: Bot) -> None:
    """Of 77 the second is corrected, and not the first."""
    await wrong_number(bot, "77")
    await press(bot, data(WrongDigit(1, 1)))
    await press_shown(bot, "1")
    assert await bot.store.judgements.labels(1) == (7, 1)


async def test_the_fixes_of_two_digits_add_up(bot: Bot) -> None:
    """✗ again shows the number as it is by now; the second fix leaves the first one as it is, approved or not."""
    await wrong_number(bot)
    await press_shown(bot, "1")
    await press_shown(bot, "7")
    await approve_all(bot)
    await press_shown(bot, "✗")
    assert rows(bot)[0] == [*"4077"]
    await press_shown(bot, "0")
    await press_shown(bot, "9")
    assert shown(bot).parameters["text"].endswith("So it is <b>4977</b>, and not 4071.")
    assert await labels(bot) == [(0, 9), (1, 7)]  # what waits, then what counts
    assert await tally(bot) == Tally(readings=1, wrong=1, digits_right=2, digits_wrong=2)


async def test_a_digit_fixed_twice_is_what_was_said_last(bot: Bot) -> None:
    """And fixed to what was read, it is no correction any more."""
    await wrong_number(bot, "12")
    await press_shown(bot, "1")
    keypad = buttons(shown(bot))
    await press(bot, keypad["4"])
    await press(bot, keypad["5"])
    assert await labels(bot) == [(1, 5)]
    assert await press(bot, keypad["1"]) == words.corrections.corrected("1", 1, changed=0, is_trusted=False)
    assert shown(bot).parameters["text"] == f"{READ}\n\nSo it is a 1 after all: thank you!"
    assert await labels(bot) == []
    assert await tally(bot) == Tally(readings=1, right=1, digits_right=2)


async def test_right_takes_a_fixed_digit_back(bot: Bot) -> None:
    """As it does under a single digit: what was read is right after all."""
    await wrong_number(bot)
    await press_shown(bot, "1")
    await press_shown(bot, "7")
    assert await press_shown(bot, "✓") == words.corrections.RIGHT_NOTED()
    assert await labels(bot) == []
    assert await tally(bot) == Tally(readings=1, right=1, digits_right=4)


async def test_right_below_the_digits_takes_wrong_back(bot: Bot) -> None:
    """Whoever pressed ✗ by mistake finds the way back, and their next number is no answer to anything."""
    await wrong_number(bot)
    assert await press_shown(bot, "✓") == words.corrections.RIGHT_NOTED()
    assert list(buttons(shown(bot))) == ["✓", "✗", "Why?"]
    assert await bot.handle(message=bot.message(text="4077")) == [words.replies.NOT_A_PICTURE()]
    assert await tally(bot) == Tally(readings=1, right=1, digits_right=4)


async def test_what_is_no_digit_is_left_out_of_the_number_and_keeps_its_place(bot: Bot) -> None:
    """A comma that was read as a 1: kept as no digit, a dot among the digits."""
    await wrong_number(bot)
    await press_shown(bot, "1")
    await press_shown(bot, "not a digit")
    assert shown(bot).parameters["text"].endswith("So it is <b>407</b>, and not 4071.")
    assert await labels(bot) == [(1, None)]
    await press_shown(bot, "✗")
    assert rows(bot)[0] == ["4", "0", "7", "·"]


async def test_the_whole_number_may_be_sent_while_the_digits_are_shown(bot: Bot) -> None:
    """In a private chat no reply is needed, also under the keypad of one digit."""
    await wrong_number(bot)
    await press_shown(bot, "1")
    assert await bot.handle(message=bot.message(text="4977")) == [
        words.corrections.number_corrected("4071", "4977", changed=2, is_trusted=False)
    ]
    assert await labels(bot) == [(0, 9), (1, 7)]


async def test_in_a_group_a_reply_to_the_digits_tells_the_number(bot: Bot) -> None:
    """By whoever asked for the reading, and by nobody else."""
    await bot.handle(message=bot.photo("12", chat=GROUP, caption="@digits_bot", caption_entities=mention()))
    await press_shown(bot, "✗", PERSON, GROUP)
    reply = reply_to_last(bot, "13", chat=GROUP)
    assert await bot.handle(message=reply | {"from": STRANGER}) == []
    assert len(await bot.handle(message=reply)) == 1
    assert await labels(bot) == [(2, 3)]


async def test_another_length_asks_for_the_whole_number(bot: Bot) -> None:
    """In a message of its own; the answer has its buttons back."""
    await wrong_number(bot)
    assert await press_shown(bot, "another length") == ""
    (edit,) = sent(bot, "editMessageText")[1:]
    assert (edit.parameters["text"], list(buttons(edit))) == (READ, ["✓", "✗", "Why?"])
    assert shown(bot).parameters["text"] == words.corrections.which_number("4071", in_group=False)
    await bot.handle(message=bot.message(text="4077"))
    assert await labels(bot) == [(1, 7)]


async def test_of_two_questions_the_one_that_was_asked_last_is_answered(bot: Bot) -> None:
    """✗ below an older answer asks there, above a question that is open still."""
    await wrong_number(bot, "12")
    older = buttons(shown(bot))["another length"]
    await press(bot, older)
    question = bot.telegram.last_id
    assert question > 500
    await bot.handle(message=bot.photo("56"))
    async with bot.store._database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("UPDATE questions SET asked_at = asked_at - 60")
    await press_shown(bot, "✗")
    await bot.handle(message=bot.message(text="57"))
    assert await labels(bot) == [(6, 7)]


@pytest.mark.parametrize(("digits", "shapes"), [("1" * 9, [5, 4]), ("1" * 17, [6, 6, 5]), ("1" * 40, [8] * 5)])
async def test_a_long_number_takes_rows_that_are_much_alike(bot: Bot, digits: str, shapes: list[int]) -> None:
    """At most eight digits each, so that a finger finds its own."""
    await wrong_number(bot, digits)
    assert [len(row) for row in rows(bot)[:-1]] == shapes


async def test_a_very_long_number_is_asked_for_at_once(bot: Bot) -> None:
    """Nobody looks for one digit among 41 buttons."""
    await wrong_number(bot, "1" * 41)
    assert shown(bot).parameters["text"] == words.corrections.which_number("1" * 41, in_group=False)
    assert not sent(bot, "editMessageText")


async def test_one_digit_of_a_picture_of_an_album(bot: Bot) -> None:
    """✗, the picture, the digit, the keypad; then the album's own buttons, and its ✓ is about the others."""
    album = [bot.photo(text, media_group_id="a") for text in ("12", "7")]
    await bot.deliver([bot.update(message=photo) for photo in album])
    await press_shown(bot, "✗")
    await press_shown(bot, "1: 12")
    assert rows(bot) == [["1", "2"], ["another length", "✓"]]
    await press_shown(bot, "2")
    await press_shown(bot, "3")
    assert list(buttons(shown(bot))) == ["✓", "✗", "Why?"]
    await press_shown(bot, "✓")
    assert await labels(bot) == [(2, 3)]
    assert await tally(bot) == Tally(readings=2, right=1, wrong=1, digits_right=2, digits_wrong=1)


async def test_an_admins_fix_counts_at_once(bot: Bot) -> None:
    """Another person's reading included."""
    await bot.handle(message=bot.photo("12", chat=GROUP, caption="@digits_bot", caption_entities=mention()))
    await press_shown(bot, "✗", PERSON, GROUP)
    await press_shown(bot, "2", ADMIN, GROUP)
    assert "admin" not in await press_shown(bot, "3", ADMIN, GROUP)
    assert await bot.store.corrections.count() == (1, 0)


async def test_in_a_group_nobody_else_fixes_a_digit(bot: Bot) -> None:
    """Neither the digits nor the keypad are theirs."""
    await bot.handle(message=bot.photo("12", chat=GROUP, caption="@digits_bot", caption_entities=mention()))
    await press_shown(bot, "✗", PERSON, GROUP)
    assert await press_shown(bot, "2", STRANGER, GROUP) == words.corrections.NOT_YOURS()
    await press_shown(bot, "2", PERSON, GROUP)
    assert await press_shown(bot, "3", STRANGER, GROUP) == words.corrections.NOT_YOURS()
    assert await labels(bot) == []


async def test_the_digits_of_a_forgotten_reading_say_so(bot: Bot) -> None:
    """A digit that is pressed too late opens nothing, its keypad keeps nothing."""
    await wrong_number(bot)
    digit = buttons(shown(bot))["1"]
    await press(bot, digit)
    seven = buttons(shown(bot))["7"]
    await bot.handle(message=bot.command("/forget"))
    assert await press(bot, digit) == words.corrections.READING_FORGOTTEN()
    assert await press(bot, seven) == words.corrections.READING_FORGOTTEN()
    assert await labels(bot) == []


@pytest.mark.parametrize("read", ["4071", "7", "", "?42"])
async def test_a_place_that_was_never_shown_gets_nowhere(bot: Bot, read: str) -> None:
    """What a button carries is the client's word: nothing is kept, and there is no traceback."""
    await bot.handle(message=bot.photo(read))
    for forged in (WrongDigit(1, 4), WrongDigit(1, 999), Label(1, 7, 4), Label(1, 7, 999)):
        assert await press(bot, data(forged)) == words.corrections.READING_FORGOTTEN()
    assert await labels(bot) == []


async def test_a_digit_below_a_message_too_old_is_fixed(bot: Bot) -> None:
    """Telegram hands out no more than its number: each question comes in a new message."""
    await bot.handle(message=bot.photo("12"))
    for text in ("✗", "2", "3"):
        await bot.deliver([a_press(bot, buttons(shown(bot))[text], is_old=True)])
    assert "So it is <b>13</b>" in shown(bot).parameters["text"]
    assert await labels(bot) == [(2, 3)]
    assert not sent(bot, "editMessageText")


# ── copying


async def test_what_was_read_is_copied_as_it_is_written(bot: Bot) -> None:
    """With its signs; there is nothing to copy where no digit is."""
    await bot.handle(message=bot.photo("12.05-2023"))
    assert copied(shown(bot)) == {"Copy": "12.05-2023"}
    await bot.handle(message=bot.photo(""))
    assert copied(shown(bot)) == {}


async def test_each_picture_of_an_album_is_copied_apart(bot: Bot) -> None:
    """The button says what it copies."""
    album = [bot.photo(text, media_group_id="a") for text in ("1.5", "", "7")]
    await bot.deliver([bot.update(message=photo) for photo in album])
    assert copied(shown(bot)) == {"1.5": "1.5", "7": "7"}


async def test_after_a_judgement_the_same_can_be_copied(bot: Bot) -> None:
    """Every line of the answer, its note left out."""
    await bot.handle(message=bot.photo("7"))
    said = "12 + 3\n45\n97 % sure"
    code = [{"type": "code", "offset": 0, "length": 6}, {"type": "code", "offset": 7, "length": 2}]
    message = {"message_id": 500, "date": 1, "chat": PRIVATE, "from": BOT, "text": said, "entities": code}
    pressed = {"id": "q", "from": PERSON, "chat_instance": "c", "data": buttons(shown(bot))["✓"], "message": message}
    await bot.handle(callback_query=pressed)
    assert shown(bot).method == "editMessageText"
    assert copied(shown(bot)) == {"12 + 3": "12 + 3", "45": "45"}
