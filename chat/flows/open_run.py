from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.timezone import now

from accounts import ledger
from accounts.exceptions import LimitReached
from chat.flows.attach import AttachmentGone
from chat.flows.select_model import announced
from chat.models import QUEUE_LEASE, Conversation, Message, Run, StoredFile
from chat.references import refer, tokens_of
from chat.transcript import branch, transcript_for
from playground import pricing
from playground.parameters.form.body import build_body
from playground.parameters.schema.request_schema import read_request_schema
from playground.upstream import dialects

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User
    from playground.models import Endpoint


MEGABYTE = 1024 * 1024
# Above what any provider takes, so that they say where theirs is; below what would fill the memory.
MAX_REQUEST_MB = 64


class IdempotencyConflict(Exception):
    """The key of this send was used before, for something else."""


class AnswerPending(Exception):
    """The branch still ends in an answer that is being written."""


class ConversationGone(Exception):
    """It was deleted while this was on its way."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the composer was set to: where the prompt goes, and with which parameters."""

    endpoint: Endpoint
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Send:
    """One click of the user. The key makes a repeated click the same run."""

    key: UUID
    request_hash: str

    @classmethod
    def of(cls, key: UUID, *what: object) -> Send:
        text = json.dumps([str(part) for part in what], sort_keys=True)
        return cls(key, hashlib.sha256(text.encode()).hexdigest())


def _earlier_run(user: User, send: Send) -> Run | None:
    """The run that the same click has started already, if any.

    :raises IdempotencyConflict: the key belongs to another prompt.
    """
    run = Run.objects.select_related("conversation").filter(user=user, idempotency_key=send.key).first()
    if run is not None and run.request_hash != send.request_hash:
        raise IdempotencyConflict
    return run


def run_idempotently(user: User, send: Send, act: Callable[[], Run]) -> Run:
    """Do ``act`` in a transaction unless the same click has done it already."""
    if run := _earlier_run(user, send):
        return run
    try:
        with transaction.atomic():
            return act()
    except (IntegrityError, AnswerPending, AttachmentGone, LimitReached):
        # Two clicks at the same moment: what is in the way of the second may be the first.
        if run := _earlier_run(user, send):
            return run
        raise


def locked(conversation: Conversation) -> Conversation:
    """The conversation as it is now, and until the transaction ends: one change comes after the other.

    :raises ConversationGone: it was deleted.
    """
    found = Conversation.objects.select_for_update().filter(pk=conversation.pk).first()
    if found is None:
        raise ConversationGone
    return found


def refuse_while_pending(conversation: Conversation) -> None:
    """
    :raises AnswerPending: one answer at a time; the next prompt would not know what it says.
    """
    if Run.objects.filter(answer=conversation.head_id, status__in=Run.LIVE).exists():
        raise AnswerPending


@dataclass(frozen=True, slots=True)
class _Request:
    """``transcript`` are the fields of the body that hold it; ``parameters`` all of the others.

    ``references`` are the files that the body names: see ``chat.references``.
    """

    body: dict[str, Any]
    transcript: dict[str, Any]
    parameters: dict[str, Any]
    references: list[dict[str, Any]]


def _request(choice: Choice, workspace_id: int, messages: list[Message]) -> _Request:
    """In the dialect of the chosen endpoint, within what its schema takes."""
    endpoint = choice.endpoint
    request_schema = read_request_schema(endpoint.request_schema, digest=endpoint.schema_digest)
    accepts = dialects.accepts(request_schema.digest, request_schema.translated)
    files = list(StoredFile.objects.filter(message__in=[message.pk for message in messages]))
    transcript = transcript_for(endpoint.model, messages, files)
    transcript = dialects.within(endpoint.kind, accepts, transcript)
    fields = dialects.write_transcript(endpoint.kind, accepts, transcript, choice.parameters)
    # What nobody touched and the schema insists on goes out, so it is shown with the run.
    length = dialects.required_length(accepts, choice.parameters, endpoint.model.output_max)
    parameters = {**choice.parameters, **length}
    body = build_body(
        endpoint.request_schema,
        endpoint.model.model_id,
        fields,
        parameters,
        digest=endpoint.schema_digest,
    )
    # The one parameter that is ours and not the user's, whom nobody could tell to leave it out.
    refused = endpoint.refused_parameters.filter(workspace=workspace_id, name="stream_options")
    if "stream_options" in body and refused.exists():
        del body["stream_options"]
    references = refer(body, files)
    _refuse_too_large(references)
    return _Request(body, fields, parameters, references)


def _refuse_too_large(references: list[dict[str, Any]]) -> None:
    sent = sum(reference["byte_size"] for reference in references)
    if sent > MAX_REQUEST_MB * MEGABYTE:
        raise dialects.TranscriptRefused(
            f"The files of this conversation have {sent / MEGABYTE:,.0f} MB together, and a request may have "
            f"{MAX_REQUEST_MB} MB. Start a new chat, or attach less."
        )


def open_run(conversation: Conversation, user: User, prompt: Message, choice: Choice, send: Send) -> Run:
    """Add an empty answer to ``prompt`` and the queued run that will fill it. Inside a transaction.

    :raises BodyInvalid: the model's schema refuses the request.
    :raises TranscriptRefused: it has no place for something that the branch holds.
    :raises LimitReached: a limit does not leave what the run may cost.
    """
    model = choice.endpoint.model
    request = _request(choice, conversation.workspace_id, branch(conversation, prompt.pk))
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
        idempotency_key=send.key,
        request_hash=send.request_hash,
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
    return run


def _remember(conversation: Conversation, answer: Message, choice: Choice) -> None:
    conversation.head = answer
    conversation.model = choice.endpoint.model
    conversation.endpoint_kind = choice.endpoint.kind
    conversation.parameters = choice.parameters
    conversation.schema_digest = choice.endpoint.schema_digest
    conversation.set_aside = announced(conversation.set_aside)
    conversation.updated_at = now()
    conversation.save(
        update_fields=[
            "head",
            "model",
            "endpoint_kind",
            "parameters",
            "schema_digest",
            "set_aside",
            "updated_at",
        ]
    )
