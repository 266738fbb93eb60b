from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.urls import reverse

from accounts import audit
from accounts.exceptions import MembershipRefused
from accounts.flows.change_membership import manages_sign_in_of
from accounts.flows.mail_about_security import mail_about_security
from accounts.models import AuditAction, BrowserSession, NoticeKind
from accounts.notices import tell

if TYPE_CHECKING:
    from accounts.models import Membership, User


@transaction.atomic
def reset_factors_of(member: Membership, *, actor: User) -> bool:
    """Remove all second factors of a member who lost them; tell whether there were any.

    :raises PermissionDenied: the actor may not manage this member, or is the member.
    :raises MembershipRefused: the member also belongs to a workspace that the actor does not manage.
    """
    if not manages_sign_in_of(member, actor=actor):
        raise MembershipRefused(
            f"Only the person who runs this server can do this for {member.user.display_name}, who also "
            f"belongs to other workspaces. The command is: manage.py reset_factors {member.user.email}"
        )
    if not reset_factors(member.user, actor=actor):
        return False
    text = f"{actor.display_name} removed all of your second factors. Add a new one."
    tell([member], NoticeKind.SECURITY, text, reverse("accounts:security"), "Open Security")
    return True


@transaction.atomic
def reset_factors(user: User, *, actor: User | None) -> bool:
    """Do the same for whoever may do so, and tell the person by mail."""
    if not remove_factors(user, actor=actor):
        return False
    who = actor.display_name if actor else "The person who runs the server"
    mail_about_security(user, f"{who} removed all of your second factors. Your password stays.")
    return True


@transaction.atomic
def remove_factors(user: User, *, actor: User | None) -> bool:
    """Remove all second factors of a person and end their sessions; tell whether there were any."""
    # The person may be adding one at this moment.
    type(user).objects.select_for_update().get(pk=user.pk)
    found = Authenticator.objects.filter(user=user)
    if not found.exists():
        return False
    found.delete()
    BrowserSession.objects.filter(user=user).delete()
    audit.record_everywhere(user, AuditAction.RESET_FACTORS, actor=actor)
    return True
