"""The right number of a reading of several digits, or of none, or of a picture of an album, on the fake Telegram."""

import pytest

from bot import words
from bot.store import Tally
from tests.fakes import ADMIN, GROUP, PERSON, STRANGER, Bot
from tests.pressing import (
    KEYPAD,
    buttons,
    labels,
    mention,
    press,
    press_shown,
    reply_to_last,
    sent,
    shown,
    tally,
    wrong_length,
    wrong_number,
)

# ── several digits


async def test_a_wrong_number_is_asked_for_and_the_next_digits_are_taken(bot: Bot) -> None:
    """In a private chat no reply is needed; only the digits that differ are stored."""
    await wrong_length(bot)
    assert shown(bot).parameters["text"] == words.corrections.which_number("4071", in_group=False)
    assert await bot.handle(message=bot.message(text=" 40 77\n")) == [
        words.corrections.number_corrected("4071", "4077", changed=1, is_trusted=False)
    ]
    assert await labels(bot) == [(1, 7)]
    assert await tally(bot) == Tally(readings=1, wrong=1, digits_right=3, digits_wrong=1)


async def test_after_its_answer_a_question_is_closed(bot: Bot) -> None:
    """The next number is no answer to anything."""
    await wrong_number(bot)
    await bot.handle(message=bot.message(text="4077"))
    assert await bot.handle(message=bot.message(text="4079")) == [words.replies.NOT_A_PICTURE()]


async def test_asking_for_the_number_twice_asks_once(bot: Bot) -> None:
    """The second press for another length points to the question that is open."""
    await wrong_number(bot)
    another = buttons(shown(bot))["another length"]
    assert await press(bot, another) == ""
    assert await press(bot, another) == words.corrections.QUESTION_OPEN()
    assert len(sent(bot, "sendMessage", "sendPhoto")) == 2


async def test_right_closes_the_question_that_wrong_had_opened(bot: Bot) -> None:
    """Whoever pressed ✗ by mistake is not taken at their next number."""
    await bot.handle(message=bot.photo("4071"))
    both = buttons(shown(bot))
    await press(bot, both["✗"])
    await press(bot, both["✓"])
    assert await bot.handle(message=bot.message(text="4077")) == [words.replies.NOT_A_PICTURE()]
    assert (await labels(bot), (await tally(bot)).right) == ([], 1)


async def test_a_number_of_another_length_is_declined_kindly_and_may_be_sent_again(bot: Bot) -> None:
    """Where too little agrees to tell which digit is which, nothing is stored, and the question stays open."""
    await wrong_number(bot)
    assert await bot.handle(message=bot.message(text="982")) == [words.corrections.other_length(4, 3)]
    assert await labels(bot) == []
    await bot.handle(message=bot.message(text="4077"))
    assert await labels(bot) == [(1, 7)]


async def test_the_number_that_was_read_counts_as_right(bot: Bot) -> None:
    """Somebody who looks again and finds it right after all."""
    await wrong_number(bot)
    assert await bot.handle(message=bot.message(text="4071")) == [
        words.corrections.number_corrected("4071", "4071", changed=0, is_trusted=False)
    ]
    assert (await tally(bot)).right == 1


async def test_other_talk_while_a_question_is_open_is_answered_as_usual(bot: Bot) -> None:
    """A question takes no words and no commands for a number."""
    await wrong_number(bot)
    assert await bot.handle(message=bot.message(text="wait a moment")) == [words.replies.NOT_A_PICTURE()]
    assert await bot.handle(message=bot.command("/start")) == [words.introduction.START()]


@pytest.mark.parametrize("typed", ["it is 4077", "<b>9!</b>", "4077?"])
async def test_what_is_no_number_while_a_question_is_open_is_told_what_to_type(bot: Bot, typed: str) -> None:
    """Not the greeting: the number alone, and the question stays open for it."""
    await wrong_number(bot)
    assert await bot.handle(message=bot.message(text=typed)) == [words.corrections.NUMBER_ONLY()]
    assert await labels(bot) == []
    await bot.handle(message=bot.message(text="4077"))
    assert await labels(bot) == [(1, 7)]


