"""The models that a documented request schema names in its property ``model``."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from playground.catalogue.documents import DocumentRefused
from playground.parameters.schema.alternatives import MAX_ROOTS, flatten
from playground.parameters.schema.merging import Unresolvable
from playground.parameters.schema.resolving import Resolver
from playground.parameters.schema.translate import to_json_schema

# Published requests have up to 43 parameters, with names of up to 30 characters.
MAX_PARAMETERS = 400
MAX_NAME = 120


def spelling(model_id: str) -> str:
    """Return a form that is equal for ids that differ only in vendor prefix and punctuation.

    >>> spelling("anthropic/claude-opus-4.1") == spelling("claude-opus-4-1")
    True
    >>> spelling("通义千问") == spelling("文心一言")
    False
    """
    return re.sub(r"[\W_]+", "-", model_id.lower().rsplit("/", 1)[-1])


def model_ids(schema: dict[str, Any]) -> tuple[str, ...]:
    """Return the models that the schema names, none if it accepts any.

    :raises DocumentRefused: with the reason as the rest of a sentence.
    """
    translated = to_json_schema(schema)
    resolver = Resolver(translated.get("$defs", {}))
    ids: dict[str, None] = {}
    names: dict[str, None] = {}
    try:
        for root in flatten(translated, resolver, MAX_ROOTS):
            names.update(dict.fromkeys(root.get("properties", {})))
            for model in flatten(root.get("properties", {}).get("model", {}), resolver):
                values = [model["const"]] if "const" in model else model.get("enum", [])
                ids.update(dict.fromkeys(value for value in values if isinstance(value, str) and value))
    except Unresolvable as error:
        raise DocumentRefused("its references run in circles, or it is more than a form can show") from error
    refuse_excess(names)
    return tuple(ids)


def with_models(schema: Any, more: list[str], known: frozenset[str]) -> Any:
    """Copy the schema so that ``model``, anywhere at its root, accepts these ids too."""
    if not isinstance(schema, dict):
        return schema
    result = dict(schema)
    for key in ("anyOf", "oneOf", "allOf"):
        if isinstance(result.get(key), list):
            result[key] = [with_models(branch, more, known) for branch in result[key]]
    if isinstance(result.get("$defs"), dict):
        definitions = result["$defs"].items()
        result["$defs"] = {name: with_models(child, more, known) for name, child in definitions}
    properties = result.get("properties")
    model = properties.get("model") if isinstance(properties, dict) else None
    if isinstance(properties, dict) and isinstance(model, dict):
        values = [model["const"]] if "const" in model else model.get("enum")
        if isinstance(values, list) and any(isinstance(value, str) and value in known for value in values):
            bare = {key: value for key, value in model.items() if key != "const"}
            result["properties"] = {**properties, "model": {**bare, "enum": [*values, *more]}}
    return result


def refuse_excess(names: Collection[str]) -> None:
    """Refuse more or longer names of parameters than a form can show.

    :raises DocumentRefused: with the reason as a sentence.
    """
    if len(names) > MAX_PARAMETERS:
        raise DocumentRefused(f"too large: a request has {len(names):,} parameters")
    if any(len(name) > MAX_NAME for name in names):
        raise DocumentRefused("a parameter has a name that no form can show")
