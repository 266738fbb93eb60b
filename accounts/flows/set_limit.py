from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.access import get_limit_of
from accounts.exceptions import LimitExists
from accounts.models import AuditAction, Limit
from accounts.money import in_words

if TYPE_CHECKING:
    from accounts.models import User

# Two limits that agree in these would be one limit with two amounts.
_KIND = (
    *("member", "group", "role", "api_key", "counts_each", "provider_code", "model_pattern"),
    *("unit", "period", "is_soft"),
)


@transaction.atomic
def add_limit(limit: Limit, *, actor: User) -> Limit:
    """Save a new limit of its workspace. What was used since the start of the current period counts.

    :raises LimitExists: there is a limit for the same people, models, unit and period.
    """
    limit.workspace.lock()
    kind = {name: getattr(limit, name) for name in _KIND}
    same = Limit.objects.filter(workspace=limit.workspace, batch=None, **kind).first()
    if same is not None:
        raise LimitExists(same.pk, same.label)
    limit.created_by = actor
    limit.save(force_insert=True)
    audit.record(
        limit.workspace,
        AuditAction.ADD_LIMIT,
        actor=actor,
        subject=limit.label,
        code=limit.code,
        after={"amount": in_words(limit.amount, limit.unit)},
    )
    return limit


@transaction.atomic
def change_limit(limit: Limit, amount: int, *, actor: User) -> Limit:
    """Set the amount of a limit from now on; what was used already still counts.

    :raises Http404: the limit was deleted in the meantime.
    """
    limit.workspace.lock()
    limit = get_limit_of(limit.workspace, limit.code)
    before, limit.amount = limit.amount, amount
    limit.save(update_fields=["amount"])
    # The thresholds are others now.
    limit.windows.update(notified=0)
    audit.record(
        limit.workspace,
        AuditAction.CHANGE_LIMIT,
        actor=actor,
        subject=limit.label,
        code=limit.code,
        before={"amount": in_words(before, limit.unit)},
        after={"amount": in_words(amount, limit.unit)},
    )
    return limit


@transaction.atomic
def delete_limit(limit: Limit, *, actor: User) -> None:
    # The lock keeps a hold taken at the same moment from referring to a deleted window.
    limit.workspace.lock()
    audit.record(
        limit.workspace,
        AuditAction.DELETE_LIMIT,
        actor=actor,
        subject=limit.label,
        code=limit.code,
        before={"amount": in_words(limit.amount, limit.unit)},
    )
    limit.delete()
