"""The runs that a user may read, for pages of other apps, which know only the codes of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.db.models import Q

from chat.access import visible_conversations
from chat.models import Run

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from accounts.models import Membership

register = template.Library()


@register.simple_tag
def readable_runs(membership: Membership, rows: Iterable[Any]) -> frozenset[UUID]:
    """Return the existing runs among the ledger entries of a report that this member may read.

    ``{% readable_runs membership report.recent as readable %}``
    """
    conversations = visible_conversations(membership.user, membership.workspace)
    own = Q(conversation=None, title_of=None, user=membership.user, workspace=membership.workspace)
    shared = Q(conversation__in=conversations) | Q(title_of__in=conversations)
    runs = Run.objects.filter(own | shared, code__in=[row.what.run_code for row in rows])
    return frozenset(runs.values_list("code", flat=True))
