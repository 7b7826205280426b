"""What people say to a reading, on the fake Telegram: ✓, ✗, the keypad, the right number."""

import asyncio
import threading

import pytest

from bot import replies
from bot.handlers.help import publish_commands
from bot.store import Claim, Tally
from tests.fakes import ADMIN, BOT, GROUP, PERSON, PRIVATE, Bot
from tests.pressing import a_press, buttons, press, press_shown, sent, shown

STRANGER = {"id": 99, "is_bot": False, "first_name": "Eve"}
KEYPAD = [*"1234567890", "not a digit"]


async def labels(bot: Bot) -> list[tuple[int, int | None]]:
    """What was said and what it is, of the corrections that wait and then of those that count."""
    corrections = bot.store.corrections
    return [(each.said, each.label) for each in (*await corrections.pending(100), *await corrections.approved())]


async def tally(bot: Bot) -> Tally:
    """What was counted in all."""
    return (await bot.store.readings.tally())[1]


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
    assert await press(bot, right) == replies.RIGHT_NOTED
    assert await press(bot, right) == replies.NOTED_BEFORE
    assert (await tally(bot)).right == 1


async def test_wrong_opens_the_keypad_in_the_same_message(bot: Bot) -> None:
    """Ten digits and "not a digit", nothing else; the reading's own words stay above."""
    await bot.handle(message=bot.photo("7"))
    await press_shown(bot, "✗")
    assert (shown(bot).method, list(buttons(shown(bot)))) == ("editMessageText", KEYPAD)
    assert shown(bot).parameters["text"] == f"7\n97 % sure\n\n{replies.WHICH_DIGIT}"


async def test_the_pressed_digit_is_thanked_and_stored(bot: Bot) -> None:
    """The thanks says what it is and that an admin looks at it; ✓ and ✗ are back for a change of mind."""
    await bot.handle(message=bot.photo("7"))
    await press_shown(bot, "✗")
    popped = await press_shown(bot, "4")
    assert popped == replies.corrected("7", 4, changed=1, is_trusted=False)
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
    assert await press_shown(bot, "7") == replies.corrected("7", 7, changed=0, is_trusted=False)
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
    assert await bot.handle(message=bot.message(text="17")) == [replies.other_length(1, 2)]
    assert await bot.handle(message=bot.message(text="it is a four")) == [replies.NOT_A_PICTURE]
    assert await bot.handle(message=bot.message(text="4")) == [
        replies.number_corrected("7", "4", changed=1, is_trusted=False)
    ]
    assert await labels(bot) == [(7, 4)]


async def test_a_digit_that_was_approved_and_is_corrected_again_waits_again(bot: Bot) -> None:
    """What an admin saw was another answer."""
    await bot.handle(message=bot.photo("7"))
    await press_shown(bot, "✗")
    keypad = buttons(shown(bot))
    await press(bot, keypad["4"])
    (first,) = await bot.store.corrections.pending(1)
    await bot.store.corrections.approve(first.id, first.id)
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
    assert shown(bot).parameters["text"] == replies.corrected("7", 4, changed=1, is_trusted=False)
    assert await labels(bot) == [(7, 4)]
    assert not sent(bot, "editMessageText")


async def test_a_number_below_a_message_too_old_is_asked_for_and_taken(bot: Bot) -> None:
    """The question comes by itself, for there is nothing that it could answer."""
    await bot.handle(message=bot.photo("12"))
    await bot.deliver([a_press(bot, buttons(shown(bot))["✗"], is_old=True)])
    assert shown(bot).parameters["text"] == replies.which_number("12", in_group=False)
    await bot.handle(message=bot.message(text="13"))
    assert await labels(bot) == [(2, 3)]


# ── who may, and what is forgotten


