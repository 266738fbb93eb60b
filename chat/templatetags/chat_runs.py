"""Which runs a person may look at, for pages of other apps: those know only the codes of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from chat.access import visible_conversations
from chat.models import Run

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from accounts.models import Membership

register = template.Library()


@register.simple_tag
def readable_runs(membership: Membership, rows: Iterable[Any]) -> frozenset[UUID]:
    """Of the ledger entries in the rows of a report, the runs that this member may read and that still exist.

    ``{% readable_runs membership report.recent as readable %}``
    """
    conversations = visible_conversations(membership.user, membership.workspace)
    runs = Run.objects.filter(code__in=[row.what.run_code for row in rows], conversation__in=conversations)
    return frozenset(runs.values_list("code", flat=True))
