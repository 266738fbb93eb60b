from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now

from accounts import ledger
from chat.flows.build_request import build_request
from chat.live import broadcast
from chat.models import QUEUE_LEASE, Message, Run
from chat.references import tokens_of
from chat.transcript import branch
from playground import pricing

if TYPE_CHECKING:
    from accounts.models import User
    from chat.flows.build_request import Choice
    from chat.flows.run_idempotently import Submission
    from chat.models import Conversation


def open_run(
    conversation: Conversation, user: User, prompt: Message, choice: Choice, submission: Submission
) -> Run:
    """Add an empty answer to ``prompt`` and the queued run that will fill it. Call it in a transaction.

    :raises BodyInvalid: the model's schema refuses the request.
    :raises TranscriptRefused: the endpoint has no place for something in the branch.
    :raises LimitReached: a limit does not leave what the run may cost.
    """
    model = choice.endpoint.model
    request = build_request(choice, conversation.workspace_id, branch(conversation, prompt.pk))
    answer = Message.objects.create(conversation=conversation, parent=prompt, role=Message.Role.ASSISTANT)
    run = Run.objects.create(
        conversation=conversation,
        answer=answer,
        user=user,
        endpoint=choice.endpoint,
        provider_code=model.provider.code,
        model_id=model.model_id,
        endpoint_kind=choice.endpoint.kind,
        parameters=request.parameters,
        body=request.body,
        references=request.references,
        input_price=model.input_price,
        output_price=model.output_price,
        idempotency_key=submission.key,
        request_hash=submission.request_hash,
        lease_expires_at=now() + QUEUE_LEASE,
    )
    estimate = pricing.estimate(
        [request.transcript], request.parameters, model, tokens_of(request.references)
    )
    ledger.hold(
        run.code,
        conversation.workspace,
        user,
        ledger.Amounts(credits=estimate.credits, tokens=estimate.tokens),
    )
    _remember(conversation, answer, choice)
    transaction.on_commit(partial(broadcast.announce, conversation.code))
    return run


def _remember(conversation: Conversation, answer: Message, choice: Choice) -> None:
    chosen = conversation.take(choice.endpoint, choice.parameters)
    conversation.head = answer
    conversation.updated_at = now()
    conversation.save(update_fields=["head", "updated_at", *chosen])
