"""The numbers that decide what is read and how sure it is: data, a part of every version."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from model import confidence, scorer
from model.errors import ModelUnavailable
from model.judge import Judge
from model.parts import FINDER, JUDGE, SIGNS, verified
from model.registry import Version, sha256
from model.taught import Taught

Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """The weights of `model.scorer` and `model.confidence`, and what corrections taught the judge."""

    alone: Weights = field(default_factory=lambda: scorer.ALONE)
    beside: Weights = field(default_factory=lambda: scorer.BESIDE)
    confidence: Weights = field(default_factory=lambda: confidence.WEIGHTS)
    taught: Taught | None = None  # None: nothing yet

    def to_json(self) -> str:
        """Give what a version's folder keeps."""
        fields = {
            "alone": dict(self.alone),
            "beside": dict(self.beside),
            "confidence": dict(self.confidence),
            "taught": None if self.taught is None else self.taught.to_json(),
        }
        return json.dumps(fields, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> "Decision":
        """Read what `to_json` gave. Raises KeyError, TypeError or ValueError for anything else, or other weights."""
        fields = dict(json.loads(text))
        taught = None if fields["taught"] is None else Taught.from_json(fields["taught"])
        return cls(
            _weights(fields["alone"], scorer.ALONE),
            _weights(fields["beside"], scorer.BESIDE),
            _weights(fields["confidence"], confidence.WEIGHTS),
            taught,
        )


def decision_of(version: Version) -> Decision:
    """Give the decision of a version. Raises ModelUnavailable for one with other weights than are known here."""
    if version.decision_path is None:
        return Decision()
    try:
        return Decision.from_json(version.decision_path.read_bytes())
    except (KeyError, TypeError, ValueError) as error:
        problem = "it weighs other things than this program knows"
        raise ModelUnavailable(f"the model in {version.folder} can't be served: {problem}; train a new one") from error


def judge_path(version: Version) -> Path:
    """Give the file of a version's judge, its own or the package's, checked. Raises ModelUnavailable."""
    return version.judge_path or verified(JUDGE)


def judge_of(version: Version, decision: Decision) -> Judge:
    """Give the judge of a version. Raises ModelUnavailable."""
    return Judge(judge_path(version), decision.taught)


@cache
def edition() -> str:
    """Name what the scorer knows of a hypothesis: features of one edition mean the same, and only those do.

    Raises ModelUnavailable.
    """
    networks = [sha256(verified(part)) for part in (FINDER, SIGNS)]
    known = json.dumps([[*scorer.ALONE], [*scorer.BESIDE], networks])
    return hashlib.sha256(known.encode()).hexdigest()[:12]


def _weights(fields: Mapping[str, Any], named: Weights) -> Weights:
    if fields.keys() != named.keys():
        raise ValueError("weights of another edition")
    return {name: float(fields[name]) for name in named}
