from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.timezone import now

from playground.models import UpstreamModel


class ModelStatistics(models.Model):
    """The statistics of a model's token counts and lengths: see ``chat.flows.learn_statistics``."""

    model = models.OneToOneField(UpstreamModel, on_delete=models.CASCADE, related_name="+")
    # JSON that playground.estimating.statistics writes.
    learned = models.JSONField(default=dict)
    updated_at = models.DateTimeField(default=now, db_index=True)

    def __str__(self) -> str:
        return f"statistics of model {self.model_id}"


class LearnedUpTo(models.Model):
    """The last ledger entry that the statistics contain. There is one row."""

    ONLY: ClassVar = 1

    entry = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"entry {self.entry}"
