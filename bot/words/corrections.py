"""What people say to a reading, and what is said to that: corrections and their review. As pure as `replies`."""

from collections.abc import Iterator, Sequence

from bot.store import Corrected
from bot.words.language import Button, Plural, Text
from bot.words.replies import NO_DIGIT

RIGHT, WRONG = "✓", "✗"  # in every language

THERE_IS_ONE = Button("there is one")

NOT_A_DIGIT = Button("not a digit")

NO_DIGITS_THERE = Button("no digits there")

ANOTHER_LENGTH = Button("another length")

COPY = Button("Copy")

WHICH_DIGIT_IN = Text("Which digit is it, in {number}?")

WHICH_IS_WRONG = Text("Which digit is wrong? You can also reply with the right number.")

NUMBER_NOW = Text("So it is {number}, and not {read}.")

WHICH_DIGIT = Text("Which digit is it?")

WHICH_PICTURE = Text("Which of them did I read wrong?")

RIGHT_NOTED = Text("Right: thank you!")

NOTED_BEFORE = Text("Noted already, thank you.")

QUESTION_OPEN = Text("Just send me the right number, as digits.")

NOT_YOURS = Text("Only the person who asked for this reading, or an admin, can judge it.")

READING_FORGOTTEN = Text(
    "That reading is too old: I don't remember it any more. Send the picture again, and then correct me."
)

NOT_KEPT = Text("I couldn't note that just now. Please try again in a moment.")

# A pop-up holds 200 characters.
NOT_YOURS_AS_CHAT = Text(
    "This was asked for in a group's or a channel's name, and I can't see that you speak for it. "
    "Reply to my message in that name, with the right number."
)

NOTHING_THERE = Text("Noted, there are no digits: thank you!")

NONE_AFTER_ALL = Text("So there is no digit after all: thank you!")

MISS_NOTED = Text(
    "Thank you: I counted it as missed. I had found nothing that I could keep to learn from. A closer, brighter photo "
    "may do better."
)

_AN_ADMIN_LOOKS = Text("An admin looks at it before I learn from it.")


NUMBER_ONLY = Text("Please answer with the number alone, like 4071 or 3.14.")


def with_note(answer: str, note: str) -> str:
    """Put a note (empty: none) below an answer, in place of an earlier note."""
    bare = answer.partition(_NOTE)[0]
    return f"{bare}{_NOTE}{note}" if note else bare


_NOTE = "\n\n"  # no answer holds an empty line


def album_choice(place: int, digits: str) -> str:
    """Name one picture of an album, `place` from 1, on a button."""
    return f"{place}: {digits or NO_DIGIT()}"


_MISSED_SEND = Text("Then I missed it, sorry! Send me the number, in digits, and I'll learn from it.")

_MISSED_REPLY = Text(
    "Then I missed it, sorry! Reply to this message with the number, in digits, and I'll learn from it."
)

_WRONG_SEND = Text("I read <b>{said}</b>. Send me the right number, and I'll learn from it.")

_WRONG_REPLY = Text("I read <b>{said}</b>. Reply to this message with the right number, and I'll learn from it.")


def which_number(said: str, *, in_group: bool) -> str:
    """Ask for the right number of a reading of several digits, or of none (`said` is empty)."""
    if not said:
        return _MISSED_REPLY() if in_group else _MISSED_SEND()
    return (_WRONG_REPLY if in_group else _WRONG_SEND)(said=said)


_DIGIT_AFTER_ALL = Text("So it is a {digit} after all: thank you!")

_NO_DIGIT_NOTED = Text("Noted, it is not a digit: thank you!")

_DIGIT_NOTED = Text("Noted, it is a {digit}: thank you!")


def corrected(said: str, label: int | None, *, changed: int, is_trusted: bool) -> str:
    """Thank for what one digit is."""
    if not changed:
        return _DIGIT_AFTER_ALL(digit=said)
    if label is None:  # nothing learns from that
        return _NO_DIGIT_NOTED()
    return _looked_at(_DIGIT_NOTED(digit=label), is_trusted=is_trusted)


_RIGHT_NUMBER = Text("<b>{number}</b> is what I read, so I count it as right. Thank you!")

_NUMBER_NOTED = Plural(
    "Noted, <b>{number}</b> and not {said}: {n} digit to learn from. Thank you!",
    "Noted, <b>{number}</b> and not {said}: {n} digits to learn from. Thank you!",
)


def digit_now(label: int | None) -> str:
    """Say what one of many digits is by now; a dot where none is."""
    return "·" if label is None else str(label)


def which_digit_in(lines: Sequence[str], labels: Sequence[int | None], place: int) -> str:
    """Ask for the digit at one place of a number, in which the others are as `labels` says."""
    marked = (f"<u>{digit_now(label)}</u>" if at == place else digit_now(label) for at, label in enumerate(labels))
    return WHICH_DIGIT_IN(number=_in_lines(lines, marked))


