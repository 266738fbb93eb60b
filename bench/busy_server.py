"""The product's server with one page more: it waits for the database for as long as asked.

python -m bench.busy_server, with the environment of an installation.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.urls import path

    from playground import urls

    urls.urlpatterns[:0] = [path("bench/busy/", busy)]  # type: ignore[list-item]  # narrower than Django's
    call_command("serve")


def busy(request: HttpRequest) -> HttpResponse:
    """Run one query that takes ``seconds`` on the thread that serves this request."""
    from django.db import connection
    from django.http import HttpResponse

    seconds = float(request.GET.get("seconds", "1"))
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.connection.create_function("pg_sleep", 1, time.sleep)
        cursor.execute("SELECT pg_sleep(%s)", [seconds])
    return HttpResponse("done")


if __name__ == "__main__":
    main()
