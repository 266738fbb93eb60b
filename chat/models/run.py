from __future__ import annotations

import uuid
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from chat.models.conversation import Conversation, Message
from playground.models import Endpoint

# A run that waits for a place is kept by every process that looks at the queue. Time enough for a restart;
# past it, what nobody looked after is ended and not answered out of the blue.
QUEUE_LEASE = timedelta(minutes=5)


class Run(models.Model):
    """One request to one endpoint and all that came of it. The state diagram is in ``chat.flows``."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        FINISHED = "finished"
        STOPPED = "stopped"
        FAILED = "failed"
        INTERRUPTED = "interrupted"

    LIVE: ClassVar = (Status.QUEUED, Status.RUNNING)

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="runs")
    answer = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="run")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.SET_NULL, null=True, related_name="+")
    # Copies: the receipt must still be true when the catalogue has moved on.
    provider_code = models.CharField(max_length=80)
    model_id = models.CharField(max_length=200)
    endpoint_kind = models.CharField(max_length=20)
    parameters = models.JSONField(default=dict)
    body = models.JSONField(default=dict)
    # Where the body names stored files instead of holding them: see chat.references.
    references = models.JSONField(default=list, blank=True)
    input_price = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    output_price = models.DecimalField(max_digits=16, decimal_places=4, null=True)

    idempotency_key = models.UUIDField()
    request_hash = models.CharField(max_length=64)

    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    stop_requested = models.BooleanField(default=False)
    # Who relays it, until when, and how often that changed hands. Nobody relays a queued run: whoever has
    # room takes it.
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
    # {"kind", "message", "status", "request_id", "detail"} of a failure.
    error = models.JSONField(null=True, blank=True)
    # As reported, never summed up by us.
    usage = models.JSONField(null=True, blank=True)
    # What the run is booked with.
    input_tokens = models.PositiveBigIntegerField(null=True, blank=True)
    output_tokens = models.PositiveBigIntegerField(null=True, blank=True)
    # Nobody told them to the end: we counted, roughly.
    are_tokens_estimated = models.BooleanField(default=False)
    reasoning_tokens = models.PositiveBigIntegerField(null=True, blank=True)
    credits = models.PositiveBigIntegerField(null=True, blank=True)
    usd = models.DecimalField(max_digits=16, decimal_places=9, null=True, blank=True)
    # Neither cost nor enough to work it out was told: ``credits`` is our estimate.
    is_cost_estimated = models.BooleanField(default=False)
    inference_id = models.CharField(max_length=128, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "idempotency_key"], name="one_run_per_send"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["lease_expires_at"],
                condition=Q(status__in=["queued", "running"]),
                name="live_runs_by_lease",
            ),
            # The queue, and what runs at a provider: asked for every second, of few among many.
            models.Index(fields=["status", "provider_code"], name="runs_by_status"),
            # Who had turns lately.
            models.Index(fields=["started_at"], name="runs_by_start"),
        ]

    def __str__(self) -> str:
        return f"run {self.code}: {self.status}"

    @property
    def is_live(self) -> bool:
        return self.status in self.LIVE


class RunChunk(models.Model):
    """A stretch of a live run's ordered log: the events after those of the chunk before.

    Written in batches by the process that holds the lease; gone once the run has ended and
    its answer is stored.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="chunks")
    # Number of the last event in this chunk; events count from 1.
    seq = models.PositiveBigIntegerField()
    # JSON array of events, as chat.live.merging encodes them.
    events = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "seq"], name="one_chunk_each"),
        ]

    def __str__(self) -> str:
        return f"run {self.run_id} up to {self.seq}"
