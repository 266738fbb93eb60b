"""Error pages: our own, without internals."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.test import Client
from django.urls import include, path
from django.views.decorators.debug import sensitive_variables

CANARY = "sk-c4n4ry0123456789abcdef"


@sensitive_variables()
def broken(request):
    secret = CANARY
    raise RuntimeError(f"cannot use {secret}")


def forbidden(request):
    raise PermissionDenied


def suspicious(request):
    raise SuspiciousOperation(CANARY)


urlpatterns = [
    path("test/broken/", broken),
    path("test/forbidden/", forbidden),
    path("test/suspicious/", suspicious),
    path("", include("playground.urls")),
]


@pytest.fixture
def visitor(settings, db) -> Client:
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/test/broken/", 500),
        ("/test/forbidden/", 403),
        ("/test/suspicious/", 400),
        ("/nothing/here/", 404),
    ],
)
def test_each_error_has_a_page_without_insides(visitor, caplog, address, status):
    response = visitor.get(address)
    text = response.content.decode()
    assert response.status_code == status
    assert "<h1" in text and "</html>" in text
    for inside in ("Traceback", "RuntimeError", "c4n4ry", "playground.settings", "SECRET_KEY", ".py"):
        assert inside not in text
    assert "default-src 'none'" in response["Content-Security-Policy"]


def test_a_forged_form_is_told_so(settings, db):
    response = Client(enforce_csrf_checks=True).post("/sign-in/", {"login": "a@example.org"})
    assert response.status_code == 403
    assert "</html>" in response.content.decode()
    assert "DEBUG" not in response.content.decode()


def test_another_host_is_not_answered(db, caplog):
    assert Client().get("/sign-in/", HTTP_HOST="evil.example").status_code == 400
