"""Limits for the heaps of the C library, and a way to return their free memory.

A freed block stays in its heap, and glibc gives many threads a heap each. With threads per request, the
unused memory grows for hours while the used memory stays level. Other C libraries do not do this, and
the functions here do nothing with them.
"""

from __future__ import annotations

import ctypes
from typing import Any

# Numbers of the options in malloc.h.
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
# Threads mostly hold Python's lock when they allocate, so more heaps would not be faster.
HEAPS = 2
# Blocks of this size and more are mapped separately and unmapped when freed. Without the setting, glibc
# raises the threshold to the largest freed block, up to 32 MB, and small blocks fragment the heap.
LARGE = 128 * 1024


def _glibc() -> Any:
    try:
        library = ctypes.CDLL(None)
        # Only glibc has both functions.
        return library if library.mallopt and library.malloc_trim else None
    except (AttributeError, OSError, TypeError):
        return None


_library = _glibc()


def keep_small() -> None:
    """Share few heaps among all threads, and keep large blocks out of them. Call before threads start.

    https://man7.org/linux/man-pages/man3/mallopt.3.html
    """
    if _library is not None:
        _library.mallopt(_ARENA_MAX, HEAPS)
        _library.mallopt(_MMAP_THRESHOLD, LARGE)


def give_back() -> bool:
    """Return every free page of every heap to the system; tell whether there was one.

    The call takes about a millisecond per ten megabytes. It releases Python's lock but holds each heap's,
    so call it rarely and from a thread. https://man7.org/linux/man-pages/man3/malloc_trim.3.html
    """
    return _library is not None and bool(_library.malloc_trim(0))