async def test_in_a_group_somebody_else_may_not_judge(bot: Bot) -> None:
    """They are told so, alone; the reading stays unjudged and unchanged."""
    await bot.handle(message=bot.photo("7", chat=GROUP, caption="@digits_bot", caption_entities=mention()))
    assert await press_shown(bot, "✗", STRANGER, GROUP) == replies.NOT_YOURS
    assert not sent(bot, "editMessageText")
    assert (await tally(bot)).wrong == 0


async def test_in_a_group_whoever_asked_and_an_admin_may_judge(bot: Bot) -> None:
    """The asker opens the keypad, an admin presses the digit: it counts at once."""
    await bot.handle(message=bot.photo("7", chat=GROUP, caption="@digits_bot", caption_entities=mention()))
    await press_shown(bot, "✗", PERSON, GROUP)
    await press_shown(bot, "4", ADMIN, GROUP)
    assert await bot.store.corrections.count() == (1, 0)


def mention() -> list[dict[str, object]]:
    """The entity of a text that is @digits_bot."""
    return [{"type": "mention", "offset": 0, "length": 11}]


async def test_a_button_of_a_forgotten_reading_says_so(bot: Bot) -> None:
    """After /forget the buttons of old messages are still there."""
    await bot.handle(message=bot.photo("7"))
    wrong = buttons(shown(bot))["✗"]
    await bot.handle(message=bot.command("/forget"))
    assert await press(bot, wrong) == replies.READING_FORGOTTEN


async def test_the_keypad_of_a_forgotten_reading_says_so(bot: Bot) -> None:
    """The digit that is pressed too late is not stored."""
    await bot.handle(message=bot.photo("7"))
    await press_shown(bot, "✗")
    four = buttons(shown(bot))["4"]
    await bot.handle(message=bot.command("/forget"))
    assert await press(bot, four) == replies.READING_FORGOTTEN
    assert await labels(bot) == []


async def test_a_number_for_a_forgotten_reading_is_no_answer_to_anything(bot: Bot) -> None:
    """/forget takes the question along."""
    await wrong_number(bot)
    await bot.handle(message=bot.command("/forget"))
    assert await bot.handle(message=bot.message(text="4077")) == [replies.NOT_A_PICTURE]


async def test_a_reading_of_another_chat_can_not_be_judged(bot: Bot) -> None:
    """Callback data is the client's word: a number from elsewhere gets nowhere."""
    await bot.handle(message=bot.photo("7"))
    wrong = buttons(shown(bot))["✗"]
    assert await press(bot, wrong, PERSON, GROUP) == replies.READING_FORGOTTEN


# ── several digits


async def wrong_number(bot: Bot, digits: str = "4071") -> None:
    """Send a photo and say that its number was read wrong."""
    await bot.handle(message=bot.photo(digits))
    await press_shown(bot, "✗")


async def test_a_wrong_number_is_asked_for_and_the_next_digits_are_taken(bot: Bot) -> None:
    """In a private chat no reply is needed; only the digits that differ are stored."""
    await wrong_number(bot)
    assert shown(bot).parameters["text"] == replies.which_number("4071", in_group=False)
    assert await bot.handle(message=bot.message(text=" 40 77\n")) == [
        replies.number_corrected("4071", "4077", changed=1, is_trusted=False)
    ]
    assert await labels(bot) == [(1, 7)]
    assert await tally(bot) == Tally(readings=1, wrong=1, digits_right=3, digits_wrong=1)


async def test_after_its_answer_a_question_is_closed(bot: Bot) -> None:
    """The next number is no answer to anything."""
    await wrong_number(bot)
    await bot.handle(message=bot.message(text="4077"))
    assert await bot.handle(message=bot.message(text="4079")) == [replies.NOT_A_PICTURE]


async def test_pressing_wrong_twice_asks_once(bot: Bot) -> None:
    """The second press points to the question that is open."""
    await bot.handle(message=bot.photo("4071"))
    wrong = buttons(shown(bot))["✗"]
    await press(bot, wrong)
    assert await press(bot, wrong) == replies.QUESTION_OPEN
    assert len(sent(bot, "sendMessage", "sendPhoto")) == 2


