from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from accounts import audit
from accounts.models import AuditAction

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def unlink_identity(user: User, provider: str, name: str, *, actor: User | None) -> bool:
    """End the sign-in of a user with a provider; return False if there was none.

    The next sign-in with the provider finds the account by its address again.
    """
    deleted, _ = SocialAccount.objects.filter(user=user, provider=provider).delete()
    if deleted:
        audit.record_everywhere(user, AuditAction.UNLINK_IDENTITY, actor=actor, subject=name)
    return bool(deleted)
