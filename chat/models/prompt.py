"""Stored prompts of a workspace, with their versions. What a version says is in ``chat.prompts.content``."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from accounts.models import Workspace
from chat.models.deletable import Deletable, KeptRows
from chat.models.item import SEEN_BY_ALL, LibraryItem
from chat.prompts.content import PromptContent
from chat.prompts.stored import from_text


class Prompt(Deletable, LibraryItem):
    """A stored prompt. Its content is that of the version with the number ``version``, the newest one."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="prompts")
    name = models.CharField(max_length=128)
    description = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    # The number of the version that is pinned for production; None if none is.
    production = models.PositiveIntegerField(null=True, blank=True)
    # It counts all changes, so that two people who edit at once learn of each other.
    edits = models.PositiveIntegerField(default=1)
    # The facts of the newest version for lists, as chat.flows.save_prompt.summary_of writes them.
    summary = models.JSONField(default=dict, blank=True)
    # Name, description and texts of the newest version, as a search compares them.
    folded = models.TextField(blank=True, default="", editable=False)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(default=now, editable=False)

    noun = "prompt"
    objects = KeptRows["Prompt"]()
    with_deleted = models.Manager["Prompt"]()

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"],
                condition=Q(deleted_at=None) & SEEN_BY_ALL,
                name="one_prompt_of_a_name",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PromptVersion(models.Model):
    """A saved state of a prompt. It never changes."""

    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="versions")
    # Counted from 1 in each prompt.
    number = models.PositiveIntegerField()
    # JSON as it was written: PostgreSQL would keep the parameters of a JSON column in an order of its own.
    content = models.TextField()
    note = models.CharField(max_length=200, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering: ClassVar = ["prompt", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["prompt", "number"], name="one_prompt_version_each"),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"

    def read(self) -> PromptContent:
        return from_text(self.content)


class PromptUse(models.Model):
    """A use of a prompt: in a new chat, or as a text in a composer.

    ``conversation_code`` names the chat that was opened with the prompt's messages, which may be gone. It is
    None if the prompt stood in a composer alone, whose text may never have been sent.
    """

    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="uses")
    number = models.PositiveIntegerField()
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    conversation_code = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"use of version {self.number}"
