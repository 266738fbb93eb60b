from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from accounts.models.workspace import Invitation, Membership, Workspace


class NoticeKind(models.TextChoices):
    """The subject of a notice. The labels are those of a choice: which notices come by mail too."""

    LIMIT_NEAR = "limit_near", "A limit is nearly used up"
    LIMIT_REACHED = "limit_reached", "A limit is used up"
    RAISE_ASKED = "raise_asked", "Somebody asks you to raise a limit"
    RAISE_ANSWERED = "raise_answered", "Your request to raise a limit is answered"
    KEY_EXPIRES = "key_expires", "An API key is about to expire"
    MAIL_FAILED = "mail_failed", "A mail could not be sent"
    SECURITY = "security", "Your sign-in was changed"


class Notice(models.Model):
    """A sentence that a member of a workspace is told. Whoever leaves the workspace loses its notices."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    recipient = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=20, choices=NoticeKind.choices)
    text = models.CharField(max_length=500)
    # A path of this server, and the words of the button that leads there.
    link = models.CharField(max_length=300)
    link_words = models.CharField(max_length=60)
    # A mark of the object that the notice is about, so that people are not told the same again and again.
    about = models.CharField(max_length=80, blank=True, default="", db_default="")
    created_at = models.DateTimeField(default=now, editable=False)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["recipient", "-created_at"], name="notices_by_time"),
        ]

    def __str__(self) -> str:
        return self.text


class MailChoice(models.Model):
    """The kinds of notices that a person also wants by mail. Without a row, their role decides."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mail_choice"
    )
    kinds = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.user}: {', '.join(self.kinds)}"


INVITATION = "invitation"


class OutgoingMail(models.Model):
    """A mail that waits to be sent, or that was given up. A mail that was sent is deleted.

    It must not contain a secret link: its text is stored as it is. The mail of an invitation has no text
    before it is sent.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # A mail has either of them: it goes to a member, or to the address of an invitation.
    recipient = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="mails", null=True)
    invitation = models.OneToOneField(Invitation, on_delete=models.CASCADE, related_name="mail", null=True)
    # The kind of the notice, or INVITATION.
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    created_at = models.DateTimeField(default=now, editable=False)
    # The next attempt; while a process sends the mail, the end of its lease.
    due_at = models.DateTimeField(default=now)
    attempts = models.PositiveSmallIntegerField(default=0)
    # The end of the attempts.
    try_until = models.DateTimeField()
    # The failure of the last attempt, in words for people.
    trouble = models.CharField(max_length=200, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(given_up_at__isnull=True), name="mails_to_send"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(recipient__isnull=True) ^ Q(invitation__isnull=True), name="one_addressee_each"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} mail, {self.attempts} attempts"

    @property
    def address(self) -> str:
        return self.recipient.user.email if self.recipient else self._invitation.email

    @property
    def name(self) -> str:
        """The addressee's name, or what is known of it."""
        return self.recipient.user.display_name if self.recipient else self._invitation.whom

    @property
    def workspace(self) -> Workspace:
        return self.recipient.workspace if self.recipient else self._invitation.workspace

    @property
    def _invitation(self) -> Invitation:
        assert self.invitation is not None  # noqa: S101  the constraint
        return self.invitation
