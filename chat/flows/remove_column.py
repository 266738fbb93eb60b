from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction

from chat.exceptions import ColumnsFew
from chat.flows.add_column import lock_entry, mark_columns
from chat.flows.delete_conversation import delete_conversation
from chat.live import broadcast
from chat.models import FEWEST_COLUMNS, Conversation

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import Run


@transaction.atomic
def remove_column(column: Conversation, user: User) -> list[Run]:
    """Delete a column for everybody. What it cost stays in the ledger.

    :raises ColumnsFew, ConversationGone: nothing is changed.
    :return: the runs that were live, so that the caller can stop their relays.
    """
    entry = lock_entry(column)
    if entry.columns.count() <= FEWEST_COLUMNS:
        raise ColumnsFew
    live = delete_conversation(column, user)
    # A comparison that is deleted and restored does not bring its removed columns back.
    Conversation.with_deleted.filter(pk=column.pk).update(column_of=None)
    for place, pk in enumerate(entry.columns.order_by("column_place", "pk").values_list("pk", flat=True)):
        Conversation.objects.filter(pk=pk).update(column_place=place)
    # The deletion was announced before it could be seen.
    transaction.on_commit(partial(broadcast.announce, column.code))
    mark_columns(entry)
    return live
