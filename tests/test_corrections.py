"""What people say to a reading, on the fake Telegram: ✓, ✗, the keypad; what is kept."""

import pytest
from sqlalchemy import select

from bot import words
from bot.store import Rate, Tally
from bot.store.tables import AnsweredRow, SlotRow
from tests.fakes import ADMIN, BOT, GROUP, PERSON, PRIVATE, STRANGER, Bot
from tests.pressing import (
    KEYPAD,
    a_press,
    approve_all,
    buttons,
    labels,
    mention,
    press,
    press_shown,
    sent,
    shown,
    tally,
    wrong_number,
)

# ── one digit


async def test_a_reading_carries_its_two_buttons(bot: Bot) -> None:
    """✓ and ✗ come with the reading itself, in the first row."""
    await bot.handle(message=bot.photo("7"))
    assert list(buttons(shown(bot))) == ["✓", "✗", "Why?"]
    assert shown(bot).method == "sendMessage"


async def test_right_is_thanked_and_counted_once(bot: Bot) -> None:
    """The second press is told that it was noted, and counts nothing."""
    await bot.handle(message=bot.photo("7"))
    right = buttons(shown(bot))["✓"]
    assert await press(bot, right) == words.corrections.RIGHT_NOTED()
    assert await press(bot, right) == words.corrections.NOTED_BEFORE()
    assert (await tally(bot)).right == 1


async def test_wrong_opens_the_keypad_in_the_same_message(bot: Bot) -> None:
    """Ten digits and "not a digit", nothing else; the reading's own words stay above."""
    await bot.handle(message=bot.photo("7"))
    await press_shown(bot, "✗")
    assert (shown(bot).method, list(buttons(shown(bot)))) == ("editMessageText", KEYPAD)
    assert shown(bot).parameters["text"] == f"7\n97 % sure\n\n{words.corrections.WHICH_DIGIT()}"


async def test_the_pressed_digit_is_thanked_and_stored(bot: Bot) -> None:
    """The thanks says what it is and that an admin looks at it; ✓ and ✗ are back for a change of mind."""
    await bot.handle(message=bot.photo("7"))
    await press_shown(bot, "✗")
    popped = await press_shown(bot, "4")
    assert popped == words.corrections.corrected("7", 4, changed=1, is_trusted=False)
    assert "admin" in popped
    assert shown(bot).parameters["text"] == f"7\n97 % sure\n\n{popped}"
    assert list(buttons(shown(bot))) == ["✓", "✗", "Why?"]
    assert await labels(bot) == [(7, 4)]


async def test_not_a_digit_is_stored_as_such(bot: Bot) -> None:
    """The crop of a smudge is kept; the thanks does not promise that anything learns from it."""
    await bot.handle(message=bot.photo("7"))
    await press_shown(bot, "✗")
    thanks = await press_shown(bot, "not a digit")
    assert "not a digit" in thanks
    assert "learn" not in thanks
    assert await labels(bot) == [(7, None)]


async def test_the_digit_that_was_read_counts_as_right_after_all(bot: Bot) -> None:
    """✗ and then the same digit: nothing to learn."""
    await bot.handle(message=bot.photo("7"))
    await press_shown(bot, "✗")
    assert await press_shown(bot, "7") == words.corrections.corrected("7", 7, changed=0, is_trusted=False)
    assert (await labels(bot), (await tally(bot)).right) == ([], 1)


async def test_the_last_correction_of_a_digit_wins(bot: Bot) -> None:
    """Two answers on one keypad leave one row."""
    await bot.handle(message=bot.photo("7"))
    await press_shown(bot, "✗")
    keypad = buttons(shown(bot))
    await press(bot, keypad["4"])
    await press(bot, keypad["9"])
    assert await labels(bot) == [(7, 9)]


async def test_two_presses_at_once_are_both_answered_and_leave_one_row(bot: Bot) -> None:
    """A double tap, or two different digits in a hurry."""
    await bot.handle(message=bot.photo("7"))
    await press_shown(bot, "✗")
    keypad = buttons(shown(bot))
    await bot.deliver([a_press(bot, keypad[digit]) for digit in "4499"])
    assert len(sent(bot, "answerCallbackQuery")) == 5
    assert await labels(bot) == [(7, 9)]


async def test_right_after_a_correction_takes_it_back(bot: Bot) -> None:
    """Whoever pressed ✗ by mistake can say so."""
    await bot.handle(message=bot.photo("7"))
    await press_shown(bot, "✗")
    await press_shown(bot, "4")
    await press_shown(bot, "✓")
    assert await labels(bot) == []
    assert await tally(bot) == Tally(readings=1, right=1, digits_right=1)


async def test_an_admins_correction_counts_at_once(bot: Bot) -> None:
    """Nobody has to review it, and the thanks does not say so."""
    await bot.handle(message=bot.photo("7", **{"from": ADMIN}))
    await press_shown(bot, "✗", ADMIN)
    assert "admin" not in await press_shown(bot, "4", ADMIN)
    assert await bot.store.corrections.count() == (1, 0)


