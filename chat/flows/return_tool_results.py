from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat.flows.lock_conversation import lock_idle_conversation
from chat.flows.open_run import open_run
from chat.flows.run_idempotently import Submission, run_idempotently
from chat.models import Message
from chat.transcript import calls_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from accounts.models import User
    from chat.flows.build_request import Choice
    from chat.models import Run


@dataclass(frozen=True, slots=True)
class Result:
    """A result of one call. ``text`` goes to the model unchanged; after a failure it describes the error."""

    text: str
    is_error: bool = False


def return_tool_results(
    answer: Message, user: User, results: Sequence[Result], choice: Choice, key: UUID
) -> Run:
    """Store a result for each call of ``answer``, in their order, and open the run that continues from there.

    Upstreams refuse a transcript in which some calls have results and others do not, so all of them come
    at once. Results that are given a second time start another branch.
    Errors as in :func:`chat.flows.send_prompt.send_prompt`.
    """
    calls = calls_of(answer)
    if not calls or len(calls) != len(results):
        raise ValueError("Every call needs exactly one result.")
    given = [(result.text, result.is_error) for result in results]
    submission = Submission.of(key, answer.code, given, *choice.content)

    def continue_() -> Run:
        conversation = lock_idle_conversation(answer.conversation)
        last = answer
        for call, result in zip(calls, results, strict=True):
            failed = {"is_error": True} if result.is_error else {}
            last = Message.objects.create(
                conversation=conversation,
                parent=last,
                role=Message.Role.TOOL,
                text=result.text,
                data={"tool_call_id": call.id, "name": call.name, **failed},
                author=user,
            )
        return open_run(conversation, user, last, choice, submission)

    return run_idempotently(user, submission, continue_)
