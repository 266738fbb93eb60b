"""The product's server with a page more, which counts its resources as JSON. Its caches are smaller.

python -m bench.counting_server, with the environment of an installation.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import threading
import tracemalloc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


# Full before the slope is taken. The room of the server itself takes hours to fill, and would look like a
# leak: characters of rendered answers, and kB of pages that SQLite keeps for each connection.
RENDERED = 1_000_000
SQLITE_KB = 250


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.urls import path

    from chat.pages import rendered
    from playground import urls

    rendered._rendered = rendered.Rendered(RENDERED)
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["OPTIONS"]["init_command"] += f" PRAGMA cache_size=-{SQLITE_KB};"
    urls.urlpatterns[:0] = [path("bench/counts/", counts)]  # type: ignore[list-item]  # narrower than Django's
    call_command("serve")


def counts(request: HttpRequest) -> HttpResponse:
    from django.http import JsonResponse

    from chat.live import broadcast, registry
    from chat.pages import rendered
    from chat.relays import background

    gc.collect()
    links = [f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd")]
    # The descriptor that listed the folder is closed by now and does not count.
    files = [os.readlink(link) for link in links if os.path.lexists(link)]
    return JsonResponse(
        {
            "files": len(files),
            "connections": sum("playground.sqlite3" in name and name.endswith("sqlite3") for name in files),
            "threads": threading.active_count(),
            "tasks": len(asyncio.all_tasks(background.supervisor().loop)),
            "runs": len(registry.relayed()),
            "watchers": sum(len(watchers) for watchers in broadcast._watchers.values()),
            "rendered": rendered._rendered.size,
            # Nothing unless PYTHONTRACEMALLOC is set.
            "python_kb": tracemalloc.get_traced_memory()[0] // 1000,
            "sqlite_kb": sqlite_bytes() // 1000,
            **{name: size // 1000 for name, size in heaps().items()},
            "objects": len(gc.get_objects()),
        }
    )


class _Mallinfo(ctypes.Structure):
    _names = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = [(name, ctypes.c_size_t) for name in _names.split()]


def heaps() -> dict[str, int]:
    """Bytes of the C library's heaps: in use, and free. What was given back to the system counts as free.

    Nothing where the library is not glibc. https://man7.org/linux/man-pages/man3/mallinfo.3.html
    """
    try:
        mallinfo = ctypes.CDLL(None).mallinfo2
    except (AttributeError, OSError):
        return {}
    mallinfo.restype = _Mallinfo
    found = mallinfo()
    return {"heap_kb": found.uordblks + found.hblkhd, "heap_free_kb": found.fordblks}


def sqlite_bytes() -> int:
    """Return the bytes that SQLite holds for all connections, mostly pages, bounded for each connection.

    Return 0 where SQLite cannot be asked. https://www.sqlite.org/c3ref/memory_highwater.html
    """
    import _sqlite3

    try:
        # The module leads to the library, whose name differs between systems.
        used = ctypes.CDLL(_sqlite3.__file__).sqlite3_memory_used
    except (OSError, AttributeError):
        return 0
    used.restype = ctypes.c_int64
    return int(used())


if __name__ == "__main__":
    main()
