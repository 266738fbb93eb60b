"""What came of the calls that an answer asks for, and the answer to that."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction

from chat.flows.open_run import Choice, Send, locked, open_run, refuse_while_pending, run_idempotently
from chat.live import broadcast
from chat.models import Message
from chat.transcript import calls_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from accounts.models import User
    from chat.models import Run


@dataclass(frozen=True, slots=True)
class Result:
    """``text`` goes to the model as it is; ``is_error`` where the call failed and the text says how."""

    text: str
    is_error: bool = False


def return_tool_results(
    answer: Message, user: User, results: Sequence[Result], choice: Choice, key: UUID
) -> Run:
    """Put the results below ``answer``, one for each of its calls in their order, and go on from there.

    All of them together: upstreams refuse a transcript in which some calls are answered and
    others are not. Results given a second time start a branch, as another wording does.

    :raises IdempotencyConflict, AnswerPending, BodyInvalid, TranscriptRefused, LimitReached,
        ConversationGone: nothing is stored.
    """
    calls = calls_of(answer)
    if not calls or len(calls) != len(results):
        raise ValueError("There has to be one result for each call.")
    given = [(result.text, result.is_error) for result in results]
    send = Send.of(key, answer.code, given, choice.endpoint.pk, choice.parameters)

    def go_on() -> Run:
        conversation = locked(answer.conversation)
        refuse_while_pending(conversation)
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
        run = open_run(conversation, user, last, choice, send)
        transaction.on_commit(partial(broadcast.announce, conversation.code))
        return run

    return run_idempotently(user, send, go_on)
