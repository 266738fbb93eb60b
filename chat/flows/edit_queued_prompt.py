from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chat.flows.lock_conversation import lock_conversation
from chat.flows.pause_queue import mark_queue
from chat.models import QueuedPrompt

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def edit_queued_prompt(queued: QueuedPrompt, author: User, text: str) -> bool:
    """Give a queued prompt other words; return False if it was sent or removed meanwhile.

    :raises ConversationGone: the conversation was deleted.
    """
    conversation = lock_conversation(queued.conversation)
    own = QueuedPrompt.objects.filter(pk=queued.pk, author=author)
    if not own.update(text=text, refusal="", is_refusal_personal=False):
        return False
    mark_queue(conversation)
    return True
