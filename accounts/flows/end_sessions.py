"""The end of sessions: of one browser, of all others, and of those whose time is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import HASH_SESSION_KEY
from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.timezone import now

from accounts import audit
from accounts.models import AuditAction, BrowserSession

if TYPE_CHECKING:
    from accounts.models import User

# Rows per statement. A long deletion would keep every other writer of SQLite waiting.
_BATCH = 1000


def open_sessions(user: User) -> list[BrowserSession]:
    """Return the sessions with which somebody is signed in as ``user``, the last used first."""
    current = BrowserSession.objects.filter(user=user, expire_date__gt=now()).order_by("-seen_at", "pk")
    # A new password ends sessions without deleting them.
    mark = user.get_session_auth_hash()
    return [
        session
        for session in current
        if constant_time_compare(session.get_decoded().get(HASH_SESSION_KEY, ""), mark)
    ]


@transaction.atomic
def end_session(session: BrowserSession, *, actor: User) -> None:
    """Sign out a browser, whose open pages notice at once."""
    session.delete()
    after = {"browser": session.browser, "address": session.address}
    audit.record_everywhere(actor, AuditAction.END_SESSION, actor=actor, after=after)


@transaction.atomic
def end_other_sessions(session_key: str | None, *, actor: User) -> int:
    """Sign out all browsers of the actor but the one with this session; count them."""
    keep = BrowserSession.digest_of(session_key)
    others = [session for session in open_sessions(actor) if session.pk != keep]
    BrowserSession.objects.filter(user=actor).exclude(pk=keep).delete()
    if others:
        after = {"browsers": [session.browser for session in others]}
        audit.record_everywhere(actor, AuditAction.END_SESSION, actor=actor, after=after)
    return len(others)


def purge_sessions() -> None:
    """Delete the sessions whose time is over."""
    old = BrowserSession.objects.filter(expire_date__lt=now())
    while keys := list(old.values_list("pk", flat=True)[:_BATCH]):
        BrowserSession.objects.filter(pk__in=keys).delete()
