"""The process in which `box` decodes: `python -m model.boxed`, pictures in at standard input, arrays out.

A question is QUESTION and the file; an answer is ANSWER and the array, or the words of why there is none.
"""

import resource
import struct
import sys
from pathlib import Path
from typing import BinaryIO, Final, get_args

import cv2

from model.decoders import Mode
from model.errors import UnreadablePhoto, UnreadableReason
from model.formats import sniff
from model.picture import upright_picture

MODES: Final[tuple[Mode, ...]] = get_args(Mode)
REASONS: Final[tuple[UnreadableReason, ...]] = get_args(UnreadableReason)
QUESTION: Final = struct.Struct("<BQ")  # the place of its mode in MODES, bytes of the file
READY: Final = b"."  # said once, at the start
ANSWER: Final = struct.Struct("<6I")  # 0, height, width, channels, full width and height; or reason's place + 1, bytes

_MOST_S: Final = 2  # of a processor's time for a file; the dearest that is no bomb, a HEIC at its limit, takes 1.8
_MOST_BYTES: Final = 220 << 20  # above what the process has at its start


def main() -> None:
    """Answer until standard input is closed."""
    cv2.setNumThreads(1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limit_memory()
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    while asked := sys.stdin.buffer.read(QUESTION.size):
        mode, count = QUESTION.unpack(asked)
        spent = resource.getrusage(resource.RUSAGE_SELF)
        # Whole seconds: past them the system ends the process.
        _limit(resource.RLIMIT_CPU, int(spent.ru_utime + spent.ru_stime) + 1 + _MOST_S)
        answer(sys.stdin.buffer.read(count), MODES[mode], sys.stdout.buffer)


def limit_memory() -> None:
    """Let this process take no more than _MOST_BYTES from here on: what asks for more gets a MemoryError."""
    _limit(resource.RLIMIT_DATA, _data_bytes() + _MOST_BYTES)


def answer(photo: bytes, mode: Mode, out: BinaryIO) -> None:
    """Decode a file and write the answer."""
    try:
        picture, size = upright_picture(photo, sniff(photo), mode)
    except UnreadablePhoto as error:
        words = str(error).removeprefix(f"{error.reason}: ").encode()
        out.write(ANSWER.pack(1 + REASONS.index(error.reason), len(words), 0, 0, 0, 0) + words)
    else:
        channels = picture.shape[2] if picture.ndim == 3 else 1
        out.write(ANSWER.pack(0, *picture.shape[:2], channels, *size))
        out.write(picture.tobytes())
    out.flush()


def _limit(kind: int, most: int) -> None:
    """Set a soft limit of this process."""
    resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))


def _data_bytes() -> int:
    """What the process has taken of RLIMIT_DATA: Linux counts it in /proc."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("VmData"))


if __name__ == "__main__":
    main()
