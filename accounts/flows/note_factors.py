"""The consequences of a change or a use of a second factor: events of the audit log, mails, ended sessions.

allauth sends these as signals: see :mod:`accounts.apps`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounts.audit import record_everywhere
from accounts.factors import Type, codes_left, main_factors, name_of_factor
from accounts.flows.end_sessions import end_other_sessions
from accounts.flows.mail_about_security import mail_about_security
from accounts.models import AuditAction

if TYPE_CHECKING:
    from allauth.mfa.models import Authenticator
    from django.http import HttpRequest

    from accounts.models import User


@transaction.atomic
def note_added(user: User, request: HttpRequest, authenticator: Authenticator, **signal: Any) -> None:
    if authenticator.type == Type.RECOVERY_CODES:
        # They come with the first factor, whose mail says enough.
        record_everywhere(user, AuditAction.MAKE_CODES, actor=user)
        return
    name = name_of_factor(authenticator)
    record_everywhere(user, AuditAction.ADD_FACTOR, actor=user, after={"factor": name})
    mail_about_security(user, f"A second factor was added: {name}.")
    if main_factors(user).count() == 1:
        # Other browsers were signed in with less than what is asked for from now on.
        end_other_sessions(request.session.session_key, actor=user)


@transaction.atomic
def note_removed(user: User, authenticator: Authenticator, **signal: Any) -> None:
    if authenticator.type == Type.RECOVERY_CODES:
        return
    name = name_of_factor(authenticator)
    record_everywhere(user, AuditAction.REMOVE_FACTOR, actor=user, after={"factor": name})
    mail_about_security(user, f"A second factor was removed: {name}.")


@transaction.atomic
def note_new_codes(user: User, **signal: Any) -> None:
    record_everywhere(user, AuditAction.MAKE_CODES, actor=user)
    mail_about_security(user, "New recovery codes were made. The old ones no longer work.")


@transaction.atomic
def note_used(user: User, authenticator: Authenticator, **signal: Any) -> None:
    if authenticator.type == Type.RECOVERY_CODES:
        # allauth has stored the use in another instance of this row.
        authenticator.refresh_from_db(fields=["data"])
        left = codes_left(authenticator)
        record_everywhere(user, AuditAction.USE_CODE, actor=user, after={"left": left})
        mail_about_security(user, f"A recovery code was used. {left} are left.")


@transaction.atomic
def note_failed(user: User, **signal: Any) -> None:
    """Note a wrong code. Whoever entered it knows the password."""
    record_everywhere(user, AuditAction.FACTOR_FAILED, actor=None)
