from __future__ import annotations

from playground.models.choices import FavouriteModel, ModelSetting, ProviderSetting
from playground.models.model import DEFAULT_KIND, Endpoint, RefusedParameter, SchemaChange, UpstreamModel
from playground.models.provider import Provider, ProviderQuerySet
from playground.models.sync import CatalogueSync

__all__ = [
    "DEFAULT_KIND",
    "CatalogueSync",
    "Endpoint",
    "FavouriteModel",
    "ModelSetting",
    "Provider",
    "ProviderQuerySet",
    "ProviderSetting",
    "RefusedParameter",
    "SchemaChange",
    "UpstreamModel",
]
