"""The differences between two request schemas of an endpoint, by parameter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from playground.models import Endpoint, SchemaChange
from playground.parameters.schema.envelope import ENVELOPE
from playground.parameters.schema.properties import root_properties
from playground.parameters.schema.translate import Schema, to_json_schema

_MARK = "#/$defs/"
# Annotations. They do not affect which values are valid.
_ANNOTATIONS = frozenset(
    {"title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly"}
    | {"$comment", "externalDocs"}
)
# Keywords whose keys are names, such as a property called "title".
_NAMED = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas", "dependentRequired"})
# Keywords whose content is a list of values and no schema.
_VALUES = frozenset({"enum", "const", "required"})


@dataclass(frozen=True, slots=True)
class Difference:
    """Names of parameters; ``altered`` are those that accept other values than before."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.altered)


def difference(before: object, after: object) -> Difference:
    """Compare the parameters of two request schemas (OpenAPI 3.0 or JSON Schema)."""
    old, new = _parameters(before), _parameters(after)
    return Difference(
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        altered=tuple(name for name in new if name in old and new[name] != old[name]),
    )


def changes_since(endpoint: Endpoint, digest: str) -> Difference:
    """Return what changed since the schema of the endpoint had this digest.

    The difference is empty if the digest is the present one or unknown. One query at most.
    """
    if not digest or digest == endpoint.schema_digest:
        return Difference()
    steps = list(endpoint.changes.order_by("pk"))
    # A schema may return to an earlier digest. The changes since its last time count.
    starts = [place for place, step in enumerate(steps) if step.before == digest]
    return merged(_as_difference(step) for step in steps[starts[-1] :]) if starts else Difference()


def merged(steps: Iterable[Difference]) -> Difference:
    """Combine successive differences into one.

    >>> merged([Difference(added=("seed",)), Difference(removed=("seed", "stop"))])
    Difference(added=(), removed=('stop',), altered=())
    """
    fate: dict[str, str] = {}
    for step in steps:
        for name in step.added:
            # The parameter was removed and is back, perhaps with another schema.
            fate[name] = "altered" if fate.get(name) == "removed" else "added"
        for name in step.altered:
            fate.setdefault(name, "altered")
        for name in step.removed:
            if fate.get(name) == "added":
                del fate[name]
            else:
                fate[name] = "removed"
    names = {kind: tuple(name for name in fate if fate[name] == kind) for kind in set(fate.values())}
    return Difference(names.get("added", ()), names.get("removed", ()), names.get("altered", ()))


def _as_difference(step: SchemaChange) -> Difference:
    return Difference(tuple(step.added), tuple(step.removed), tuple(step.altered))


def _parameters(schema: object) -> dict[str, Any]:
    """Return each parameter with everything that decides which values are valid."""
    translated = to_json_schema(schema)
    definitions = {name: _bare(child) for name, child in translated.get("$defs", {}).items()}
    properties, _ = root_properties(translated, translated.get("$defs", {}))
    return {
        name: _with_definitions(_bare(child), definitions)
        for name, child in properties.items()
        if name not in ENVELOPE
    }


def _bare(schema: Any) -> Any:
    """Copy a schema without its annotations."""
    if isinstance(schema, list):
        return [_bare(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result: Schema = {}
    for key, value in schema.items():
        if key in _VALUES:
            result[key] = sorted(value, key=repr) if isinstance(value, list) else value
        elif key in _NAMED and isinstance(value, dict):
            result[key] = {name: _bare(child) for name, child in value.items()}
        elif key not in _ANNOTATIONS and not key.startswith("x-"):
            result[key] = _bare(value)
    return result


def _with_definitions(schema: Any, definitions: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return the schema and each definition that it leads to, once, since references may form loops."""
    needed: dict[str, Any] = {}
    waiting = [schema]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            name = str(value.get("$ref")).removeprefix(_MARK)
            if name in definitions and name not in needed:
                needed[name] = definitions[name]
                waiting.append(definitions[name])
            waiting.extend(value.values())
    return schema, needed
