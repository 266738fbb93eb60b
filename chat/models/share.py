from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.timezone import now

from accounts.models import Membership


class Access(models.TextChoices):
    """The access of a workspace's members to a conversation of another one."""

    NONE = "none", "No access"
    READ = "read", "Can read"
    WRITE = "write", "Can write"


class Share(models.Model):
    """The access of one member to a conversation, beside that of the whole workspace.

    It belongs to the membership: it ends with it, and a new invitation does not bring it back.
    """

    conversation = models.ForeignKey("Conversation", on_delete=models.CASCADE, related_name="shares")
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    can_write = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "member"], name="one_share_each"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation} for {self.member}"
