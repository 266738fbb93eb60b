"""What became of a model's parameters between two request schemas."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from playground.models import Endpoint, SchemaChange
from playground.parameters.schema.envelope import ENVELOPE
from playground.parameters.schema.properties import root_properties
from playground.parameters.schema.translate import Schema, to_json_schema

_MARK = "#/$defs/"
# Words about a value. They decide nothing about which values are taken.
_WORDS = frozenset(
    {"title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly"}
    | {"$comment", "externalDocs"}
)
# Their keys are names that somebody gave, e.g. a property called "title".
_NAMED = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas", "dependentRequired"})
# Their values are values, not schemas.
_VALUES = frozenset({"enum", "const", "required"})


@dataclass(frozen=True, slots=True)
class Difference:
    """Names of parameters; ``altered`` are those that take other values than before."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.altered)


def difference(before: object, after: object) -> Difference:
    """Compare two request schemas (OpenAPI 3.0 or JSON Schema), the transcript aside. Pure."""
    old, new = _parameters(before), _parameters(after)
    return Difference(
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        altered=tuple(name for name in new if name in old and new[name] != old[name]),
    )


def changes_since(endpoint: Endpoint, digest: str) -> Difference:
    """What changed for somebody who chose parameters when the schema had this digest.

    Empty where it still has it, and for a digest that nobody knows any more. One query at most.
    """
    if not digest or digest == endpoint.schema_digest:
        return Difference()
    steps = list(endpoint.changes.order_by("pk"))
    # A schema may come back to an earlier form: what counts is when it was left last.
    starts = [place for place, step in enumerate(steps) if step.before == digest]
    return merged(_as_difference(step) for step in steps[starts[-1] :]) if starts else Difference()


def merged(steps: Iterable[Difference]) -> Difference:
    """Several changes after one another, as one.

    >>> merged([Difference(added=("seed",)), Difference(removed=("seed", "stop"))])
    Difference(added=(), removed=('stop',), altered=())
    """
    fate: dict[str, str] = {}
    for step in steps:
        for name in step.added:
            # It was there before, and went for a while: it may be another one now.
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
    """Each parameter with all that decides which values it takes."""
    translated = to_json_schema(schema)
    definitions = {name: _bare(child) for name, child in translated.get("$defs", {}).items()}
    properties, _ = root_properties(translated, translated.get("$defs", {}))
    return {
        name: _with_definitions(_bare(child), definitions)
        for name, child in properties.items()
        if name not in ENVELOPE
    }


def _bare(schema: Any) -> Any:
    """A copy without the words."""
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
        elif key not in _WORDS and not key.startswith("x-"):
            result[key] = _bare(value)
    return result


def _with_definitions(schema: Any, definitions: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The schema and every definition that it leads to, each once: references may run in circles."""
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
