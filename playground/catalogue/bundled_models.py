"""The bundled models of AI/ML API, with request schemas composed from the data files.

In ``data/``, ``shapes/`` holds the schemas of single values by name. ``sets.json`` gives the usual shape of
each parameter, and names lists of parameters and of messages that models share. ``models/`` has a file for
each developer, with the sets and parameters of each model and any unusual shapes. ``retired.json`` has the
models that are no longer available.

Where documents of one model disagree, ``parameters`` follows one of them, and ``elsewhere`` has what another
one states: see ``playground.parameters.schema.other_documents``.

Names, bounds and choices are the provider's; tests compare them with its documents. Lengths that it does
not state stay unknown. Prices are its vendors' list prices, from ``list_prices.json``, which the command
``update_list_prices`` writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accounts.money import CREDITS_PER_USD
from playground.parameters.schema.other_documents import KEYWORD
from playground.parameters.schema.translate import Schema
from playground.upstream.dialects.registry import dialect_of

if TYPE_CHECKING:
    from playground.upstream.dialects.dialect import Dialect

DATA = Path(__file__).resolve().parent / "data"
DOCS = "https://docs.aimlapi.com/api-references/text-models-llm/"
RETIRED_BECAUSE = "AI/ML API lists it as no longer available."
_MARK = "#/$defs/"


@dataclass(frozen=True, slots=True)
class BundledModel:
    """A model: its columns (``facts``), and its request schemas by kind of endpoint."""

    model_id: str
    facts: dict[str, Any]
    schemas: dict[str, Schema]


@cache
def bundled_models() -> tuple[BundledModel, ...]:
    """Return all models, retired ones last. Schemas of retired ones serve old conversations."""
    composer = _Composer()
    found = []
    for path in sorted((DATA / "models").glob("*.json")):
        content = _loaded(path)
        found += [_model(entry, content["developer"], composer) for entry in content["models"]]
    for developer, entries in _loaded(DATA / "retired.json").items():
        found += [_model({**entry, "is_retired": True}, developer, composer) for entry in entries]
    return tuple(sorted(found, key=lambda model: model.facts["is_retired"]))


def _model(entry: dict[str, Any], developer: str, composer: _Composer) -> BundledModel:
    model_id, endpoints = entry["model_id"], entry.get("endpoints", {})
    is_retired = entry.get("is_retired", False)
    suggestions = entry.get("suggestions", [])
    facts = {
        "name": entry["name"],
        "developer": developer,
        "description": entry.get("description", ""),
        "context_length": entry.get("context_length"),
        "capabilities": entry.get("capabilities", []),
        "aliases": entry.get("aliases", []),
        "docs_url": DOCS + entry["docs"] if "docs" in entry else "",
        "ends_on": date.fromisoformat(entry["ends_on"]) if "ends_on" in entry else None,
        "successor": entry.get("successor", ""),
        "suggestions": composer.suggestions[suggestions] if isinstance(suggestions, str) else suggestions,
        "is_retired": is_retired,
        "retired_because": RETIRED_BECAUSE if is_retired else "",
        **_list_price(model_id),
    }
    schemas = {kind: composer.schema(model_id, kind, endpoint) for kind, endpoint in endpoints.items()}
    return BundledModel(model_id, facts, schemas)


def _list_price(model_id: str) -> dict[str, Any]:
    """Return the columns of a model's list price; none if nobody has one."""
    listed = _list_prices()
    price = listed["prices"].get(model_id)
    if price is None:
        return {}
    kinds = ("input", "output", "cache_read", "cache_write", "reasoning")
    return {
        **{f"{kind}_price": Decimal(price[kind]) * CREDITS_PER_USD for kind in kinds if kind in price},
        "list_price_of": price["vendor"],
        "list_price_on": date.fromisoformat(listed["on"]),
    }


@cache
def _list_prices() -> dict[str, Any]:
    found: dict[str, Any] = _loaded(DATA / "list_prices.json")
    return found


class _Composer:
    """A composer of request schemas from the names of sets and shapes."""

    def __init__(self) -> None:
        self.suggestions: dict[str, list[dict[str, str]]] = _loaded(DATA / "suggestions.json")
        self._shapes: dict[str, Schema] = {}
        for path in sorted((DATA / "shapes").glob("*.json")):
            self._shapes.update(_loaded(path))
        self._references = {name: _references(shape) for name, shape in self._shapes.items()}
        sets = _loaded(DATA / "sets.json")
        self._usual: dict[str, str] = sets["usual"]
        self._parameters: dict[str, list[str | dict[str, str]]] = sets["parameters"]
        self._messages: dict[str, list[str]] = sets["messages"]

    def schema(self, model_id: str, kind: str, endpoint: dict[str, Any]) -> Schema:
        dialect = dialect_of(kind)
        schema: Schema = {
            "type": "object",
            "properties": {
                "model": {"const": model_id},
                dialect.transcript: self._transcript(dialect, endpoint["messages"]),
                **{name: _reference(shape) for name, shape in self._shapes_of(endpoint["parameters"])},
            },
            "required": ["model", dialect.transcript],
        }
        if endpoint.get("additionalProperties") is False:
            schema["additionalProperties"] = False
        self._add_elsewhere(schema, endpoint.get("elsewhere", []))
        needed = sorted(self._needed(_references(schema)))
        return {**schema, "$defs": {name: self._shapes[name] for name in needed}}

    def _add_elsewhere(self, schema: Schema, entries: list[str | dict[str, str]]) -> None:
        """Add what another document of the model states: parameters, and wider bounds."""
        properties, adds, widens = schema["properties"], [], []
        for name, shape in self._shapes_of(entries):
            if name not in properties:
                adds.append(name)
                properties[name] = _reference(shape)
            elif properties[name] != _reference(shape):
                widens.append(name)
                properties[name] = {"anyOf": [properties[name], _reference(shape)]}
        if adds or widens:
            schema[KEYWORD] = {"adds": adds, "widens": widens}

    def _transcript(self, dialect: Dialect, messages: str | list[str]) -> Schema:
        if isinstance(messages, str):
            return _reference(messages)
        shapes = [_reference(shape) for name in messages for shape in self._messages.get(name, [name])]
        return dialect.transcript_schema(shapes)

    def _shapes_of(self, parameters: Iterable[str | dict[str, str]]) -> Iterator[tuple[str, str]]:
        for entry in parameters:
            if isinstance(entry, dict):
                yield from entry.items()
            elif entry in self._parameters:
                yield from self._shapes_of(self._parameters[entry])
            else:
                yield entry, self._usual[entry]

    def _needed(self, names: Iterable[str]) -> set[str]:
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(self._references[name])
        return found


def _loaded(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _reference(shape: str) -> Schema:
    return {"$ref": _MARK + shape}


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"].removeprefix(_MARK)} if isinstance(value.get("$ref"), str) else set()
        return own.union(*map(_references, value.values()))
    return set().union(*map(_references, value)) if isinstance(value, list) else set()
