"""python -m bot: how the process keeps its memory, then the bot."""

import ctypes
import gc
import sys
from typing import Final

# From malloc.h: bytes that may lie free at the top of a heap, bytes from which a block is mapped by itself, heaps.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8

# Libraries import these if they are installed, do without them if not, and use them for nothing a bot does: httpx's
# command line, which brings rich along, Telegram Passport, uvicorn's reloading. A tenth of the start, and 10 MB.
_SPARED: Final = ("httpx._main", "cryptography", "watchfiles")


def _give_memory_back() -> None:
    """Have glibc keep one heap and return what is freed, but not at once: pictures of a photo come and go.

    At the peak of 100 photos that saved 13 MB of 287, and one heap instead of two 4 of 223, in the same time. Were all
    of it returned at once it would save 9 more, and a seventh of the processor's time would go into clearing the pages
    of the next picture. Other C libraries have no such switch and need none.
    """
    if (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        mallopt(_M_TRIM_THRESHOLD, 16 << 20)
        mallopt(_M_MMAP_THRESHOLD, 4 << 20)
        mallopt(_M_ARENA_MAX, 1)


def main() -> int:
    """Run the bot until it is asked to stop. Gives the exit status."""
    _give_memory_back()
    # What the imports make stays for good: looking for garbage among it would be a tenth of the start.
    gc.disable()
    spared = [name for name in _SPARED if name not in sys.modules]
    for name in spared:
        sys.modules[name] = None  # type: ignore[assignment]  # as if it were not installed
    from bot.process import serve  # noqa: PLC0415 for that, it must be imported here

    for name in spared:  # whoever asks for one from here on gets it
        del sys.modules[name]
    return serve()


if __name__ == "__main__":
    sys.exit(main())