@pytest.mark.parametrize(
    "typed",
    ["40.77", "40/77", "40 + 77 =", "(40) 7-7", "4x0×7*7", "−4,077", "40^77", "40:77 %", "\u200f4077", "٤٠٧٧", "४०७७"],
)
async def test_a_number_is_taken_as_people_write_it(bot: Bot, typed: str) -> None:
    """Signs, spaces and marks of direction are no slip, and the digits may be of any script: the digits count."""
    await wrong_number(bot)
    assert await bot.handle(message=bot.message(text=typed)) == [
        words.corrections.number_corrected("4071", "4077", changed=1, is_trusted=False)
    ]


async def test_a_number_in_pieces_is_a_number(bot: Bot) -> None:
    """ "12 5" is 125: taken where three digits were read, and declined where 17 was."""
    await wrong_number(bot, "175")
    await bot.handle(message=bot.message(text="12 5"))
    assert await labels(bot) == [(7, 2)]
    await wrong_number(bot, "17")
    assert await bot.handle(message=bot.message(text="12 5")) == [words.corrections.other_length(2, 3)]


async def test_under_a_keypad_too_what_is_no_number_is_told_what_to_type(bot: Bot) -> None:
    """The digit may be typed there, so that a slip is answered as a slip."""
    await bot.handle(message=bot.photo("7"))
    await press_shown(bot, "✗")
    assert await bot.handle(message=bot.message(text="4!")) == [words.corrections.NUMBER_ONLY()]
    await bot.handle(message=bot.message(text="4."))
    assert await labels(bot) == [(7, 4)]


async def test_signs_without_an_open_question_are_answered_as_ever(bot: Bot) -> None:
    """Nobody asked for a number: 3.14 is a text like any other."""
    await bot.handle(message=bot.photo("4071"))
    assert await bot.handle(message=bot.message(text="3.14")) == [words.replies.NOT_A_PICTURE()]


async def test_a_reply_to_the_question_that_is_no_number_is_told_how(bot: Bot) -> None:
    """Whoever replies means to answer."""
    await wrong_length(bot)
    assert await bot.handle(message=reply_to_last(bot, "four")) == [words.corrections.NUMBER_ONLY()]


async def test_a_reply_names_the_question_that_it_answers(bot: Bot) -> None:
    """With two questions open, replying to the first one corrects the first reading."""
    await wrong_length(bot, "12")
    answer = reply_to_last(bot, "13")
    await wrong_length(bot, "56")
    await bot.handle(message=answer)
    assert await labels(bot) == [(2, 3)]


async def test_in_a_group_only_a_reply_of_the_person_asked_or_an_admin_counts(bot: Bot) -> None:
    """Numbers that others say, or that reply to nothing, are the group's own business."""
    await bot.handle(message=bot.photo("12", chat=GROUP, caption="@digits_bot", caption_entities=mention()))
    await press_shown(bot, "✗", PERSON, GROUP)
    assert "reply with the right number" in shown(bot).parameters["text"]
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
    await wrong_length(bot, "12")
    assert await press_shown(bot, "no digits there") == words.corrections.NOTHING_THERE()
    assert await labels(bot) == [(1, None), (2, None)]


# ── more digits, or fewer


@pytest.mark.parametrize("typed", ["407", "40/7", "-407"])
async def test_a_digit_too_many_is_no_digit(bot: Bot, typed: str) -> None:
    """Its crop teaches that; the digits that agree are right, and the answer says which is which."""
    await wrong_number(bot)
    assert await bot.handle(message=bot.message(text=typed)) == [
        (
            "Noted, <b>407</b> and not 4071. Thank you! 1 thing that I read as a digit is none. "
            "An admin looks at it before I learn from it."
        )
    ]
    assert await labels(bot) == [(1, None)]
    assert await tally(bot) == Tally(readings=1, wrong=1, digits_right=3, digits_wrong=1)


async def test_a_mark_that_was_read_as_a_digit_is_no_digit(bot: Bot) -> None:
    """85/100, read as 851100: of the two 1s the mark tells which it was; no question stays open."""
    await wrong_number(bot, "851100")
    await bot.handle(message=bot.message(text="85/100"))
    (correction,) = await bot.store.corrections.waiting(10)
    assert (correction.label, correction.said, correction.was_read) == (None, 1, True)
    assert await bot.store.judgements.labels(1) == (8, 5, None, 1, 0, 0)
    assert await bot.handle(message=bot.message(text="4079")) == [words.replies.NOT_A_PICTURE()]


