"""The comparison of what runs were booked at with what a provider has charged for them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.timezone import now

from accounts.models.api_key import ApiKey
from accounts.models.workspace import Workspace


class ChargeCheck(models.Model):
    """A shared key whose charges the workspace wants compared, and how far that is done."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="charge_checks")
    api_key = models.OneToOneField(ApiKey, on_delete=models.CASCADE, related_name="charge_check")
    is_on = models.BooleanField(default=True)
    # All charges of before this moment were compared.
    checked_to = models.DateTimeField()
    # The last time that the provider was asked, and its refusals since then in the words for people.
    asked_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    # A remark on the provider's list, in the words for people. It stays until the check is switched on again.
    note = models.CharField(max_length=300, blank=True, default="", db_default="")
    # The number and the sum of the charges that were compared so far.
    requests = models.PositiveBigIntegerField(default=0)
    credits = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(default=now, editable=False)

    def __str__(self) -> str:
        return f"charges of {self.api_key_id} up to {self.checked_to:%Y-%m-%d %H:%M}"


class ChargeDifference(models.Model):
    """A request about which our books and the provider's disagree."""

    class Kind(models.TextChoices):
        COST = "cost", "Another cost"
        UNKNOWN = "unknown", "Not asked here"
        MISSING = "missing", "Not charged"

    class Decision(models.TextChoices):
        OPEN = "open"
        CORRECTED = "corrected"
        DISMISSED = "dismissed"

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # The unique constraint begins with the workspace.
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    provider_code = models.CharField(max_length=80)
    # The code of the key that was asked.
    key_code = models.CharField(max_length=36)
    # The code of our run, or else the provider's id of the request: a difference is noted once.
    reference = models.CharField(max_length=128)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=Decision.choices, default=Decision.OPEN)
    at = models.DateTimeField()
    model_id = models.CharField(max_length=200, blank=True)
    # Empty for a request that we do not know.
    run_code = models.UUIDField(null=True, blank=True)
    inference_id = models.CharField(max_length=128, blank=True)
    booked_credits = models.BigIntegerField(default=0)
    # Nothing for a request that the provider does not list.
    charged_credits = models.BigIntegerField(default=0)
    charged_usd = models.DecimalField(max_digits=16, decimal_places=9, default=0)
    charged_input_tokens = models.BigIntegerField(default=0)
    charged_output_tokens = models.BigIntegerField(default=0)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "provider_code", "reference"], name="one_charge_difference_each"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "state", "at"], name="charge_differences_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.reference}: {self.booked_credits} and {self.charged_credits}"
