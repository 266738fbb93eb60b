from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.timezone import localdate, now

from accounts.models import Workspace
from playground.models.provider import Provider

# The default of playground.upstream.dialects.registry, which lies above this package.
DEFAULT_KIND = "chat/completions"


class UpstreamModel(models.Model):
    """An entry of the catalogue; ``model_id`` is the value that the API expects in ``model``."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="models")
    model_id = models.CharField(max_length=200)
    aliases = models.JSONField(default=list, blank=True)
    name = models.CharField(max_length=120)
    developer = models.CharField(max_length=80, blank=True)
    description = models.CharField(max_length=300, blank=True)
    context_length = models.PositiveIntegerField(null=True, blank=True)
    output_max = models.PositiveIntegerField(null=True, blank=True)
    # Abilities beyond text, e.g. ["reasoning", "tools", "vision"].
    capabilities = models.JSONField(default=list, blank=True)
    # Credits per million tokens; empty where the price is unknown.
    input_price = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    output_price = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    # Those of input that the provider reads from its cache or writes to it, and of reasoning; where they are
    # empty, the two above apply.
    cache_read_price = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    cache_write_price = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    reasoning_price = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    # True if the prices are those that the provider's list states. A list does not change other prices of a
    # workspace's own models.
    has_listed_price = models.BooleanField(default=False)
    # The vendor and the date of a list price, where the prices are that: an estimate.
    list_price_of = models.CharField(max_length=60, blank=True, default="", db_default="")
    list_price_on = models.DateField(null=True, blank=True)
    # First prompts that show what the model is good at, e.g. [{"title": …, "text": …}].
    suggestions = models.JSONField(default=list, blank=True)
    released_on = models.DateField(null=True, blank=True)
    docs_url = models.URLField(max_length=300, blank=True)
    # False for a model that was removed from its provider for good. A workspace that switches a model off
    # has a ModelSetting.
    is_enabled = models.BooleanField(default=True)
    # True once a sync has found it in the provider's list. A model added by hand may never be there.
    is_offered = models.BooleanField(default=False)
    # A retired model stays, because old conversations name it. The reason is a sentence for users.
    is_retired = models.BooleanField(default=False)
    retired_because = models.CharField(max_length=300, blank=True)
    # The end that the provider announced, and the id that it names as successor. A model may stay longer.
    ends_on = models.DateField(null=True, blank=True)
    successor = models.CharField(max_length=200, blank=True, default="", db_default="")
    position = models.PositiveIntegerField(default=1000)

    # True for an instance with the name and the prices of one workspace, which playground.access makes.
    is_as_decided = False
    # True for one that has a price of that workspace.
    has_own_price = False
    # Where the price of such an instance comes from, if a rule gave it one: see playground.prices.
    price_origin = ""
    # True if that workspace refuses models without a price, and this is one.
    lacks_price = False

    class Meta:
        ordering: ClassVar = ["position", "model_id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "model_id"], name="one_model_id_each"),
        ]

    def __str__(self) -> str:
        return self.model_id

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the model.

        :raises TypeError: it has the values of one workspace, which all others would get.
        """
        if self.is_as_decided:
            raise TypeError("A model as a workspace has decided it cannot be saved.")
        super().save(*args, **kwargs)

    @property
    def has_outlived_its_end(self) -> bool:
        """True if the provider still lists the model after the end that it announced."""
        return self.is_offered and self.ends_on is not None and self.ends_on < localdate()


class Endpoint(models.Model):
    """A way to call a model, with the JSON schema of the request body."""

    model = models.ForeignKey(UpstreamModel, on_delete=models.CASCADE, related_name="endpoints")
    # The kind of a dialect in playground.upstream.dialects.registry.
    kind = models.CharField(max_length=20, default=DEFAULT_KIND)
    request_schema = models.JSONField()
    # SHA-256 of the schema's canonical JSON; everything read from the schema is cached under it.
    schema_digest = models.CharField(max_length=64)
    # The origin of the schema: "bundled", or the name of the imported document.
    source = models.CharField(max_length=200, default="bundled")
    # False for an endpoint that was switched off at its provider. It stays, because runs refer to it.
    is_enabled = models.BooleanField(default=True)
    imported_at = models.DateTimeField(default=now)

    class Meta:
        ordering: ClassVar = ["kind"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["model", "kind"], name="one_endpoint_each"),
        ]

    def __str__(self) -> str:
        return f"{self.model_id} at {self.kind}"


class SchemaChange(models.Model):
    """A step from a request schema to the next, for conversations with parameters chosen before it.

    ``before`` and ``after`` are digests. The lists hold names of parameters; ``altered`` are those
    that take other values than before.
    """

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="changes")
    before = models.CharField(max_length=64)
    after = models.CharField(max_length=64)
    added = models.JSONField(default=list)
    removed = models.JSONField(default=list)
    altered = models.JSONField(default=list)
    created_at = models.DateTimeField(default=now)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.endpoint_id}: +{len(self.added)} -{len(self.removed)} ~{len(self.altered)}"


class RefusedParameter(models.Model):
    """A parameter that the schema lists and the upstream refused to one workspace, until the next sync."""

    # An upstream may refuse a parameter with the key of one workspace and take it with that of another.
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="refused_parameters")
    name = models.CharField(max_length=100)
    # The message of the upstream.
    message = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "endpoint", "name"], name="one_refusal_each"),
        ]

    def __str__(self) -> str:
        return f"{self.name} at {self.endpoint_id}"
