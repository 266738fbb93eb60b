from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.timezone import now

from accounts.folding import same_name
from accounts.models.workspace import Membership, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable


class Group(models.Model):
    """A named set of members of a workspace. Whoever leaves the workspace leaves its groups."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=60)
    # The name as names are compared, which may be longer. Saving a row writes it, ``update`` does not.
    name_key = models.TextField(editable=False)
    # Flows add members of the same workspace only, which no constraint can say.
    members = models.ManyToManyField(Membership, related_name="groups")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "name_key"], name="one_group_of_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        self.name_key = same_name(self.name)
        if update_fields is not None:
            update_fields = {*update_fields, "name_key"}
        super().save(*args, update_fields=update_fields, **options)
