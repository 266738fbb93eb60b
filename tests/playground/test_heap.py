from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest
from django.conf import settings

from playground import heap

# The blocks are too large for Python's own allocator and too small to be mapped separately. Every
# twentieth is kept, so that neither end of the heap is free.
FRAGMENTS = """
import os
from playground import heap

def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20

blocks = [b"x" * 16_000 for _ in range(8_000)]
blocks = blocks[::20]
kept = resident()
print(heap.give_back(), kept - resident())
"""


@pytest.mark.skipif(heap._library is None, reason="the C library is not glibc")
def test_what_is_free_between_blocks_in_use_goes_back_to_the_system():
    words = [sys.executable, "-c", FRAGMENTS]
    done = subprocess.run(words, capture_output=True, text=True, cwd=settings.BASE_DIR, check=True)
    has_given, megabytes = done.stdout.split()
    assert has_given == "True"
    # The lower bound leaves room for a page on either side of each kept block; 120 MB were freed.
    assert int(megabytes) > 60


def test_without_glibc_there_is_nothing_to_do(monkeypatch):
    monkeypatch.setattr(heap, "_library", None)
    heap.keep_small()
    assert heap.give_back() is False


@pytest.mark.parametrize("error", [AttributeError, OSError, TypeError])
def test_a_library_that_cannot_be_asked_is_not_asked(monkeypatch, error):
    def refuse(name: object) -> None:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    assert heap._glibc() is None


# After a large block was freed, glibc puts slightly smaller ones on its heap.
LARGE_BLOCKS = """
import ctypes, sys
from playground import heap

class Mallinfo(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena a b mapped_blocks c d e f g h".split()]

if sys.argv[1] == "kept small":
    heap.keep_small()
heap._library.mallinfo2.restype = Mallinfo
block = b"x" * 8_000_000
del block
before = heap._library.mallinfo2().mapped_blocks
block = b"x" * 1_000_000
print(heap._library.mallinfo2().mapped_blocks - before)
"""


@pytest.mark.skipif(heap._library is None, reason="the C library is not glibc")
@pytest.mark.parametrize(("how", "mapped"), [("as it is", "0"), ("kept small", "1")])
def test_large_blocks_stay_out_of_the_heaps(how, mapped):
    words = [sys.executable, "-c", LARGE_BLOCKS, how]
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        words, capture_output=True, text=True, cwd=settings.BASE_DIR, env=environment, check=True
    )
    assert done.stdout.strip() == mapped
