"""The product's server with a page more: what each prompt went through, and the statements it ran, as JSON.

python -m bench.noting_server, with the environment of an installation. Notes cost time, so no processor time
is measured with this server. The page forgets what it has shown.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    View = Callable[[HttpRequest], HttpResponse]

T = TypeVar("T", bound=Callable[..., Any])

# The moments by name, in microseconds of the clock that all processes of a machine share.
_moments: list[tuple[str, int]] = []
_statements: list[str] = []
_transactions: list[str] = []


def note(name: str) -> None:
    _moments.append((name, time.monotonic_ns() // 1000))


def noted(name: str, work: T, *, after: bool = False) -> T:
    """Return the function with a note when it is called, or when it has returned."""

    def noting(*args: Any, **kwargs: Any) -> Any:
        if not after:
            note(name)
        try:
            return work(*args, **kwargs)
        finally:
            if after:
                note(name)

    return noting  # type: ignore[return-value]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.urls import path

    from playground import urls

    urls.urlpatterns[:0] = [path("bench/notes/", notes)]  # type: ignore[list-item]  # narrower than Django's
    settings.MIDDLEWARE.append(f"{__name__}.view_noted")
    count_statements()
    note_steps()
    call_command("serve")


def note_steps() -> None:
    """Note the steps of a prompt that are not requests."""
    from chat.flows import end_relay, finish_run
    from chat.live.run import LiveRun
    from chat.relays import background
    from chat.sockets.frame_writer import FrameWriter
    from playground import asgi
    from playground.upstream.transport.pool import GuardedTransport

    asgi.application = noted_requests(asgi.application)
    background.start = noted("opened", background.start)
    LiveRun.begin = noted("claimed", LiveRun.begin)  # type: ignore[method-assign]
    LiveRun.apply = noted("read", LiveRun.apply)  # type: ignore[method-assign]
    GuardedTransport.handle_async_request = noted(  # type: ignore[method-assign]
        "called", GuardedTransport.handle_async_request
    )
    FrameWriter._send = noted("frame", FrameWriter._send)  # type: ignore[method-assign]
    end_relay.finish_run = noted(  # type: ignore[attr-defined]
        "stored", finish_run.finish_run, after=True
    )


def noted_requests(application: Any) -> Any:
    async def serve(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope.get("path", "").endswith("/send/"):
            note("received")
        await application(scope, receive, send)

    return serve


def view_noted(get_response: View) -> View:
    """Note when a view begins and returns, inside of all other middleware."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.endswith("/send/"):
            note("viewed")
        try:
            return get_response(request)
        finally:
            if request.path.endswith("/send/"):
                note("rendered")

    return middleware


def count_statements() -> None:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.signals import connection_created

    def wrap(connection: Any, **_: Any) -> None:
        if listen not in connection.execute_wrappers:
            connection.execute_wrappers.append(listen)

    def listen(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        # The threads of a pool are numbered, and those of requests all have the same name.
        name = threading.current_thread().name
        thread = name.rpartition("_")[0] or name
        (_transactions if sql.startswith("BEGIN") else _statements).append(f"{thread}: {sql}")
        return execute(sql, params, many, context)

    begin = BaseDatabaseWrapper.set_autocommit

    def set_autocommit(self: Any, autocommit: bool, *args: Any, **kwargs: Any) -> None:
        # PostgreSQL begins transactions without a statement.
        if self.vendor == "postgresql" and not autocommit:
            _transactions.append("BEGIN")
        begin(self, autocommit, *args, **kwargs)

    connection_created.connect(wrap, weak=False)
    BaseDatabaseWrapper.set_autocommit = set_autocommit  # type: ignore[method-assign]


def notes(request: HttpRequest) -> HttpResponse:
    from django.http import JsonResponse

    told = {"moments": [*_moments], "statements": [*_statements], "transactions": len(_transactions)}
    for notes in (_moments, _statements, _transactions):
        notes.clear()
    return JsonResponse(told)


if __name__ == "__main__":
    main()
