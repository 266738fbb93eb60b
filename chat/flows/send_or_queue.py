from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, Max, UUIDField

from accounts.prepared import prepared
from chat.exceptions import AnswerPending, AttachmentGone, IdempotencyConflict, QueueFull
from chat.flows.attach import attach_to_queued
from chat.flows.lock_conversation import lock_conversation
from chat.flows.pause_queue import mark_queue
from chat.flows.run_idempotently import earlier_run
from chat.flows.send_prompt import send_prompt, submission_of
from chat.models import MAX_QUEUED, QueuedPrompt, Run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from accounts.models import User
    from chat.flows.build_request import Choice
    from chat.flows.run_idempotently import Submission
    from chat.models import Conversation


def send_or_queue(
    conversation: Conversation,
    user: User,
    text: str,
    choice: Choice,
    key: UUID,
    attachments: Sequence[UUID] = (),
) -> Run | QueuedPrompt:
    """Send a prompt, or queue it if the answer at the end of the branch is still being written.

    The same key again returns the same run or queued prompt, and stores nothing. After a prompt was queued,
    call :func:`chat.flows.send_next_queued.send_next_queued`: the answer may have ended meanwhile.

    :raises QueueFull: as many prompts as may wait are queued. Other errors as in
        :func:`chat.flows.send_prompt.send_prompt`.
    """
    submission = submission_of(conversation, text, choice, key, attachments)
    if queued := _earlier(user, submission):
        return queued
    try:
        return send_prompt(conversation, user, text, choice, key, attachments)
    except AnswerPending:
        pass
    try:
        with transaction.atomic():
            return _queue(conversation, user, text, choice, submission, attachments)
    except (IntegrityError, AttachmentGone, QueueFull):
        # The second of two simultaneous clicks may have run into the first.
        if sent := earlier_run(user, submission) or _earlier(user, submission):
            return sent
        raise


def _earlier(user: User, submission: Submission) -> QueuedPrompt | None:
    queued = next(iter(_queued_by_click(author=user.pk, key=submission.key)), None)
    if queued is not None and queued.request_hash != submission.request_hash:
        raise IdempotencyConflict
    return queued


@prepared(author=BigIntegerField(), key=UUIDField())
def _queued_by_click(author: Any, key: Any) -> QuerySet[QueuedPrompt]:
    return QueuedPrompt.objects.filter(author_id=author, idempotency_key=key)


def _queue(
    conversation: Conversation,
    user: User,
    text: str,
    choice: Choice,
    submission: Submission,
    attachments: Sequence[UUID],
) -> Run | QueuedPrompt:
    locked = lock_conversation(conversation)
    # The first of two clicks may have been queued and sent by now.
    if sent := earlier_run(user, submission):
        return sent
    if locked.head is None:
        # Nothing can be pending in an empty conversation.
        raise AnswerPending
    waiting = QueuedPrompt.objects.filter(conversation=locked)
    if waiting.count() >= MAX_QUEUED:
        raise QueueFull(MAX_QUEUED)
    last = waiting.aggregate(last=Max("position"))["last"]
    queued = QueuedPrompt.objects.create(
        conversation=locked,
        author=user,
        after=locked.head,
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
    )
    attach_to_queued(queued, user, attachments)
    chosen = locked.take(choice.endpoint, choice.parameters, sending=choice.sending)
    locked.store({**chosen, "prompt_text": ""})
    mark_queue(locked)
    return queued
