"""Sessions in the database alone. Settings name this module as the engine.

No cache beside it: a page asks the database many things anyway, and would fail with a cache that is away or
wait for one that is silent. A session that ended meanwhile would be there again when the cache is back.
"""

from __future__ import annotations

import re

from django.contrib.sessions.backends import db

_KEY = re.compile(r"[a-z0-9]{32}")


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: str | None) -> bool:
        """A cookie may hold anything, a zero byte too, with which PostgreSQL refuses to be asked."""
        return bool(key and _KEY.fullmatch(key))
