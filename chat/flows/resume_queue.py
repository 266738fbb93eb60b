from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chat.flows.lock_conversation import lock_conversation
from chat.flows.pause_queue import mark_queue
from chat.flows.send_next_queued import ending_of_branch, send_queued
from chat.models import QueuedPrompt

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import Conversation, Run


@transaction.atomic
def resume_queue(conversation: Conversation, user: User) -> Run | None:
    """Send the next prompt at the end of the branch that the page shows, and the others after its answer.

    The queue is paused, or the prompt waits for a limit, which may leave enough by now. ``user`` has seen how
    the last answer ended, so that does not matter. Return None while an answer is being written at the end of
    the branch, for which the prompts wait, and if the prompt is refused.

    :raises ConversationGone: it was deleted.
    """
    conversation = lock_conversation(conversation)
    queue = QueuedPrompt.objects.filter(conversation=conversation)
    first = queue.first()
    if first is None or not (conversation.queue_pause or first.awaited_limit):
        return None
    end = conversation.head_id or first.after_id
    queue.update(after=end, refusal="", is_refusal_personal=False)
    waiting = list(queue.select_related("author", "endpoint__model__provider"))
    mark_queue(conversation, "")
    return None if ending_of_branch(end) is None else send_queued(conversation, waiting, end)
