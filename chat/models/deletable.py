"""Objects that can be brought back for some days after they were deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

from django.db import models

_Row = TypeVar("_Row", bound="Deletable")

# These objects are the work of a team, so a member who was away can bring them back too.
RESTORABLE_FOR = timedelta(days=7)


class KeptRows(models.Manager[_Row]):
    """Rows that were not deleted."""

    def get_queryset(self) -> models.QuerySet[_Row]:
        return super().get_queryset().filter(deleted_at=None)


class Deletable(models.Model):
    """A row with the moment of its deletion. Each model names its managers: ``objects``, ``with_deleted``."""

    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True
