from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.signals import request_finished
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path

from playground.handler import Handler
from playground.request_threads import request_threads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from django.http import HttpRequest

_begun, _go_on, _closed = threading.Event(), threading.Event(), threading.Event()


def ask(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse(str(id(connection.connection)))


def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.body)


def fail(request: HttpRequest) -> HttpResponse:
    raise LookupError("nothing there")


def wait(request: HttpRequest) -> HttpResponse:
    _begun.set()
    _go_on.wait(20)
    return HttpResponse("done")


def stream(request: HttpRequest) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_pieces())
    response._resource_closers.append(_closed.set)  # type: ignore[attr-defined]
    return response


async def _pieces() -> AsyncIterator[bytes]:
    yield b"first"
    if not _go_on.is_set():
        await asyncio.Event().wait()
    yield b"last"


urlpatterns = [path(f"{view.__name__}/", view) for view in (ask, echo, fail, wait, stream)]


@pytest.fixture(autouse=True)
def own_pages(settings):
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []
    for event in (_begun, _go_on, _closed):
        event.clear()
    yield
    _go_on.set()
    request_threads.end_idle()


def ask_for(name: str, body: bytes = b"") -> Any:
    scope = {
        "type": "http",
        "method": "POST" if body else "GET",
        "path": f"/{name}/",
        "query_string": b"",
        "headers": [(b"content-length", str(len(body)).encode())],
    }
    return ApplicationCommunicator(Handler(), scope)


async def answer_of(visitor: Any, body: bytes = b"") -> tuple[int, bytes]:
    await visitor.send_input({"type": "http.request", "body": body})
    status = (await visitor.receive_output(timeout=20))["status"]
    parts = []
    while True:
        message = await visitor.receive_output(timeout=20)
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return status, b"".join(parts)


@pytest.mark.django_db(transaction=True)
async def test_requests_that_follow_each_other_share_a_connection():
    first = await answer_of(ask_for("ask"))
    second = await answer_of(ask_for("ask"))
    assert first == second and first[0] == 200


async def test_it_hands_over_the_body():
    assert await answer_of(ask_for("echo", b"some words"), b"some words") == (200, b"some words")


async def test_an_error_in_a_view_becomes_a_page():
    status, _ = await answer_of(ask_for("fail"))
    assert status == 500


async def test_a_visitor_who_leaves_is_not_waited_for():
    visitor = ask_for("wait")
    await visitor.send_input({"type": "http.request", "body": b""})
    assert await asyncio.to_thread(_begun.wait, 20)
    finished = threading.Event()
    request_finished.connect(lambda **_: finished.set(), weak=False, dispatch_uid="left")

    await visitor.send_input({"type": "http.disconnect"})
    await visitor.wait(20)

    assert await visitor.receive_nothing(timeout=0)
    _go_on.set()
    assert await asyncio.to_thread(finished.wait, 20), "the request ends as any other"
    request_finished.disconnect(dispatch_uid="left")


async def test_it_sends_a_stream_piece_by_piece_and_closes_it():
    _go_on.set()
    assert await answer_of(ask_for("stream")) == (200, b"firstlast")
    assert await asyncio.to_thread(_closed.wait, 20)


async def test_a_stream_ends_when_its_visitor_leaves():
    visitor = ask_for("stream")
    await visitor.send_input({"type": "http.request", "body": b""})
    await visitor.receive_output(timeout=20)
    assert (await visitor.receive_output(timeout=20))["body"] == b"first"

    await visitor.send_input({"type": "http.disconnect"})
    await visitor.wait(20)

    assert _closed.is_set()
