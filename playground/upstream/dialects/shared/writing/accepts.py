"""What a request schema lets a transcript look like. Read once for each schema, then kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, NoReturn

import jsonschema_rs

Schema = dict[str, Any]
Validator = jsonschema_rs.Draft202012Validator

KEPT = 64
# Deeper than any request schema lists alternatives; a circle of references ends here.
_MAX_DEPTH = 12
_MAX_ALTERNATIVES = 200


@dataclass(frozen=True, slots=True)
class MessageShape:
    """What a message of one role may hold. ``part`` and ``tool_call`` check one of those."""

    takes_text: bool
    takes_null: bool
    needs_content: bool
    part: Validator | None
    part_types: frozenset[str]
    most_parts: int | None
    fields: frozenset[str]
    is_closed: bool
    tool_call: Validator | None

    def takes(self, field: str) -> bool:
        """Whether the field is known here, or at least not forbidden."""
        return field in self.fields or not self.is_closed


@dataclass(frozen=True, slots=True)
class TranscriptShape:
    """One way to write the transcript: which roles there are, and what else the root takes.

    Some documents have two, whole arrays side by side: blocks as in Anthropic's own API, and
    messages as in OpenAI's.
    """

    roles: Mapping[str, MessageShape]
    root: Mapping[str, Schema]

    @property
    def has_blocks(self) -> bool:
        """Anthropic's way: tool calls and results are parts of the content."""
        return "tool" not in self.roles and any(
            "tool_use" in shape.part_types for shape in self.roles.values()
        )


@dataclass(frozen=True, slots=True)
class Accepts:
    """``shapes`` of ``messages``; for ``input``: whether it may be a text, and what an item must be."""

    root: Mapping[str, Schema]
    required: frozenset[str]
    shapes: tuple[TranscriptShape, ...]
    takes_input_text: bool
    # None where the transcript may not be a list.
    input_item: Validator | None


_kept: OrderedDict[str, Accepts] = OrderedDict()
_lock = Lock()


def accepts(digest: str, schema: Schema) -> Accepts:
    """``schema`` is plain JSON Schema, ``digest`` the one of the published schema behind it."""
    with _lock:
        if digest in _kept:
            _kept.move_to_end(digest)
            return _kept[digest]
    # Outside the lock: two threads may read one schema, none waits for another's.
    found = read_accepts(schema)
    with _lock:
        _kept[digest] = found
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


def read_accepts(schema: Schema) -> Accepts:
    reader = _ShapeReader(schema.get("$defs", {}))
    roots = list(reader.alternatives(schema))
    root: dict[str, Schema] = {}
    for alternative in reversed(roots):
        root.update(alternative.get("properties", {}))
    required = [set(alternative.get("required", ())) for alternative in roots]
    inputs = list(reader.alternatives(root["input"])) if "input" in root else []
    shapes = [shape for alternative in roots for shape in reader.transcript_shapes(alternative)]
    return Accepts(
        root=root,
        required=frozenset(set.intersection(*required)) if required else frozenset(),
        shapes=tuple(shapes or reader.transcript_shapes({"properties": {**root, "messages": {}}})),
        takes_input_text=any(is_type(choice, "string") for choice in inputs),
        input_item=reader.input_item(inputs),
    )


def is_type(schema: Schema, name: str) -> bool:
    """Whether a value of that type may be meant; a schema without a type means anything."""
    types = schema.get("type")
    return types is None or types == name or (isinstance(types, list) and name in types)


