from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from accounts.models import Workspace
from chat.models.conversation import Conversation


class LiveSnapshots(models.QuerySet["Snapshot"]):
    def live(self) -> LiveSnapshots:
        """Keep those whose links work now, as far as the workspace allows any."""
        return self.filter(revoked_at=None, expires_at__gt=now(), conversation__deleted_at=None)


class Snapshot(models.Model):
    """A frozen copy of a conversation or a comparison, which anybody with its link can read.

    The link has a token that is stored nowhere. Nothing that is written later appears in the copy.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="snapshots")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="snapshots")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    title = models.CharField(max_length=120)
    # The copy that chat.exporting.snapshot has made; empty once the link is revoked.
    content = models.JSONField(default=dict, blank=True)
    # The parts that were chosen to be shown, as chat.exporting.snapshot.Parts names them.
    parts = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = LiveSnapshots.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "expires_at"],
                condition=Q(revoked_at__isnull=True),
                name="snapshots_not_revoked",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_live(self) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and self.expires_at > now()
