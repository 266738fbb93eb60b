from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.models import LimitExemption

if TYPE_CHECKING:
    from accounts.models import Limit, User


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
