from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils.timezone import now

from chat.models import Conversation

# Undo is offered for ten seconds. The rest is for those who pause, and for pages that say what happened.
RESTORABLE_FOR = timedelta(minutes=1)


def purge_conversations() -> int:
    """Remove what was deleted a while ago, with messages, runs and files; return how many conversations.

    The ledger keeps what they cost.
    """
    before = now() - RESTORABLE_FOR
    due = Conversation.with_deleted.filter(deleted_at__lt=before)
    return sum(_purge(pk) for pk in list(due.order_by("deleted_at").values_list("pk", flat=True)))


@transaction.atomic
def _purge(pk: int) -> bool:
    # The lock decides between this and a restoration; another process may also have purged it already.
    due = Conversation.with_deleted.select_for_update().filter(pk=pk, deleted_at__isnull=False)
    conversation = due.first()
    if conversation is None:
        return False
    conversation.delete()
    return True