async def test_right_closes_the_question_that_wrong_had_opened(bot: Bot) -> None:
    """Whoever pressed ✗ by mistake is not taken at their next number."""
    await bot.handle(message=bot.photo("4071"))
    both = buttons(shown(bot))
    await press(bot, both["✗"])
    await press(bot, both["✓"])
    assert await bot.handle(message=bot.message(text="4077")) == [replies.NOT_A_PICTURE]
    assert (await labels(bot), (await tally(bot)).right) == ([], 1)


async def test_a_number_of_another_length_is_declined_kindly_and_may_be_sent_again(bot: Bot) -> None:
    """Nothing wrong is stored, and the question stays open."""
    await wrong_number(bot)
    assert await bot.handle(message=bot.message(text="407")) == [replies.other_length(4, 3)]
    assert await labels(bot) == []
    await bot.handle(message=bot.message(text="4077"))
    assert await labels(bot) == [(1, 7)]


async def test_the_number_that_was_read_counts_as_right(bot: Bot) -> None:
    """Somebody who looks again and finds it right after all."""
    await wrong_number(bot)
    assert await bot.handle(message=bot.message(text="4071")) == [
        replies.number_corrected("4071", "4071", changed=0, is_trusted=False)
    ]
    assert (await tally(bot)).right == 1


async def test_other_talk_while_a_question_is_open_is_answered_as_usual(bot: Bot) -> None:
    """A question takes no words and no commands for a number."""
    await wrong_number(bot)
    assert await bot.handle(message=bot.message(text="wait a moment")) == [replies.NOT_A_PICTURE]
    assert await bot.handle(message=bot.command("/start")) == [replies.START]


async def test_a_reply_to_the_question_that_is_no_number_is_told_how(bot: Bot) -> None:
    """Whoever replies means to answer."""
    await wrong_number(bot)
    assert await bot.handle(message=reply_to_last(bot, "four")) == [replies.DIGITS_ONLY]


def reply_to_last(bot: Bot, text: str, **fields: object) -> dict[str, object]:
    """A text that replies to the message that the bot sent last."""
    question = bot.message(text="?", **fields) | {"from": BOT, "message_id": bot.telegram.last_id}
    return bot.message(text=text, reply_to_message=question, **fields)


async def test_a_reply_names_the_question_that_it_answers(bot: Bot) -> None:
    """With two questions open, replying to the first one corrects the first reading."""
    await wrong_number(bot, "12")
    answer = reply_to_last(bot, "13")
    await wrong_number(bot, "56")
    await bot.handle(message=answer)
    assert await labels(bot) == [(2, 3)]


async def test_in_a_group_only_a_reply_of_the_person_asked_or_an_admin_counts(bot: Bot) -> None:
    """Numbers that others say, or that reply to nothing, are the group's own business."""
    await bot.handle(message=bot.photo("12", chat=GROUP, caption="@digits_bot", caption_entities=mention()))
    await press_shown(bot, "✗", PERSON, GROUP)
    assert "Reply to this message" in shown(bot).parameters["text"]
    by_stranger = reply_to_last(bot, "13", chat=GROUP) | {"from": STRANGER}
    by_asker = reply_to_last(bot, "13", chat=GROUP)
    assert await bot.handle(message=bot.message(text="13", chat=GROUP)) == []
    assert await bot.handle(message=by_stranger) == []
    assert "thank" in (await bot.handle(message=by_asker))[0].lower()
    assert await labels(bot) == [(2, 3)]


async def test_digits_of_another_script_are_digits(bot: Bot) -> None:
    """An Arabic keyboard's ١٣ is 13."""
    await wrong_number(bot, "12")
    await bot.handle(message=bot.message(text="١٣"))
    assert await labels(bot) == [(2, 3)]


