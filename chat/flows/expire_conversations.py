from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now

from accounts import audit
from accounts.models import AuditAction
from chat.live import broadcast
from chat.models import Conversation
from chat.retention import Rules, due_conversations, workspaces_with_due

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import Workspace

# Conversations of one transaction, so that other statements do not wait long for it.
PORTION = 200


def expire_conversations() -> int:
    """Delete the conversations that the rules of their workspaces no longer keep; return how many.

    They are purged like those that a person deletes. The ledger keeps what they cost.
    """
    deleted = 0
    for workspace in workspaces_with_due():
        while found := _delete_portion(workspace, due_conversations(workspace, Rules.of(workspace))):
            deleted += found
    return deleted


@transaction.atomic
def _delete_portion(workspace: Workspace, due: QuerySet[Conversation]) -> int:
    picked = list(due.order_by("updated_at", "pk").values_list("pk", flat=True)[:PORTION])
    lock_with_columns(picked)
    # A person may have continued one of them before it was locked.
    deleted = delete_at_once(list(due.filter(pk__in=picked).values_list("pk", flat=True)))
    if deleted:
        audit.record(
            workspace, AuditAction.EXPIRE_CONVERSATIONS, actor=None, after={"conversations": deleted}
        )
    return deleted


def lock_with_columns(keys: list[int]) -> None:
    """Lock conversations, then the columns of those that are comparisons: prompts stay out until the end."""
    for condition in ({"pk__in": keys}, {"column_of__in": keys}):
        locked = Conversation.objects.select_for_update().filter(**condition).order_by("pk")
        list(locked.values_list("pk"))


def delete_at_once(keys: list[int]) -> int:
    """Delete idle, locked conversations with their columns, and close their pages; return how many."""
    every = Conversation.objects.filter(pk__in=keys) | Conversation.objects.filter(column_of__in=keys)
    codes = list(every.values_list("pk", "code"))
    Conversation.objects.filter(pk__in=[pk for pk, _ in codes]).update(deleted_at=now())
    for _, code in codes:
        transaction.on_commit(partial(broadcast.announce, code))
    return len(keys)
