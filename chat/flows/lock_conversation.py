from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField

from accounts.prepared import prepared
from chat.exceptions import AnswerPending, ConversationGone
from chat.models import Conversation, Run

if TYPE_CHECKING:
    from django.db.models import QuerySet


def lock_conversation(conversation: Conversation) -> Conversation:
    """Read a conversation anew and lock it until the transaction ends, so that its changes come in turn.

    Its current system prompt comes along.

    :raises ConversationGone: it was deleted.
    """
    found = next(iter(_locked(pk=conversation.pk)), None)
    if found is None:
        raise ConversationGone
    if "workspace" in conversation._state.fields_cache:
        # A conversation stays in its workspace.
        found.workspace = conversation.workspace
    return found


@prepared(pk=BigIntegerField())
def _locked(pk: Any) -> QuerySet[Conversation]:
    # PostgreSQL locks no row that may be missing, such as that of the system prompt.
    locked = Conversation.objects.select_for_update(of=("self",)).select_related("system_prompt")
    return locked.filter(pk=pk)


def lock_idle_conversation(conversation: Conversation) -> Conversation:
    """Lock a conversation for the next prompt: two prompts from two tabs are stored in turn.

    :raises ConversationGone: it was deleted, or it is the entry of a comparison, which holds no messages.
    :raises AnswerPending: its branch ends in a live answer, whose text the next prompt could not include.
    """
    found = lock_conversation(conversation)
    if found.is_comparison:
        raise ConversationGone
    if found.head_id is not None and _live_runs(conversation=found.pk, answer=found.head_id):
        raise AnswerPending
    return found


@prepared(conversation=BigIntegerField(), answer=BigIntegerField())
def _live_runs(conversation: Any, answer: Any) -> QuerySet[Run, Any]:
    live = Run.objects.filter(conversation_id=conversation, answer_id=answer, status__in=Run.LIVE)
    return live.values_list("pk")
