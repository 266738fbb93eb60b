from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from accounts.exceptions import LimitReached
from chat.exceptions import AlreadyQueued, AnswerPending, AttachmentGone, QueueFull
from chat.flows.lock_conversation import lock_conversation
from chat.flows.queue_prompt import earlier_queued, queue_prompt
from chat.flows.run_idempotently import earlier_run
from chat.flows.send_prompt import (
    create_conversation,
    first_submission,
    send_prompt,
    start_conversation,
    submission_of,
)
from chat.flows.wait_for_limit import wait_for_limit
from chat.models import QueuedPrompt, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from accounts.models import User, Workspace
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
    """Send a prompt, or queue it behind a live answer or until a limit leaves enough that lets it wait.

    The same key again returns the same run or queued prompt, and stores nothing. After a prompt was queued,
    call :func:`chat.flows.send_next_queued.send_next_queued`: the answer may have ended meanwhile.

    :raises QueueFull: as many prompts as may wait are queued. Other errors as in
        :func:`chat.flows.send_prompt.send_prompt`.
    """
    submission = submission_of(conversation, text, choice, key, attachments)
    if queued := earlier_queued(user, submission):
        return queued
    wait: dict[str, Any] = {}
    try:
        return send_prompt(conversation, user, text, choice, key, attachments)
    except AnswerPending:
        pass
    except LimitReached as limit:
        wait = _wait(limit)

    def queue() -> Run | QueuedPrompt:
        locked = lock_conversation(conversation)
        # The first of two clicks may have been queued and sent by now.
        if sent := earlier_run(user, submission):
            return sent
        return queue_prompt(locked, user, text, choice, submission, attachments, wait)

    return _queue_once(user, submission, queue)


def start_or_queue(
    workspace: Workspace,
    user: User,
    text: str,
    choice: Choice,
    key: UUID,
    attachments: Sequence[UUID] = (),
    system_text: str = "",
    *,
    is_temporary: bool = False,
) -> Run | QueuedPrompt:
    """Create a conversation with its first prompt, which is queued if a limit lets it wait.

    Everything else is as in :func:`send_or_queue`.
    """
    how = {"is_temporary": is_temporary}
    submission = first_submission(workspace, text, choice, key, attachments, system_text, **how)
    try:
        return start_conversation(workspace, user, text, choice, key, attachments, system_text, **how)
    except (AlreadyQueued, AttachmentGone):
        if sent := earlier_queued(user, submission) or earlier_run(user, submission):
            return sent
        raise
    except LimitReached as limit:
        if queued := earlier_queued(user, submission):
            return queued
        wait = _wait(limit)

    def queue() -> Run | QueuedPrompt:
        workspace.lock()
        conversation = create_conversation(workspace, user, text, attachments, system_text, **how)
        locked = lock_conversation(conversation)
        queued = queue_prompt(locked, user, text, choice, submission, attachments, wait)
        # The first of two clicks may have been sent by now, at once or after it was queued.
        if earlier_run(user, submission):
            raise IntegrityError("The same click has been sent meanwhile.")
        return queued

    return _queue_once(user, submission, queue)


def _wait(limit: LimitReached) -> dict[str, Any]:
    wait = wait_for_limit(limit)
    if wait is None:
        raise limit
    return wait


def _queue_once(
    user: User, submission: Submission, queue: Callable[[], Run | QueuedPrompt]
) -> Run | QueuedPrompt:
    try:
        with transaction.atomic():
            return queue()
    except (IntegrityError, AttachmentGone, QueueFull):
        # The second of two simultaneous clicks may have run into the first.
        if sent := earlier_run(user, submission) or earlier_queued(user, submission):
            return sent
        raise
