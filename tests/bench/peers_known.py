"""The readers that `tests.bench.peers` compares: what each is, what it needs, how it is loaded and how it reads.

`python -m tests.bench.peers_known NAME` is one of them at work, in its own environment, where of this project only
what the reader itself needs may be there: hence nothing but the standard library at the top. It takes the path of a
photo a line, and answers each with a line of JSON: what it read, how surely, the seconds it took, what went wrong, and
perhaps what memory a process that has ended by then (`ended_mb`) had.
"""

# mypy: disable-error-code="import-not-found, import-untyped"
# (a peer is in an environment of its own)

import csv
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, Final, NamedTuple

_ROOT: Final = Path(__file__).parents[2]
# What it reads before the clock starts: libraries load lazily, TensorFlow traces.
_WARM_UP: Final = _ROOT / "bot" / "local" / "page" / "samples" / "two-lines.jpg"
_KERAS: Final = "model/weights/model.keras"

Read = Callable[[bytes], Mapping[str, Any]]
"""Reads a photo from its bytes: `lines`, its digits in reading order, and `confidence`, that all of them are right."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A reader, and what it needs."""

    what: str
    load: Callable[[], Read]
    needs: tuple[str, ...] = ()  # packages; pinned, where they are installed into an environment of the peer's own
    files: str = ""  # a file or folder of the project that it needs too
    program: str = ""  # which must be on PATH
    package: str = ""  # Debian's, which brings the program
    is_apart: bool = False  # has an environment of its own
    is_reader: bool = True


class Piece(NamedTuple):
    """A piece of text that an OCR engine found, and where: pixels, downward."""

    text: str
    confidence: float
    left: float
    top: float
    bottom: float


def answer_of(pieces: Iterable[Piece]) -> dict[str, Any]:
    """Bring an engine's pieces of text to the form of the labels: the digits of each line of writing, left to right.

    Only digits are kept, and pieces without any dropped. Pieces whose middles are less than half a height apart are
    of one line: engines give a piece a word. The confidence is that of the least sure piece.
    """
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.top + piece.bottom):
        if not _digits(piece.text):
            continue
        if lines and _is_beside(lines[-1][-1], piece):
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return {
        "lines": [
            "".join(_digits(piece.text) for piece in sorted(line, key=lambda piece: piece.left)) for line in lines
        ],
        "confidence": min((piece.confidence for line in lines for piece in line), default=0.0),
    }


def _digits(text: str) -> str:
    """Keep the digits, of any script: engines that know Chinese give wide ones too."""
    return "".join(str(int(sign)) for sign in text if sign.isdecimal())


def _is_beside(one: Piece, other: Piece) -> bool:
    apart = abs(one.top + one.bottom - other.top - other.bottom) / 2
    return apart < min(one.bottom - one.top, other.bottom - other.top) / 2


def _ours() -> Read:
    import cv2

    from model import UnreadablePhoto, load_reader

    cv2.setNumThreads(1)
    reader = load_reader()

    def read(photo: bytes) -> Mapping[str, Any]:
        try:
            reading = reader.read(photo)
        except UnreadablePhoto as unreadable:
            return {"lines": [], "confidence": 0.0, "error": unreadable.reason}
        return {"lines": list(reading.texts), "confidence": float(reading.confidence)}

    return read


def _rapidocr_v4() -> Read:
    import cv2
    from rapidocr_onnxruntime import RapidOCR

    cv2.setNumThreads(1)
    engine = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)

    def read(photo: bytes) -> Mapping[str, Any]:
        found, _ = engine(photo)
        return answer_of(_piece(corners, text, score) for corners, text, score in found or ())

    return read


def _rapidocr_v6() -> Read:
    import cv2
    from rapidocr import ModelType, OCRVersion, RapidOCR

    cv2.setNumThreads(1)
    params = {f"EngineConfig.onnxruntime.{each}_op_num_threads": 1 for each in ("intra", "inter")}
    for part in ("Det", "Rec"):
        params |= {f"{part}.ocr_version": OCRVersion.PPOCRV6, f"{part}.model_type": ModelType.SMALL}
    engine = RapidOCR(params=params)

    def read(photo: bytes) -> Mapping[str, Any]:
        found = engine(photo)
        if found.boxes is None or found.txts is None:
            return answer_of(())
        return answer_of(map(_piece, found.boxes, found.txts, found.scores))

    return read


def _piece(corners: Any, text: str, score: float) -> Piece:
    """Put what RapidOCR found into an upright box; `corners` are four (across, down)."""
    across, down = ([float(corner[axis]) for corner in corners] for axis in (0, 1))
    return Piece(text, float(score), min(across), min(down), max(down))


