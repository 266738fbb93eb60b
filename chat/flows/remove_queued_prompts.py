from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chat.flows.lock_conversation import lock_conversation
from chat.flows.pause_queue import mark_queue
from chat.models import QueuedPrompt

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import Conversation


@transaction.atomic
def remove_queued_prompts(conversation: Conversation, user: User, only: QueuedPrompt | None = None) -> None:
    """Remove all queued prompts of a conversation, or ``only`` this one. A prompt that was sent stays sent.

    :raises ConversationGone: the conversation was deleted.
    """
    conversation = lock_conversation(conversation)
    queue = QueuedPrompt.objects.filter(conversation=conversation)
    if only is not None:
        queue = queue.filter(pk=only.pk)
    if queue.exists():
        queue.delete()
        mark_queue(conversation)
