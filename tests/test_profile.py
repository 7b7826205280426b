"""What Telegram is told of the bot in every language, and what it is not told again."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from telegram import Bot, BotCommandScopeChat

from bot import words
from bot.handlers import profile
from bot.handlers.profile import publish_profile
from bot.local import ADMIN_ID
from bot.words.language import LANGUAGES, Text
from tests.local_server import Local, Stage
from tests.speaking import speaking_only
from tests.test_local_ptb import builder

pytestmark = pytest.mark.asyncio(loop_scope="module")

ADMINS = frozenset({ADMIN_ID})
START = words.commands.FOR_ALL["start"].english


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else has anything to say meanwhile."""
    monkeypatch.setattr(profile, "_PAUSE_S", 0.0)


@pytest.fixture(autouse=True)
def catalogues(tmp_path: Path) -> Iterator[None]:
    """A little German."""
    german = {
        START: "was ich kann",
        words.profile.DESCRIPTION.english: "Ich lese Ziffern.",
        words.profile.SHORT_DESCRIPTION.english: "Ziffern!",
    }
    with speaking_only(tmp_path, {"de": german}):
        yield


@pytest_asyncio.fixture(loop_scope="module")
async def local(stage: Stage) -> AsyncIterator[Local]:
    """A local chat whose guest has a German Telegram, and whose admin a French one."""
    async with stage.local_chat(guest_language="de", admin_language="fr") as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def bot(local: Local) -> AsyncIterator[Bot]:
    """The client library's bot."""
    async with builder(local).updater(None).build().bot as running:
        yield running


@pytest.fixture
def calls(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The methods that are called."""
    called: list[str] = []
    do = bot._do_post

    async def counted(endpoint: str, *args: object, **kwargs: object) -> object:
        called.append(endpoint)
        return await do(endpoint, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(type(bot), "_do_post", lambda _, *args, **kwargs: counted(*args, **kwargs))
    return called


async def listed(local: Local, user: str) -> dict[str, str]:
    """The commands that somebody sees, with what they do."""
    return {each["command"]: each["description"] for each in (await local.state(user))["commands"]}


async def test_people_see_the_commands_in_their_language_and_admins_see_theirs(bot: Bot, local: Local) -> None:
    """/retrain stands in an admin's list only, in each language; of no translation, in English."""
    await publish_profile(bot, ADMINS)
    guest, admin = await listed(local, "guest"), await listed(local, "admin")
    assert (guest["start"], admin["start"]) == ("was ich kann", START)
    assert guest.keys() == words.commands.FOR_ALL.keys()
    assert admin.keys() == words.commands.FOR_ADMINS.keys()
    assert (await bot.get_my_commands(BotCommandScopeChat(ADMIN_ID), "de"))[0].description == "was ich kann"
    assert {"language", "start", "help"} <= guest.keys()


async def test_the_descriptions_are_told_in_each_language(bot: Bot) -> None:
    """Whoever has another sees the English one."""
    await publish_profile(bot, ADMINS)
    assert [(await bot.get_my_description(code)).description for code in ("de", "ja", None)] == [
        "Ich lese Ziffern.",
        words.profile.DESCRIPTION.english,
        words.profile.DESCRIPTION.english,
    ]
    assert (await bot.get_my_short_description("de")).short_description == "Ziffern!"


async def test_what_telegram_shows_already_is_not_set_again(bot: Bot, calls: list[str]) -> None:
    """Setting has narrow limits: a start that changes nothing sets nothing; what was changed elsewhere is put right."""
    await publish_profile(bot, ADMINS)
    assert {call for call in calls if call.startswith("set")} == {
        "setMyCommands", "setMyDescription", "setMyShortDescription"
    }  # fmt: skip
    calls.clear()
    await publish_profile(bot, ADMINS)
    assert len(calls) == 4 * len(LANGUAGES)
    assert not any(call.startswith("set") for call in calls)
    await bot.set_my_description("Changed by hand", "de")
    calls.clear()
    await publish_profile(bot, ADMINS)
    assert [call for call in calls if call.startswith("set")] == ["setMyDescription"]


async def test_an_admin_who_never_wrote_to_the_bot_is_tried_once(bot: Bot, local: Local, calls: list[str]) -> None:
    """There is no chat to list commands in: everything else is told."""
    await publish_profile(bot, frozenset({12345}))
    assert (await listed(local, "guest"))["start"] == "was ich kann"
    assert calls.count("getMyCommands") == len(LANGUAGES) + 1


async def test_a_translation_that_telegram_refuses_costs_no_other_language(bot: Bot, local: Local) -> None:
    """It is in the log, and the next language is told."""
    await publish_profile(bot, ADMINS)
    long = {words.profile.SHORT_DESCRIPTION.english: "Z" * 121}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "__call__", lambda self, **_: long.get(self.english, "x"))
        await publish_profile(bot, ADMINS)
    assert (await bot.get_my_description("ar")).description == "x"
    assert (await listed(local, "admin"))["start"] == "x"


@pytest.mark.filterwarnings("ignore:.*retry_after:telegram.warnings.PTBDeprecationWarning")  # int until they change it
@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 429, "retry_after": 3600}, {"refused": True}])
async def test_telegram_out_of_reach_leaves_the_rest_to_the_next_start(
    bot: Bot, local: Local, calls: list[str], caplog: pytest.LogCaptureFixture, fault: dict[str, int]
) -> None:
    """Whatever tries again between here and the wire has done so: a line says where it ended."""
    local.fail_next("setMyDescription", **fault)
    await publish_profile(bot, ADMINS)
    assert calls[-1] == "setMyDescription"
    assert "the description could not be set in English, and the rest is left" in caplog.text
    await publish_profile(bot, ADMINS)
    assert (await bot.get_my_description("de")).description == "Ich lese Ziffern."
