from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chat.flows.lock_conversation import lock_conversation
from chat.flows.pause_queue import mark_queue
from chat.models import QueuedPrompt

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def move_queued_prompt(queued: QueuedPrompt, user: User, steps: int) -> None:
    """Move a queued prompt down by so many places, or up if ``steps`` is negative.

    A prompt that was sent or removed meanwhile, and a place beyond the ends, change nothing.

    :raises ConversationGone: the conversation was deleted.
    """
    conversation = lock_conversation(queued.conversation)
    queue = list(QueuedPrompt.objects.filter(conversation=conversation).values_list("pk", flat=True))
    if queued.pk not in queue:
        return
    old = queue.index(queued.pk)
    new = min(max(old + steps, 0), len(queue) - 1)
    if new == old:
        return
    queue.insert(new, queue.pop(old))
    rows = [QueuedPrompt(pk=pk, position=position) for position, pk in enumerate(queue, 1)]
    QueuedPrompt.objects.bulk_update(rows, ["position"])
    mark_queue(conversation)
