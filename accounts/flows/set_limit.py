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
    workspace: Workspace, member: User | None, unit: str, period: str, amount: int, *, by: User
) -> Limit:
    """Limit everybody together, or ``member`` alone. Counts from the start of the period, not from now.

    :raises LimitExists: there is one for the same people, unit and period.
    """
    workspace.lock()
    same = Limit.objects.filter(workspace=workspace, member=member, unit=unit, period=period).first()
    if same is not None:
        raise LimitExists(same.label)
    return Limit.objects.create(
        workspace=workspace, member=member, unit=unit, period=period, amount=amount, created_by=by
    )


@transaction.atomic
def change_limit(limit: Limit, amount: int) -> Limit:
    """Holds from now on with ``amount``; what was used up stays used up.

    :raises Http404: it has been deleted meanwhile.
    """
    limit.workspace.lock()
    limit = get_limit_of(limit.workspace, limit.code)
    limit.amount = amount
    limit.save(update_fields=["amount"])
    return limit


@transaction.atomic
def delete_limit(limit: Limit) -> None:
    # A hold that is being taken would become part of a window that is going.
    limit.workspace.lock()
    limit.delete()
