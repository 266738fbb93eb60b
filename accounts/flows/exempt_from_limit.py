from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.access import get_limit_of
from accounts.models import AuditAction, LimitExemption

if TYPE_CHECKING:
    from accounts.models import Group, Limit, User


@transaction.atomic
def exempt_from_limit(
    limit: Limit, *, member: User | None = None, group: Group | None = None, actor: User
) -> None:
    """Take a person or a group out of a limit. What they have used so far stays counted.

    :raises Http404: the limit was deleted in the meantime.
    """
    # The lock keeps a hold taken at the same moment from asking a limit that changes.
    limit.workspace.lock()
    limit = get_limit_of(limit.workspace, limit.code)
    _, is_new = LimitExemption.objects.get_or_create(limit=limit, member=member, group=group)
    limit.has_exempted = True
    limit.save(update_fields=["has_exempted"])
    if is_new:
        _record(limit, AuditAction.EXEMPT, member or group, actor)


@transaction.atomic
def end_exemption(limit: Limit, number: str, *, actor: User) -> None:
    """Put a person or a group back under a limit. Nothing happens if that was done already.

    :param number: the key of the exemption.
    """
    if number.isdecimal() and len(number) < 19:
        limit.workspace.lock()
        found = LimitExemption.objects.filter(limit=limit, pk=number).select_related("member", "group")
        for exemption in found:
            exemption.delete()
            _record(limit, AuditAction.END_EXEMPTION, exemption.member or exemption.group, actor)


def _record(limit: Limit, action: AuditAction, whom: User | Group | None, actor: User) -> None:
    audit.record(
        limit.workspace,
        action,
        actor=actor,
        subject=limit.label,
        code=limit.code,
        after={"whom": str(whom)},
    )
