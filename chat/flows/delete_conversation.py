from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chat.flows.finish_run import Outcome, finish_run
from chat.flows.lock_conversation import lock_conversation
from chat.flows.reap_runs import logged_answer
from chat.live import broadcast
from chat.models import Run

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import Conversation


def delete_conversation(conversation: Conversation, user: User) -> list[Run]:
    """Delete a conversation with its messages and runs; the ledger keeps what they cost.

    Runs that are being written are ended first, so that no hold stays behind.

    :raises ConversationGone: somebody else was faster.
    :return: those runs, for the caller to stop their relays.
    """
    with transaction.atomic():
        # No prompt may arrive and no run change hands between this look and the end.
        conversation = lock_conversation(conversation)
        live = list(conversation.runs.select_for_update().filter(status__in=Run.LIVE).order_by("pk"))
        for run in live:
            # With what came of it: deleting an answer does not make it free.
            finish_run(run, Outcome(Run.Status.STOPPED, logged_answer(run)), fence=run.fence)
        conversation.delete()
    broadcast.announce(conversation.code)
    return live
