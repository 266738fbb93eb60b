from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, Max, UUIDField

from accounts.prepared import prepared
from chat.exceptions import IdempotencyConflict, QueueFull
from chat.flows.attach import attach_to_queued
from chat.flows.pause_queue import mark_queue
from chat.models import MAX_QUEUED, QueuedPrompt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from accounts.models import User
    from chat.flows.build_request import Choice
    from chat.flows.run_idempotently import Submission
    from chat.models import Conversation


def queue_prompt(
    conversation: Conversation,
    user: User,
    text: str,
    choice: Choice,
    submission: Submission,
    attachments: Sequence[UUID],
    wait: Mapping[str, Any],
) -> QueuedPrompt:
    """Queue a prompt at the end of the branch, and keep the choice of the composer.

    Call it in a transaction that has locked the conversation.

    :param wait: what :func:`chat.flows.wait_for_limit.wait_for_limit` has returned; empty for no wait.
    :raises QueueFull: as many prompts as may wait are queued.
    """
    waiting = QueuedPrompt.objects.filter(conversation=conversation)
    if waiting.count() >= MAX_QUEUED:
        raise QueueFull(MAX_QUEUED)
    last = waiting.aggregate(last=Max("position"))["last"]
    queued = QueuedPrompt.objects.create(
        conversation=conversation,
        author=user,
        after=conversation.head,
        position=(last or 0) + 1,
        text=text,
        prefill=choice.prefill,
        endpoint=choice.endpoint,
        provider_code=choice.endpoint.model.provider.code,
        model_id=choice.endpoint.model.model_id,
        parameters=choice.parameters,
        is_streamed=choice.is_streamed,
        reports_usage=choice.reports_usage,
        idempotency_key=submission.key,
        request_hash=submission.request_hash,
        **wait,
    )
    attach_to_queued(queued, user, attachments)
    chosen = conversation.take(choice.endpoint, choice.parameters, sending=choice.sending)
    conversation.store({**chosen, "prompt_text": ""})
    mark_queue(conversation)
    return queued


def earlier_queued(user: User, submission: Submission) -> QueuedPrompt | None:
    """Return the prompt that the same click has queued, as long as it was not sent.

    :raises IdempotencyConflict: the key belongs to another prompt.
    """
    queued = next(iter(_queued_by_click(author=user.pk, key=submission.key)), None)
    if queued is not None and queued.request_hash != submission.request_hash:
        raise IdempotencyConflict
    return queued


@prepared(author=BigIntegerField(), key=UUIDField())
def _queued_by_click(author: Any, key: Any) -> QuerySet[QueuedPrompt]:
    found = QueuedPrompt.objects.filter(author_id=author, idempotency_key=key)
    return found.select_related("conversation")