async def test_a_digit_that_was_seen_and_refused_is_one(bot: Bot) -> None:
    """The crop that was kept in its place becomes a correction, of what was not read."""
    await wrong_number(bot, "4?071")
    (answer,) = await bot.handle(message=bot.message(text="4071"))
    assert "1 digit I had seen, and not taken for one." in answer
    (correction,) = await bot.store.corrections.waiting(10)
    assert (correction.label, correction.said, correction.was_read) == (0, 0, False)
    assert await tally(bot) == Tally(readings=1, wrong=1, digits_right=3)


async def test_a_digit_of_which_there_is_no_crop_is_counted_and_said(bot: Bot) -> None:
    """Nothing is there to learn from or to look at, and the answer does not pretend it; the reading was wrong."""
    await wrong_number(bot)
    (answer,) = await bot.handle(message=bot.message(text="40791"))
    assert answer.startswith("Noted, <b>40791</b> and not 4071. Thank you! 1 digit I had not seen by itself")
    assert words.corrections._AN_ADMIN_LOOKS() not in answer
    assert await labels(bot) == []
    assert await tally(bot) == Tally(readings=1, wrong=1, digits_right=4)


async def test_two_digits_in_one_crop_are_none(bot: Bot) -> None:
    """A crop that holds a 1 and a 0 is neither, nor the 6 that it was read as."""
    await wrong_number(bot, "4670")
    (answer,) = await bot.handle(message=bot.message(text="41070"))
    assert "1 thing that I read as a digit is none. 2 digits I had not seen by themselves" in answer
    assert await labels(bot) == [(6, None)]


async def test_what_nobody_can_tell_is_counted_and_not_learned(bot: Bot) -> None:
    """Three crops in the place of five digits: which holds which is anybody's guess."""
    await wrong_number(bot, "123456777987654")
    (answer,) = await bot.handle(message=bot.message(text="12345600000987654"))
    assert "Of 3 things that I read I can't tell which digits they are" in answer
    assert await labels(bot) == []
    assert await tally(bot) == Tally(readings=1, wrong=1, digits_right=12, digits_wrong=3)


async def test_the_next_right_number_takes_back_the_one_before(bot: Bot) -> None:
    """Also what it said of what was not read."""
    await wrong_number(bot, "4?071")
    await bot.handle(message=bot.message(text="4072"))
    assert await labels(bot) == [(0, 0), (1, 2)]
    await press(bot, "reading:1:wrong")
    await bot.handle(message=bot.message(text="471"))
    assert await labels(bot) == []
    assert (await tally(bot)).right == 1


async def test_what_was_refused_beside_a_number_is_no_digit_of_it(bot: Bot) -> None:
    """Its buttons, what they say and "no digits there" are about the digits that were read."""
    await wrong_number(bot, "4?071")
    assert list(buttons(shown(bot)))[:3] == ["4", "7", "1"]
    await press_shown(bot, "another length")
    await press_shown(bot, "no digits there")
    assert await labels(bot) == [(4, None), (7, None), (1, None)]


# ── no digit, albums


async def test_where_nothing_like_a_digit_was_seen_a_miss_is_counted_only(bot: Bot) -> None:
    """The words do not pretend that there is a crop to learn from; a second press changes nothing."""
    await bot.handle(message=bot.photo(""))
    missed = buttons(shown(bot))
    assert list(missed) == ["there is one"]
    assert await press(bot, missed["there is one"]) == words.corrections.MISS_NOTED()
    assert await press(bot, missed["there is one"]) == words.corrections.NOTED_BEFORE()
    assert await tally(bot) == Tally(refusals=1, wrong=1)


async def missed_number(bot: Bot, doubtful: str = "?42") -> None:
    """Send a photo in which things are seen that might be digits, and say that there is a number."""
    await bot.handle(message=bot.photo(doubtful))
    await press_shown(bot, "there is one")


