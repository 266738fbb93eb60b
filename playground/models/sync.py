from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from playground.models.provider import Provider


class CatalogueSync(models.Model):
    """A run of the sync of the catalogue with a provider: its progress and its findings."""

    class State(models.TextChoices):
        RUNNING = "running"
        FINISHED = "finished"
        FAILED = "failed"

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="syncs")
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    # Documents read, and their total, which is known once the list of models has come.
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    # The ETag of the list of models.
    etag = models.CharField(max_length=200, blank=True)
    # {"models": count, "added": [id], "changed": [{"model", "what": [words]}], "retired": [id],
    #  "refused": [{"model", "reason"}], "unsuited": [{"model", "purpose"}] if there are any};
    # "unchanged": true where the list was the same as before.
    report = models.JSONField(default=dict)
    # The reason for a failure, as a sentence for users.
    error = models.CharField(max_length=500, blank=True)
    started_at = models.DateTimeField(default=now)
    # The time of the last sign of life; a sync whose time is old counts as dead.
    beat_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider"], condition=Q(state="running"), name="one_running_sync_each"
            ),
        ]

    def __str__(self) -> str:
        return f"sync {self.pk} of {self.provider_id}: {self.state}"
