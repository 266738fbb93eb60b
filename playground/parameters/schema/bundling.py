"""Copies of schemas, bundled with everything that they refer to. No reference leaves the document.

A bundled schema refers to ``#/$defs/<name>`` only, and every such name exists. ``MAX_NODES`` limits the
work, however many references lead to one place and however long their chains are.

https://json-schema.org/draft/2020-12/json-schema-core#section-9.3
"""

from __future__ import annotations

import re
from itertools import chain, count
from typing import Any
from urllib.parse import unquote

from playground.exceptions import PlaygroundError

DEFINITIONS = "#/$defs/"
# Nodes of one request with everything that it refers to. Published ones reach 3,000.
MAX_NODES = 100_000
# Parts that lie deeper accept anything. Documents are refused earlier; this guards stored schemas.
MAX_DEPTH = 120
MAX_POINTER = 2_000

REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas", "dependencies"})
# Keywords whose content is a value and no schema: a "$ref" in it means nothing.
_DATA = frozenset({"enum", "const", "default", "example", "examples", "required", "dependentRequired"})
# Keywords that nothing refers to once a schema is bundled.
_SPENT = frozenset({"$defs", "definitions", "$id", "$anchor", "$dynamicAnchor", *REFERENCES})


class SchemaTooLarge(PlaygroundError, ValueError):
    """The references multiply the schema beyond any usable size."""


def bundle(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of ``schema`` with everything that it refers to in ``$defs``, loops included.

    :param document: the root of the references; those that lead nowhere are tried from ``schema`` itself.
    :raises SchemaTooLarge: the copy would have more than ``MAX_NODES`` nodes.
    """
    return _Bundler(schema, document).result()


def resolve_pointer(document: Any, reference: str) -> Any:
    """Return the value at ``#/a/b``, None if there is none."""
    if len(reference) > MAX_POINTER:
        return None
    place: Any = document
    for part in reference[2:].split("/"):
        key = unquote(part).replace("~1", "/").replace("~0", "~")
        if isinstance(place, dict) and key in place:
            place = place[key]
        elif isinstance(place, list) and key.isdecimal() and len(key) < 7 and int(key) < len(place):
            place = place[int(key)]
        else:
            return None
    return place


class _Bundler:
    def __init__(self, schema: dict[str, Any], document: dict[str, Any]) -> None:
        self._schema = schema
        self._document = document
        self._nodes = 0
        # Keys are identities, so that a place has one name however it is referred to.
        self._names: dict[int, str] = {}
        self._taken: set[str] = set()
        self._waiting: list[tuple[str, Any]] = []
        self._anchors: dict[str, Any] | None = None

    def result(self) -> dict[str, Any]:
        rewritten = self._rewritten(self._schema, 0)
        definitions: dict[str, Any] = {}
        # A list in place of recursion, since a chain of references may have any length.
        while self._waiting:
            name, target = self._waiting.pop()
            definitions[name] = self._rewritten(target, 0)
        if not isinstance(rewritten, dict):
            return {}
        return {**rewritten, "$defs": definitions} if definitions else rewritten

    def _rewritten(self, value: Any, depth: int) -> Any:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise SchemaTooLarge("too large: its references multiply")
        if depth > MAX_DEPTH:
            return {}
        if isinstance(value, list):
            return [self._rewritten(item, depth + 1) for item in value]
        if not isinstance(value, dict):
            return value
        result = {str(key): self._under(key, item, depth) for key, item in value.items() if key not in _SPENT}
        for key in REFERENCES:
            reference = value.get(key)
            if isinstance(reference, str) and (name := self._adopted(reference)):
                result["$ref"] = DEFINITIONS + name
        return result

    def _under(self, key: str, value: Any, depth: int) -> Any:
        if key in _DATA:
            return value
        if not isinstance(value, dict):
            return self._rewritten(value, depth + 1)
        if key in _NAMED:
            return {str(name): self._rewritten(child, depth + 2) for name, child in value.items()}
        if key == "discriminator":
            return self._discriminator(value)
        return self._rewritten(value, depth + 1)

    def _discriminator(self, stated: dict[str, Any]) -> dict[str, Any]:
        """Rewrite the mapping, which leads to schemas by reference or by bare name."""
        mapping = stated.get("mapping")
        if not isinstance(mapping, dict):
            return stated
        found = {}
        for value, target in mapping.items():
            if isinstance(target, str):
                reference = target if target.startswith("#") else f"#/components/schemas/{target}"
                if name := self._adopted(reference):
                    found[str(value)] = DEFINITIONS + name
        return {**stated, "mapping": found}

    def _adopted(self, reference: str) -> str | None:
        target = self._target(reference)
        if not isinstance(target, dict | bool):
            return None
        if id(target) in self._names:
            return self._names[id(target)]
        base = re.sub(r"[^A-Za-z0-9_.-]", "_", reference.rsplit("/", 1)[-1])[:80].strip("_") or "root"
        # Counting starts at the number of definitions, so that a free name is found in a step or two.
        numbered = (f"{base}_{number}" for number in count(len(self._names) + 1))
        name = next(name for name in chain([base], numbered) if name not in self._taken)
        self._taken.add(name)
        self._names[id(target)] = name
        self._waiting.append((name, target))
        return name

    def _target(self, reference: str) -> Any:
        if reference == "#":
            return self._schema
        if reference.startswith("#/"):
            target = resolve_pointer(self._document, reference)
            return resolve_pointer(self._schema, reference) if target is None else target
        return self._by_anchor(reference[1:]) if reference.startswith("#") else None

    def _by_anchor(self, name: str) -> Any:
        if self._anchors is None:
            self._anchors = {}
            self._collect_anchors(self._schema, 0)
        return self._anchors.get(name)

    def _collect_anchors(self, value: Any, depth: int) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise SchemaTooLarge("too large: its references multiply")
        if depth > MAX_DEPTH or not isinstance(value, dict | list):
            return
        if isinstance(value, list):
            for item in value:
                self._collect_anchors(item, depth + 1)
            return
        for key in ("$anchor", "$dynamicAnchor"):
            if isinstance(value.get(key), str) and self._anchors is not None:
                self._anchors.setdefault(value[key], value)
        for item in value.values():
            self._collect_anchors(item, depth + 1)
