"""The command `read`: pictures in, what is written on them out, a line each."""

import argparse
import json
from pathlib import Path
from typing import Any, Final

from model import load_reader
from model.errors import UnreadablePhoto
from model.reader import DigitReader

# What is said of each reason in words for a person.
_UNREADABLE: Final = {
    "empty": "the file is empty",
    "not an image": "this is not a picture",
    "cut short": "the picture is cut short",
    "too large": "the picture has too many pixels",
    "unsupported": "pictures of this kind are not read",
    "too costly": "decoding it takes too much time or memory",
}


def define_read(command: argparse.ArgumentParser) -> None:
    """Give the command its options."""
    command.add_argument("--json", action="store_true", help="print one JSON object a picture")
    command.add_argument("photos", nargs="+", metavar="PHOTO")
    command.set_defaults(run=_read)


def _read(options: argparse.Namespace) -> int:
    reader = load_reader()
    status = 0
    for photo in options.photos:
        line = _line(reader, photo)
        if line["error"]:
            status = 1
        print(json.dumps(line, ensure_ascii=False) if options.json else _readable(line), flush=True)
    return status


def _line(reader: DigitReader, photo: str) -> dict[str, Any]:
    """Read one picture, for a program; `error` says why that can't be done."""
    line: dict[str, Any] = {"file": photo, "lines": [], "text": [], "confidence": 0.0, "digits": [], "error": None}
    try:
        reading = reader.read(Path(photo).read_bytes())
    except UnreadablePhoto as error:
        return line | {"error": _UNREADABLE[error.reason]}
    except OSError as error:
        return line | {"error": f"the file can't be read: {error.strerror}"}
    return line | {
        "lines": list(reading.texts),
        "text": list(reading.as_written),
        "confidence": round(float(reading.confidence), 4),
        "digits": [
            {"digit": digit.digit, "confidence": round(float(digit.confidence), 4), "box": list(digit.box)}
            for digit in reading.digits
        ],
    }


def _readable(line: dict[str, Any]) -> str:
    """Say the same to a person."""
    if line["error"]:
        return f"{line['file']}: {line['error']}"
    if not line["lines"]:
        return f"{line['file']}: no digit"
    return f"{line['file']}: {'  |  '.join(line['text'])}  ({line['confidence']:.0%})"
