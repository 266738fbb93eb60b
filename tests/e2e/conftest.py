"""Servers in processes of their own, and visitors that speak to them over HTTP."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from playground.demo.server import DemoServer
from tests.e2e.visitor import Visitor
from tests.installation import Installation

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def upstream(demo_upstream: DemoServer) -> DemoServer:
    return demo_upstream


@pytest.fixture(scope="session")
def template_database(tmp_path_factory, django_db_setup, django_db_blocker) -> Iterator[str | None]:
    """Yield the name of a migrated database to copy, since migrating takes seconds; None on SQLite."""
    if connection.vendor != "postgresql":
        yield None
        return
    name = f"playground_template_{os.getpid()}"
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    Installation(tmp_path_factory.mktemp("template"), DATABASE_URL=_address(name)).manage(
        "migrate", "-v", "0"
    )
    yield name
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def shared_database(db, template_database: str | None) -> Iterator[dict[str, str]]:
    """Variables of a database for servers: on PostgreSQL a new one, on SQLite the file in the data folder."""
    if template_database is None:
        yield {}
        return
    name = f"playground_servers_{os.getpid()}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template_database}"')
    yield {"DATABASE_URL": _address(name)}
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _address(database: str) -> str:
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{database}"


@pytest.fixture
def installation(tmp_path, upstream, prepared) -> Iterator[Installation]:
    installation = Installation(tmp_path, RUN_LEASE_SECONDS="3")
    installation.copy(prepared)
    installation.start()
    yield installation
    installation.stop()


@pytest.fixture
def visitor(installation) -> Iterator[Visitor]:
    visitor = Visitor(installation)
    visitor.sign_in()
    yield visitor
    visitor.http.close()
