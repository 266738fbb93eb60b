from __future__ import annotations

from typing import TYPE_CHECKING

from chat.flows.lock_conversation import lock_idle_conversation
from chat.flows.open_run import open_run
from chat.flows.run_idempotently import Submission, run_idempotently

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import User
    from chat.flows.build_request import Choice
    from chat.models import Message, Run


def regenerate_answer(answer: Message, user: User, choice: Choice, key: UUID) -> Run:
    """Open a run for another answer beside ``answer``.

    Errors as in :func:`chat.flows.send_prompt.send_prompt`.
    """
    prompt = answer.parent
    if prompt is None:
        raise ValueError("An answer without a prompt cannot be generated again.")
    submission = Submission.of(key, answer.code, *choice.content)

    def regenerate() -> Run:
        conversation = lock_idle_conversation(answer.conversation)
        return open_run(conversation, user, prompt, choice, submission)

    return run_idempotently(user, submission, regenerate)
