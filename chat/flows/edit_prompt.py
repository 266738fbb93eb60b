from __future__ import annotations

from typing import TYPE_CHECKING

from chat.flows.attach import attach_to_wording
from chat.flows.lock_conversation import lock_idle_conversation
from chat.flows.open_run import open_run
from chat.flows.run_idempotently import Submission, run_idempotently
from chat.models import Message

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from accounts.models import User
    from chat.flows.build_request import Choice
    from chat.models import Run


def edit_prompt(
    prompt: Message,
    user: User,
    text: str,
    choice: Choice,
    key: UUID,
    attachments: Sequence[UUID] | None = None,
) -> Run:
    """Add another wording beside ``prompt`` and open the run that answers it; the old branch stays.

    The new wording has the files in ``attachments``; without that argument, those of ``prompt``.
    Errors as in :func:`chat.flows.send_prompt.send_prompt`.
    """
    named = () if attachments is None else ("files", *attachments)
    submission = Submission.of(key, prompt.code, text, *choice.content, *named)

    def edit() -> Run:
        conversation = lock_idle_conversation(prompt.conversation)
        worded = Message.objects.create(
            conversation=conversation,
            parent_id=prompt.parent_id,
            role=Message.Role.USER,
            text=text,
            author=user,
        )
        attach_to_wording(worded, prompt, user, attachments)
        return open_run(conversation, user, worded, choice, submission)

    return run_idempotently(user, submission, edit)
