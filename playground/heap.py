"""The heaps of the C library: kept small, and what they keep given back.

A block that is freed stays with its heap, and glibc gives each of many threads a heap of its own. With
threads that come and go by the request, what is kept grows for hours though what is in use does not.
Other C libraries have none of this, and nothing is done there.
"""

from __future__ import annotations

import ctypes
from typing import Any

# From malloc.h.
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
# Python's lock is mostly held where memory is asked for, so more heaps would make nothing faster.
HEAPS = 2
# Larger blocks are mapped by themselves and leave nothing behind. Unless it is told, glibc raises this
# to the largest block that was ever freed, up to 32 MB: between such blocks little ones end up, and stay.
LARGE = 128 * 1024


def _glibc() -> Any:
    try:
        library = ctypes.CDLL(None)
        # Only glibc has all of them.
        return library if library.mallopt and library.malloc_trim else None
    except (AttributeError, OSError, TypeError):
        return None


_library = _glibc()


def keep_small() -> None:
    """Share few heaps among all threads, and keep large blocks out of them. Before there are threads.

    https://man7.org/linux/man-pages/man3/mallopt.3.html
    """
    if _library is not None:
        _library.mallopt(_ARENA_MAX, HEAPS)
        _library.mallopt(_MMAP_THRESHOLD, LARGE)


def give_back() -> bool:
    """Give every free page of every heap back to the system; whether there was one.

    Takes about a millisecond for ten megabytes, without Python's lock but with each heap's own: for a
    thread, and now and then. https://man7.org/linux/man-pages/man3/malloc_trim.3.html
    """
    return _library is not None and bool(_library.malloc_trim(0))
