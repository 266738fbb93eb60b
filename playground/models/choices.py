"""Decisions about the catalogue: a workspace's about its models and providers, a member's favourites."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models

from accounts.models import Group, Role, Workspace
from accounts.permissions import people_in_words
from playground.models.model import UpstreamModel
from playground.models.provider import Provider

if TYPE_CHECKING:
    from collections.abc import Iterable


class ModelSetting(models.Model):
    """The decisions of a workspace's admins about a model. Without a row the catalogue's facts hold."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="model_settings")
    model = models.ForeignKey(UpstreamModel, on_delete=models.CASCADE, related_name="settings")
    # A model that is not enabled cannot be used. An unlisted model stays usable where it is chosen already.
    is_enabled = models.BooleanField(default=True)
    is_listed = models.BooleanField(default=True)
    # Empty means the name in the catalogue.
    name = models.CharField(max_length=120, blank=True)
    # Credits per million tokens; empty means the price in the catalogue.
    input_price = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    output_price = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    # The prices of input that the provider reads from its cache or writes to it; empty: the input price.
    cache_read_price = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    cache_write_price = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    # The lowest role that sees and uses the model; empty if no role does, but the groups alone.
    lowest_role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER, blank=True)
    # Groups whose members see and use it too, whatever their role.
    groups = models.ManyToManyField(Group, related_name="+", blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "model"], name="one_setting_each"),
        ]

    def __str__(self) -> str:
        return f"{self.model_id} in {self.workspace_id}"

    def whose(self, groups: Iterable[str]) -> str:
        """Name the people that the model is for, e.g. "for admins, owners and Research"."""
        return f"for {people_in_words(self.lowest_role, groups)}"

    def put_upon(self, model: UpstreamModel) -> None:
        """Give the instance the name and the prices of this workspace; it can be read, not saved."""
        model.is_as_decided = True
        model.name = self.name or model.name
        if self.input_price is not None:
            model.input_price = self.input_price
            # The catalogue's prices of the cache belong to its own price of input, which may be lower.
            model.cache_read_price = model.cache_write_price = None
        if self.output_price is not None:
            model.output_price, model.reasoning_price = self.output_price, None
        if self.cache_read_price is not None:
            model.cache_read_price = self.cache_read_price
        if self.cache_write_price is not None:
            model.cache_write_price = self.cache_write_price
        model.has_own_price = self.input_price is not None or self.output_price is not None
        if self.input_price is not None and self.output_price is not None:
            model.list_price_of, model.list_price_on = "", None


class ProviderSetting(models.Model):
    """The decisions of a workspace's admins about a provider, their own or one of the product."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="provider_settings")
    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="settings")
    # The number of the workspace's requests that may run there at once; empty means any number.
    places = models.PositiveIntegerField(null=True, blank=True)
    # Parameters of every request to the provider's models, by name. Those of a request have priority.
    extra_parameters = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "provider"], name="one_provider_setting_each"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} in {self.workspace_id}"


class FavouriteModel(models.Model):
    """A model that a user wants at the top of the picker."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourite_models"
    )
    model = models.ForeignKey(UpstreamModel, on_delete=models.CASCADE, related_name="favourites")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "model"], name="one_favourite_each"),
        ]

    def __str__(self) -> str:
        return f"{self.model_id} of {self.user_id}"
