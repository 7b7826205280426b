import json
from typing import Any

import pytest
from aiogram.utils.web_app import check_webapp_signature, safe_parse_webapp_init_data
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.init_data import MAX_AGE_S, WebUser, WrongInitData, signed, verified_user

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
NOW = 1_800_000_000

# Published with their tokens by the Telegram Mini Apps project (docs.telegram-mini-apps.com, init-data-golang): one of
# 2022, and one of 2024 with the `signature` that Bot API 8.0 added.
PUBLISHED = [
    (
        "5768337691:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8",
        (
            "query_id=AAHdF6IQAAAAAN0XohDhrOrc&user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%22%2C%22last_"
            "name%22%3A%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A%22ru%22%2C%22is_premium%22%"
            "3Atrue%7D&auth_date=1662771648&hash=c501b71e775f74ce10e377dea85a7ea24ecd640b223ea86dfe453e0eaed2e2b2"
        ),
        1662771648,
        "Vladislav",
    ),
    (
        "7342037359:AAHI25ES9xCOMPokpYoz-p8XVrZUdygo2J4",
        (
            "user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%20%2B%20-%20%3F%20%5C%2F%22%2C%22last_name%22%3"
            "A%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A%22ru%22%2C%22is_premium%22%3Atrue%2C"
            "%22allows_write_to_pm%22%3Atrue%2C%22photo_url%22%3A%22https%3A%5C%2F%5C%2Ft.me%5C%2Fi%5C%2Fuserpic%5C%2F320%5"
            "C%2F4FPEE4tmP3ATHa57u6MqTDih13LTOiMoKoLDRG4PnSA.svg%22%7D&chat_instance=8134722200314281151&chat_type=private&"
            "auth_date=1733509682&signature=TYJxVcisqbWjtodPepiJ6ghziUL94-KNpG8Pau-X7oNNLNBM72APCpi_RKiUlBvcqo5L-LAxIc3dnTz"
            "cZX_PDg&hash=a433d8f9847bd6addcc563bff7cc82c89e97ea0d90c11fe5729cae6796a36d73"
        ),
        1733509682,
        "Vladislav + - ? /",
    ),
]


def init_data(**fields: Any) -> str:
    """Init data of Ada's, signed; None leaves a field out."""
    usual = {"auth_date": str(NOW), "query_id": "AAE", "user": json.dumps({"id": 7, "first_name": "Ada"})}
    return signed({name: text for name, text in (usual | fields).items() if text is not None}, TOKEN)


def problem(text: str, now: float = NOW) -> str:
    """What is wrong with init data."""
    with pytest.raises(WrongInitData) as raised:
        verified_user(text, TOKEN, now)
    return raised.value.problem


@pytest.mark.parametrize(("token", "text", "date", "name"), PUBLISHED)
def test_init_data_that_others_published_with_its_token(token: str, text: str, date: int, name: str) -> None:
    """What Telegram really signed is taken, with and without `signature`, and gives its user."""
    assert verified_user(text, token, date + 10) == WebUser(279058397, name, "ru")


@pytest.mark.parametrize(("token", "text", "date", "name"), PUBLISHED)
def test_published_init_data_with_one_letter_changed(token: str, text: str, date: int, name: str) -> None:
    """Each single changed letter of the values is noticed."""
    for at in (text.index("Kibenko"), text.index(str(date)), len(text) - 1):
        changed = text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]
        with pytest.raises(WrongInitData):
            verified_user(changed, token, date + 10)
    assert name


@settings(deadline=None, max_examples=60, derandomize=True)
@given(
    st.dictionaries(st.sampled_from(["query_id", "start_param", "signature", "chat_type"]), st.text(max_size=20)),
    st.text(max_size=20),
)
def test_what_is_signed_here_is_signed_for_another_library(fields: dict[str, str], name: str) -> None:
    """aiogram, which nobody here wrote, accepts what the local chat signs, and reads the same user in it."""
    fields = {key: text for key, text in fields.items() if text}  # aiogram drops empty values before it checks
    user = {"id": 7, "first_name": name}
    text = signed({**fields, "auth_date": str(NOW), "user": json.dumps(user)}, TOKEN)
    assert check_webapp_signature(TOKEN, text)
    assert verified_user(text, TOKEN, NOW) == WebUser(7, name)


