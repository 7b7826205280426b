"""Inline keyboards: those under readings, and the rows that the others are made of."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import InlineKeyboardButtonLimit

from bot import words
from bot.buttons.presses import Explain, Judgement, Label, Press, WrongDigit, data, pressed
from bot.store import Remembered

# More digits than these are not put on buttons: their number is asked for as a whole.
_MOST_DIGITS: Final = 40
# Digits stay as wide as a finger on a telephone.
_DIGITS_A_ROW: Final = 8
# More lines than these are copied together.
_MOST_COPIES: Final = 5
_COPIES_A_ROW: Final = 2
_COPY_LABEL: Final = 16


def keyboard(*rows: Sequence[tuple[str, Press | CopyTextButton]]) -> InlineKeyboardMarkup:
    """Rows of buttons, each a text and what it carries or copies."""
    return InlineKeyboardMarkup([[_button(*each) for each in row] for row in rows])


def _button(text: str, does: Press | CopyTextButton) -> InlineKeyboardButton:
    if isinstance(does, CopyTextButton):
        return InlineKeyboardButton(text, copy_text=does)
    return InlineKeyboardButton(text, callback_data=data(does))


def verdict_buttons(reading: Remembered, written: Sequence[str]) -> InlineKeyboardMarkup:
    """The buttons under a reading's answer; under an album's they stand for all its pictures.

    `written` is what was read as it is written, a line each: what can be copied.
    """
    if not reading.digits and not reading.album:
        return keyboard([(words.corrections.THERE_IS_ONE(), Judgement(reading.id, "missed"))])
    first = reading.album[0] if reading.album else reading.id
    verdicts = [
        (words.corrections.RIGHT, Judgement(first, "right")),
        (words.corrections.WRONG, Judgement(first, "wrong")),
    ]
    copies, why = _copies(written), (words.why.WHY(), Explain(first))
    if len(copies) == 1:
        return keyboard(verdicts, [*copies, why])
    rows = [copies[start : start + _COPIES_A_ROW] for start in range(0, len(copies), _COPIES_A_ROW)]
    return keyboard(verdicts, *rows, [why])


def _copies(written: Sequence[str]) -> list[tuple[str, CopyTextButton]]:
    """Buttons that copy a line each, or all at once; none of what is longer than Telegram copies."""
    texts = written if len(written) <= _MOST_COPIES else ["\n".join(written)]
    return [
        (words.corrections.COPY() if len(texts) == 1 else _shortened(text), CopyTextButton(text))
        for text in texts
        if len(text) <= InlineKeyboardButtonLimit.MAX_COPY_TEXT
    ]


def _shortened(text: str) -> str:
    return text if len(text) <= _COPY_LABEL else f"{text[: _COPY_LABEL - 1]}…"


def can_choose(reading: Remembered) -> bool:
    """Whether the digits of a reading are put on buttons to say which is wrong."""
    return 1 < len(reading.digits) <= _MOST_DIGITS


def digit_choice(reading: Remembered, labels: Sequence[int | None]) -> InlineKeyboardMarkup:
    """The digits of a number as `labels` says that they are by now, a line of writing beginning a row."""
    rows: list[list[tuple[str, Press]]] = []
    begin = 0
    for line in reading.lines:
        end = begin + len(line)
        a_row = math.ceil(len(line) / math.ceil(len(line) / _DIGITS_A_ROW))  # 9 digits are 5 and 4, not 8 and 1
        for start in range(begin, end, a_row):
            places = range(start, min(start + a_row, end))
            rows.append([(words.corrections.digit_now(labels[at]), WrongDigit(reading.id, at)) for at in places])
        begin = end
    another, right = Judgement(reading.id, "length"), Judgement(reading.id, "right")
    return keyboard(*rows, [(words.corrections.ANOTHER_LENGTH(), another), (words.corrections.RIGHT, right)])


def keypad(reading_id: int, place: int = 0) -> InlineKeyboardMarkup:
    """The digits, and that it is none."""
    rows = [[(digit, Label(reading_id, int(digit), place)) for digit in row] for row in ("123", "456", "789", "0")]
    return keyboard(*rows, [(words.corrections.NOT_A_DIGIT(), Label(reading_id, None, place))])


def judged_reading(buttons: InlineKeyboardMarkup | None) -> int | None:
    """The number of the reading that a message's buttons judge, if they do."""
    return next(
        (each.reading_id for each in _presses(buttons) if isinstance(each, Judgement | WrongDigit | Label)), None
    )


def are_verdict_buttons(buttons: InlineKeyboardMarkup | None) -> bool:
    """Whether these are the buttons under a reading's answer, and no question about it."""
    return any(isinstance(each, Judgement) and each.verdict in ("wrong", "missed") for each in _presses(buttons))


def _presses(buttons: InlineKeyboardMarkup | None) -> Iterator[Press | None]:
    rows = buttons.inline_keyboard if buttons is not None else ()
    return (pressed(button.callback_data) for row in rows for button in row)
