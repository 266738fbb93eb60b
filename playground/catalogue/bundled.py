"""Brings the models we come with into the catalogue: the built-in demo's, and those of AI/ML API.

Of two sources for one thing this one gives way:

- a request schema that somebody imported, or that a sync brought, stays;
- of a model that its provider has listed (``is_offered``) only what is empty is filled in, and
  whether it is retired is the provider's to say;
- whether a model is enabled is an admin's to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.db import IntegrityError, transaction

from playground.catalogue.facts import RETIRED_BECAUSE, BundledModel, bundled_models
from playground.catalogue.store import Offered, store_endpoints
from playground.demo.models import demo_models
from playground.models import Endpoint, Provider, UpstreamModel
from playground.parameters.schema.request_schema import digest_of

SOURCE = "bundled"
_PROVIDERS: dict[str, dict[str, Any]] = {
    "demo": {"name": "Built-in demo", "kind": Provider.Kind.DEMO, "base_url": "", "needs_key": False},
    "aimlapi": {
        "name": "AI/ML API",
        "kind": Provider.Kind.AIMLAPI,
        "base_url": "https://api.aimlapi.com/v1",
        "needs_key": True,
    },
}
# A new chat starts with the first model there is: one that answers without a key.
_FIRST_POSITIONS = {"demo": 100, "aimlapi": 500}
# Nobody but us has them.
_OURS = frozenset({"suggestions", "position"})
_RETIREMENT = ("is_retired", "retired_because")
_COLUMNS = (
    "aliases", "name", "developer", "description", "context_length", "output_max", "capabilities",
    "input_price", "output_price", *_OURS, *_RETIREMENT,
)  # fmt: skip


@dataclass(slots=True)
class Loaded:
    models: int = 0
    changed: int = 0


def load_bundled(*codes: str) -> Loaded:
    """Bring the bundled catalogue up to date, or that of these providers.

    Writes nothing where nothing has changed.
    """
    try:
        return _load_all(codes or tuple(_PROVIDERS))
    except IntegrityError:
        # Another process that started at the same moment was first: now its rows can be seen.
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
    """The provider of that code; a built-in one is made where it is missing (``save``: and kept)."""
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
    """Returns the ids of those that are not as they were."""
    rows = {row.model_id: row for row in UpstreamModel.objects.filter(provider=provider)}
    # The provider itself lists such a model, under another of its names.
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
            # A document that somebody imported, or a sync, is newer than what we came with.
            is_ours = place not in stored or stored[place][1] == SOURCE
            is_same = place in stored and stored[place][0] == _digests(provider.code)[place]
            if model.model_id in rows and is_ours and not is_same:
                offered.append(Offered(rows[model.model_id], kind, schema, SOURCE))
    if offered:
        store_endpoints(offered)
    return {each.model.model_id for each in offered}


def _own_names(facts: dict[str, Any], rows: dict[str, UpstreamModel]) -> dict[str, Any]:
    """Without the aliases that are another model's id here."""
    aliases = facts.get("aliases", [])
    return {**facts, "aliases": [alias for alias in aliases if alias not in rows]}


def _stated(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}


def _update(row: UpstreamModel, facts: dict[str, Any]) -> bool:
    """Give the row what we know and may say; True where that changes it."""
    wanted = {name: value for name, value in _stated(facts).items() if name not in _RETIREMENT}
    if row.is_offered:
        empty = {name for name in wanted if getattr(row, name) in (None, "", [])}
        wanted = {name: value for name, value in wanted.items() if name in empty | _OURS}
    else:
        wanted |= _retirement(row, facts)
    changed = [name for name, value in wanted.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, wanted[name])
    return bool(changed)


def _retirement(row: UpstreamModel, facts: dict[str, Any]) -> dict[str, Any]:
    """Retire it, or take back what we said; a sync's word stays."""
    is_retired = facts.get("is_retired", False)
    if row.is_retired and (is_retired or row.retired_because != RETIRED_BECAUSE):
        return {}
    return {"is_retired": is_retired, "retired_because": RETIRED_BECAUSE if is_retired else ""}
