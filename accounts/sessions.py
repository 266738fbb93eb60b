"""Sessions in the database alone, by the digests of their keys. The setting SESSION_ENGINE names this module.

There is no cache beside it. Every page queries the database anyway; a cache that is down would make pages
fail or wait, and when it came back, it could still hold sessions that had ended.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from accounts.models import BrowserSession
from accounts.origins import current_agent, current_origin
from accounts.prepared import prepared

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

_KEY = re.compile(r"[a-z0-9]{32}")
# A visit is noted again after this time, so that most requests write nothing.
_NOTED_AFTER = timedelta(minutes=5)


class SessionStore(db.SessionStore):
    # The last visit as it was noted when the session was read; None for a session that was not.
    seen_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        return BrowserSession

    def create_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        session: BrowserSession = super().create_model_instance(data)  # type: ignore[assignment]
        session.session_key = BrowserSession.digest_of(session.session_key)
        session.user_id = data.get(SESSION_KEY)
        session.address, session.agent = current_origin(), current_agent()
        return session

    def exists(self, session_key: str) -> bool:
        return super().exists(BrowserSession.digest_of(session_key))

    def delete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            super().delete(BrowserSession.digest_of(key))

    def _validate_session_key(self, key: str | None) -> bool:
        """Accept only keys as Django makes them. PostgreSQL raises an error for a key with a NUL."""
        return bool(key and _KEY.fullmatch(key))

    def _get_session_from_db(self) -> BrowserSession | None:
        """Read the session, which every request needs, with a query that is compiled once."""
        found = next(iter(_current(key=BrowserSession.digest_of(self.session_key), at=timezone.now())), None)
        if found is None:
            self._session_key = None
        else:
            self.seen_at = found.seen_at
        return found


@prepared(key=CharField(), at=DateTimeField())
def _current(key: Any, at: Any) -> QuerySet[BrowserSession]:
    return BrowserSession.objects.filter(session_key=key, expire_date__gt=at)


def visit_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Note now and then when, from where and with which browser a session was used."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        seen_at, at = getattr(request.session, "seen_at", None), timezone.now()
        if seen_at is not None and at - seen_at > _NOTED_AFTER:
            BrowserSession.objects.filter(pk=BrowserSession.digest_of(request.session.session_key)).update(
                seen_at=at, address=current_origin(), agent=current_agent()
            )
        return response

    return middleware