async def test_the_number_that_was_missed_is_asked_for_and_taken(bot: Bot) -> None:
    """Each crop gets its digit, also where the network would have had it right: it is all missed."""
    await missed_number(bot)
    assert shown(bot).parameters["text"] == words.corrections.which_number("", in_group=False)
    assert await bot.handle(message=bot.message(text="47")) == [words.corrections.missed_number("47", is_trusted=False)]
    assert await labels(bot) == [(4, 4), (2, 7)]
    assert await tally(bot) == Tally(refusals=1, wrong=1)


async def test_an_admins_missed_number_counts_at_once(bot: Bot) -> None:
    """As any correction of an admin's."""
    await bot.handle(message=bot.photo("?4", **{"from": ADMIN}))
    await press_shown(bot, "there is one", ADMIN)
    (thanks,) = await bot.handle(message=bot.message(text="4", **{"from": ADMIN}))
    assert (thanks, await bot.store.corrections.count()) == (
        words.corrections.missed_number("4", is_trusted=True),
        (1, 0),
    )


async def test_a_missed_number_of_another_length_is_declined_kindly(bot: Bot) -> None:
    """Where nobody can tell which thing is which digit nothing is stored, and the question stays open."""
    await missed_number(bot)
    (answer,) = await bot.handle(message=bot.message(text="907"))
    assert answer == words.corrections.other_length_than_doubted(2, 3)
    assert await labels(bot) == []
    await bot.handle(message=bot.message(text="42"))
    assert await labels(bot) == [(4, 4), (2, 2)]


async def test_a_missed_number_of_which_a_digit_has_no_crop_is_taken(bot: Bot) -> None:
    """What was seen and agrees is learned from, and the answer says what is not."""
    await missed_number(bot)
    (answer,) = await bot.handle(message=bot.message(text="402"))
    assert answer.startswith("Noted, <b>402</b>. Thank you! 2 digits I had seen, and not taken for any. 1 digit I had")
    assert await labels(bot) == [(4, 4), (2, 2)]


async def test_pressing_there_is_one_twice_asks_and_counts_once(bot: Bot) -> None:
    """The second press points to the question that is open."""
    await bot.handle(message=bot.photo("?42"))
    missed = buttons(shown(bot))["there is one"]
    await press(bot, missed)
    assert await press(bot, missed) == words.corrections.QUESTION_OPEN()
    assert (len(sent(bot, "sendMessage")), (await tally(bot)).wrong) == (2, 1)


async def test_a_missed_number_can_be_taken_back(bot: Bot) -> None:
    """Whoever pressed by mistake says that there is none: the refusal was right, and the question is closed."""
    await missed_number(bot)
    assert await press_shown(bot, "no digits there") == words.corrections.NONE_AFTER_ALL()
    assert await tally(bot) == Tally(refusals=1, right=1)
    assert await bot.handle(message=bot.message(text="42")) == [words.replies.NOT_A_PICTURE()]
    assert await labels(bot) == []


async def test_in_a_group_only_who_asked_or_an_admin_tells_the_missed_number(bot: Bot) -> None:
    """By a reply; anybody else's press or number gets nowhere."""
    await bot.handle(message=bot.photo("?42", chat=GROUP, caption="@digits_bot", caption_entities=mention()))
    there_is_one = buttons(shown(bot))["there is one"]
    assert await press(bot, there_is_one, STRANGER, GROUP) == words.corrections.NOT_YOURS()
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
    assert await press(bot, right) == words.corrections.RIGHT_NOTED()
    assert await press(bot, right) == words.corrections.NOTED_BEFORE()
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
    assert await press_shown(bot, "2: no digit") == words.corrections.MISS_NOTED()
    assert (await tally(bot)).wrong == 1
    assert list(buttons(shown(bot))) == ["✓", "✗", "Why?"]


async def test_a_missed_number_in_an_album_is_asked_for(bot: Bot) -> None:
    """As for a picture that came alone."""
    await an_album(bot, "7", "?42")
    await press_shown(bot, "✗")
    await press_shown(bot, "2: no digit")
    await bot.handle(message=bot.message(text="47"))
    assert await labels(bot) == [(4, 4), (2, 7)]
