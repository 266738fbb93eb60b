from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.timezone import now

from accounts.models.api_key import ApiKey
from accounts.models.workspace import Workspace


class CappedKey(models.Model):
    """A key that was made at its provider with a cap, and the provider's last report of it.

    It outlives our copy of the secret: the key still exists at the provider then.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # The unique constraint begins with the workspace.
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    provider_code = models.CharField(max_length=80)
    # The provider's id of the key.
    prefix = models.CharField(max_length=64)
    # The stored key with the secret; empty if it was deleted or replaced here.
    api_key = models.OneToOneField(
        ApiKey, on_delete=models.SET_NULL, null=True, blank=True, related_name="capped"
    )
    # The person whose key it is; empty for the workspace's.
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=100)
    # The provider's report: the cap in dollars, its period in the provider's word, and the use of this month.
    cap_usd = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    period = models.CharField(max_length=10, blank=True)
    used = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    is_disabled = models.BooleanField(default=False)
    # Whether the provider did not list it any more.
    is_missing = models.BooleanField(default=False)
    reported_at = models.DateTimeField(default=now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "provider_code", "prefix"], name="one_capped_key_of_each_prefix"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
