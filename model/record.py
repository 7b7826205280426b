"""The record of a version, written last: its cards, metrics.json with the sha256 of every file, and the signature."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model.card import model_card
from model.data_card import data_card
from model.registry import CARD, DATA_CARD, METRICS, SIGNATURE, Version, open_version, sha256, writing_version
from model.signature import Signer


def record(folder: Path, metrics: Mapping[str, Any], signer: Signer | None = None) -> None:
    """Write what is known of the version in `folder`, whose networks and charts are there; sign it if that is wanted.

    The cards are made of the metrics, metrics.json vouches for the cards, and the signature is over them all.
    """
    (folder / CARD).write_text(model_card(metrics), encoding="utf-8")
    (folder / DATA_CARD).write_text(data_card(metrics), encoding="utf-8")
    vouched = (path for path in sorted(folder.iterdir()) if path.name not in (METRICS, SIGNATURE))
    files = {path.name: sha256(path) for path in vouched}
    (folder / METRICS).write_text(json.dumps({**metrics, "files": files}, indent=1, sort_keys=True) + "\n")
    if signer is not None:
        signer.sign(folder)


def renew_cards(folder: Path, signer: Signer | None = None) -> Version:
    """Write the cards of a version that has none, or older ones. Raises ModelUnavailable, KeyUnusable, OSError.

    A signature would not fit any more: it is made anew, or is gone.
    """
    version = open_version(folder)
    metrics = json.loads((folder / METRICS).read_bytes())
    files = metrics.pop("files")
    with writing_version(folder) as fresh:
        for name in files:
            shutil.copy2(folder / name, fresh / name)
        record(fresh, metrics, signer)
    return open_version(version.folder)
