"""Signed versions: what is signed for the key is served; all else never is."""

import json
import logging
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.learning.depot import Depot
from bot.learning.keys import WrongKey, keys
from bot.learning.models import Models
from bot.learning.promotion import Promotion
from bot.learning.versions import SHIPPED_NAME, Versions
from bot.pool import ReadingPool
from bot.running import Bot, CannotStart
from bot.settings import Settings
from bot.store import Store
from model import SHIPPED, ModelUnavailable, Signer, Verifier, open_version
from model.__main__ import main
from tests.fakes import ADMIN_ID, ScriptedReader
from tests.keys import Pair, a_pair, another_kind, of_another_curve
from tests.processes import environment
from tests.versions import a_version

SHIPPED_VERSION = open_version(SHIPPED).name


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The key of whoever trains."""
    return a_pair(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def folder(tmp_path: Path, pair: Pair) -> Path:
    """Where the versions are: v1 and v2, both signed."""
    for name in ("v1", "v2"):
        Signer(pair.private).sign(a_version(tmp_path / "models", name))
    return tmp_path / "models"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """The bot's store."""
    opened = Store("", tmp_path, bot="b")
    await opened.open()
    yield opened
    await opened.close()


def scripted(folder: Path) -> ScriptedReader:
    """A reader of a version that is whole."""
    return ScriptedReader(open_version(folder))


def models(folder: Path, store: Store, pair: Pair, depot: Depot | None = None) -> Models:
    """What a start of the bot makes of the folder, with the public key set."""
    versions = Versions(folder, scripted, depot, Verifier(pair.public))
    return Models(versions, store.service, ReadingPool(ScriptedReader(), 1))


def promotion(models: Models, store: Store) -> Promotion:
    """Likewise, of what may come into service."""
    return Promotion(models, store.records, store.shadows)


def _unsigned(version: Path) -> None:
    (version / "model.sig").unlink()


def _changed(version: Path) -> None:
    metrics = json.loads((version / "metrics.json").read_text())
    (version / "metrics.json").write_text(json.dumps(metrics | {"test_accuracy": 1.0}))


def _added_to(version: Path) -> None:
    (version / "decision.json").write_text("{}")


def _git_files_added_to(version: Path) -> None:
    (version / ".gitattributes").write_text("x")


def _another_keys(version: Path) -> None:
    Signer(a_pair(version.parent.parent, "theirs").private).sign(version)


def _in_anothers_place(version: Path) -> None:
    shutil.rmtree(version)
    shutil.copytree(version.parent / "v2", version)


def _damaged(version: Path) -> None:
    (version / "model.sig").write_text((version / "model.sig").read_text()[:300])


def _signed_by_nobody(version: Path) -> None:
    signature = json.loads((version / "model.sig").read_text())
    signature["dsseEnvelope"]["signatures"] = []
    (version / "model.sig").write_text(json.dumps(signature))


_FORGED = (
    _unsigned, _changed, _added_to, _git_files_added_to, _another_keys, _in_anothers_place, _damaged, _signed_by_nobody
)  # fmt: skip


async def test_a_signed_version_is_served(folder: Path, store: Store, pair: Pair) -> None:
    """Put into service, promoted, and found again at the next start."""
    first = models(folder, store, pair)
    assert (await promotion(first, store).judge("v1", ADMIN_ID))[1] == "promoted"
    await first.serve("v2", ADMIN_ID)
    again = models(folder, store, pair)
    await again.restore()
    assert again.served.name == "v2"
    assert (await again.go_back()).name == "v1"
    assert [listed.metrics is not None for listed in await promotion(again, store).listed()] == [True, True, True]


@pytest.mark.parametrize("forge", _FORGED)
async def test_what_does_not_fit_its_signature_is_not_put_into_service(
    folder: Path, store: Store, pair: Pair, forge: Callable[[Path], None]
) -> None:
    """Neither promoted nor served by its button; /models shows it as damaged, and the other as before."""
    forge(folder / "v1")
    served = models(folder, store, pair)
    with pytest.raises(ModelUnavailable, match="can't be served"):
        await promotion(served, store).judge("v1", ADMIN_ID)
    with pytest.raises(ModelUnavailable, match="can't be served"):
        await served.serve("v1", ADMIN_ID)
    assert served.served.name == SHIPPED_VERSION
    assert {listed.name: listed.metrics is None for listed in await promotion(served, store).listed()} == {
        "v2": False,
        "v1": True,
        SHIPPED_NAME: False,
    }


