from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now

from accounts import audit
from accounts.flows.invite import hash_token, token_of
from accounts.models import AuditAction, Invitation
from accounts.outbox import put_invitations

if TYPE_CHECKING:
    from accounts.models import User

# An invitation that was sent again works this long, whether it had expired or not.
DAYS = 7


@transaction.atomic
def resend_invitation(invitation: Invitation, *, actor: User) -> bool:
    """Send the mail of an invitation again, also after it expired; return False if it was used or revoked."""
    waiting = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).exclude(email="")
    until = now() + timedelta(days=DAYS)
    # A link of an earlier SECRET_KEY stops to work.
    if not waiting.update(expires_at=until, token_hash=hash_token(token_of(invitation))):
        return False
    put_invitations([invitation])
    audit.record(
        invitation.workspace_id,
        AuditAction.RESEND_INVITATION,
        actor=actor,
        subject=invitation.whom,
        code=invitation.code,
        after={"days": DAYS},
    )
    return True
