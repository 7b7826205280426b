"""Decodes what may do harm, in a process of its own that has little time and memory. Used by `decode`.

What a decoder does with a file that was made to hurt it is known only when it has done it: seconds, gigabytes, a
crash. Here it costs that file alone. The process is started by the first such file and stays for the next.
"""

import atexit
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

import numpy as np

from model.boxed import ANSWER, MODES, QUESTION, READY, REASONS
from model.decoders import Mode
from model.errors import UnreadablePhoto
from model.picture import Upright

_COMMAND: Final = (sys.executable, "-m", "model.boxed")
_HOME: Final = Path(__file__).parents[1]  # where `model` is found
_PASSED_ON: Final = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH")  # the rest is the bot's, secrets too
_MOST_S: Final = 15.0  # of a decode, whatever else the machine does; its own processor time ends it long before

_log = logging.getLogger(__name__)


class DecodingBox:
    """A process that decodes. Any number of threads may use one; one picture is decoded at a time."""

    def __init__(self, command: tuple[str, ...] = _COMMAND, most_s: float = _MOST_S) -> None:
        """`command` starts the process; a decode that takes longer than `most_s` seconds is ended with it."""
        self._command, self._most_s = command, most_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    def upright_picture(self, photo: bytes, mode: Mode) -> Upright:
        """Decode as `model.picture.upright_picture` does.

        Raises UnreadablePhoto, also when the process ended over the file; OSError when none can be started.
        """
        with self._lock:
            process = self._started()
            timer = threading.Timer(self._most_s, process.kill)
            timer.start()
            try:
                return _exchanged(process, photo, mode)
            except (BrokenPipeError, EOFError) as error:
                self._end()
                _log.warning("a decoder's process ended with status %s over %d bytes", process.returncode, len(photo))
                raise UnreadablePhoto("too costly", f"{len(photo)} bytes that no decoder got to the end of") from error
            except UnreadablePhoto:
                raise
            except BaseException:  # half an answer would be taken for the next one
                self._end()
                raise
            finally:
                timer.cancel()

    def close(self) -> None:
        """End the process; another decode starts a new one."""
        with self._lock:
            self._end()

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(
                self._command,
                cwd=_HOME,
                env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C in a terminal is for the bot, which ends it
            )
            try:
                _received(self._process, len(READY))
            except EOFError as error:
                raise OSError("the process that decodes pictures does not start") from error
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _exchanged(process: "subprocess.Popen[bytes]", photo: bytes, mode: Mode) -> Upright:
    """Ask and take the answer. Raises UnreadablePhoto; BrokenPipeError or EOFError when the process is gone."""
    assert process.stdin is not None  # asked for above
    process.stdin.write(QUESTION.pack(MODES.index(mode), len(photo)))
    process.stdin.write(photo)
    process.stdin.flush()
    reason, height, width, channels, *size = ANSWER.unpack(_received(process, ANSWER.size))
    if reason:
        raise UnreadablePhoto(REASONS[reason - 1], _received(process, height).decode())
    array = np.frombuffer(_received(process, height * width * channels), np.uint8)
    shape = (height, width) if channels == 1 else (height, width, channels)
    return array.reshape(shape), (size[0], size[1])


def _received(process: "subprocess.Popen[bytes]", count: int) -> bytes:
    assert process.stdout is not None  # asked for above
    data = process.stdout.read(count)
    if len(data) < count:
        raise EOFError
    return data