def _tesseract() -> Read:
    # Its manual's mode for text that is scattered over a picture: "find as much text as possible".
    command = ["tesseract", "-", "-", "--psm", "11", "-c", "tessedit_char_whitelist=0123456789", "tsv"]

    def read(photo: bytes) -> Mapping[str, Any]:
        # A start a photo, as it is used from programs.
        run = subprocess.run(command, input=photo, capture_output=True, check=True)
        ended_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        return answer_of(words_in(run.stdout.decode())) | {"ended_mb": ended_mb}

    return read


def words_in(table: str) -> list[Piece]:
    """Give the words of Tesseract's table of what it found."""
    found = []
    for row in csv.DictReader(StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["level"] == "5":  # a word; the others are what holds words
            left, top, height = (float(row[name]) for name in ("left", "top", "height"))
            found.append(Piece(row["text"], float(row["conf"]) / 100, left, top, top + height))
    return found


def _digit_recognizer() -> Read:
    import torch
    from digit_recognizer import DigitRecognizer

    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    recognizer = DigitRecognizer(device="cpu")

    def read(photo: bytes) -> Mapping[str, Any]:
        found = recognizer.predict(photo, detailed=True)
        return {"lines": [str(found.digit)], "confidence": float(found.confidence)}

    return read


def _keras() -> Read:
    import numpy as np
    import tensorflow as tf
    from PIL import Image, ImageOps

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    model = tf.keras.models.load_model(_ROOT / _KERAS)

    def read(photo: bytes) -> Mapping[str, Any]:
        picture = ImageOps.invert(Image.open(BytesIO(photo)).convert("L").resize((28, 28)))
        found = model.predict(np.asarray(picture, np.float32).reshape(1, 28, 28, 1) / 255, verbose=0)[0]
        return {"lines": [str(int(found.argmax()))], "confidence": float(found.max())}

    return read


def _decoding() -> Read:
    import cv2
    import numpy as np

    cv2.setNumThreads(1)

    def read(photo: bytes) -> Mapping[str, Any]:
        picture = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR)
        error = "not decoded" if picture is None else None
        return {"lines": [], "confidence": 0.0, "error": error}

    return read


# The same ONNX Runtime and OpenCV for both engines: they are compared with each other too.
_ONNX_RUNTIME: Final = "onnxruntime==1.32.0"
PEERS: Final = {
    "ours": Peer(
        "ours",
        _ours,
        ("ai-edge-litert", "numpy", "opencv-python-headless", "pillow", "pillow-heif"),
        files="model",
    ),
    "rapidocr_v4": Peer(
        "RapidOCR, PP-OCRv4",
        _rapidocr_v4,
        ("rapidocr-onnxruntime==1.4.4", _ONNX_RUNTIME, "opencv-python==5.0.0.93"),
        is_apart=True,
    ),
    "rapidocr_v6": Peer(
        "RapidOCR, PP-OCRv6 small",
        _rapidocr_v6,
        ("rapidocr==3.10.0", _ONNX_RUNTIME, "opencv-python-headless==5.0.0.93"),
        is_apart=True,
    ),
    "tesseract": Peer("Tesseract, digits only", _tesseract, program="tesseract", package="tesseract-ocr"),
    "digit_recognizer": Peer(
        "digit-recognizer-py",
        _digit_recognizer,
        # As pip installs it: PyTorch from PyPI comes with CUDA's libraries, 5 GB, though nothing here uses them.
        ("digit-recognizer-py==0.1.0", "torch==2.14.1", "torchvision==0.29.1"),
        is_apart=True,
    ),
    "keras": Peer("resize, invert, predict", _keras, ("tensorflow", "numpy", "pillow"), files=_KERAS),
    "decoding": Peer("decoding the file alone", _decoding, ("opencv-python-headless", "numpy"), is_reader=False),
}


def serve(read: Read) -> None:
    """Answer a line for each path on standard input, on one core."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # an engine may print what it likes
    print("{}", file=answers, flush=True)
    for line in sys.stdin:
        photo = Path(line.rstrip("\n")).read_bytes()
        start = time.perf_counter()
        try:
            answer = read(photo)
        except Exception as problem:  # noqa: BLE001 an engine's own, of any kind: it counts with the time it took
            answer = {"lines": [], "confidence": 0.0, "error": repr(problem)}
        print(json.dumps({**answer, "seconds": time.perf_counter() - start}), file=answers, flush=True)


def main() -> None:
    """Be the reader that is named."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    read = PEERS[sys.argv[1]].load()
    read(_WARM_UP.read_bytes())
    serve(read)


if __name__ == "__main__":
    main()