async def test_no_digits_there_labels_every_crop(bot: Bot) -> None:
    """What was read as a number and is none: none of its crops is a digit."""
    await wrong_number(bot, "12")
    assert await press_shown(bot, "no digits there") == replies.NOTHING_THERE
    assert await labels(bot) == [(1, None), (2, None)]


# ── no digit, albums


async def test_where_nothing_like_a_digit_was_seen_a_miss_is_counted_only(bot: Bot) -> None:
    """The words do not pretend that there is a crop to learn from; a second press changes nothing."""
    await bot.handle(message=bot.photo(""))
    missed = buttons(shown(bot))
    assert list(missed) == ["there is one"]
    assert await press(bot, missed["there is one"]) == replies.MISS_NOTED
    assert await press(bot, missed["there is one"]) == replies.NOTED_BEFORE
    assert await tally(bot) == Tally(refusals=1, wrong=1)


async def missed_number(bot: Bot, doubtful: str = "?42") -> None:
    """Send a photo in which things are seen that might be digits, and say that there is a number."""
    await bot.handle(message=bot.photo(doubtful))
    await press_shown(bot, "there is one")


async def test_the_number_that_was_missed_is_asked_for_and_taken(bot: Bot) -> None:
    """Each crop gets its digit, also where the network would have had it right: it is all missed."""
    await missed_number(bot)
    assert shown(bot).parameters["text"] == replies.which_number("", in_group=False)
    assert await bot.handle(message=bot.message(text="47")) == [replies.missed_number("47", is_trusted=False)]
    assert await labels(bot) == [(4, 4), (2, 7)]
    assert await tally(bot) == Tally(refusals=1, wrong=1)


async def test_an_admins_missed_number_counts_at_once(bot: Bot) -> None:
    """As any correction of an admin's."""
    await bot.handle(message=bot.photo("?4", **{"from": ADMIN}))
    await press_shown(bot, "there is one", ADMIN)
    (thanks,) = await bot.handle(message=bot.message(text="4", **{"from": ADMIN}))
    assert (thanks, await bot.store.corrections.count()) == (replies.missed_number("4", is_trusted=True), (1, 0))


async def test_a_missed_number_of_another_length_is_declined_kindly(bot: Bot) -> None:
    """Nobody can tell which thing is which digit: nothing is stored, and the question stays open."""
    await missed_number(bot)
    (answer,) = await bot.handle(message=bot.message(text="402"))
    assert answer == replies.other_length_than_doubted(2, 3)
    assert await labels(bot) == []
    await bot.handle(message=bot.message(text="42"))
    assert await labels(bot) == [(4, 4), (2, 2)]


async def test_pressing_there_is_one_twice_asks_and_counts_once(bot: Bot) -> None:
    """The second press points to the question that is open."""
    await bot.handle(message=bot.photo("?42"))
    missed = buttons(shown(bot))["there is one"]
    await press(bot, missed)
    assert await press(bot, missed) == replies.QUESTION_OPEN
    assert (len(sent(bot, "sendMessage")), (await tally(bot)).wrong) == (2, 1)


async def test_a_missed_number_can_be_taken_back(bot: Bot) -> None:
    """Whoever pressed by mistake says that there is none: the refusal was right, and the question is closed."""
    await missed_number(bot)
    assert await press_shown(bot, "no digits there") == replies.NONE_AFTER_ALL
    assert await tally(bot) == Tally(refusals=1, right=1)
    assert await bot.handle(message=bot.message(text="42")) == [replies.NOT_A_PICTURE]
    assert await labels(bot) == []


