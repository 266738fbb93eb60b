"""Sessions in the database alone. The setting SESSION_ENGINE names this module.

There is no cache beside it. Every page queries the database anyway; a cache that is down would make pages
fail or wait, and when it came back, it could still hold sessions that had ended.
"""

from __future__ import annotations

import re

from django.contrib.sessions.backends import db

_KEY = re.compile(r"[a-z0-9]{32}")


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: str | None) -> bool:
        """Accept only keys as Django makes them. PostgreSQL raises an error for a key with a NUL."""
        return bool(key and _KEY.fullmatch(key))
