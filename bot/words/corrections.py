"""What people say to a reading, and what is said to that: corrections and their review. As pure as `replies`."""

from bot.words.replies import percent

RIGHT, WRONG, THERE_IS_ONE = "✓", "✗", "there is one"

NOT_A_DIGIT, NO_DIGITS_THERE = "not a digit", "no digits there"

WHICH_DIGIT = "Which digit is it?"

WHICH_PICTURE = "Which of them did I read wrong?"

RIGHT_NOTED = "Right: thank you!"

NOTED_BEFORE = "Noted already, thank you."

QUESTION_OPEN = "Just send me the right number, as digits."

NOT_YOURS = "Only the person who asked for this reading, or an admin, can judge it."

READING_FORGOTTEN = (
    "That reading is too old: I don't remember it any more. Send the picture again, and then correct me."
)

NOT_KEPT = "I couldn't note that just now. Please try again in a moment."

# A pop-up holds 200 characters.
NOT_YOURS_AS_CHAT = (
    "This was asked for in a group's or a channel's name, and I can't see that you speak for it. "
    "Reply to my message in that name, with the right number."
)

NOTHING_THERE = "Noted, there are no digits: thank you!"

NONE_AFTER_ALL = "So there is no digit after all: thank you!"

MISS_NOTED = (
    "Thank you: I counted it as missed. I had found nothing that I could keep to learn from. A closer, brighter photo "
    "may do better."
)

_AN_ADMIN_LOOKS = "An admin looks at it before I learn from it."


NUMBER_ONLY = "Please answer with the number alone, like 4071 or 3.14."


def with_note(answer: str, note: str) -> str:
    """Put a note (empty: none) below an answer, in place of an earlier note."""
    bare = answer.partition(_NOTE)[0]
    return f"{bare}{_NOTE}{note}" if note else bare


_NOTE = "\n\n"  # no answer holds an empty line


def album_choice(place: int, digits: str) -> str:
    """Name one picture of an album, `place` from 1, on a button."""
    return f"{place}: {digits or 'no digit'}"


def which_number(said: str, *, in_group: bool) -> str:
    """Ask for the right number of a reading of several digits, or of none (`said` is empty)."""
    how = "Reply to this message with" if in_group else "Send me"
    if not said:
        return f"Then I missed it, sorry! {how} the number, in digits, and I'll learn from it."
    return f"I read <b>{said}</b>. {how} the right number, and I'll learn from it."


def corrected(said: str, label: int | None, *, changed: int, is_trusted: bool) -> str:
    """Thank for what one digit is."""
    if not changed:
        return f"So it is a {said} after all: thank you!"
    if label is None:  # nothing learns from that
        return "Noted, it is not a digit: thank you!"
    return f"Noted, it is a {label}: thank you!{'' if is_trusted else f' {_AN_ADMIN_LOOKS}'}"


def number_corrected(said: str, number: str, *, changed: int, is_trusted: bool) -> str:
    """Thank for the right number."""
    if not changed:
        return f"<b>{number}</b> is what I read, so I count it as right. Thank you!"
    digits = "1 digit" if changed == 1 else f"{changed} digits"
    looks = "" if is_trusted else f" {_AN_ADMIN_LOOKS}"
    return f"Noted, <b>{number}</b> and not {said}: {digits} to learn from. Thank you!{looks}"


def missed_number(number: str, *, is_trusted: bool) -> str:
    """Thank for the number in a picture in which none was seen."""
    digits = "1 digit that I" if len(number) == 1 else f"{len(number)} digits that I"
    looks = "" if is_trusted else f" {_AN_ADMIN_LOOKS}"
    return f"Noted, <b>{number}</b>: {digits} had missed, to learn from. Thank you!{looks}"


def other_length_than_doubted(found: int, given: int) -> str:
    """Say that a number can't be matched to what might be digits."""
    things = "1 thing that might be a digit" if found == 1 else f"{found} things that might be digits"
    return (
        f"I saw {things} in that picture and your number has {given} digit{'s' * (given != 1)}, so I can't tell which "
        "is which, and kept nothing. If it was a slip, send the number again; a closer, brighter photo may do better."
    )


def other_length(found: int, given: int) -> str:
    """Say that a number can't be matched to the digits that were found."""
    digits = "1 digit" if found == 1 else f"{found} digits"
    return (
        f"I found {digits} in that picture and your number has {given}, so I can't tell which is which, and kept "
        "nothing. If it was a slip, send the number again; if I missed a digit, a closer photo may help."
    )


# ── review

REVIEW_EMPTY = "No corrections wait for review."

REVIEW_STALE = "These were settled already. /review shows what waits now."

APPROVE, DROP, LATER, ONE_BY_ONE = "✓ Approve", "✗ Drop", "Later", "One by one"


def approve_all(number: int) -> str:
    """The button that approves a sheet."""
    return f"✓ Approve all {number}" if number > 1 else APPROVE


def drop_all(number: int) -> str:
    """The button that drops a sheet."""
    return f"✗ Drop all {number}" if number > 1 else DROP


def review_sheet(shown: int, waiting: int) -> str:
    """The caption of the contact sheet."""
    more = f"The {shown} oldest of {waiting} corrections that wait" if waiting > shown else _corrections_wait(shown)
    return f"{more}. In green what people say it is, below it what I had read. Should I learn from them?"


def _corrections_wait(number: int) -> str:
    return "1 correction waits" if number == 1 else f"{number} corrections wait"


def review_one(said: int, label: int | None, confidence: float) -> str:
    """The caption of one crop."""
    what = "not a digit" if label is None else f"a {label}"
    had_said = "I saw no digit" if label == said else f"I read {said} ({percent(confidence)} sure)"
    return f"{had_said}; this person says it is <b>{what}</b>. Learn from it?"


def reviewed(approved: int, dropped: int, waiting: int) -> str:
    """What came of a sheet."""
    done = [f"{approved} approved"] if approved else []
    done += [f"{dropped} dropped"] if dropped else []
    left = f"{_corrections_wait(waiting)}: /review" if waiting else REVIEW_EMPTY
    return f"{' and '.join(done).capitalize() or 'Done'}. {left}"
