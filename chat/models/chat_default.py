from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Workspace
from playground.models import UpstreamModel


class ChatDefault(models.Model):
    """The model and the system prompt with which new chats begin: a member's, or the workspace's."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="chat_defaults")
    # None for the default of all members.
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="chat_defaults"
    )
    model = models.ForeignKey(UpstreamModel, on_delete=models.SET_NULL, null=True, related_name="+")
    # The name of the model when it was chosen, for a model that was deleted since.
    model_name = models.CharField(max_length=120, blank=True)
    system_text = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "member"], name="one_default_each"),
            models.UniqueConstraint(
                fields=["workspace"], condition=Q(member=None), name="one_default_of_a_workspace"
            ),
        ]

    def __str__(self) -> str:
        return f"default of {self.member_id or 'all'} in {self.workspace_id}"
