from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.timezone import localdate, now

from accounts.models.group import Group
from accounts.models.workspace import Membership, Role, Workspace


class ApiKey(models.Model):
    """An encrypted provider credential: the workspace's if ``member`` is empty, else a personal one.

    ``provider_code`` names a provider of the catalogue, which this app does not know.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="api_keys")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="api_keys"
    )
    provider_code = models.CharField(max_length=80)
    # The name among the keys of the provider. Admins see those of personal keys in usage and limits.
    label = models.CharField(max_length=80, blank=True, default="", db_default="")
    # A key that is not enabled stays, and is not used.
    is_enabled = models.BooleanField(default=True, db_default=True)
    # The last day on which it is used.
    expires_on = models.DateField(null=True, blank=True)
    # The number of reminders of this last day that were sent.
    reminders = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Ids of models, or patterns with * for any characters; empty for all.
    model_patterns = models.JSONField(default=list, blank=True)
    # A shared key is for the roles from this one upwards, none if it is empty, and for groups and people.
    lowest_role = models.CharField(
        max_length=10, choices=Role.choices, default=Role.VIEWER, db_default=Role.VIEWER, blank=True
    )
    groups = models.ManyToManyField(Group, related_name="+", blank=True)
    people = models.ManyToManyField(Membership, related_name="+", blank=True)
    # Members who chose that it comes before their other keys of the provider.
    preferred_by = models.ManyToManyField(Membership, related_name="+", blank=True)
    # True for a key of PROVIDER_KEYS, which is not stored: the row has no token.
    is_from_environment = models.BooleanField(default=False, db_default=False)
    # The vault's ciphertext. Only accounts.keys decrypts it, for the HTTP call alone.
    token = models.TextField()
    last4 = models.CharField(max_length=4)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=now, editable=False)
    replaced_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    # The last report of the provider about the account, and its time: see accounts.balances.
    balance = models.JSONField(null=True, blank=True)
    balance_at = models.DateTimeField(null=True, blank=True)
    # The last time that it was asked, whatever it answered.
    balance_asked_at = models.DateTimeField(null=True, blank=True)
    # Credits below which the balance counts as low; empty: the provider decides.
    low_threshold = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "provider_code"], name="keys_of_providers")]

    def __str__(self) -> str:
        return f"key for {self.provider_code} ending in {self.last4}"

    @property
    def short_name(self) -> str:
        """The name among the keys of all providers: "openai …x7Qa", "openai (own key of Bob)"."""
        return self.name_at(self.provider_code)

    @property
    def name(self) -> str:
        """The name among the keys of its provider."""
        return self.label or (f"…{self.last4}" if self.last4 else "key")

    @property
    def is_lost(self) -> bool:
        """True if the server has no such key any more."""
        return self.is_from_environment and self.provider_code not in settings.PROVIDER_KEYS

    @property
    def has_expired(self) -> bool:
        return self.expires_on is not None and self.expires_on < localdate()

    def name_at(self, provider: str) -> str:
        """Return the name for other people too. The end of somebody's own key is theirs alone to see."""
        own = "" if self.label in ("", provider) else f"{self.label}, "
        if self.member:
            return f"{provider} ({own}own key of {self.member.display_name})"
        return f"{own}{provider} …{self.last4}" if self.last4 else f"{own}{provider}"
