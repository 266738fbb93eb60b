"""The workspace's library: tools and output schemas, from which conversations copy.

They belong to this app because only the requests of conversations use them. Nothing points from a request
back to the library: a parameter holds a copy.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.db import models
from django.utils.timezone import now

from chat.models.item import SEEN_BY_ALL, LibraryItem


class LibraryEntry(LibraryItem):
    """A schema with a name, by which a model knows it."""

    name = models.CharField(max_length=64)
    description = models.TextField(blank=True)
    # JSON as it was written: PostgreSQL would keep the properties of a JSON column in an order of its own.
    schema = models.TextField(blank=True)
    is_strict = models.BooleanField(default=False)
    # It counts the changes, so that two people who edit at once learn of each other.
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        abstract = True
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def schema_value(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.schema) if self.schema else {}
        return value


class Tool(LibraryEntry):
    """A function that a model may call; ``schema`` describes its parameters."""

    # The schema of its result, as JSON; empty if a result may be anything.
    result_schema = models.TextField(blank=True)
    # Saved results: [{"name", "text"}].
    examples = models.JSONField(default=list, blank=True)

    noun = "tool"

    class Meta(LibraryEntry.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"], condition=SEEN_BY_ALL, name="one_tool_of_a_name"
            ),
        ]


class OutputSchema(LibraryEntry):
    """The schema of a structured answer."""

    noun = "output schema"

    class Meta(LibraryEntry.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"], condition=SEEN_BY_ALL, name="one_output_schema_of_a_name"
            ),
        ]
