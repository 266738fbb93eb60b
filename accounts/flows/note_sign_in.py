"""Events of the audit log about sign-ins, in the log of every workspace of the person.

Django and allauth send them as signals: see :mod:`accounts.apps`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounts.audit import record_everywhere
from accounts.factors import ways_of
from accounts.models import AuditAction, User

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest


def note_sign_in(user: User, request: HttpRequest, **signal: Any) -> None:
    ways = ways_of(request, user)
    _note(user, AuditAction.SIGN_IN, actor=user, after={"with": ways} if ways else None)


def note_sign_out(user: User | None, **signal: Any) -> None:
    # A session that had ended already belongs to nobody.
    if user is not None:
        _note(user, AuditAction.SIGN_OUT, actor=user)


def note_failed_sign_in(credentials: Mapping[str, Any], **signal: Any) -> None:
    """Note a wrong password for an account. Who entered it is not known."""
    address = credentials.get("email") or credentials.get("username") or ""
    if user := User.objects.filter(email=str(address).strip().lower()).first():
        _note(user, AuditAction.SIGN_IN_FAILED, actor=None)


def note_changed_password(user: User, **signal: Any) -> None:
    _note(user, AuditAction.CHANGE_PASSWORD, actor=user)


@transaction.atomic
def _note(
    user: User, action: AuditAction, *, actor: User | None, after: Mapping[str, Any] | None = None
) -> None:
    record_everywhere(user, action, actor=actor, after=after)