async def test_a_message_that_can_not_be_edited_is_corrected_all_the_same(bot: Bot) -> None:
    """Deleted meanwhile, or a query too old to be answered: what was pressed counts."""
    await bot.handle(message=bot.photo("7"))
    await press_shown(bot, "✗")
    four = buttons(shown(bot))["4"]
    bot.telegram.failures = {
        "editMessageText": (400, "Bad Request: message to edit not found"),
        "answerCallbackQuery": (400, "Bad Request: query is too old"),
    }
    await bot.deliver([a_press(bot, four)])
    assert await labels(bot) == [(7, 4)]
    assert not sent(bot, "sendMessage")[1:]


async def test_the_right_digit_may_be_sent_instead_of_pressed(bot: Bot) -> None:
    """The keypad is a question too; what is said there that is no number is answered as ever."""
    await bot.handle(message=bot.photo("7"))
    await press_shown(bot, "✗")
    assert await bot.handle(message=bot.message(text="12")) == [words.corrections.other_length(1, 2)]
    assert await bot.handle(message=bot.message(text="it is a four")) == [words.replies.NOT_A_PICTURE()]
    assert await bot.handle(message=bot.message(text="4")) == [
        words.corrections.number_corrected("7", "4", changed=1, is_trusted=False)
    ]
    assert await labels(bot) == [(7, 4)]


async def test_a_digit_that_was_approved_and_is_corrected_again_waits_again(bot: Bot) -> None:
    """What an admin saw was another answer."""
    await bot.handle(message=bot.photo("7"))
    await press_shown(bot, "✗")
    keypad = buttons(shown(bot))
    await press(bot, keypad["4"])
    await approve_all(bot)
    await press(bot, keypad["4"])  # twice the same changes nothing
    await press(bot, keypad["9"])
    assert await bot.store.corrections.count() == (0, 1)
    assert await labels(bot) == [(7, 9)]


async def test_the_button_of_a_message_too_old_to_be_edited_still_works(bot: Bot) -> None:
    """Telegram hands out no more than its number: what follows is said in a new message."""
    await bot.handle(message=bot.photo("7"))
    wrong = buttons(shown(bot))["✗"]
    await bot.deliver([a_press(bot, wrong, is_old=True)])
    assert (shown(bot).method, list(buttons(shown(bot)))) == ("sendMessage", KEYPAD)
    await bot.deliver([a_press(bot, buttons(shown(bot))["4"], is_old=True)])
    assert shown(bot).parameters["text"] == words.corrections.corrected("7", 4, changed=1, is_trusted=False)
    assert await labels(bot) == [(7, 4)]
    assert not sent(bot, "editMessageText")


async def test_a_number_below_a_message_too_old_is_asked_for_and_taken(bot: Bot) -> None:
    """The digits to choose from come in a message of their own; the number may be sent instead."""
    await bot.handle(message=bot.photo("12"))
    await bot.deliver([a_press(bot, buttons(shown(bot))["✗"], is_old=True)])
    assert (shown(bot).method, shown(bot).parameters["text"]) == ("sendMessage", words.corrections.WHICH_IS_WRONG())
    assert list(buttons(shown(bot))) == ["1", "2", "another length", "✓"]
    await bot.handle(message=bot.message(text="13"))
    assert await labels(bot) == [(2, 3)]


async def test_a_reading_under_a_photo_is_corrected_in_its_caption(bot: Bot) -> None:
    """A picture's words are its caption: the thanks goes there."""
    await bot.handle(message=bot.photo("7"))
    right = buttons(shown(bot))["✓"]
    picture = {"photo": [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}], "caption": "7\n97 % sure"}
    message = {"message_id": 500, "date": 1, "chat": PRIVATE, "from": BOT, **picture}
    query = {"id": "q", "from": PERSON, "chat_instance": "c", "data": right, "message": message}
    await bot.handle(callback_query=query)
    (edit,) = sent(bot, "editMessageCaption")
    assert edit.parameters["caption"] == f"7\n97 % sure\n\n{words.corrections.RIGHT_NOTED()}"


# ── who may, and what is forgotten


async def test_in_a_group_somebody_else_may_not_judge(bot: Bot) -> None:
    """They are told so, alone; the reading stays unjudged and unchanged."""
    await bot.handle(message=bot.photo("7", chat=GROUP, caption="@digits_bot", caption_entities=mention()))
    assert await press_shown(bot, "✗", STRANGER, GROUP) == words.corrections.NOT_YOURS()
    assert not sent(bot, "editMessageText")
    assert (await tally(bot)).wrong == 0


async def test_in_a_group_whoever_asked_and_an_admin_may_judge(bot: Bot) -> None:
    """The asker opens the keypad, an admin presses the digit: it counts at once."""
    await bot.handle(message=bot.photo("7", chat=GROUP, caption="@digits_bot", caption_entities=mention()))
    await press_shown(bot, "✗", PERSON, GROUP)
    await press_shown(bot, "4", ADMIN, GROUP)
    assert await bot.store.corrections.count() == (1, 0)


