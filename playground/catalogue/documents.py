"""Documents in JSON or YAML, parsed within limits, and the references inside them."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import yaml

from playground.exceptions import PlaygroundError
from playground.parameters.schema.bundling import SchemaTooLarge, bundle, resolve_pointer

MAX_BYTES = 10_000_000
# Published ones reach 30. The limit lies well below what the interpreter's stack takes.
MAX_DEPTH = 100
MAX_NODES = 400_000
MAX_HOPS = 16
MAX_DIGITS = 400


# PostgreSQL stores no NUL, and half a surrogate pair is no text.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class DocumentRefused(PlaygroundError, ValueError):
    """The document cannot be used. The message is the rest of a sentence about it."""


def load(content: bytes) -> Any:
    if len(content) > MAX_BYTES:
        raise DocumentRefused(f"too large: over {MAX_BYTES // 1_000_000} MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentRefused("not text in UTF-8") from error
    try:
        value = json.loads(text) if text.lstrip().startswith(("{", "[")) else _load_yaml(text)
    except RecursionError as error:
        raise DocumentRefused("nested too deeply") from error
    except (ValueError, yaml.YAMLError) as error:
        if isinstance(error, DocumentRefused):
            raise
        raise DocumentRefused("neither JSON nor YAML") from error
    _Bounds().check(value, 0)
    return value


# The C loader is ten times as fast as the one in Python. Not every build of the library has it.
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _PlainLoader(_Loader):  # type: ignore[valid-type,misc]  # the base class depends on the build
    """The safe loader with the plain scalars of YAML 1.2."""


# OpenAPI prescribes the plain scalars of YAML 1.2. The library reads 1.1, where `on` and `no` are booleans,
# `16:9` is a number and dates are no text: values that a schema lists would change.
# https://spec.openapis.org/oas/v3.1.0#format
# https://yaml.org/spec/1.2.2/#103-core-schema
_CORE = (
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+0123456789."),
    ("float", r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", "-+."),
)
_PlainLoader.yaml_implicit_resolvers = {}
for _tag, _written, _first in _CORE:
    _PlainLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}",
        re.compile(f"(?:{_written})$"),
        ["", *_first] if _tag == "null" else [*_first],
    )


def _whole(loader: _PlainLoader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node))
    if len(text) > MAX_DIGITS:
        raise DocumentRefused("contains a number that is too long")
    return int(text, 0) if text[:2] in ("0x", "0o") else int(text)


_PlainLoader.add_constructor("tag:yaml.org,2002:int", _whole)


def _load_yaml(text: str) -> Any:
    _check_events(text)
    return yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - a subclass of SafeLoader, stricter


def _check_events(text: str) -> None:
    """Refuse aliases, and what is too large or too deep, before any value is made.

    A few lines of aliases can stand for billions of values.
    """
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=_PlainLoader)):
        if isinstance(event, yaml.AliasEvent):
            raise DocumentRefused("uses YAML aliases, which are not followed")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise DocumentRefused("nested too deeply")
        # A collection is two events, the stream and its document are four.
        if count > 2 * MAX_NODES + 4:
            raise DocumentRefused("too large: it has too many parts")


class _Bounds:
    def __init__(self) -> None:
        self.nodes = 0

    def check(self, value: Any, depth: int) -> None:
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise DocumentRefused("nested too deeply")
        if self.nodes > MAX_NODES:
            raise DocumentRefused("too large: it has too many parts")
        if isinstance(value, str) and _UNSTORABLE.search(value):
            raise DocumentRefused("contains a character that cannot be stored")
        if isinstance(value, float) and not math.isfinite(value):
            raise DocumentRefused("contains a number that JSON does not have")
        if isinstance(value, dict):
            for key in value:
                self.check(key, depth)
        children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        for child in children:
            self.check(child, depth + 1)


class Walker:
    """A follower of references inside one document. References out of it accept anything."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    def followed(self, value: Any) -> dict[str, Any]:
        """Return the object, or the one that its reference leads to; empty if there is none."""
        for _ in range(MAX_HOPS):
            if not isinstance(value, dict):
                return {}
            reference = value.get("$ref")
            if not isinstance(reference, str):
                return value
            value = resolve_pointer(self._document, reference) if reference.startswith("#/") else None
        return {}

    def bundled(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Copy the schema with everything that it refers to in ``$defs``, loops included."""
        if isinstance(schema.get("$ref"), str):
            schema = self.followed(schema)
        try:
            return bundle(schema, self._document)
        except SchemaTooLarge as error:
            raise DocumentRefused(str(error)) from error
