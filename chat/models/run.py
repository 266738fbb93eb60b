from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from accounts.models import LedgerEntry, Workspace
from accounts.prices import Basis, Origin, Prices
from chat.models.conversation import Conversation, Message
from playground.models import Endpoint
from playground.pricing import DEFAULT_INPUT_PRICE, DEFAULT_OUTPUT_PRICE
from playground.upstream.reported_cost import cost_in, in_words

# Every process that polls the queue renews the leases of queued runs. The lease outlasts a restart; a run
# that no process has renewed for longer is ended, since an answer would come as a surprise.
QUEUE_LEASE = timedelta(minutes=5)


class Run(models.Model):
    """A request to an endpoint and everything that came of it. The state diagram is in ``chat.flows``.

    A run has both a conversation and an answer in it, or neither. Places and the ledger need only its
    workspace and user.
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        FINISHED = "finished"
        STOPPED = "stopped"
        FAILED = "failed"
        INTERRUPTED = "interrupted"

    LIVE: ClassVar = (Status.QUEUED, Status.RUNNING)

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="runs")
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, null=True, blank=True, related_name="runs"
    )
    answer = models.OneToOneField(
        Message, on_delete=models.CASCADE, null=True, blank=True, related_name="run"
    )
    # The conversation that the run, which has none of its own, makes a title for. There is one such run for
    # a conversation at most, whatever became of it.
    title_of = models.OneToOneField(
        Conversation, on_delete=models.CASCADE, null=True, blank=True, related_name="title_run"
    )
    # The purpose of a run for an experiment, in the ledger's words; empty for all others.
    made_for = models.CharField(max_length=10, blank=True, default="", db_default="")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.SET_NULL, null=True, related_name="+")
    # These are copies: the receipt must stay true when the catalogue changes.
    provider_code = models.CharField(max_length=80)
    model_id = models.CharField(max_length=200)
    endpoint_kind = models.CharField(max_length=20)
    parameters = models.JSONField(default=dict)
    body = models.JSONField(default=dict)
    # False if the answer was asked for whole. Every run was a stream before there was a choice.
    is_streamed = models.BooleanField(default=True, db_default=True)
    # The places where the body names stored files instead of holding them: see chat.references.
    references = models.JSONField(default=list, blank=True)
    # The beginning of the answer that was sent along; the answer's text includes it.
    prefill = models.TextField(blank=True, default="", db_default="")
    input_price = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    output_price = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    # The date of the vendor's list price, where the prices are that.
    list_price_on = models.DateField(null=True)
    # An accounts.prices.Basis: the prices at which the run was opened, and at its end what was counted.
    # None for runs of earlier versions.
    basis = models.JSONField(null=True, blank=True)
    # The code of the API key that the run was held for; empty for none.
    key_code = models.CharField(max_length=36, blank=True, default="", db_default="")
    # The tokens of the answer that its hold covered at first. None for runs from before holds grew.
    covered_tokens = models.BigIntegerField(null=True)
    # Our count of the texts that were sent, without files, and their script. None for earlier runs.
    counted_tokens = models.FloatField(null=True)
    script = models.CharField(max_length=10, blank=True, default="", db_default="")
    # The model's tokens for each one of ours, as it was known when the run was opened.
    token_rate = models.FloatField(default=1.0, db_default=1.0)
    # Parameters in the body that no person has set: the length of the answer that a limit left, by name.
    set_by_limit = models.JSONField(null=True, blank=True)

    idempotency_key = models.UUIDField()
    request_hash = models.CharField(max_length=64)

    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    stop_requested = models.BooleanField(default=False)
    # The process that relays the run, the end of its lease, and the number of owners so far. A queued run
    # has no owner; any process with room claims it.
    lease_owner = models.CharField(max_length=80, blank=True)
    lease_expires_at = models.DateTimeField()
    fence = models.PositiveIntegerField(default=0)

    created_at = models.DateTimeField(default=now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    first_token_ms = models.PositiveIntegerField(null=True, blank=True)
    reasoning_ms = models.PositiveIntegerField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    finish_reason = models.CharField(max_length=40, blank=True)
    is_truncated = models.BooleanField(default=False)
    # Pieces of the raw answer that could not be read.
    unreadable_pieces = models.PositiveIntegerField(default=0)
    # {"kind", "message", "status", "request_id", "detail"} of a failure.
    error = models.JSONField(null=True, blank=True)
    # The provider's report, unchanged.
    usage = models.JSONField(null=True, blank=True)
    # Token counts that the run is booked with.
    input_tokens = models.PositiveBigIntegerField(null=True, blank=True)
    output_tokens = models.PositiveBigIntegerField(null=True, blank=True)
    # True if the provider did not report the tokens completely, so that they are our own rough count.
    are_tokens_estimated = models.BooleanField(default=False)
    reasoning_tokens = models.PositiveBigIntegerField(null=True, blank=True)
    credits = models.PositiveBigIntegerField(null=True, blank=True)
    usd = models.DecimalField(max_digits=16, decimal_places=9, null=True, blank=True)
    # The provider reported neither the cost nor enough to compute it, so ``credits`` is an estimate.
    is_cost_estimated = models.BooleanField(default=False)
    # The id by which a background answer is fetched, once the provider has named it: see
    # chat.flows.follow_background.
    background_id = models.CharField(max_length=200, blank=True, default="", db_default="")
    # The provider's marks on the answer: see playground.upstream.answer.Answer.marks.
    reported = models.JSONField(null=True, blank=True)
    inference_id = models.CharField(max_length=128, blank=True)
    # {"text", "reasoning", "data"} of an ended run without an answer, each as in ``Message``.
    result = models.JSONField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "idempotency_key"], name="one_run_per_send"),
            models.CheckConstraint(
                condition=Q(conversation__isnull=True, answer__isnull=True)
                | Q(conversation__isnull=False, answer__isnull=False),
                name="conversation_and_answer_or_neither",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["lease_expires_at"],
                condition=Q(status__in=["queued", "running"]),
                name="live_runs_by_lease",
            ),
            # The queue and the running runs of a provider: polled every second, few rows among many.
            models.Index(fields=["status", "provider_code"], name="runs_by_status"),
            # The users who had a turn recently.
            models.Index(fields=["started_at"], name="runs_by_start"),
        ]

    def __str__(self) -> str:
        return f"run {self.code}: {self.status}"

    @property
    def thread(self) -> Conversation:
        """The conversation, for code that deals only with runs in one.

        :raises Conversation.DoesNotExist: the run has none.
        """
        if self.conversation is None:
            raise Conversation.DoesNotExist(f"Run {self.code} has no conversation.")
        return self.conversation

    @property
    def message(self) -> Message:
        """The answer in the conversation.

        :raises Message.DoesNotExist: the run has none.
        """
        if self.answer is None:
            raise Message.DoesNotExist(f"Run {self.code} has no answer in a conversation.")
        return self.answer

    @property
    def subject(self) -> Conversation | None:
        """The conversation that the run belongs to, or makes a title for: its readers may read the run."""
        return self.conversation or self.title_of

    @property
    def purpose(self) -> str:
        """The purpose in the ledger's words; empty for an answer to a prompt."""
        return self.made_for if self.title_of_id is None else LedgerEntry.Purpose.TITLE

    @property
    def conversation_code(self) -> UUID | None:
        return self.conversation.code if self.conversation else None

    @property
    def kept_basis(self) -> Basis:
        """The basis of the cost, as far as it is known: runs of earlier versions kept less."""
        if self.basis or self.credits is None:
            return Basis.of(self.basis)
        named = cost_in(self.usage) if self.is_cost_estimated else None
        return Basis(self.prices, is_counted_here=self.are_tokens_estimated, reported=in_words(named))

    @property
    def prices(self) -> Prices:
        """The prices that the run was opened with, whatever they are by now."""
        kept = Basis.of(self.basis).prices or Prices(DEFAULT_INPUT_PRICE, DEFAULT_OUTPUT_PRICE)
        if self.input_price is None or self.output_price is None:
            # Only runs of earlier versions have no price.
            kept = replace(kept, origin=Origin.DEFAULT)
        elif not kept.origin and self.list_price_on:
            kept = replace(kept, origin=Origin.LIST)
        return replace(
            kept,
            input=DEFAULT_INPUT_PRICE if self.input_price is None else Decimal(self.input_price),
            output=DEFAULT_OUTPUT_PRICE if self.output_price is None else Decimal(self.output_price),
            listed_on=self.list_price_on,
        )

    @property
    def is_live(self) -> bool:
        return self.status in self.LIVE


class RunChunk(models.Model):
    """A stretch of a live run's ordered log: the events after those of the previous chunk.

    The process that holds the lease writes chunks in batches. They are deleted when the run has ended
    and its answer is stored.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="chunks")
    # The number of the last event in this chunk, counted from 1.
    seq = models.PositiveBigIntegerField()
    # JSON array of events, as chat.live.merging encodes them.
    events = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "seq"], name="one_chunk_each"),
        ]

    def __str__(self) -> str:
        return f"run {self.run_id} up to {self.seq}"
