from __future__ import annotations

from django.db import models

from accounts.models import Workspace
from playground.models import UpstreamModel


class TitleSetting(models.Model):
    """The model that makes the titles of a workspace's conversations. Without a row the prompt does."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, related_name="title_setting")
    model = models.ForeignKey(UpstreamModel, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"titles of {self.workspace_id} by {self.model_id}"