async def test_what_is_forged_while_it_serves_is_not_served_after_a_start_or_a_rollback(
    folder: Path, store: Store, pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    """The start passes over the top of the pile, /rollback over what is below; the log says why."""
    first = models(folder, store, pair)
    for name in ("v1", "v2"):
        await first.serve(name, ADMIN_ID)
    _unsigned(folder / "v1")
    again = models(folder, store, pair)
    await again.restore()
    assert again.served.name == "v2"
    with caplog.at_level(logging.ERROR):
        assert (await again.go_back()).name == SHIPPED_VERSION
    assert "it is not signed" in caplog.text
    assert "python -m model sign" in caplog.text


@pytest.mark.usefixtures("fsspec")
async def test_a_signature_travels_with_its_version(folder: Path, tmp_path: Path, pair: Pair) -> None:
    """What one machine signed, another takes from the depot and checks."""
    await Depot((tmp_path / "depot").as_uri()).push(folder / "v1")
    there = Versions(tmp_path / "there", scripted, Depot((tmp_path / "depot").as_uri()), Verifier(pair.public))
    assert (await there.opened("v1")).name == "v1"
    assert (tmp_path / "there" / "v1" / "model.sig").read_bytes() == (folder / "v1" / "model.sig").read_bytes()


@pytest.mark.usefixtures("fsspec")
@pytest.mark.parametrize("forge", [_unsigned, _another_keys])
async def test_what_somebody_put_into_the_depot_gets_no_name_here(
    folder: Path, tmp_path: Path, pair: Pair, forge: Callable[[Path], None]
) -> None:
    """A version that is whole and not signed for the key is downloaded, and thrown away."""
    forge(folder / "v1")
    await Depot((tmp_path / "depot").as_uri()).push(folder / "v1")
    there = Versions(tmp_path / "there", scripted, Depot((tmp_path / "depot").as_uri()), Verifier(pair.public))
    with pytest.raises(ModelUnavailable, match="can't be served"):
        await there.opened("v1")
    assert list((tmp_path / "there").iterdir()) == []


async def test_without_a_key_signatures_are_left_alone(folder: Path, store: Store) -> None:
    """Whoever sets no key serves what is whole, signed or not."""
    _another_keys(folder / "v1")
    served = Models(Versions(folder, scripted), store.service, ReadingPool(ScriptedReader(), 1))
    assert (await served.serve("v1", ADMIN_ID)).name == "v1"


def _missing(folder: Path) -> Path:
    return folder / "hunter2"


def _no_key(folder: Path) -> Path:
    (folder / "hunter2").write_text("hunter2")
    return folder / "hunter2"


def _folder(folder: Path) -> Path:
    return folder


@pytest.mark.parametrize(
    ("kind", "make", "says"),
    [
        ("private", _missing, "the file can't be read (No such file or directory)"),
        ("private", _folder, "the file can't be read (Is a directory)"),
        ("private", _no_key, "there is no private key in PEM form in it"),
        ("private", lambda folder: a_pair(folder).public, "there is no private key in PEM form in it"),
        ("private", lambda folder: a_pair(folder, password="hunter2").private, "the key has a password"),
        ("private", lambda folder: another_kind(folder).private, "the key is of another kind"),
        ("private", lambda folder: of_another_curve(folder).private, "the key is of another kind"),
        ("public", _missing, "the file can't be read (No such file or directory)"),
        ("public", _no_key, "there is no public key in PEM form in it"),
        ("public", lambda folder: a_pair(folder).private, "there is no public key in PEM form in it"),
        ("public", lambda folder: another_kind(folder).public, "the key is of another kind"),
    ],
)
def test_a_key_that_cannot_be_used_is_one_line(
    tmp_path: Path, kind: str, make: Callable[[Path], Path], says: str
) -> None:
    """The line names the setting and says what is wrong, and neither where the key is nor anything of it."""
    key = make(tmp_path)
    with pytest.raises(WrongKey) as told:
        keys(*((key, None) if kind == "private" else (None, key)))
    line = str(told.value)
    assert line.startswith(f"MODELS_{kind.upper()}_KEY can't be used: {says}")
    assert "\n" not in line
    assert "hunter2" not in line
    assert str(tmp_path) not in line


def test_the_bot_does_not_start_with_a_key_that_is_none(tmp_path: Path) -> None:
    """The start stops with the line of the key."""
    given: dict[str, Any] = {"data_dir": tmp_path, "models_public_key": _missing(tmp_path)}
    with pytest.raises(CannotStart, match=r"^MODELS_PUBLIC_KEY can't be used"):
        Bot(Settings(**given))


def test_keys_of_two_pairs_stop_the_start(tmp_path: Path, pair: Pair) -> None:
    """Nothing that is trained here could be served here."""
    with pytest.raises(WrongKey, match="do not belong together"):
        keys(pair.private, a_pair(tmp_path).public)
    assert keys(*pair)[0]


@pytest.mark.parametrize("package", ["model_signing", "OpenSSL", "cryptography"])
def test_a_missing_extra_is_one_line_that_says_what_to_install(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    """The bot's own packages sign nothing."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(WrongKey, match=r"^MODELS_PUBLIC_KEY .*install digit-bot\[signing\]$"):
        keys(None, pair.public)


def test_who_sets_no_key_loads_nothing_that_signs() -> None:
    """It would be a second of a start and 60 MB, for nothing."""
    asked = "import sys, bot.process; sys.exit('model_signing' in sys.modules)"
    subprocess.run([sys.executable, "-c", asked], check=True, env=environment())


def test_the_command_signs_versions_that_an_admin_trusts(
    folder: Path, pair: Pair, capsys: pytest.CaptureFixture[str]
) -> None:
    """An older version gets its signature; without a key, a damaged version or a wrong key it is one line."""
    _unsigned(folder / "v1")
    assert main(["sign", "--signing-key", str(pair.private), str(folder / "v1")]) == 0
    Verifier(pair.public).check(folder / "v1", "v1")
    assert main(["sign", str(folder / "v1")]) == 1
    assert main(["sign", "--signing-key", str(pair.public), str(folder / "v1")]) == 1
    without, wrong = capsys.readouterr().err.splitlines()
    assert "MODELS_PRIVATE_KEY" in without
    assert wrong == "MODELS_PRIVATE_KEY can't be used: there is no private key in PEM form in it"
    (folder / "v1" / "model.tflite").write_bytes(b"other")
    assert main(["sign", "--signing-key", str(pair.private), str(folder / "v1")]) == 1


def test_new_cards_take_a_new_signature(folder: Path, pair: Pair) -> None:
    """The old one is over other files: with the key it is made anew, without it is gone."""
    assert main(["card", "--signing-key", str(pair.private), str(folder / "v1")]) == 0
    Verifier(pair.public).check(folder / "v1", "v1")
    assert main(["card", str(folder / "v1")]) == 0
    assert not (folder / "v1" / "model.sig").exists()
    assert open_version(folder / "v1").name == "v1"
