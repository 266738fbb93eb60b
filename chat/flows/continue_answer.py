from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat.flows.lock_conversation import lock_idle_conversation
from chat.flows.open_run import open_run
from chat.flows.regenerate_answer import regenerate_answer
from chat.flows.retry_with_changes import choice_for, current_parameters
from chat.flows.run_idempotently import Submission, run_idempotently
from chat.models import Message
from chat.transcript import said_in
from playground.prefill import why_no_prefill
from playground.upstream.dialects import trimmed

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import User
    from chat.models import Run
    from playground.models import Endpoint

REQUEST = "Continue exactly where you stopped."


def continue_answer(run: Run, user: User, endpoint: Endpoint, key: UUID) -> Run:
    """Open a run that goes on where the answer of ``run`` was cut; that answer stays as it is.

    Another answer beside it begins with its text, which is sent as a started answer. Where the model takes
    none, a prompt below the answer asks for the rest.
    Errors as in :func:`chat.flows.send_prompt.send_prompt`.
    """
    answer = run.message
    choice = choice_for(run, endpoint, current_parameters(run))
    if not why_no_prefill(endpoint, choice.parameters):
        prefill = trimmed(said_in(answer).get("text", ""))
        return regenerate_answer(answer, user, replace(choice, prefill=prefill), key)
    submission = Submission.of(key, answer.code, REQUEST, *choice.content)

    def ask() -> Run:
        conversation = lock_idle_conversation(answer.conversation)
        prompt = Message.objects.create(
            conversation=conversation, parent=answer, role=Message.Role.USER, text=REQUEST, author=user
        )
        return open_run(conversation, user, prompt, choice, submission)

    return run_idempotently(user, submission, ask)
