from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from chat.models.conversation import Conversation


class Placement(models.Model):
    """The place of a conversation in one person's list, if it is not among the others by its date.

    Two people who share a conversation may place it differently.
    """

    class Place(models.TextChoices):
        PINNED = "pinned", "Pinned"
        ARCHIVED = "archived", "Archived"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="placements")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="placements")
    place = models.CharField(max_length=8, choices=Place.choices)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "conversation"], name="one_placement_each"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation}: {self.place} for {self.user}"
