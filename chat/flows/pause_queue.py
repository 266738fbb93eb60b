"""Changes of what a conversation says about its queued prompts: every flow that changes them ends here."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from chat.exceptions import ConversationGone
from chat.flows.lock_conversation import lock_conversation
from chat.live import broadcast
from chat.models import Conversation, Pause, QueuedPrompt

if TYPE_CHECKING:
    from accounts.models import User


def mark_queue(conversation: Conversation, pause: str | None = None) -> None:
    """Count a change of the queued prompts, wake their readers, and set ``pause`` unless it is None.

    Call it at the end of a transaction that has locked the conversation. An empty queue is not paused.
    """
    if not _has_queue(conversation):
        pause = ""
    changed = {} if pause is None else {"queue_pause": pause}
    Conversation.with_deleted.filter(pk=conversation.pk).update(
        queue_version=F("queue_version") + 1, **changed
    )
    transaction.on_commit(partial(broadcast.announce, conversation.code))


def pause_after_stop(conversation: Conversation, user: User) -> None:
    """Let the queued prompts wait for a person, since ``user`` stops an answer of the conversation.

    They do so even if the answer has just ended by itself and the next prompt is being answered.
    """
    if not _has_queue(conversation):
        return
    with suppress(ConversationGone), transaction.atomic():
        pause_queue(lock_conversation(conversation))


def pause_queue(conversation: Conversation) -> None:
    """Let the queued prompts of a locked conversation wait after a stop, if there are any."""
    if _has_queue(conversation) and not conversation.queue_pause:
        mark_queue(conversation, Pause.STOPPED)


def _has_queue(conversation: Conversation) -> bool:
    return QueuedPrompt.objects.filter(conversation=conversation).exists()
