"""Comparisons: up to eight conversations side by side, the columns, which receive the same prompts.

The entry of a comparison is a conversation without messages. By it the comparison is listed, named, shared,
placed, deleted and restored like any conversation.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.timezone import now

from accounts.models import Workspace

# The fewest and the most columns of a comparison.
FEWEST_COLUMNS, MOST_COLUMNS = 2, 8


class AnswerChoice(models.Model):
    """A person's choice of the best column of a comparison, for the results of the models.

    It names the models as they were then, and stays when the comparison is deleted.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="answer_choices")
    comparison = models.ForeignKey(
        "Conversation", on_delete=models.SET_NULL, null=True, related_name="answer_choices"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    # Whether the names of the models were hidden until then.
    was_blind = models.BooleanField()
    provider_code = models.CharField(max_length=80)
    model_id = models.CharField(max_length=200)
    # The provider and the id of each model among which it was chosen, without repetitions.
    among = models.JSONField(default=list)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.model_id}, chosen by {self.user}"
