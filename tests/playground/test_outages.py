"""Pages while the disk is full, the database is away or Redis is away."""

from __future__ import annotations

import errno
import sqlite3
import uuid

import pytest
from django.core.cache import cache
from django.db import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    connection,
)
from django.test import Client
from django.urls import reverse
from redis import exceptions as redis

from accounts.access import get_membership_for
from accounts.flows.invite import invite
from accounts.models import Role
from playground.catalogue.load_bundled import load_bundled
from playground.models import Endpoint
from playground.outages import CACHE_AWAY, DATABASE_AWAY, DISK_FULL, outage_of
from tests.conftest import PASSWORD


def caused(error: Exception, **facts: object) -> Exception:
    """Return an error of Django's with a driver's error as its cause."""
    cause = sqlite3.OperationalError("as the driver says")
    for name, value in facts.items():
        setattr(cause, name, value)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), DISK_FULL),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), DISK_FULL),
        (FileNotFoundError(errno.ENOENT, "No such file"), None),
        (OSError("without a number"), None),
        (caused(OperationalError(), sqlite_errorcode=sqlite3.SQLITE_FULL), DISK_FULL),
        (caused(OperationalError(), sqlite_errorcode=sqlite3.SQLITE_BUSY), DATABASE_AWAY),
        (caused(OperationalError(), sqlite_errorcode=sqlite3.SQLITE_IOERR_WRITE), DATABASE_AWAY),
        (caused(OperationalError(), sqlite_errorcode=sqlite3.SQLITE_READONLY), DATABASE_AWAY),
        # "no such table" is an operational error for SQLite, but nobody's outage.
        (caused(OperationalError(), sqlite_errorcode=sqlite3.SQLITE_ERROR), None),
        (caused(IntegrityError(), sqlite_errorcode=sqlite3.SQLITE_CONSTRAINT), None),
        (caused(OperationalError(), sqlstate="53100"), DISK_FULL),
        (caused(OperationalError(), sqlstate="57P01"), DATABASE_AWAY),
        (OperationalError("connection refused"), DATABASE_AWAY),
        (InterfaceError("connection already closed"), DATABASE_AWAY),
        (ProgrammingError("no such column"), None),
        (DataError("out of range"), None),
        (redis.ConnectionError("away"), CACHE_AWAY),
        (redis.TimeoutError("away"), CACHE_AWAY),
        (redis.ReadOnlyError("away"), CACHE_AWAY),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), None),
        (RuntimeError("disk full"), None),
        (None, None),
    ],
)
def test_it_knows_an_outage_from_a_fault(error, outage):
    assert outage_of(error) is outage


@pytest.fixture
def without_redis(settings, closed_port):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": f"redis://127.0.0.1:{closed_port}/0",
            "OPTIONS": {"socket_connect_timeout": 3, "socket_timeout": 3},
        }
    }


@pytest.fixture
def link(alice) -> str:
    _, token = invite(get_membership_for(alice, "acme").workspace, Role.MEMBER, "", 7, actor=alice)
    return f"/join/{token}/"


@pytest.mark.parametrize("page", ["/sign-in/", "/password/", "/confirm/", "join"])
def test_pages_that_count_attempts_say_that_they_cannot(alice, client_for, link, without_redis, page):
    client = client_for(alice) if page in {"/password/", "/confirm/"} else Client()
    client.raise_request_exception = False
    entered = {
        "login": alice.email,
        "password": PASSWORD,
        "oldpassword": PASSWORD,
        "password1": "a wholly other phrase",
        "password2": "a wholly other phrase",
        "name": "Dora",
        "email": "dora@example.org",
    }
    page = link if page == "join" else page

    assert client.get(page).status_code == 200
    refused = client.post(page, entered)

    assert refused.status_code == 503
    assert int(refused["Retry-After"]) > 0
    text = refused.content.decode()
    assert "Signing in is not possible at the moment" in text
    assert "</html>" in text
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_whoever_is_signed_in_works_on_without_redis(alice, client_for, catalogue, without_redis):
    client = client_for(alice)

    for page in ("/profile/", "/w/acme/", "/w/acme/people/", "/w/acme/limits/", "/w/acme/keys/"):
        assert client.get(page).status_code == 200, page
    assert client.post("/sign-out/").status_code == 302


def test_sign_in_works_again_with_redis(alice, settings, without_redis):
    entered = {"login": alice.email, "password": PASSWORD}
    client = Client(raise_request_exception=False)
    assert client.post("/sign-in/", entered).status_code == 503

    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()

    assert client.post("/sign-in/", entered).status_code == 302


@pytest.fixture
def catalogue(db):
    load_bundled("demo")


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_under_the_database_has_a_page_of_its_own(alice, client_for, catalogue):
    if connection.vendor != "sqlite":
        pytest.skip("Only SQLite can be told that the disk is full.")
    client = client_for(alice)
    client.raise_request_exception = False
    endpoint = Endpoint.objects.get(model__model_id="demo/plain")
    prompt = {"text": "x" * 300_000, "endpoint": str(endpoint.pk), "idempotency_key": str(uuid.uuid4())}
    url = reverse("chat:start", args=["acme"])

    with connection.cursor() as cursor:
        # Pages that are free inside of the file would take the prompt.
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
        refused = client.post(url, prompt)
        cursor.execute("PRAGMA max_page_count = 1000000000")

    assert refused.status_code == 507
    assert "The server’s disk is full" in refused.content.decode()
    assert "Nothing was stored" in refused.content.decode()
    assert client.post(url, prompt).status_code == 302
