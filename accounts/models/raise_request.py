from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from accounts.models.limit import Limit, LimitRaise
from accounts.models.workspace import Membership


class RequestState(models.TextChoices):
    OPEN = "open"
    ALLOWED = "allowed"
    DECLINED = "declined"


class RaiseRequest(models.Model):
    """The wish of a member that a limit allows them more for a while. An admin answers it once."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Empty after the limit was deleted: then there is nothing left to answer.
    limit = models.ForeignKey(Limit, on_delete=models.SET_NULL, null=True, related_name="requests")
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="raise_requests")
    # The amount that the refused prompt needed, in the limit's unit.
    needed = models.PositiveBigIntegerField()
    note = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=RequestState.choices, default=RequestState.OPEN)
    asked_at = models.DateTimeField(default=now, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    raised = models.ForeignKey(LimitRaise, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["limit", "member"], condition=Q(state="open"), name="one_open_request_each"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} asks for more of {self.limit}: {self.state}"
