"""The product's server with one page more: what it holds, as JSON. Rendered answers are kept in less room.

python -m bench.counting_server, with the environment of an installation.
"""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import tracemalloc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


# Characters: full before the slope is taken. The room of the server itself takes an hour to fill, and would
# look like a leak.
RENDERED = 1_000_000


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.urls import path

    from chat.pages import rendered
    from playground import urls

    rendered._rendered = rendered.Rendered(RENDERED)
    urls.urlpatterns[:0] = [path("bench/counts/", counts)]  # type: ignore[list-item]  # narrower than Django's
    call_command("serve")


def counts(request: HttpRequest) -> HttpResponse:
    from django.http import JsonResponse

    from chat import background, broadcast, live
    from chat.pages import rendered

    gc.collect()
    links = [f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd")]
    # Without the one that was open to list them.
    files = [os.readlink(link) for link in links if os.path.lexists(link)]
    return JsonResponse(
        {
            "files": len(files),
            "connections": sum("playground.sqlite3" in name and name.endswith("sqlite3") for name in files),
            "threads": threading.active_count(),
            "tasks": len(asyncio.all_tasks(background.supervisor().loop)),
            "runs": len(live.relayed()),
            "watchers": sum(len(watchers) for watchers in broadcast._watchers.values()),
            "rendered": rendered._rendered.size,
            # Nothing unless PYTHONTRACEMALLOC is set.
            "python_kb": tracemalloc.get_traced_memory()[0] // 1000,
            "sqlite_kb": sqlite_bytes() // 1000,
            "objects": len(gc.get_objects()),
        }
    )


def sqlite_bytes() -> int:
    """What SQLite holds for all connections, pages above all, which each keeps up to a bound.

    0 where it cannot be asked. https://www.sqlite.org/c3ref/memory_highwater.html
    """
    import _sqlite3
    import ctypes

    try:
        # Found through the module, whatever the name of the library that it was linked with.
        used = ctypes.CDLL(_sqlite3.__file__).sqlite3_memory_used
    except (OSError, AttributeError):
        return 0
    used.restype = ctypes.c_int64
    return int(used())


if __name__ == "__main__":
    main()