def digit_corrected(thanks: str, lines: Sequence[str], labels: Sequence[int | None]) -> str:
    """Thank for one digit of a number, and say what the number is by now."""
    read = " ".join(lines)
    now = _in_lines(lines, ("" if label is None else str(label) for label in labels)).strip()
    return thanks if now in ("", read) else f"{thanks} {NUMBER_NOW(number=f'<b>{now}</b>', read=read)}"


def _in_lines(lines: Sequence[str], digits: Iterator[str]) -> str:
    """Put digits, one after the other, in the place of those of some lines of writing."""
    return " ".join("".join(next(digits) for _ in line) for line in lines)


def number_corrected(said: str, number: str, *, changed: int, is_trusted: bool) -> str:
    """Thank for the right number."""
    if not changed:
        return _RIGHT_NUMBER(number=number)
    return _looked_at(_NUMBER_NOTED(changed, number=number, said=said), is_trusted=is_trusted)


_NUMBER_TAKEN = Text("Noted, <b>{number}</b> and not {said}. Thank you!")

_MISSED_NUMBER_TAKEN = Text("Noted, <b>{number}</b>. Thank you!")

_OTHERS = Plural("{n} digit is another one than I read.", "{n} digits are others than I read.")

_NO_DIGITS = Plural("{n} thing that I read as a digit is none.", "{n} things that I read as digits are none.")

_SEEN_AND_REFUSED = Plural(
    "{n} digit I had seen, and not taken for one.", "{n} digits I had seen, and not taken for any."
)

_NOT_SEEN = Plural(
    "{n} digit I had not seen by itself: I count the reading as wrong, and can't learn that digit from it.",
    "{n} digits I had not seen by themselves: I count the reading as wrong, and can't learn those digits from it.",
)

_UNCLEAR = Plural(
    "Of {n} thing that I read I can't tell which digit it is: I count it as wrong, and learn nothing from it.",
    "Of {n} things that I read I can't tell which digits they are: I count them as wrong, and learn nothing from them.",
)


def number_aligned(said: str, number: str, outcome: Corrected, *, is_trusted: bool) -> str:
    """Thank for a right number of another length than what was `said`, and say what is learned from it.

    `said` is empty for a picture in which no digit was read.
    """
    changed = outcome.changed or 0
    others = changed - outcome.nothing - outcome.doubted
    parts = [
        _NUMBER_TAKEN(number=number, said=said) if said else _MISSED_NUMBER_TAKEN(number=number),
        *(
            sentence(count)
            for sentence, count in (
                (_OTHERS, others),
                (_NO_DIGITS, outcome.nothing),
                (_SEEN_AND_REFUSED, outcome.doubted),
                (_NOT_SEEN, outcome.missed),
                (_UNCLEAR, outcome.unclear),
            )
            if count
        ),
    ]
    return _looked_at(" ".join(parts), is_trusted=is_trusted or not changed)


_MISSED_NUMBER_NOTED = Plural(
    "Noted, <b>{number}</b>: {n} digit that I had missed, to learn from. Thank you!",
    "Noted, <b>{number}</b>: {n} digits that I had missed, to learn from. Thank you!",
)


def missed_number(number: str, *, is_trusted: bool) -> str:
    """Thank for the number in a picture in which none was seen."""
    return _looked_at(_MISSED_NUMBER_NOTED(len(number), number=number), is_trusted=is_trusted)


def _looked_at(thanks: str, *, is_trusted: bool) -> str:
    return thanks if is_trusted else f"{thanks} {_AN_ADMIN_LOOKS()}"


_OTHER_LENGTH_THAN_DOUBTED = Text(
    "I saw {things} in that picture and your number has {digits}, so I can't tell which is which, and kept nothing. If "
    "it was a slip, send the number again; a closer, brighter photo may do better."
)

_DOUBTED = Plural("{n} thing that might be a digit", "{n} things that might be digits")

_GIVEN = Plural("{n} digit", "{n} digits")


def other_length_than_doubted(found: int, given: int) -> str:
    """Say that a number can't be matched to what might be digits."""
    return _OTHER_LENGTH_THAN_DOUBTED(things=_DOUBTED(found), digits=_GIVEN(given))


_OTHER_LENGTH = Plural(
    "I found {n} digit in that picture and your number has {given}, so I can't tell which is which, and kept nothing. "
    "If it was a slip, send the number again; if I missed a digit, a closer photo may help.",
    "I found {n} digits in that picture and your number has {given}, so I can't tell which is which, and kept nothing. "
    "If it was a slip, send the number again; if I missed a digit, a closer photo may help.",
)


def other_length(found: int, given: int) -> str:
    """Say that a number can't be matched to the digits that were found."""
    return _OTHER_LENGTH(found, given=given)
