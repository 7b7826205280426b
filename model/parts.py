"""The networks that are served beside the classifier: a folder each, with one LiteRT file and its metrics.json."""

import json
from pathlib import Path
from typing import Final

from model.errors import ModelUnavailable
from model.registry import METRICS, mending, sha256

FINDER: Final = Path(__file__).parent / "finder_weights" / "finder.tflite"
LINE: Final = Path(__file__).parent / "line_weights" / "line.tflite"
SIGNS: Final = Path(__file__).parent / "signs_weights" / "signs.tflite"
JUDGE: Final = Path(__file__).parent / "judge_weights" / "judge.tflite"


def verified(path: Path) -> Path:
    """Give the path of a part after checking the file against the sha256 in the metrics.json beside it.

    Raises ModelUnavailable, which says in one line what is wrong and which command mends it.
    """
    mend = f"mend it with: {mending(path.parent, path.stem)}"
    try:
        digest = json.loads((path.parent / METRICS).read_bytes())["files"][path.name]
        found = sha256(path)
    except OSError as error:
        raise ModelUnavailable(f"{path} can't be read ({error.strerror}); {mend}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelUnavailable(f"{METRICS} beside {path} is damaged; {mend}") from error
    if found != digest:
        raise ModelUnavailable(f"{path} is not the file that its {METRICS} vouches for; {mend}")
    return path
