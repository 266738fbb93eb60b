from __future__ import annotations

from chat.exceptions import AnswerPending, ConversationGone
from chat.models import Conversation, Run


def lock_conversation(conversation: Conversation) -> Conversation:
    """Read a conversation anew and lock it until the transaction ends, so that its changes come in turn.

    Its current system prompt comes along.

    :raises ConversationGone: it was deleted.
    """
    # PostgreSQL locks no row that may be missing, such as that of the system prompt.
    locked = Conversation.objects.select_for_update(of=("self",)).select_related("system_prompt")
    found = locked.filter(pk=conversation.pk).first()
    if found is None:
        raise ConversationGone
    return found


def lock_idle_conversation(conversation: Conversation) -> Conversation:
    """Lock a conversation for the next prompt: two prompts from two tabs are stored in turn.

    :raises ConversationGone: it was deleted.
    :raises AnswerPending: its branch ends in a live answer, whose text the next prompt could not include.
    """
    found = lock_conversation(conversation)
    if Run.objects.filter(conversation=found, answer=found.head_id, status__in=Run.LIVE).exists():
        raise AnswerPending
    return found
