"""People who write in a chat's name: anonymous admins of a group, and whoever writes as a channel.

All anonymous admins of all groups have one user id; their presses come with their own.
"""

from pathlib import Path
from typing import Any

from bot import words
from bot.learning.trainer import Trainer
from tests.fakes import ADMIN, ANONYMOUS, BOT, GROUP, PERSON, STRANGER, Bot, ScriptedReader
from tests.pressing import buttons, labels, mention, press, press_shown, reply_to_last, shown, tally

CHANNEL = {"id": -200, "type": "channel", "title": "Numbers"}
CHANNEL_BOT = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
AS_GROUP = {"chat": GROUP, "from": ANONYMOUS, "sender_chat": GROUP}
AS_CHANNEL = {"chat": GROUP, "from": CHANNEL_BOT, "sender_chat": CHANNEL}
OTHER_GROUP = {"id": -300, "type": "supergroup", "title": "Others"}


async def ask(bot: Bot, digits: str, sender: dict[str, Any]) -> None:
    """Send a photo to the group, addressed to the bot."""
    await bot.handle(message=bot.photo(digits, caption="@digits_bot", caption_entities=mention(), **sender))


def reply_to_reading(bot: Bot, text: str, sender: dict[str, Any]) -> dict[str, Any]:
    """A reply to the bot's latest message, which comes along with its buttons."""
    markup = shown(bot).parameters["reply_markup"]
    said = bot.message(text="7", chat=GROUP) | {"from": BOT, "message_id": bot.telegram.last_id, "reply_markup": markup}
    return bot.message(text=text, reply_to_message=said, **sender)


async def test_an_anonymous_admin_judges_their_own_reading(bot: Bot) -> None:
    """The press has their own id: Telegram says that they administer the group in whose name they asked."""
    bot.telegram.owners.add((GROUP["id"], PERSON["id"]))  # type: ignore[arg-type]
    await ask(bot, "7", AS_GROUP)
    assert await press_shown(bot, "✓", PERSON, GROUP) == words.corrections.RIGHT_NOTED()
    await press_shown(bot, "✗", PERSON, GROUP)
    await press_shown(bot, "4", PERSON, GROUP)
    assert await labels(bot) == [(7, 4)]


async def test_whoever_administers_a_channel_judges_what_was_asked_in_its_name(bot: Bot) -> None:
    """Being an administrator of the group does not do: the channel has asked."""
    bot.telegram.owners |= {(CHANNEL["id"], PERSON["id"]), (GROUP["id"], STRANGER["id"])}  # type: ignore[arg-type]
    await ask(bot, "7", AS_CHANNEL)
    assert await press_shown(bot, "✓", STRANGER, GROUP) == words.corrections.NOT_YOURS_AS_CHAT()
    assert await press_shown(bot, "✓", PERSON, GROUP) == words.corrections.RIGHT_NOTED()


async def test_whom_telegram_does_not_vouch_for_may_not_press_and_is_told_how(bot: Bot) -> None:
    """A stranger, or an admin of whom Telegram does not tell; the pop-up fits into what Telegram shows."""
    await ask(bot, "7", AS_GROUP)
    assert await press_shown(bot, "✗", STRANGER, GROUP) == words.corrections.NOT_YOURS_AS_CHAT()
    assert len(words.corrections.NOT_YOURS_AS_CHAT()) <= 200
    assert (await tally(bot)).wrong == 0


async def test_an_admin_of_the_bot_judges_what_a_chat_asked(bot: Bot) -> None:
    """As everything."""
    await ask(bot, "7", AS_CHANNEL)
    assert await press_shown(bot, "✓", ADMIN, GROUP) == words.corrections.RIGHT_NOTED()


async def test_a_reply_in_the_same_name_gives_the_right_number(bot: Bot) -> None:
    """Telegram vouches for the name: no press is needed, and the same number says that it was right."""
    for sender in (AS_GROUP, AS_CHANNEL):
        await ask(bot, "12", sender)
        assert await bot.handle(message=reply_to_reading(bot, "13", sender)) == [
            words.corrections.number_corrected("12", "13", changed=1, is_trusted=False)
        ]
    assert await labels(bot) == [(2, 3), (2, 3)]
    await ask(bot, "7", AS_CHANNEL)
    await bot.handle(message=reply_to_reading(bot, "7", AS_CHANNEL))
    assert (await tally(bot)).right == 1


async def test_a_reply_in_another_name_is_the_groups_own_business(bot: Bot) -> None:
    """Nobody judges what another chat asked, and a person presses ✗ first, as ever."""
    await ask(bot, "12", AS_CHANNEL)
    assert await bot.handle(message=reply_to_reading(bot, "13", AS_GROUP)) == []
    assert await bot.handle(message=reply_to_reading(bot, "13", {"chat": GROUP, "from": STRANGER})) == []
    assert await bot.handle(message=reply_to_reading(bot, "thanks", AS_CHANNEL)) == []
    assert await labels(bot) == []


async def test_a_miss_is_told_in_the_same_name(bot: Bot) -> None:
    """Of "I see no digit" too: what might be digits is learned from, and without any the miss is counted."""
    await ask(bot, "?42", AS_CHANNEL)
    await bot.handle(message=reply_to_reading(bot, "47", AS_CHANNEL))
    assert await labels(bot) == [(4, 4), (2, 7)]
    await ask(bot, "", AS_CHANNEL)
    assert await bot.handle(message=reply_to_reading(bot, "47", AS_CHANNEL)) == [words.corrections.MISS_NOTED()]
    assert (await tally(bot)).wrong == 2


async def test_the_question_may_be_answered_in_the_chats_name(bot: Bot) -> None:
    """✗ is pressed by a person, the number is sent by the anonymous admin that they are."""
    bot.telegram.owners.add((GROUP["id"], PERSON["id"]))  # type: ignore[arg-type]
    await ask(bot, "12", AS_GROUP)
    await press_shown(bot, "✗", PERSON, GROUP)
    assert await bot.handle(message=reply_to_last(bot, "13", chat=GROUP) | AS_CHANNEL) == []
    assert len(await bot.handle(message=reply_to_last(bot, "13", chat=GROUP) | AS_GROUP)) == 1
    assert await labels(bot) == [(2, 3)]


async def test_chats_are_kept_apart(bot: Bot) -> None:
    """The anonymous admins of two groups have one user id: /forget in one leaves the other's readings."""
    await ask(bot, "7", AS_GROUP)
    right = buttons(shown(bot))["✓"]
    forget = bot.command("/forget", ANONYMOUS)
    theirs = forget | {"chat": OTHER_GROUP, "sender_chat": OTHER_GROUP}
    assert await bot.handle(message=theirs) == [words.privacy.forgotten(0, 0)]
    assert await press(bot, right, ADMIN, GROUP) == words.corrections.RIGHT_NOTED()
    assert await bot.handle(message=forget | AS_GROUP) == [words.privacy.forgotten(1, 0)]


async def test_the_limit_is_each_chats_own(tmp_path: Path) -> None:
    """One a minute for one group's anonymous admins leaves another's theirs."""
    async with Bot(ScriptedReader(), Trainer(tmp_path / "models"), readings_per_minute=1) as bot:
        others = {"chat": OTHER_GROUP, "from": ANONYMOUS, "sender_chat": OTHER_GROUP}
        said = []
        for sender in (AS_GROUP, others, AS_CHANNEL, AS_GROUP):
            await ask(bot, "7", sender)
            said.append(shown(bot).parameters["text"].startswith("<code>7"))
    assert said == [True, True, True, False]
