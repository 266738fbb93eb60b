from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.timezone import now

from accounts.models import Workspace
from playground.models import DEFAULT_KIND, UpstreamModel


class Conversation(models.Model):
    """A tree of messages. ``head`` is the leaf of the branch that the page shows."""

    class Visibility(models.TextChoices):
        PRIVATE = "private", "Only me"
        WORKSPACE = "workspace", "Everyone in the workspace"

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="conversations")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="conversations"
    )
    visibility = models.CharField(max_length=10, choices=Visibility.choices, default=Visibility.PRIVATE)
    title = models.CharField(max_length=120)
    head = models.ForeignKey("Message", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # What the composer starts from: the last choice in this conversation.
    model = models.ForeignKey(UpstreamModel, on_delete=models.SET_NULL, null=True, related_name="+")
    endpoint_kind = models.CharField(max_length=20, default=DEFAULT_KIND)
    parameters = models.JSONField(default=dict, blank=True)
    # Of the request schema that they were chosen from.
    schema_digest = models.CharField(max_length=64, blank=True)
    # What the last switch of model could not take along: see chat.flows.switch_model.
    set_aside = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        ordering: ClassVar = ["-updated_at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "owner", "-updated_at"], name="conversations_of_owner"),
            models.Index(fields=["workspace", "visibility", "-updated_at"], name="conversations_shared"),
        ]

    def __str__(self) -> str:
        return self.title


class Draft(models.Model):
    """What a member's next new chat starts from: the last choice made outside a conversation."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="drafts")
    model = models.ForeignKey(UpstreamModel, on_delete=models.SET_NULL, null=True, related_name="+")
    endpoint_kind = models.CharField(max_length=20, default=DEFAULT_KIND)
    parameters = models.JSONField(default=dict, blank=True)
    schema_digest = models.CharField(max_length=64, blank=True)
    # What the last switch of model could not take along: see chat.flows.switch_model.
    set_aside = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "workspace"], name="one_draft_each"),
        ]

    def __str__(self) -> str:
        return f"draft of {self.user} in {self.workspace}"


class Message(models.Model):
    """One node of the tree. Text is stored as the model wrote it; HTML is made when it is shown."""

    class Role(models.TextChoices):
        SYSTEM = "system"
        USER = "user"
        ASSISTANT = "assistant"
        TOOL = "tool"

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="children"
    )
    role = models.CharField(max_length=10, choices=Role.choices)
    text = models.TextField(blank=True)
    reasoning = models.TextField(blank=True)
    # Everything else that came: {"tool_calls": [...], "citations": [...], "refusal": "…"}.
    data = models.JSONField(default=dict, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.role}: {self.text[:40]}"