async def test_in_a_group_only_who_asked_or_an_admin_tells_the_missed_number(bot: Bot) -> None:
    """By a reply; anybody else's press or number gets nowhere."""
    await bot.handle(message=bot.photo("?42", chat=GROUP, caption="@digits_bot", caption_entities=mention()))
    there_is_one = buttons(shown(bot))["there is one"]
    assert await press(bot, there_is_one, STRANGER, GROUP) == replies.NOT_YOURS
    await press(bot, there_is_one, PERSON, GROUP)
    by_stranger = reply_to_last(bot, "47", chat=GROUP) | {"from": STRANGER}
    by_asker = reply_to_last(bot, "47", chat=GROUP)
    assert await bot.handle(message=by_stranger) == []
    assert len(await bot.handle(message=by_asker)) == 1
    assert await labels(bot) == [(4, 4), (2, 7)]


async def an_album(bot: Bot, *digits: str) -> None:
    """Send an album of photos."""
    album = [bot.photo(text, media_group_id="a") for text in digits]
    await bot.deliver([bot.update(message=photo) for photo in album])


async def test_an_albums_right_stands_for_all_its_pictures(bot: Bot) -> None:
    """One press, three readings judged; again, nothing new."""
    await an_album(bot, "12", "", "7")
    right = buttons(shown(bot))["✓"]
    assert await press(bot, right) == replies.RIGHT_NOTED
    assert await press(bot, right) == replies.NOTED_BEFORE
    assert await tally(bot) == Tally(readings=2, refusals=1, right=3, digits_right=3)


async def test_an_albums_wrong_asks_which_picture_and_goes_on_with_it(bot: Bot) -> None:
    """The pictures are the buttons; the one that is pressed gets its keypad, then ✓ and ✗ are back."""
    await an_album(bot, "12", "", "7")
    await press_shown(bot, "✗")
    assert list(buttons(shown(bot))) == ["1: 12", "2: no digit", "3: 7"]
    await press_shown(bot, "3: 7")
    assert list(buttons(shown(bot))) == KEYPAD
    await press_shown(bot, "1")
    assert list(buttons(shown(bot))) == ["✓", "✗", "Why?"]
    await press_shown(bot, "✓")
    assert await labels(bot) == [(7, 1)]
    assert await tally(bot) == Tally(readings=2, refusals=1, right=2, wrong=1, digits_right=2, digits_wrong=1)


async def test_a_number_in_an_album_is_asked_for(bot: Bot) -> None:
    """As for a picture that came alone."""
    await an_album(bot, "12", "7")
    await press_shown(bot, "✗")
    await press_shown(bot, "1: 12")
    await bot.handle(message=bot.message(text="13"))
    assert await labels(bot) == [(2, 3)]


async def test_a_missed_digit_in_an_album_is_counted(bot: Bot) -> None:
    """The picture without a digit is the wrong one: there is nothing to correct in it, and the words say so."""
    await an_album(bot, "7", "")
    await press_shown(bot, "✗")
    assert await press_shown(bot, "2: no digit") == replies.MISS_NOTED
    assert (await tally(bot)).wrong == 1
    assert list(buttons(shown(bot))) == ["✓", "✗", "Why?"]


async def test_a_missed_number_in_an_album_is_asked_for(bot: Bot) -> None:
    """As for a picture that came alone."""
    await an_album(bot, "7", "?42")
    await press_shown(bot, "✗")
    await press_shown(bot, "2: no digit")
    await bot.handle(message=bot.message(text="47"))
    assert await labels(bot) == [(4, 4), (2, 7)]


async def test_a_reading_under_a_photo_is_corrected_in_its_caption(bot: Bot) -> None:
    """A picture's words are its caption: the thanks goes there."""
    await bot.handle(message=bot.photo("7"))
    right = buttons(shown(bot))["✓"]
    picture = {"photo": [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}], "caption": "7\n97 % sure"}
    message = {"message_id": 500, "date": 1, "chat": PRIVATE, "from": BOT, **picture}
    query = {"id": "q", "from": PERSON, "chat_instance": "c", "data": right, "message": message}
    await bot.handle(callback_query=query)
    (edit,) = sent(bot, "editMessageCaption")
    assert edit.parameters["caption"] == f"7\n97 % sure\n\n{replies.RIGHT_NOTED}"


