"""Items of a library, which are prompts, tools, output schemas and test tables, and their shares."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Workspace
from chat.models.share import ONE_HOLDER, Access, AnyShare


class LibraryItem(models.Model):
    """Something in the library of a workspace. It belongs to the person who made it, who shares it.

    A new one is shared with the workspace for writing, since a library is for the team. Its maker makes it
    private, or gives it to some people only, in the dialog of sharing.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="%(class)ss")
    # The access of all members of the workspace. Members and groups with an access of their own have a share.
    workspace_access = models.CharField(
        max_length=10, choices=Access.choices, default=Access.WRITE, db_default=Access.WRITE
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    # The word for it in sentences.
    noun: ClassVar[str]
    # Whether the member who asked for it may change it. The queries of chat.library_access set it.
    is_writable: bool = False
    # Whether it is shared with anybody one by one. The queries of lists set it.
    has_shares: bool = False

    class Meta:
        abstract = True

    @property
    def owner(self) -> Any:
        """The person who made it; None for one that came from elsewhere."""
        return self.created_by

    @property
    def owner_id(self) -> int | None:
        return self.created_by_id


# Names are unique among what everyone in a workspace sees. A private name is nobody else's concern.
SEEN_BY_ALL = ~Q(workspace_access=Access.NONE)


class ItemShare(AnyShare):
    """The access of one member or of one group to an item of the library."""

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "member"], name="one_%(class)s_each"),
            models.UniqueConstraint(fields=["item", "group"], name="one_%(class)s_each_group"),
            models.CheckConstraint(condition=ONE_HOLDER, name="%(class)s_of_one_holder"),
        ]

    def __str__(self) -> str:
        return f"{self.item} for {self.member or self.group}"  # type: ignore[attr-defined]


class PromptShare(ItemShare):
    item = models.ForeignKey("Prompt", on_delete=models.CASCADE, related_name="shares")


class ToolShare(ItemShare):
    item = models.ForeignKey("Tool", on_delete=models.CASCADE, related_name="shares")


class SchemaShare(ItemShare):
    item = models.ForeignKey("OutputSchema", on_delete=models.CASCADE, related_name="shares")


class TableShare(ItemShare):
    item = models.ForeignKey("TableOfCases", on_delete=models.CASCADE, related_name="shares")
