from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import connection, models
from django.utils.timezone import now

from accounts.prepared import prepared
from accounts.statements import send

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.statements import Call


class Role(models.TextChoices):
    """Roles, from the most rights to the fewest."""

    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    MEMBER = "member", "Member"
    VIEWER = "viewer", "Viewer"


class Colour(models.TextChoices):
    """The ground of a workspace's icon."""

    GREEN = "green", "Green"
    BLUE = "blue", "Blue"
    VIOLET = "violet", "Violet"
    PINK = "pink", "Pink"
    AMBER = "amber", "Amber"
    GREY = "grey", "Grey"


class Workspace(models.Model):
    """A team: its members, keys, limits and conversations."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    # An emoji, or up to two letters; empty for the first letter of the name.
    icon = models.CharField(max_length=20, blank=True, default="", db_default="")
    colour = models.CharField(
        max_length=10, choices=Colour.choices, default=Colour.GREEN, db_default=Colour.GREEN
    )
    created_at = models.DateTimeField(default=now, editable=False)
    # Codes of the providers whose shared key has a low balance: see accounts.balances.
    low_keys = models.JSONField(null=True, blank=True)
    # The periods of limits begin at midnight in this time zone, and weeks on this day (0 is Monday).
    time_zone = models.CharField(max_length=60, default="UTC", db_default="UTC")
    week_starts_on = models.PositiveSmallIntegerField(default=0, db_default=0)

    # The rule for models without a price: see playground.prices. None for the default.
    unpriced = models.JSONField(null=True, blank=True)
    # Whether requests are sent the length that a limit leaves, where the model could write more.
    shortens_answers = models.BooleanField(default=True, db_default=True)

    # Days for which the events of the audit log are kept; None for as long as the workspace exists.
    audit_days = models.PositiveIntegerField(null=True, blank=True)
    # Days after their last change for which conversations are kept, and after their end for which raw
    # answers are; None for no such rule, 0 raw days for none at all: see chat.retention.
    conversation_days = models.PositiveIntegerField(null=True, blank=True)
    keeps_pinned = models.BooleanField(default=True, db_default=True)
    raw_days = models.PositiveIntegerField(null=True, blank=True)

    # Whether members may have chats that are in no list, and the hours after their last answer for which such
    # a chat is kept.
    allows_temporary = models.BooleanField(default=True, db_default=True)
    temporary_hours = models.PositiveIntegerField(default=24, db_default=24)

    # Whether members may make links with which anybody can read a frozen copy of a conversation.
    allows_public_links = models.BooleanField(default=False, db_default=False)
    # A deleted workspace can be restored for some days. Then it is purged, and only its books are left.
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    purged_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Whether members need a second factor before they can do anything here: see accounts.factors.
    requires_factor = models.BooleanField(default=False, db_default=False)

    memberships: models.Manager[Membership]

    def __str__(self) -> str:
        return self.name

    @property
    def mark(self) -> str:
        """The characters of the icon."""
        return self.icon or self.name[:1].upper()

    @property
    def restorable_until(self) -> datetime | None:
        """The moment from which a deleted workspace cannot be restored any more."""
        grace = timedelta(days=settings.WORKSPACE_GRACE_DAYS)
        return self.deleted_at + grace if self.deleted_at else None

    def lock(self) -> None:
        """Lock this workspace's row until the end of the transaction.

        On SQLite a writing transaction locks the whole database anyway.
        """
        self.lock_and_read()

    def lock_if_open(self) -> bool:
        """Lock the row as :meth:`lock` does; return False if the workspace is deleted."""
        self.lock()
        return Workspace.objects.filter(pk=self.pk, deleted_at=None).exists()

    def lock_and_read(self, *reads: Call) -> list[Any]:
        """Lock this workspace's row and run queries after it, in one message; return their results."""
        if not connection.features.has_select_for_update:
            return send(*reads)
        locked, *found = send(_locked.call(pk=self.pk), *reads)
        if not locked:
            raise Workspace.DoesNotExist
        return found


@prepared(pk=models.BigIntegerField())
def _locked(pk: Any) -> models.QuerySet[Workspace, Any]:
    return Workspace.objects.select_for_update(no_key=True).filter(pk=pk).values_list("pk")


class CurrentMemberships(models.Manager["Membership"]):
    """Memberships that give access: those of a deleted workspace give none, wherever they are looked up."""

    def get_queryset(self) -> models.QuerySet[Membership]:
        return super().get_queryset().filter(is_suspended=False)


class Membership(models.Model):
    """A user's role in a workspace. What a member wrote outlasts the membership."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    created_at = models.DateTimeField(default=now, editable=False)
    # The number of unread notices. Every page reads its reader's membership anyway: see accounts.notices.
    unread = models.PositiveIntegerField(default=0, db_default=0)
    # True while the workspace is deleted.
    is_suspended = models.BooleanField(default=False, db_default=False)

    objects = CurrentMemberships()
    with_suspended = models.Manager["Membership"]()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_each"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace} as {self.role}"


class Invitation(models.Model):
    """A link with which one person can join. Only the hash of its token is stored."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    note = models.CharField(max_length=120, blank=True, help_text="For whom, so that the list can be read.")
    # The only address that may accept it; empty: anybody with the link.
    email = models.EmailField(blank=True, default="", db_default="")
    # The person who accepts it joins these.
    groups = models.ManyToManyField("accounts.Group", related_name="invitations", blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"invitation to {self.workspace} as {self.role}"

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= now()

    @property
    def whom(self) -> str:
        """The words for the invited person; empty for anybody with the link."""
        return self.note or self.email
