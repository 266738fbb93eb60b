"""Sessions in the database, kept in the cache beside it. Settings name this module as the engine."""

from __future__ import annotations

import re

from django.contrib.sessions.backends import cached_db

_KEY = re.compile(r"[a-z0-9]{32}")


class SessionStore(cached_db.SessionStore):
    def _validate_session_key(self, key: str | None) -> bool:
        """A cookie may hold anything, a zero byte too, with which PostgreSQL refuses to be asked."""
        return bool(key and _KEY.fullmatch(key))
