from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.timezone import now

from chat.models.conversation import Conversation, Message
from playground.models import Endpoint

# The most prompts that may wait in a conversation.
MAX_QUEUED = 20


class QueuedPrompt(models.Model):
    """A prompt that is sent by itself once the answer before it has ended: see chat.flows.send_next_queued.

    One that a limit refuses for less than an hour waits for it: see chat.flows.wait_for_limit.

    It has all that Send would have stored: the chosen endpoint and parameters, and the key of the click.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="queued_prompts")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # The end of the branch that the prompt continues: an answer, which is live while the prompt waits for it.
    # None for the first prompt of a conversation, which waits for a limit.
    after = models.ForeignKey(Message, on_delete=models.CASCADE, null=True, related_name="+")
    position = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    # The beginning of the answer.
    prefill = models.TextField(blank=True)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.SET_NULL, null=True, related_name="+")
    # The model, for a list that outlives it.
    provider_code = models.CharField(max_length=80)
    model_id = models.CharField(max_length=200)
    parameters = models.JSONField(default=dict, blank=True)
    is_streamed = models.BooleanField(default=True)
    reports_usage = models.BooleanField(default=True)
    idempotency_key = models.UUIDField()
    request_hash = models.CharField(max_length=64)
    # The reason why the last try to send it failed. A personal one is shown to the author alone.
    refusal = models.TextField(blank=True)
    is_refusal_personal = models.BooleanField(default=False)
    # The code of the limit that it waits for, and its words after "Waits for", personal ones for the author.
    awaited_limit = models.UUIDField(null=True)
    awaited_words = models.TextField(blank=True, default="", db_default="")
    is_wait_personal = models.BooleanField(default=False, db_default=False)
    # The end of the limit's period. None for a limit of requests at once, which others leave at any time.
    not_before = models.DateTimeField(null=True)
    # The first time that the limit refused it.
    waits_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["author", "idempotency_key"], name="one_queued_prompt_per_send"),
        ]

    def __str__(self) -> str:
        return f"queued: {self.text[:40]}"
