"""The models that come with the product, loaded into the catalogue: those of the demo and of AI/ML API.

Other sources have priority over this one:

- a request schema that was imported or synced stays;
- a model that its provider lists (``is_offered``) only has its empty columns filled in, and only the
  provider's list retires it;
- only an admin enables or disables a model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.db import IntegrityError, transaction

from playground.catalogue.bundled_models import RETIRED_BECAUSE, BundledModel, bundled_models
from playground.catalogue.store_endpoints import Offered, store_endpoints
from playground.demo.models import demo_models
from playground.models import Endpoint, Provider, UpstreamModel
from playground.parameters.schema.request_schema import digest_of

SOURCE = "bundled"
_PROVIDERS: dict[str, dict[str, Any]] = {
    "demo": {"name": "Built-in demo", "kind": Provider.Type.DEMO, "base_url": "", "needs_key": False},
    "aimlapi": {
        "name": "AI/ML API",
        "kind": Provider.Type.AIMLAPI,
        "base_url": "https://api.aimlapi.com/v1",
        "needs_key": True,
    },
}
# A new chat starts with the first model, so the demo comes first: it needs no key.
_FIRST_POSITIONS = {"demo": 100, "aimlapi": 500}
# Columns that no other source fills.
_OURS = frozenset({"suggestions", "position"})
_SPECIAL_PRICES = ("cache_read_price", "cache_write_price", "reasoning_price")
_PRICES = ("input_price", "output_price", *_SPECIAL_PRICES, "list_price_of", "list_price_on")
_RETIREMENT = ("is_retired", "retired_because")
_COLUMNS = (
    "aliases", "name", "developer", "description", "context_length", "output_max", "capabilities",
    *_PRICES, "docs_url", "ends_on", "successor", *_OURS, *_RETIREMENT,
)  # fmt: skip


@dataclass(slots=True)
class Loaded:
    models: int = 0
    changed: int = 0


def load_bundled(*codes: str) -> Loaded:
    """Update the bundled models of these providers, or of all if none is given.

    Nothing is written if nothing has changed.
    """
    try:
        return _load_all(codes or tuple(_PROVIDERS))
    except IntegrityError:
        # Another process started at the same moment and was first. Its rows are visible now.
        return _load_all(codes or tuple(_PROVIDERS))


@transaction.atomic
def _load_all(codes: tuple[str, ...]) -> Loaded:
    loaded = Loaded()
    for code in codes:
        provider = provider_for(code)
        assert provider is not None  # noqa: S101 - both are built in
        models = _bundled(code)
        loaded.models += len(models)
        loaded.changed += len(_load(provider, models))
    return loaded


def provider_for(code: str, *, save: bool = True) -> Provider | None:
    """Return the provider with that code; make a built-in one if it is missing, and store it if ``save``."""
    provider = Provider.objects.filter(code=code).first()
    if provider is None and code in _PROVIDERS:
        provider = Provider(code=code, **_PROVIDERS[code])
        if save:
            provider.save()
    return provider


@cache
def _bundled(code: str) -> tuple[BundledModel, ...]:
    models = bundled_models() if code == "aimlapi" else _demo_models()
    return tuple(
        replace(model, facts={**model.facts, "position": position})
        for position, model in enumerate(models, _FIRST_POSITIONS[code])
    )


def _demo_models() -> Iterator[BundledModel]:
    for entry in demo_models():
        facts = {name: entry[name] for name in _COLUMNS if name in entry}
        yield BundledModel(entry["model_id"], facts, entry["schemas"])


@cache
def _digests(code: str) -> dict[tuple[str, str], str]:
    return {
        (model.model_id, kind): digest_of(schema)
        for model in _bundled(code)
        for kind, schema in model.schemas.items()
    }


def _load(provider: Provider, models: tuple[BundledModel, ...]) -> set[str]:
    """Load the models and return the ids of those that changed."""
    rows = {row.model_id: row for row in UpstreamModel.objects.filter(provider=provider)}
    # The provider lists these models itself, under another of their names.
    elsewhere = {alias for row in rows.values() if row.is_offered for alias in row.aliases}
    fresh, stale = [], []
    for model in models:
        row = rows.get(model.model_id)
        facts = _own_names(model.facts, rows)
        if row is not None:
            if _update(row, facts):
                stale.append(row)
        elif model.model_id not in elsewhere:
            fresh.append(UpstreamModel(provider=provider, model_id=model.model_id, **_stated(facts)))
    if fresh:
        UpstreamModel.objects.bulk_create(fresh)
        rows.update({row.model_id: row for row in fresh})
    if stale:
        UpstreamModel.objects.bulk_update(stale, _COLUMNS, batch_size=50)
    return {row.model_id for row in (*fresh, *stale)} | _store(provider, models, rows)


def _store(provider: Provider, models: tuple[BundledModel, ...], rows: dict[str, UpstreamModel]) -> set[str]:
    stored = {
        (model_id, kind): (digest, source)
        for model_id, kind, digest, source in Endpoint.objects.filter(model__provider=provider).values_list(
            "model__model_id", "kind", "schema_digest", "source"
        )
    }
    offered = []
    for model in models:
        for kind, schema in model.schemas.items():
            place = model.model_id, kind
            # An imported or synced schema is newer than the bundled one.
            is_ours = place not in stored or stored[place][1] == SOURCE
            is_same = place in stored and stored[place][0] == _digests(provider.code)[place]
            if model.model_id in rows and is_ours and not is_same:
                offered.append(Offered(rows[model.model_id], kind, schema, SOURCE))
    if offered:
        store_endpoints(offered)
    return {each.model.model_id for each in offered}


def _own_names(facts: dict[str, Any], rows: dict[str, UpstreamModel]) -> dict[str, Any]:
    """Drop aliases that are the id of another model of this provider."""
    aliases = facts.get("aliases", [])
    return {**facts, "aliases": [alias for alias in aliases if alias not in rows]}


def _stated(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}


def _update(row: UpstreamModel, facts: dict[str, Any]) -> bool:
    """Update the row as far as other sources allow; return True if that changes it."""
    wanted = {name: value for name, value in _stated(facts).items() if name not in _RETIREMENT}
    if "list_price_on" in wanted:
        # A list that has no such price any more has none for the others.
        wanted |= {name: facts.get(name) for name in _SPECIAL_PRICES}
    # These columns belong together: prices of another source are not replaced, nor given a date.
    has_other_price = row.input_price is not None and row.list_price_on is None
    if "list_price_on" in wanted and has_other_price:
        wanted = {name: value for name, value in wanted.items() if name not in _PRICES}
    if row.is_offered:
        empty = {name for name in wanted if getattr(row, name) in (None, "", [])}
        ours = {*empty, *_OURS, *(_PRICES if "list_price_on" in wanted else ())}
        wanted = {name: value for name, value in wanted.items() if name in ours}
    else:
        wanted |= _retirement(row, facts)
    changed = [name for name, value in wanted.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, wanted[name])
    return bool(changed)


def _retirement(row: UpstreamModel, facts: dict[str, Any]) -> dict[str, Any]:
    """Retire the model, or undo a retirement of our own; one by a sync stays."""
    is_retired = facts.get("is_retired", False)
    if row.is_retired and (is_retired or row.retired_because != RETIRED_BECAUSE):
        return {}
    return {"is_retired": is_retired, "retired_because": RETIRED_BECAUSE if is_retired else ""}
