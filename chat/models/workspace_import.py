from __future__ import annotations

from django.db import models
from django.utils.timezone import now

from accounts.models import Workspace


class WorkspaceImport(models.Model):
    """An archive that is being imported, or was: what is needed to go on after an end in the middle."""

    archive = models.UUIDField(unique=True)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    slug = models.SlugField(max_length=60)
    # By table: what is added to the keys of the archive's rows.
    shifts = models.JSONField(default=dict)
    # By table: the rows that have no place here, because the catalogue lacks what they are about.
    left_out = models.JSONField(default=dict)
    # The codes of providers of the workspace's own that are taken here, with the new ones.
    renamed = models.JSONField(default=dict)
    # The last part that was imported.
    part = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(default=now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"import of {self.archive}"
