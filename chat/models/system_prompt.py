from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.timezone import now


class SystemPrompt(models.Model):
    """A version of a conversation's system prompt. A version never changes, so answers can name it."""

    conversation = models.ForeignKey("Conversation", on_delete=models.CASCADE, related_name="system_prompts")
    # The number of the version in its conversation, counted from 1.
    number = models.PositiveIntegerField()
    text = models.TextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering: ClassVar = ["conversation", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "number"], name="one_system_prompt_each"),
        ]

    def __str__(self) -> str:
        return f"version {self.number}: {self.text[:40]}"
