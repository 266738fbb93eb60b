from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chat.flows.add_column import lock_entry, mark_columns
from chat.models import Conversation

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def move_column(column: Conversation, user: User, *, by: int) -> None:
    """Move a column by so many places, at most to an end of its comparison.

    :raises ConversationGone: nothing is changed.
    """
    entry = lock_entry(column)
    order = list(entry.columns.order_by("column_place", "pk"))
    before = next(place for place, each in enumerate(order) if each.pk == column.pk)
    after = min(max(before + by, 0), len(order) - 1)
    if after == before:
        return
    order.insert(after, order.pop(before))
    for place, each in enumerate(order):
        Conversation.objects.filter(pk=each.pk).update(column_place=place)
    mark_columns(entry)
