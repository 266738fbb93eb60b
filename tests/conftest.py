"""Shared fixtures: a workspace of Alice (owner), Ada (admin), Bob (member) and Vera (viewer).

Carol is a stranger: signed in, but of another workspace.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from asgiref.sync import SyncToAsync
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.test import Client, TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from accounts.models import Membership, Role, User, Workspace
from chat.live import peers
from chat.live.database_threads import close_connections
from chat.relays import background
from playground import prices
from playground.private_files import keep_private, sqlite_file
from playground.request_threads import request_threads
from tests.emptied_tables import empty_tables
from tests.installation import prepared  # noqa: F401 - a fixture for all
from tests.migrated import copy_migrated
from tests.scripted_upstream import closed_port, demo_upstream  # noqa: F401 - fixtures for all
from tests.spending import no_call_without_a_hold, noted_calls  # noqa: F401 - fixtures for all
from tests.upstream_facts import uses_facts
from tests.workers import redis_of_worker, workers_for_redis

if TYPE_CHECKING:
    from collections.abc import Callable

PASSWORD = "correct horse battery"

_uses_facts = functools.cache(uses_facts)


def pytest_configure(config: pytest.Config) -> None:
    folder = TemporaryDirectory(prefix="playground-files-")
    config.add_cleanup(folder.cleanup)
    # Pages are tested with the static files as they are, not as an earlier start collected them.
    settings.STATIC_ROOT = None
    # Each test client makes a handler of its own, which would look through all static files first.
    settings.WHITENOISE_AUTOREFRESH = True
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        "files": {
            "BACKEND": "playground.whole_files.WholeFiles",
            "OPTIONS": {"location": folder.name},
        },
    }
    if settings.REDIS_URL:
        settings.REDIS_URL = redis_of_worker(settings.REDIS_URL)
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": settings.REDIS_URL}}


# No test may depend on how fast the machine is. In CI the examples are the same each time, so that what fails
# there fails elsewhere, too; on other machines they differ from run to run.
hypothesis_settings.register_profile(
    "tests",
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
    derandomize=bool(os.environ.get("CI")),
)
hypothesis_settings.load_profile("tests")


def pytest_xdist_auto_num_workers() -> int | None:
    """Limit ``-n auto`` to the databases that Redis has; None leaves the number to the plugin."""
    cores = os.cpu_count() or 1
    return min(cores, workers_for_redis(settings.REDIS_URL)) if settings.REDIS_URL else None


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark the tests whose outcome may depend on the servers and folders outside of the checkout.

    ``services`` use the database or Redis: they request one of pytest-django's database fixtures, directly
    or through other fixtures, or they are skipped where there is no Redis. ``facts`` are in a module that
    imports from ``tests.upstream_facts``.
    """
    # All of pytest-django's database fixtures request this one.
    uses_database = "_django_db_helper" in getattr(item, "fixturenames", ())
    needs_redis = item.get_closest_marker("redis")
    if uses_database or needs_redis or item.get_closest_marker("django_db"):
        item.add_marker(pytest.mark.services)
    if needs_redis and not settings.REDIS_URL:
        item.add_marker(pytest.mark.skip(reason="needs Redis: set REDIS_URL"))
    if isinstance(item, pytest.Function) and _uses_facts(item.module):
        item.add_marker(pytest.mark.facts)


# After pytest-randomly, whose order is kept apart from this.
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Start with the modules that take longest, so that no worker is left with one at the end."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not item.path.parent.name.startswith(("browser", "e2e")))


def _user(name: str) -> User:
    return User.objects.create_user(f"{name.lower()}@example.org", PASSWORD, name=name)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory, pytestconfig) -> None:
    """A database for this process alone; on SQLite a file, since threads cannot share one in memory."""
    database = connections["default"]
    if database.vendor == "sqlite":
        name = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
        copy_migrated(pytestconfig, Path(name))
    else:
        name = f"test_playground_{os.getpid()}"
    database.settings_dict["TEST"]["NAME"] = name


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Whether to start from a database that is there: on SQLite from the copy of a migrated one."""
    return connections["default"].vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup):
    """The threads of runs, sockets and async tests keep connections; a database in use cannot be dropped."""
    # A system check reports databases that others can read, such as the one that Django has made here.
    keep_private((), sqlite_file(connections["default"].settings_dict))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_tables)
        yield
    close_connections()
    request_threads.end_idle()
    SyncToAsync.single_thread_executor.submit(connections.close_all).result(timeout=10)


@pytest.fixture(autouse=True)
def fast_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def no_attempts_yet():
    """No sign-in of an earlier test counts; in Redis they would even count for the next run of the tests."""
    cache.clear()


@pytest.fixture(autouse=True)
def demo_with_prices(monkeypatch):
    """The demo is the provider with prices of most tests; a test that needs it free sets this back."""
    monkeypatch.setattr(prices, "FREE_KINDS", frozenset())


@pytest.fixture(autouse=True)
def short_reads_of_redis(monkeypatch):
    """A read that has to notice a lost cancellation does so soon."""
    monkeypatch.setattr(peers, "LISTEN_SECONDS", 0.2)


@pytest.fixture(autouse=True)
def no_relays_left_behind():
    """A page that started a relay started the housekeeping too, which would reap the runs of later tests."""
    yield
    background.shut_down()


@pytest.fixture
def workspace(db) -> Workspace:
    return Workspace.objects.create(slug="acme", name="Acme Research")


@pytest.fixture
def alice(workspace) -> User:
    user = _user("Alice")
    Membership.objects.create(workspace=workspace, user=user, role=Role.OWNER)
    return user


@pytest.fixture
def ada(workspace) -> User:
    user = _user("Ada")
    Membership.objects.create(workspace=workspace, user=user, role=Role.ADMIN)
    return user


@pytest.fixture
def bob(workspace) -> User:
    user = _user("Bob")
    Membership.objects.create(workspace=workspace, user=user, role=Role.MEMBER)
    return user


@pytest.fixture
def vera(workspace) -> User:
    user = _user("Vera")
    Membership.objects.create(workspace=workspace, user=user, role=Role.VIEWER)
    return user


@pytest.fixture
def carol(db) -> User:
    """A stranger: signed in, owner of another workspace."""
    user = _user("Carol")
    other = Workspace.objects.create(slug="other", name="Other")
    Membership.objects.create(workspace=other, user=user, role=Role.OWNER)
    return user


@pytest.fixture
def client_for() -> Callable[[User], Client]:
    def make(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make


@pytest.fixture
def sure(client_for: Callable[[User], Client]) -> Callable[[User], Client]:
    """Sign in as somebody who has just entered the password."""

    def signed_in(user: User) -> Client:
        client = client_for(user)
        client.post("/confirm/", {"password": PASSWORD})
        return client

    return signed_in
