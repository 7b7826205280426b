"""Keeps the native code of TensorFlow and LiteRT from talking on stderr while all goes well."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_native_code() -> Iterator[None]:
    """Hold back what is written to stderr, by C++ too, inside the block; show it only when the block raises.

    TensorFlow logs some lines before it reads TF_CPP_MIN_LOG_LEVEL, so the file descriptor itself is turned aside.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), 2)
        try:
            yield
        except Exception:
            sys.stderr.flush()
            aside.seek(0)
            os.write(kept, aside.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