async def test_a_button_of_a_forgotten_reading_says_so(bot: Bot) -> None:
    """After /forget the buttons of old messages are still there."""
    await bot.handle(message=bot.photo("7"))
    wrong = buttons(shown(bot))["✗"]
    await bot.handle(message=bot.command("/forget"))
    assert await press(bot, wrong) == words.corrections.READING_FORGOTTEN()


async def test_the_keypad_of_a_forgotten_reading_says_so(bot: Bot) -> None:
    """The digit that is pressed too late is not stored."""
    await bot.handle(message=bot.photo("7"))
    await press_shown(bot, "✗")
    four = buttons(shown(bot))["4"]
    await bot.handle(message=bot.command("/forget"))
    assert await press(bot, four) == words.corrections.READING_FORGOTTEN()
    assert await labels(bot) == []


async def test_a_number_for_a_forgotten_reading_is_no_answer_to_anything(bot: Bot) -> None:
    """/forget takes the question along."""
    await wrong_number(bot)
    await bot.handle(message=bot.command("/forget"))
    assert await bot.handle(message=bot.message(text="4077")) == [words.replies.NOT_A_PICTURE()]


async def test_a_reading_of_another_chat_can_not_be_judged(bot: Bot) -> None:
    """Callback data is the client's word: a number from elsewhere gets nowhere."""
    await bot.handle(message=bot.photo("7"))
    wrong = buttons(shown(bot))["✗"]
    assert await press(bot, wrong, PERSON, GROUP) == words.corrections.READING_FORGOTTEN()


# ── what is kept


async def test_forget_says_what_it_deleted(bot: Bot) -> None:
    """The reading, its correction and their crops; the second time there is nothing."""
    await bot.handle(message=bot.photo("7"))
    await press_shown(bot, "✗")
    await press_shown(bot, "4")
    assert await bot.handle(message=bot.command("/forget")) == [words.privacy.forgotten(1, 1)]
    assert await labels(bot) == []
    assert await bot.handle(message=bot.command("/forget")) == [words.privacy.forgotten(0, 0)]


async def test_forget_leaves_nothing_of_a_persons_chat(bot: Bot) -> None:
    """Neither which of its messages held a picture, nor when it was last written to; others' chats are as before."""
    await bot.handle(message=bot.photo("7"))
    await bot.handle(message=bot.photo("7", **{"from": STRANGER, "chat": PRIVATE | {"id": STRANGER["id"]}}))
    for chat in (PERSON, STRANGER):
        await bot.store.sends.reserve(str(chat["id"]), Rate(3600.0))
    await bot.handle(message=bot.command("/forget"))
    async with bot.store._database.transaction() as session:
        assert list(await session.scalars(select(AnsweredRow.user_id))) == [STRANGER["id"]]
        assert list(await session.scalars(select(SlotRow.key))) == [str(STRANGER["id"])]


async def test_privacy_says_what_is_kept_and_how_to_delete_it(bot: Bot) -> None:
    """The photo is not; days, crops, the language and /forget are named; both commands are in the list."""
    (text,) = await bot.handle(message=bot.command("/privacy"))
    assert all(word in text for word in ("Never your photo", "7 days", "3 days", "28×28", "/language", "/forget"))
    assert {"privacy", "forget"} <= words.commands.FOR_ALL.keys()


# ── trouble


async def test_a_reading_goes_out_without_buttons_when_it_can_not_be_remembered(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    """A database that fails costs the corrections, not the reading; the log tells it once, not for every photo."""
    await break_store(bot)
    for _ in range(3):
        assert await bot.handle(message=bot.photo("7")) == ["<code>7</code>\n97 % sure"]
        assert buttons(shown(bot)) == {}
    assert [record.levelname for record in caplog.records].count("ERROR") == 1
    assert "pictures are answered without buttons" in caplog.text


async def test_a_judgement_that_can_not_be_kept_is_not_thanked(bot: Bot) -> None:
    """Neither a press nor a number pretends to be kept."""
    await wrong_number(bot)
    right = buttons(sent(bot, "sendMessage", "sendPhoto")[0])["✓"]
    await break_store(bot)
    assert await press(bot, right) == words.corrections.NOT_KEPT()
    assert await bot.handle(message=bot.message(text="4077")) == [words.corrections.NOT_KEPT()]


async def test_commands_that_need_the_database_say_that_it_is_gone(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    """/forget does not pretend, /review does not hang, and the log has a line, not a page."""
    await break_store(bot)
    alert, told = await bot.handle(message=bot.command("/forget"))
    assert (told, "StoreDamaged" in alert) == (words.replies.STORE_TROUBLE(), True)
    assert await bot.handle(message=bot.command("/review", ADMIN)) == [words.replies.STORE_TROUBLE()]
    assert await press(bot, "2:sheet:approve:1:9", ADMIN) == ""
    assert bot.telegram.sent()[-1] == words.replies.STORE_TROUBLE()
    assert not any(record.exc_info for record in caplog.records)


async def break_store(bot: Bot) -> None:
    """Take the tables away, as a database does that went bad."""
    async with bot.store._database.transaction() as session:
        connection = await session.connection()
        for table in ("crops", "questions", "readings", "corrections", "updates", "answered", "people"):
            await connection.exec_driver_sql(f"DROP TABLE {table}")
