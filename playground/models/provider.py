"""Upstream services: those of the product, and those that a workspace has added."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from accounts.models import Workspace


class ProviderQuerySet(models.QuerySet["Provider"]):
    def for_workspace(self, workspace: Any) -> ProviderQuerySet:
        """Select the providers that this workspace may use: the built-in ones and its own.

        It may also be a key, or a parameter of a prepared query.
        """
        return self.filter(Q(workspace__isnull=True) | Q(workspace=workspace))


class Provider(models.Model):
    """An upstream service. One without a workspace is part of the product and serves all workspaces."""

    class Type(models.TextChoices):
        DEMO = "demo", "Built-in demo"
        AIMLAPI = "aimlapi", "AI/ML API"
        OPENAI = "openai", "OpenAI-compatible"

    code = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Type.choices, default=Type.OPENAI)
    # Up to and including the version, e.g. https://api.aimlapi.com/v1. Empty for the demo.
    base_url = models.URLField(max_length=300, blank=True)
    needs_key = models.BooleanField(default=True)
    # Kinds of endpoints that all its models have beside the usual one, with common parameters where no
    # document describes them.
    more_kinds = models.JSONField(default=list, blank=True)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, null=True, blank=True, related_name="providers"
    )
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now, editable=False)

    objects: ClassVar[models.Manager[Provider]] = models.Manager.from_queryset(ProviderQuerySet)()

    def __str__(self) -> str:
        return self.name
