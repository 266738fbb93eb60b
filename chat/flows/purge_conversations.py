from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils.timezone import now

from chat.models import Conversation

# Undo is offered for ten seconds. The rest is for those who pause, and for pages that say what happened.
RESTORABLE_FOR = timedelta(minutes=1)
# Conversations of one transaction: a rule can delete thousands at once, each with hundreds of rows.
PORTION = 50


def purge_conversations() -> int:
    """Remove what was deleted a while ago, with messages, runs and files; return how many conversations.

    The ledger keeps what they cost.
    """
    due = Conversation.with_deleted.filter(deleted_at__lt=now() - RESTORABLE_FOR)
    keys = list(due.order_by("deleted_at", "pk").values_list("pk", flat=True))
    return sum(_purge(keys[start : start + PORTION]) for start in range(0, len(keys), PORTION))


@transaction.atomic
def _purge(keys: list[int]) -> int:
    # The lock decides between this and a restoration; another process may also have purged some already.
    deleted = Conversation.with_deleted.filter(pk__in=keys, deleted_at__isnull=False).order_by("pk")
    found = list(deleted.select_for_update().values_list("pk", flat=True))
    if found:
        Conversation.with_deleted.filter(pk__in=found).delete()
    return len(found)
