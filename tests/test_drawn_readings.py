"""Judging a reading that came drawn on its photo: the buttons below a photo, on the fake Telegram and over HTTP."""

from pathlib import Path
from typing import Any

import pytest

from bot import words
from tests import loopback
from tests.fakes import BOT, PERSON, PRIVATE, Bot
from tests.pressing import alert, buttons, copied, sent, shown
from tests.processes import ROOT, BotProcess, running_bot

RULED = ROOT / "bot" / "local" / "page" / "samples" / "on-ruled-paper.jpg"
SAID = "4071\n97 % sure"


async def press_below_the_photo(bot: Bot, text: str) -> None:
    """Press a button below the photo that the bot sent last."""
    photo = [{"file_id": "p", "file_unique_id": "p", "width": 90, "height": 90}]
    code = {"type": "code", "offset": 0, "length": 4}
    message = {"message_id": 500, "date": 1, "chat": PRIVATE, "from": BOT, "photo": photo}
    data = buttons(sent(bot, "sendPhoto")[-1])[text]
    press = {"id": "q", "from": PERSON, "chat_instance": "c", "data": data}
    await bot.deliver(
        [bot.update(callback_query={**press, "message": {**message, "caption": SAID, "caption_entities": [code]}})]
    )


async def test_right_is_noted_in_the_caption(bot: Bot) -> None:
    """A photo's words are its caption: the digits stay first in it, as code to copy, and the buttons stay below."""
    await bot.handle(message=bot.photo("4071"))
    await press_below_the_photo(bot, "✓")
    edit = shown(bot)
    assert edit.method == "editMessageCaption"
    assert edit.parameters["caption"] == f"<code>4071</code>\n97 % sure\n\n{words.corrections.RIGHT_NOTED()}"
    assert list(buttons(edit)) == ["✓", "✗", "Why?"]
    assert copied(edit) == {"Copy": "4071"}


async def test_wrong_puts_the_digits_below_the_photo(bot: Bot) -> None:
    """The question is noted in the caption; the photo and its digits stay."""
    await bot.handle(message=bot.photo("4071"))
    await press_below_the_photo(bot, "✗")
    edit = shown(bot)
    assert edit.method == "editMessageCaption"
    assert edit.parameters["caption"] == f"<code>4071</code>\n97 % sure\n\n{words.corrections.WHICH_IS_WRONG()}"
    assert list(buttons(edit)) == [*"4071", "another length", "✓"]
    assert (copied(edit), alert(bot)) == ({}, "")


async def test_a_single_digit_keeps_its_words_to_itself(bot: Bot) -> None:
    """Nothing is drawn where there is nothing to tell apart."""
    await bot.handle(message=bot.photo("7"))
    assert not sent(bot, "sendPhoto")


def press(bot: BotProcess, message: dict[str, Any], text: str) -> None:
    """Press the button of this text, as the page does."""
    data = {button["text"]: button["data"] for row in message["buttons"] for button in row}[text]
    body = {"message_id": message["message_id"], "data": data, "user": "admin"}
    loopback.post(f"{bot.origin}/local/presses", json=body, timeout=30).raise_for_status()


@pytest.mark.slow
def test_a_number_in_the_local_chat(tmp_path: Path) -> None:
    """The photo comes back larger than a thumbnail, its caption starts with the number, and ✓ is noted below it."""
    with running_bot(tmp_path) as bot:
        (said,) = bot.replies(bot.send(RULED))
        assert said["text"].splitlines()[0] == "4825"
        assert "%" in said["text"]
        photo = loopback.get(bot.origin + said["photo"], timeout=30)
        assert photo.content.startswith(b"\xff\xd8\xff")
        press(bot, said, "✓")
        (edited,) = bot.replies(said["message_id"] - 1)
    assert edited["text"] == f"{said['text']}\n\n{words.corrections.RIGHT_NOTED()}"
    assert (edited["edits"], edited["photo"]) == (1, said["photo"])