# ── what is kept


async def test_forget_says_what_it_deleted(bot: Bot) -> None:
    """The reading, its correction and their crops; the second time there is nothing."""
    await bot.handle(message=bot.photo("7"))
    await press_shown(bot, "✗")
    await press_shown(bot, "4")
    assert await bot.handle(message=bot.command("/forget")) == [replies.forgotten(1, 1)]
    assert await labels(bot) == []
    assert await bot.handle(message=bot.command("/forget")) == [replies.forgotten(0, 0)]


async def test_privacy_says_what_is_kept_and_how_to_delete_it(bot: Bot) -> None:
    """The photo is not; days, crops and /forget are named; both commands are in the list."""
    (text,) = await bot.handle(message=bot.command("/privacy"))
    assert all(word in text for word in ("Never your photo", "7 days", "28×28", "/forget"))
    await publish_commands(bot.application.bot, frozenset())
    listed = [command["command"] for command in sent(bot, "setMyCommands")[0].parameters["commands"]]
    assert {"privacy", "forget"} <= set(listed)


# ── trouble


async def test_a_reading_goes_out_without_buttons_when_it_can_not_be_remembered(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    """A database that fails costs the corrections, not the reading; the log tells."""
    await break_store(bot)
    assert await bot.handle(message=bot.photo("7")) == ["<code>7</code>\n97 % sure"]
    assert buttons(shown(bot)) == {}
    assert "could not be remembered" in caplog.text


async def test_a_judgement_that_can_not_be_kept_is_not_thanked(bot: Bot) -> None:
    """Neither a press nor a number pretends to be kept."""
    await wrong_number(bot)
    right = buttons(sent(bot, "sendMessage", "sendPhoto")[0])["✓"]
    await break_store(bot)
    assert await press(bot, right) == replies.NOT_KEPT
    assert await bot.handle(message=bot.message(text="4077")) == [replies.NOT_KEPT]


async def break_store(bot: Bot) -> None:
    """Take the tables away, as a database does that went bad."""
    async with bot.store._database.transaction() as session:
        connection = await session.connection()
        for table in ("crops", "questions", "readings", "updates"):
            await connection.exec_driver_sql(f"DROP TABLE {table}")


# ── each update once


async def test_an_update_that_comes_again_is_not_answered_again(bot: Bot) -> None:
    """Telegram offers an update again when it could not see that it was handled."""
    update = bot.update(message=bot.photo("7"))
    await bot.deliver([update, update])
    await bot.deliver([update])
    assert len(bot.telegram.sent()) == 1


async def test_an_update_whose_handling_broke_off_is_handled_again(bot: Bot) -> None:
    """A bot that is stopped in the middle leaves nothing unanswered for good."""
    update = bot.update(message=bot.photo("7"))

    async def broken_off() -> None:
        raise KeyboardInterruptLikeError

    with pytest.raises(KeyboardInterruptLikeError):
        await bot.application.update_processor.process_update(update, broken_off())
    await bot.deliver([update])
    assert len(bot.telegram.sent()) == 1


class KeyboardInterruptLikeError(Exception):
    """Whatever ends a handler before its time."""


async def test_an_albums_pictures_are_done_when_the_album_is_answered(bot: Bot) -> None:
    """A bot that dies before leaves none of them done; offered again afterwards, they are skipped."""
    gate = bot.reader.gate = threading.Event()
    updates = [bot.update(message=bot.photo(text, media_group_id="a")) for text in "12"]
    handling = asyncio.create_task(bot.deliver(updates))
    await bot.until(lambda: len(bot.reader.photos) == 2)
    assert [await bot.store.updates.claim(update.update_id) for update in updates] == [Claim.WAIT] * 2
    gate.set()
    await handling
    await bot.deliver(updates)
    assert len(bot.telegram.sent()) == 1
