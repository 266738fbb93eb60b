from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.access import get_limit_of
from accounts.exceptions import LimitExists
from accounts.models import Limit

if TYPE_CHECKING:
    from accounts.models import User, Workspace


@transaction.atomic
def add_limit(
    workspace: Workspace, member: User | None, unit: str, period: str, amount: int, *, actor: User
) -> Limit:
    """Limit ``member``, or all members together if that is None.

    What was used since the start of the current period counts.

    :raises LimitExists: there is a limit for the same people, unit and period.
    """
    workspace.lock()
    same = Limit.objects.filter(workspace=workspace, member=member, unit=unit, period=period).first()
    if same is not None:
        raise LimitExists(same.pk, same.label)
    return Limit.objects.create(
        workspace=workspace, member=member, unit=unit, period=period, amount=amount, created_by=actor
    )


@transaction.atomic
def change_limit(limit: Limit, amount: int, *, actor: User) -> Limit:
    """Set the amount of a limit from now on; what was used already still counts.

    :raises Http404: the limit was deleted in the meantime.
    """
    limit.workspace.lock()
    limit = get_limit_of(limit.workspace, limit.code)
    limit.amount = amount
    limit.save(update_fields=["amount"])
    return limit


@transaction.atomic
def delete_limit(limit: Limit, *, actor: User) -> None:
    # The lock keeps a hold taken at the same moment from referring to a deleted window.
    limit.workspace.lock()
    limit.delete()
