"""Schemas with their references followed and ``allOf`` merged, so that the reader sees one per place."""

from __future__ import annotations

from typing import Any

from playground.parameters.schema.bundling import DEFINITIONS
from playground.parameters.schema.merging import Unresolvable, merge
from playground.parameters.schema.translate import Schema

# A key for the definition that a schema came from. The reader counts loops by it.
ORIGIN = "x-from"
# The longest chain of ``allOf`` in ``allOf`` and of references to references.
MAX_HOPS = 16


class Resolver:
    """The resolver of one schema. It resolves each definition once, however many refer to it."""

    def __init__(self, definitions: dict[str, Schema]) -> None:
        self.definitions = definitions
        self._resolved: dict[str, Schema | None] = {}
        self._references: dict[str, set[str]] = {}

    def resolve(self, schema: Schema, hops: int = 0) -> Schema:
        """Return ``schema`` without ``$ref`` and ``allOf`` at its own level.

        :raises Unresolvable: the references form a loop or a chain that is too long.
        """
        if "$ref" not in schema and "allOf" not in schema:
            return schema
        if hops > MAX_HOPS:
            raise Unresolvable
        result: Schema = {}
        if "$ref" in schema:
            result = self._definition(schema["$ref"], hops)
        for part in schema.get("allOf", ()):
            result = merge(result, self.resolve(part, hops + 1))
        own = {key: value for key, value in schema.items() if key not in ("$ref", "allOf")}
        return merge(result, own) if own else result

    def _definition(self, reference: str, hops: int) -> Schema:
        name = reference.removeprefix(DEFINITIONS)
        if name not in self._resolved:
            # None marks a definition that is being resolved: meeting it again means a loop.
            self._resolved[name] = None
            stated = self.definitions.get(name, {})
            self._resolved[name] = {**self.resolve(stated, hops + 1), ORIGIN: name}
        found = self._resolved[name]
        if found is None:
            raise Unresolvable
        return found

    def with_definitions(self, schema: Schema) -> Schema:
        """Add the definitions that ``schema`` refers to, so that a validator can use it alone."""
        needed: set[str] = set()
        waiting = list(_references(schema))
        while waiting:
            name = waiting.pop()
            if name not in needed and name in self.definitions:
                needed.add(name)
                if name not in self._references:
                    self._references[name] = _references(self.definitions[name])
                waiting.extend(self._references[name])
        return {**schema, "$defs": {name: self.definitions[name] for name in needed}} if needed else schema


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        reference = value.get("$ref")
        own = {reference.removeprefix(DEFINITIONS)} if isinstance(reference, str) else set()
        return own.union(*map(_references, value.values()))
    return set().union(*map(_references, value)) if isinstance(value, list) else set()