def test_another_library_reads_the_same_user() -> None:
    """The user and the date come out as aiogram's strict models have them."""
    text = init_data()
    peer = safe_parse_webapp_init_data(TOKEN, text)
    assert peer.user is not None
    assert verified_user(text, TOKEN, NOW) == WebUser(peer.user.id, peer.user.first_name)
    assert int(peer.auth_date.timestamp()) == NOW


def test_init_data_signed_for_another_bot() -> None:
    """A page that somebody else's bot opened is not ours."""
    with pytest.raises(WrongInitData, match="forged"):
        verified_user(init_data(), "110201544:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", NOW)


@pytest.mark.parametrize("given", ["", "0" * 64, "ä", "not hex"])
def test_a_made_up_hash(given: str) -> None:
    """Whatever stands where the hash should be, it is no signature."""
    assert problem(f"auth_date={NOW}&user=%7B%22id%22%3A7%7D&hash={given}") in {"forged", "malformed"}


def test_no_hash_at_all() -> None:
    """A signature that is not there does not count as one that fits."""
    assert problem(f"auth_date={NOW}&user=%7B%22id%22%3A7%7D") == "forged"


def test_an_added_field() -> None:
    """Everything but the hash is covered by it, whatever its name."""
    assert problem(init_data() + "&start_param=x") == "forged"


@pytest.mark.parametrize("again", ["user=%7B%22id%22%3A8%7D", "hash=00", "auth_date=1"])
def test_a_field_that_comes_twice(again: str) -> None:
    """Nobody should have to guess which of two counts."""
    assert problem(f"{init_data()}&{again}") == "malformed"
    assert problem(f"{again}&{init_data()}") == "malformed"


def test_the_age_of_init_data() -> None:
    """An hour old is taken, a second more is not."""
    assert verified_user(init_data(), TOKEN, NOW + MAX_AGE_S).id == 7
    assert problem(init_data(), NOW + MAX_AGE_S + 1) == "expired"


def test_init_data_from_the_future() -> None:
    """A clock may go five minutes wrong; a date beyond that would make data that never expires."""
    assert verified_user(init_data(), TOKEN, NOW - 300).id == 7
    assert problem(init_data(), NOW - 301) == "from the future"


@pytest.mark.parametrize("date", [None, "", "soon", "-5", "1e9", "٣", "1" * 400])
def test_init_data_without_a_date(date: str | None) -> None:
    """What has no age can't be checked for it."""
    assert problem(init_data(auth_date=date)) == "malformed"


@pytest.mark.parametrize(
    "user", [None, "", "7", "null", "[]", "{}", '{"id": "7"}', '{"id": true}', '{"id": -7}', '{"id": 7.5}', "[" * 900]
)
def test_init_data_without_a_user(user: str | None) -> None:
    """A group's or a broken user is nobody to send to."""
    assert problem(init_data(user=user)) == "without a user"


@pytest.mark.parametrize("text", ["x" * 5000, "no pairs", "user=%ff", "a=1&&b=2", "&".join(["f=1"] * 40)])
def test_what_is_no_init_data(text: str) -> None:
    """Too long, no pairs, no UTF-8, too many fields: refused before anything is computed."""
    assert problem(text) == "malformed"


def test_no_init_data() -> None:
    """A page opened outside Telegram has none."""
    assert problem("") == "missing"


@settings(deadline=None, max_examples=200, derandomize=True)
@given(st.text(max_size=200) | st.text("abuserhash=&%{}:0123456789+;", max_size=200))
def test_any_text(text: str) -> None:
    """Any text is refused in one way only: nobody gets in by chance, and nothing else is raised."""
    with pytest.raises(WrongInitData):
        verified_user(text, TOKEN, NOW)
