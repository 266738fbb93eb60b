from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from accounts.models import Group, Membership


class Access(models.TextChoices):
    """The access of a workspace's members to what belongs to another one."""

    NONE = "none", "No access"
    READ = "read", "Can read"
    WRITE = "write", "Can write"


class AnyShare(models.Model):
    """The access of one member or of one group to one object, beside that of the whole workspace.

    That of a member belongs to the membership: it ends with it, and a new invitation does not bring it back.
    That of a group is whoever's is in the group at the moment.
    """

    # Exactly one of the two is set.
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, null=True, related_name="+")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, related_name="+")
    can_write = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        abstract = True


# The condition under which a share has one holder.
ONE_HOLDER = Q(member__isnull=False, group__isnull=True) | Q(member__isnull=True, group__isnull=False)


class Share(AnyShare):
    """The access of one member or of one group to a conversation."""

    conversation = models.ForeignKey("Conversation", on_delete=models.CASCADE, related_name="shares")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "member"], name="one_share_each"),
            models.UniqueConstraint(fields=["conversation", "group"], name="one_share_each_group"),
            models.CheckConstraint(condition=ONE_HOLDER, name="share_of_one_holder"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation} for {self.member or self.group}"
