"""What people make of the catalogue: a workspace of its models, a member of their own list."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.models import Role, Workspace
from playground.models.model import UpstreamModel
from playground.models.provider import Provider

WHOSE = {
    Role.VIEWER: "for everybody",
    Role.MEMBER: "for members, admins and owners",
    Role.ADMIN: "for admins and owners",
    Role.OWNER: "for owners only",
}


class ModelSetting(models.Model):
    """What a workspace's admins decided about one model. Without a row the catalogue's facts hold."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="model_settings")
    model = models.ForeignKey(UpstreamModel, on_delete=models.CASCADE, related_name="settings")
    # One that is not enabled cannot be used; one that is not listed only by who has chosen it already.
    is_enabled = models.BooleanField(default=True)
    is_listed = models.BooleanField(default=True)
    # Empty: the catalogue's.
    name = models.CharField(max_length=120, blank=True)
    # In credits for a million tokens; empty: the catalogue's.
    input_price = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    output_price = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    # The least role that sees and uses the model.
    lowest_role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "model"], name="one_setting_each"),
        ]

    def __str__(self) -> str:
        return f"{self.model_id} in {self.workspace_id}"

    @property
    def whose(self) -> str:
        """Whom the model is for, e.g. "for admins and owners"."""
        return WHOSE[Role(self.lowest_role)]

    def put_upon(self, model: UpstreamModel) -> None:
        """Give the instance the name and the prices that hold here; it can be read, not saved."""
        model.is_as_decided = True
        model.name = self.name or model.name
        if self.input_price is not None:
            model.input_price = self.input_price
        if self.output_price is not None:
            model.output_price = self.output_price


class ProviderSetting(models.Model):
    """What a workspace's admins decided about one provider, their own or one that comes with the product."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="provider_settings")
    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="settings")
    # How many of the workspace's requests may run there at once; empty: any number.
    places = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "provider"], name="one_provider_setting_each"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} in {self.workspace_id}"


class FavouriteModel(models.Model):
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
