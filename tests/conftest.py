"""Shared fixtures: a workspace of Alice (owner), Ada (admin), Bob (member) and Vera (viewer).

Carol is a stranger: signed in, but of another workspace.
"""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from asgiref.sync import SyncToAsync
from django.conf import settings
from django.db import connections
from django.test import Client

from accounts.models import Membership, Role, User, Workspace
from chat.live import peers
from chat.live.executor import close_connections
from chat.relays import background
from tests.scripted_upstream import closed_port, demo_upstream  # noqa: F401 - fixtures for all

if TYPE_CHECKING:
    from collections.abc import Callable

PASSWORD = "correct horse battery"


def pytest_configure(config: pytest.Config) -> None:
    folder = TemporaryDirectory(prefix="playground-files-")
    config.add_cleanup(folder.cleanup)
    # Pages are tested with the static files as they are, not as an earlier start collected them.
    settings.STATIC_ROOT = None
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        "files": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": folder.name},
        },
    }


def _user(name: str) -> User:
    return User.objects.create_user(f"{name.lower()}@example.org", PASSWORD, name=name)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory) -> None:
    """A database for this process alone; on SQLite a file, since threads cannot share one in memory."""
    database = connections["default"]
    if database.vendor == "sqlite":
        name = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
    else:
        name = f"test_playground_{os.getpid()}"
    database.settings_dict["TEST"]["NAME"] = name


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup):
    """The threads of runs, sockets and async tests keep connections; a database in use cannot be dropped."""
    yield
    close_connections()
    SyncToAsync.single_thread_executor.submit(connections.close_all).result(timeout=10)


@pytest.fixture(autouse=True)
def fast_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


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
