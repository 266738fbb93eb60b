"""The shapes that a request schema lets a transcript have, read once for each schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Lock

from cachetools import LRUCache, cached

from playground.parameters.schema.alternatives import MAX_ROOTS, flatten
from playground.parameters.schema.merging import Unresolvable
from playground.parameters.schema.resolving import Resolver
from playground.parameters.schema.translate import Schema
from playground.parameters.schema.validation import Validator, validator_for

# A team uses a handful of models at a time.
MOST_CACHED = 64
# Roles of messages whose schema allows any text as the role.
_USUAL_ROLES = ("system", "user", "assistant", "tool")


@dataclass(frozen=True, slots=True)
class MessageShape:
    """The content that a message of one role may have."""

    takes_text: bool
    takes_null: bool
    needs_content: bool
    # The validator of one part of the content; None where the content may not be a list.
    part: Validator | None
    part_types: frozenset[str]
    most_parts: int | None
    fields: frozenset[str]
    is_closed: bool
    # The validator of one tool call; None where the message has no place for any.
    tool_call: Validator | None

    def takes(self, field: str) -> bool:
        """Return whether the schema lists the field, or at least does not forbid it."""
        return field in self.fields or not self.is_closed


@dataclass(frozen=True, slots=True)
class TranscriptShape:
    """A way to write the transcript: the shape of each role's messages, and the properties of the root.

    Some documents have two ways, whole arrays side by side: blocks as in Anthropic's own API, and
    messages as in OpenAI's.
    """

    roles: Mapping[str, MessageShape]
    root: Mapping[str, Schema]

    @property
    def has_blocks(self) -> bool:
        """Whether tool calls and results are parts of the content, as Anthropic has them."""
        return "tool" not in self.roles and any(
            "tool_use" in shape.part_types for shape in self.roles.values()
        )


@dataclass(frozen=True, slots=True)
class Accepts:
    """All that the writers of transcripts need to know of a request schema."""

    root: Mapping[str, Schema]
    required: frozenset[str]
    # The ways to write ``messages``.
    shapes: tuple[TranscriptShape, ...]
    # The validator of one item of ``input``; None where the input may not be a list.
    input_item: Validator | None


# The lock is free while a schema is read, so no thread waits for the read of another one.
@cached(LRUCache(MOST_CACHED), key=lambda digest, schema: digest, lock=Lock())
def accepts(digest: str, schema: Schema) -> Accepts:
    """Read a schema that is plain JSON Schema; ``digest`` is the one of the published schema behind it."""
    return read_accepts(schema)


def read_accepts(schema: Schema) -> Accepts:
    """Read a schema without the cache."""
    reader = _ShapeReader(schema.get("$defs", {}))
    roots = reader.alternatives(schema)
    root: dict[str, Schema] = {}
    for alternative in reversed(roots):
        root.update(alternative.get("properties", {}))
    shapes = [shape for alternative in roots for shape in reader.transcript_shapes(alternative)]
    return Accepts(
        root=root,
        required=frozenset.intersection(*(frozenset(each.get("required", ())) for each in roots)),
        shapes=tuple(shapes or reader.transcript_shapes({"properties": {**root, "messages": {}}})),
        input_item=reader.input_item(root["input"]) if "input" in root else None,
    )


def is_type(schema: Schema, name: str) -> bool:
    """Return whether a value of that type may be meant; a schema without a type means any value."""
    return "type" not in schema or schema["type"] == name


class _ShapeReader:
    """The reader of one request schema; ``definitions`` are its ``$defs``."""

    def __init__(self, definitions: dict[str, Schema]) -> None:
        self._resolver = Resolver(definitions)

    def alternatives(self, schema: Schema | bool) -> list[Schema]:
        """Return every alternative of the schema; one that cannot be resolved accepts anything.

        A schema may also be ``true``, which accepts anything, or ``false``, which accepts nothing.
        """
        if isinstance(schema, bool):
            return [{}] if schema else []
        try:
            return flatten(schema, self._resolver, MAX_ROOTS)
        except Unresolvable:
            return [{}]

    def transcript_shapes(self, root: Schema) -> Iterator[TranscriptShape]:
        properties = root.get("properties", {})
        for choice in self.alternatives(properties["messages"]) if "messages" in properties else ():
            if not is_type(choice, "array"):
                continue
            roles: dict[str, MessageShape] = {}
            for message in self.alternatives(choice.get("items", {})):
                shape = self._shape(message)
                for role in self._values(message, "role") or _USUAL_ROLES:
                    roles.setdefault(role, shape)
            yield TranscriptShape(roles, properties)

    def input_item(self, schema: Schema) -> Validator | None:
        lists = [choice for choice in self.alternatives(schema) if is_type(choice, "array")]
        return self._any_of([choice["items"] for choice in lists if "items" in choice])

    def _shape(self, message: Schema) -> MessageShape:
        properties = message.get("properties", {})
        contents = self.alternatives(properties.get("content", {}))
        lists = [choice for choice in contents if is_type(choice, "array")]
        parts = [choice["items"] for choice in lists if isinstance(choice.get("items"), dict)]
        calls = self.alternatives(properties["tool_calls"]) if properties.get("tool_calls") else []
        call_items = [choice.get("items", {}) for choice in calls]
        if not properties and message.get("additionalProperties") is not False:
            # The schemas of other servers say nothing about messages at all.
            call_items = [{}]
        most = [choice["maxItems"] for choice in lists if "maxItems" in choice]
        return MessageShape(
            takes_text=any(is_type(choice, "string") for choice in contents),
            takes_null=any(is_type(choice, "null") for choice in contents),
            needs_content="content" in message.get("required", ()),
            part=self._any_of(parts or ([{"type": "object"}] if lists else [])),
            part_types=frozenset(name for part in parts for name in self._part_types(part)),
            most_parts=min(most) if most else None,
            fields=frozenset(properties),
            is_closed=message.get("additionalProperties") is False,
            tool_call=self._any_of(call_items),
        )

    def _part_types(self, part: Schema) -> Iterator[str]:
        for alternative in self.alternatives(part):
            yield from self._values(alternative, "type")

    def _values(self, schema: Schema, name: str) -> list[str]:
        """Return the values that a property lists; none where it may be anything."""
        try:
            stated = self._resolver.resolve(schema.get("properties", {}).get(name, {}))
        except Unresolvable:
            return []
        return [str(value) for value in stated.get("enum", [stated["const"]] if "const" in stated else [])]

    def _any_of(self, schemas: list[Schema]) -> Validator | None:
        """Return the validator of a value that fits one of the schemas, None where there are none."""
        return validator_for(self._resolver.with_definitions({"anyOf": schemas})) if schemas else None
