from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat.flows.lock_conversation import lock_idle_conversation
from chat.flows.open_run import open_run
from chat.flows.run_idempotently import Submission, run_idempotently
from chat.models import Run

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import User
    from chat.flows.build_request import Choice
    from chat.models import Message


def regenerate_answer(answer: Message, user: User, choice: Choice, key: UUID) -> Run:
    """Open a run for another answer beside ``answer``, which begins as that one was started.

    Errors as in :func:`chat.flows.send_prompt.send_prompt`.
    """
    prompt = answer.parent
    if prompt is None:
        raise ValueError("An answer without a prompt cannot be generated again.")
    choice = choice if choice.prefill else replace(choice, prefill=_prefill_of(answer))
    submission = Submission.of(key, answer.code, *choice.content)

    def regenerate() -> Run:
        conversation = lock_idle_conversation(answer.conversation)
        return open_run(conversation, user, prompt, choice, submission)

    return run_idempotently(user, submission, regenerate)


def _prefill_of(answer: Message) -> str:
    return Run.objects.filter(answer=answer).values_list("prefill", flat=True).first() or ""
