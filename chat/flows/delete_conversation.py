from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now

from accounts import audit
from accounts.models import AuditAction
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.lock_conversation import lock_conversation
from chat.flows.pause_queue import pause_queue
from chat.flows.reap_runs import logged_answer
from chat.live import broadcast
from chat.models import Conversation, Run

if TYPE_CHECKING:
    from accounts.models import User


def delete_conversation(conversation: Conversation, user: User) -> list[Run]:
    """Delete a conversation, or a comparison with its columns, for everybody.

    Its owner can restore it until it is purged.

    Its live runs are ended first, so that no hold stays behind.

    :raises ConversationGone: it is deleted already.
    :return: the runs that were live, so that the caller can stop their relays.
    """
    with transaction.atomic():
        # The lock keeps prompts out, and runs with their owners, until the conversation is deleted.
        conversation = lock_conversation(conversation)
        columns = list(conversation.columns.order_by("pk"))
        for column in columns:
            lock_conversation(column)
        every = [conversation, *columns]
        runs = Run.objects.filter(Q(conversation__in=every) | Q(title_of__in=every))
        live = list(runs.select_for_update().filter(status__in=Run.LIVE).order_by("pk"))
        for run in live:
            # The run ends with its answer so far: deleting an answer does not make it free.
            finish_run(run, Outcome(Run.Status.STOPPED, logged_answer(run)), fence=run.fence)
        # After a restoration the queued prompts wait for a person.
        for each in every:
            pause_queue(each)
        Conversation.objects.filter(pk__in=[each.pk for each in every]).update(deleted_at=now())
        audit.record(
            conversation.workspace_id,
            AuditAction.DELETE_CONVERSATION,
            actor=user,
            subject=conversation,
            code=conversation.code,
        )
    for column in columns:
        broadcast.announce(column.code)
    broadcast.announce(conversation.code)
    return live
