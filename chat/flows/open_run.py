from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import BigIntegerField
from django.utils.timezone import now

from accounts import keys, ledger
from accounts.inserting import insert
from accounts.prepared import fields_of, prepared_update
from accounts.prices import Basis
from chat.exceptions import PriceMissing
from chat.flows.build_request import build_request
from chat.flows.hold_cost import hold_cost
from chat.flows.offer_settings import offer_settings
from chat.live import broadcast
from chat.models import QUEUE_LEASE, Conversation, Message, Run
from chat.transcript import branch
from playground.prices import prices_of

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from accounts.models import User, Workspace
    from chat.flows.build_request import BuiltRequest, Choice
    from chat.flows.run_idempotently import Submission


def open_run(
    conversation: Conversation,
    user: User,
    prompt: Message,
    choice: Choice,
    submission: Submission,
    *,
    was_queued: bool = False,
) -> Run:
    """Add an empty answer to ``prompt`` and the queued run that will fill it. Call it in a transaction.

    The answer is given the current system prompt of the conversation, which the caller has locked. A prompt
    that ``was_queued`` changes neither the composer, where something else may be chosen by now, nor a page
    that shows another branch.

    :raises BodyInvalid: the model's schema refuses the request.
    :raises TranscriptRefused: the endpoint has no place for something in the branch.
    :raises PriceMissing: the workspace refuses models without a price.
    :raises LimitReached: a limit does not leave what the run may cost.
    """
    messages = branch(conversation, prompt.pk)
    request = build_request(choice, conversation.workspace_id, messages, conversation.system_text, asker=user)
    answer = insert(
        Message(
            conversation=conversation,
            parent=prompt,
            role=Message.Role.ASSISTANT,
            system_prompt=conversation.system_prompt,
        )
    )
    run = new_run(conversation.workspace, user, choice, request, submission)
    run.conversation, run.answer = conversation, answer
    _open(run, user, choice, request)
    if was_queued:
        _continue(conversation, prompt, answer)
    else:
        _remember(conversation, answer, choice)
    offer_settings(conversation.workspace, user, choice)
    return run


def open_single_run(
    workspace: Workspace,
    user: User,
    choice: Choice,
    request: BuiltRequest,
    submission: Submission,
    title_of: Conversation | None = None,
    *,
    made_for: str = "",
    batch: UUID | None = None,
) -> Run:
    """Create the queued run of a request that belongs to no conversation. Call it in a transaction.

    The run itself stores the answer. Only ``user`` may read it, or the readers of ``title_of`` or of the
    experiment that it is ``made_for``. The limit of its ``batch`` counts it beside all others.

    :raises PriceMissing: the workspace refuses models without a price.
    :raises LimitReached: a limit does not leave what the run may cost.
    """
    run = new_run(workspace, user, choice, request, submission)
    run.title_of, run.made_for = title_of, made_for
    _open(run, user, choice, request, batch)
    return run


def new_run(
    workspace: Workspace, user: User, choice: Choice, request: BuiltRequest, submission: Submission
) -> Run:
    """Build the unsaved run of a request, with copies of what its receipt will need.

    :raises PriceMissing: the workspace refuses models without a price.
    """
    model = choice.endpoint.model
    if model.lacks_price:
        raise PriceMissing(model.name)
    prices = prices_of(model)
    return Run(
        workspace=workspace,
        user=user,
        endpoint=choice.endpoint,
        provider_code=model.provider.code,
        model_id=model.model_id,
        endpoint_kind=choice.endpoint.kind,
        parameters=request.parameters,
        prefill=choice.prefill,
        body=request.body,
        is_streamed=request.body.get("stream") is True,
        references=request.references,
        input_price=prices.input,
        output_price=prices.output,
        list_price_on=prices.listed_on,
        basis=Basis(prices).as_json(),
        idempotency_key=submission.key,
        request_hash=submission.request_hash,
        lease_expires_at=now() + QUEUE_LEASE,
    )


def _open(run: Run, user: User, choice: Choice, request: BuiltRequest, batch: UUID | None = None) -> None:
    """Hold what the run may cost, and save it."""
    key = keys.resolve(run.workspace, user, run.provider_code, run.model_id)
    target = ledger.Target(run.provider_code, run.model_id, key, batch)
    run.key_code = target.key_code
    hold_cost(run, user, target, choice.endpoint, request)
    insert(run)
    transaction.on_commit(partial(broadcast.announce_run, run.code, run.conversation_code))


def _continue(conversation: Conversation, prompt: Message, answer: Message) -> None:
    if conversation.head_id == prompt.parent_id:
        conversation.head = answer
    conversation.updated_at = now()
    conversation.save(update_fields=["head", "updated_at"])


def _remember(conversation: Conversation, answer: Message, choice: Choice) -> None:
    chosen = conversation.take(choice.endpoint, choice.parameters, sending=choice.sending)
    conversation.head = answer
    conversation.updated_at = now()
    conversation.prompt_text = ""
    _store(
        pk=conversation.pk,
        head=answer.pk,
        updated_at=conversation.updated_at,
        prompt_text="",
        **{**chosen, "model": choice.endpoint.model_id},
    )
    if conversation.column_of_id is not None:
        # Not in this transaction: others lock a comparison before its columns.
        transaction.on_commit(partial(_move_up, conversation.column_of_id, conversation.updated_at))


def _move_up(comparison: int, at: datetime) -> None:
    """List a comparison by the time of the last prompt in its columns."""
    Conversation.objects.filter(pk=comparison, updated_at__lt=at).update(updated_at=at)


# The columns of a conversation that a prompt changes: those of Conversation.take(), and its own.
_CHANGED = (
    *("head", "updated_at", "prompt_text", "model", "endpoint_kind", "parameters", "schema_digest"),
    *("set_aside", "is_streamed", "reports_usage"),
)


@prepared_update(pk=BigIntegerField(), **fields_of(Conversation, *_CHANGED))
def _store(pk: Any, **changed: Any) -> tuple[QuerySet[Conversation], dict[str, Any]]:
    return Conversation.objects.filter(pk=pk), changed
