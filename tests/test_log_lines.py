"""The log's lines of refused requests and of outages, as operators read them."""

from __future__ import annotations

import io
import logging

import pytest
from channels.testing import WebsocketCommunicator
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.test import Client
from django.urls import include, path

from chat.sockets import routing
from playground.log_lines import OneLine
from playground.logs import RedactSecrets
from playground.urls import handler400, handler500  # noqa: F401  Django reads them from the root URL conf

ERRORS = {
    "denied": PermissionDenied("Not yours."),
    "suspicious": SuspiciousOperation("Too\nodd %s."),
    "bad": BadRequest("Not a number."),
    "database": OperationalError("server closed the connection\n\tunexpectedly"),
    "broken": RuntimeError("A fault of ours."),
}


def fail(request, name):
    raise ERRORS[name]


urlpatterns = [path("fail/<name>/", fail), path("", include("playground.urls"))]


@pytest.fixture
def lines(settings):
    """Return a function that returns the lines logged since its last call."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(OneLine())
    handler.addFilter(RedactSecrets())
    handler.setFormatter(logging.Formatter("{levelname} {message}", style="{"))
    root = logging.getLogger()
    root.addHandler(handler)

    def take() -> list[str]:
        text = written.getvalue()
        written.seek(0)
        written.truncate()
        return text.splitlines()

    yield take
    root.removeHandler(handler)


@pytest.fixture
def visitor(settings, db) -> Client:
    settings.ROOT_URLCONF = __name__
    settings.PUBLIC_ORIGIN = "https://chat.example.org"
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "10.0.0.7:8000",
        "-",
        "a b",
        "[::1",
        "x" * 60_000,
        "evil.example\n2026 ERROR forged",
        "%s%d",
    ],
)
def test_a_wrong_host_is_one_warning_that_names_the_settings(visitor, lines, host):
    response = visitor.get("/sign-in/", HTTP_HOST=host)

    [line] = lines()
    assert line.startswith("WARNING Host '")
    assert repr(host[:100]) in line
    assert "ALLOWED_HOSTS: PUBLIC_ORIGIN is https://chat.example.org." in line
    assert len(line) < 1100
    assert response.status_code == 400
    assert "PUBLIC_ORIGIN" in response.content.decode()


@pytest.mark.parametrize(
    ("headers", "said", "shown"),
    [
        ({"HTTP_ORIGIN": "http://evil.example"}, "http://evil.example", "another address"),
        ({"HTTP_ORIGIN": "null"}, "null", "another address"),
        ({"HTTP_ORIGIN": "http://e\n" + "x" * 60_000}, "Origin checking failed", "another address"),
        ({"HTTP_REFERER": "http://evil.example/", "wsgi.url_scheme": "https"}, "Referer", "another address"),
    ],
)
def test_a_form_from_another_origin_is_one_warning_that_names_the_settings(
    visitor, lines, headers, said, shown
):
    response = visitor.post("/sign-in/", {"login": "a@example.org"}, **headers)

    [line] = lines()
    assert line.startswith("WARNING Forbidden (")
    assert said in line
    assert len(line) < 1100
    if len(line) < 1000:
        assert "PUBLIC_ORIGIN is https://chat.example.org" in line
        assert "BEHIND_PROXY" in line
    assert response.status_code == 403
    assert shown in response.content.decode()


def test_a_form_of_an_old_page_is_one_warning_about_the_page(visitor, lines):
    response = visitor.post("/sign-in/", {"login": "a@example.org"})

    [line] = lines()
    assert line == "WARNING Forbidden (CSRF cookie not set.): /sign-in/"
    assert "out of date" in response.content.decode()


@pytest.mark.parametrize(
    ("name", "status", "expected"),
    [
        ("denied", 403, "WARNING Forbidden (Permission denied): /fail/denied/"),
        ("suspicious", 400, "WARNING Too odd %s."),
        ("bad", 400, "WARNING Not a number.: /fail/bad/"),
        (
            "database",
            503,
            "ERROR The database (DATABASE_URL) is not available: server closed the connection unexpectedly "
            "(Service Unavailable: /fail/database/)",
        ),
    ],
)
def test_a_refusal_and_an_outage_are_one_line(visitor, lines, name, status, expected):
    assert visitor.get(f"/fail/{name}/").status_code == status

    assert lines() == [expected]


def test_a_fault_of_ours_keeps_its_traceback(visitor, lines):
    assert visitor.get("/fail/broken/").status_code == 500

    found = lines()
    assert found[0] == "ERROR Internal Server Error: /fail/broken/"
    assert found[1].startswith("Traceback")


def test_other_loggers_are_left_alone(lines):
    try:
        raise PermissionDenied
    except PermissionDenied:
        logging.getLogger("chat").exception("Odd.")

    assert lines()[1].startswith("Traceback")


@pytest.mark.parametrize("origin", [b"http://evil.example", b"http://[", b"null", b"\xff", b"", b"x" * 9000])
async def test_a_websocket_from_another_origin_is_one_warning_that_names_the_setting(lines, origin):
    async def reached(*_: object) -> None:
        raise AssertionError("The socket was let in.")

    application = routing._from_our_pages(reached)
    socket = WebsocketCommunicator(application, "/ws/", headers=[(b"origin", origin)])

    assert await socket.connect() == (False, 1000)
    [line] = lines()
    assert line.startswith(f"WARNING A websocket from origin {origin.decode('latin1')[:100]!r} was refused.")
    assert "PUBLIC_ORIGIN is http://localhost" in line