class _ShapeReader:
    def __init__(self, definitions: Mapping[str, Schema]) -> None:
        self._definitions = definitions

    def alternatives(self, schema: Schema, depth: int = 0) -> Iterator[Schema]:
        """Every way that a choice of choices leaves open, those beside a reference included."""
        if depth > _MAX_DEPTH or not isinstance(schema, dict):
            return
        schema = self._followed(schema)
        key = next((key for key in ("anyOf", "oneOf", "allOf") if schema.get(key)), None)
        if key is None:
            yield schema
            return
        beside = {name: value for name, value in schema.items() if name != key}
        if key == "allOf":
            yield from self.alternatives(_merged([beside, *map(self._followed, schema[key])]), depth + 1)
            return
        for choice in schema[key][:_MAX_ALTERNATIVES]:
            for alternative in self.alternatives(choice, depth + 1):
                yield _merged([beside, alternative])

    def transcript_shapes(self, root: Schema) -> Iterator[TranscriptShape]:
        properties = root.get("properties", {})
        for choice in self.alternatives(properties.get("messages", {})) if "messages" in properties else ():
            if not is_type(choice, "array"):
                continue
            roles: dict[str, MessageShape] = {}
            for message in self.alternatives(choice.get("items", {})):
                shape = self._shape(message)
                for role in self._roles(message):
                    roles.setdefault(role, shape)
            yield TranscriptShape(roles, properties)

    def input_item(self, inputs: list[Schema]) -> Validator | None:
        items = [choice["items"] for choice in inputs if is_type(choice, "array") and "items" in choice]
        return self._validator({"anyOf": items}) if items else None

    def _roles(self, message: Schema) -> list[str]:
        role = self._followed(message.get("properties", {}).get("role", {}))
        if "const" in role:
            return [str(role["const"])]
        # A role that may be any text: the four that everybody knows.
        return [str(name) for name in role.get("enum", ("system", "user", "assistant", "tool"))]

    def _shape(self, message: Schema) -> MessageShape:
        properties = message.get("properties", {})
        contents = list(self.alternatives(properties.get("content", {})))
        lists = [choice for choice in contents if is_type(choice, "array")]
        parts = [choice["items"] for choice in lists if isinstance(choice.get("items"), dict)]
        calls = properties.get("tool_calls")
        call_items = [choice.get("items", {}) for choice in self.alternatives(calls)] if calls else []
        if not properties and message.get("additionalProperties") is not False:
            # Nothing is said about messages at all, as in the schemas of other servers.
            call_items = [{}]
        most = [choice["maxItems"] for choice in lists if "maxItems" in choice]
        return MessageShape(
            takes_text=any(is_type(choice, "string") for choice in contents),
            takes_null=any(is_type(choice, "null") for choice in contents),
            needs_content="content" in message.get("required", ()),
            part=self._validator({"anyOf": parts}) if parts else self._anything_if(lists),
            part_types=frozenset(name for part in parts for name in self._part_types(part)),
            most_parts=min(most) if most else None,
            fields=frozenset(properties),
            is_closed=message.get("additionalProperties") is False,
            tool_call=self._validator({"anyOf": call_items}) if call_items else None,
        )

    def _anything_if(self, lists: list[Schema]) -> Validator | None:
        return self._validator({"type": "object"}) if lists else None

    def _part_types(self, part: Schema) -> Iterator[str]:
        for alternative in self.alternatives(part):
            kind = self._followed(alternative.get("properties", {}).get("type", {}))
            yield from (str(name) for name in kind.get("enum", [kind["const"]] if "const" in kind else ()))

    def _followed(self, schema: Schema) -> Schema:
        for _ in range(_MAX_DEPTH):
            reference = schema.get("$ref")
            if not isinstance(reference, str) or not reference.startswith("#/$defs/"):
                return schema
            target = self._definitions.get(reference.removeprefix("#/$defs/"), {})
            schema = {**target, **{name: value for name, value in schema.items() if name != "$ref"}}
        return {}

    def _validator(self, schema: Schema) -> Validator:
        try:
            return Validator(
                {**schema, "$defs": self._definitions}, retriever=_refuse, validate_formats=False
            )
        except ValueError:
            # Unsound somewhere: the body is checked as a whole later, and then by the upstream.
            return Validator({})


def _merged(schemas: list[Schema]) -> Schema:
    """One schema of several that hold together. Good enough for shapes: no bounds are compared."""
    result: Schema = {}
    for schema in schemas:
        for key, value in schema.items():
            if key == "properties" and key in result:
                result[key] = {**result[key], **value}
            elif key == "required" and key in result:
                result[key] = [*result[key], *value]
            else:
                result[key] = value
    return result


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"Not fetched: {uri}")
