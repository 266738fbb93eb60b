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


@pytest.fixture
def shared_database(db) -> Iterator[dict[str, str]]:
    """Variables of a database for servers: on PostgreSQL a new one, on SQLite the file in the data folder."""
    if connection.vendor != "postgresql":
        yield {}
        return
    name = f"playground_servers_{os.getpid()}"
    whole = os.environ["DATABASE_URL"]
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    yield {"DATABASE_URL": f"{whole.rpartition('/')[0]}/{name}"}
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


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
