from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from playground.models import DEFAULT_KIND, UpstreamModel
from playground.parameters.schema.sending import Sending

if TYPE_CHECKING:
    from playground.models import Endpoint


class ComposerSetting(models.Model):
    """The last choice made in a composer: the model, its endpoint and the parameters."""

    model = models.ForeignKey(UpstreamModel, on_delete=models.SET_NULL, null=True, related_name="+")
    endpoint_kind = models.CharField(max_length=20, default=DEFAULT_KIND)
    parameters = models.JSONField(default=dict, blank=True)
    # Digest of the request schema that the parameters were chosen under.
    schema_digest = models.CharField(max_length=64, blank=True)
    # Values that the last switch of model could not carry over: see chat.flows.switch_model.
    set_aside = models.JSONField(default=dict, blank=True)
    # A prompt that was opened together with the setting. The composer shows it until a prompt is sent.
    prompt_text = models.TextField(blank=True, default="", db_default="")

    # How requests are sent: see playground.parameters.schema.sending.
    is_streamed = models.BooleanField(default=True, db_default=True)
    reports_usage = models.BooleanField(default=True, db_default=True)

    class Meta:
        abstract = True

    @property
    def sending(self) -> Sending:
        return Sending(self.is_streamed, self.reports_usage)

    def is_for(self, endpoint: Endpoint) -> bool:
        return self.model_id == endpoint.model_id and self.endpoint_kind == endpoint.kind

    def take(
        self,
        endpoint: Endpoint,
        parameters: dict[str, Any],
        set_aside: dict[str, Any] | None = None,
        sending: Sending | None = None,
    ) -> dict[str, Any]:
        """Change the fields to a new choice without saving it, and return them by name.

        Without ``set_aside``, the values that an earlier switch set aside stay, and count as announced.
        Without ``sending``, requests are sent as before.
        """
        if set_aside is None:
            set_aside = {**self.set_aside, "is_told": True} if self.set_aside else {}
        chosen = {
            "model": endpoint.model,
            "endpoint_kind": endpoint.kind,
            "parameters": parameters,
            "schema_digest": endpoint.schema_digest,
            "set_aside": set_aside,
        }
        if sending is not None:
            chosen |= {"is_streamed": sending.is_streamed, "reports_usage": sending.reports_usage}
        for name, value in chosen.items():
            setattr(self, name, value)
        return chosen

    def adopt(self, other: ComposerSetting) -> None:
        """Change the fields to those of another setting without saving them."""
        for field in ComposerSetting._meta.get_fields():
            setattr(self, field.name, getattr(other, field.name))

    def store(self, chosen: dict[str, Any]) -> None:
        """Write fields that :meth:`take` returned to the database, and no others."""
        # save() would restore a row that was deleted meanwhile, so this is an update.
        type(self)._default_manager.filter(pk=self.pk).update(**chosen)
