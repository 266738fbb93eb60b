"""Failures of what the server depends on: a full disk, a database or a cache that is away.

They are neither the visitor's fault nor an error in the code, so pages explain them and the log has one
line for each.
"""

from __future__ import annotations

import errno
import sqlite3
import sys
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError

# SQLite's primary result codes, https://sqlite.org/rescode.html. Others, such as that of a missing table,
# are errors of ours.
_SQLITE_AWAY = frozenset(
    {
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR),
        *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PROTOCOL),
    }
)
_POSTGRES_DISK_FULL = "53100"


@dataclass(frozen=True, slots=True)
class Outage:
    """A failure, as pages and the log describe it."""

    status: HTTPStatus
    title: str
    text: str
    log: str


DISK_FULL = Outage(
    HTTPStatus.INSUFFICIENT_STORAGE,
    "The server’s disk is full",
    "Nothing was stored. Tell the person who runs this server, and try again later.",
    "The disk is full (DATA_DIR, FILES_DIR or that of DATABASE_URL)",
)
DATABASE_AWAY = Outage(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "The server’s database is not available",
    "What you just did was probably not stored. Try again in a minute.",
    "The database (DATABASE_URL) is not available",
)
CACHE_AWAY = Outage(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Signing in is not possible at the moment",
    "The server cannot count attempts now, so it accepts no password. If you are signed in already, you can "
    "continue. Otherwise try again in a minute.",
    "Redis (REDIS_URL) is not available, so attempts to sign in cannot be counted",
)


def outage_of(error: BaseException | None) -> Outage | None:
    """Say which outage an exception tells of, or None."""
    match error:
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            return DISK_FULL
        case DatabaseError() | InterfaceError():
            return _of_database(error, error.__cause__)
    # Installations without Redis never import its package.
    redis = sys.modules.get("redis.exceptions")
    return CACHE_AWAY if redis is not None and isinstance(error, redis.RedisError) else None


def _of_database(error: Exception, cause: Any) -> Outage | None:
    code = getattr(cause, "sqlite_errorcode", None)
    if isinstance(code, int):
        # The upper bits say more about the same error.
        primary = code & 0xFF
        if primary == sqlite3.SQLITE_FULL:
            return DISK_FULL
        return DATABASE_AWAY if primary in _SQLITE_AWAY else None
    if getattr(cause, "sqlstate", None) == _POSTGRES_DISK_FULL:
        return DISK_FULL
    return DATABASE_AWAY if isinstance(error, OperationalError | InterfaceError) else None
