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
from playground.upstream.dialects.shared.writing.shapes import MessageShape, TranscriptShape

# A team uses a handful of models at a time.
MOST_CACHED = 64
# Roles of messages whose schema allows any text as the role.
_USUAL_ROLES = ("system", "user", "assistant", "tool")


@dataclass(frozen=True, slots=True)
class Accepts:
    """All that the writers of transcripts need to know of a request schema."""

    root: Mapping[str, Schema]
    required: frozenset[str]
    # The ways to write ``messages``.
    shapes: tuple[TranscriptShape, ...]
    # The validator of one item of ``input``; None where the input may not be a list.
    input_item: Validator | None
    # The schema forbids properties that it does not list.
    is_closed: bool

    def takes(self, name: str) -> bool:
        """Return whether the schema lists the property, or at least does not forbid it."""
        return name in self.root or not self.is_closed


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
        input_item=reader.input_item(root.get("input", {})),
        is_closed=all(_is_closed(each) for each in roots),
    )


def is_type(schema: Schema, name: str) -> bool:
    """Return whether a value of that type may be meant; a schema without a type means any value."""
    return "type" not in schema or schema["type"] == name


def _is_closed(schema: Schema) -> bool:
    return schema.get("additionalProperties") is False


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
            states_roles = False
            for message in self.alternatives(choice.get("items", {})):
                shape = self._shape(message)
                stated = self._values(message, "role")
                states_roles = states_roles or bool(stated)
                for role in stated or _USUAL_ROLES:
                    roles.setdefault(role, shape)
            yield TranscriptShape(roles, properties, states_roles, _is_closed(root))

    def input_item(self, schema: Schema) -> Validator | None:
        lists = [choice for choice in self.alternatives(schema) if is_type(choice, "array")]
        # A list whose items are not described may hold any.
        return self._any_of([choice.get("items", {"type": "object"}) for choice in lists])

    def _shape(self, message: Schema) -> MessageShape:
        properties = message.get("properties", {})
        contents = self.alternatives(properties.get("content", {}))
        lists = [choice for choice in contents if is_type(choice, "array")]
        parts = [choice["items"] for choice in lists if isinstance(choice.get("items"), dict)]
        calls = self.alternatives(properties["tool_calls"]) if properties.get("tool_calls") else []
        call_items = [choice.get("items", {}) for choice in calls]
        if not properties and not _is_closed(message):
            # The schemas of other servers say nothing about messages at all.
            call_items = [{}]
        most = [choice["maxItems"] for choice in lists if "maxItems" in choice]
        return MessageShape(
            takes_text=any(is_type(choice, "string") for choice in contents),
            takes_null=any(is_type(choice, "null") for choice in contents),
            needs_content="content" in message.get("required", ()),
            part=self._any_of(parts or ([{"type": "object"}] if lists else [])),
            part_types=frozenset(name for part in parts for name in self._part_types(part)),
            fetches_audio=any(
                self._fetches_audio(each) for part in parts for each in self.alternatives(part)
            ),
            most_parts=min(most) if most else None,
            fields=frozenset(properties),
            is_closed=_is_closed(message),
            tool_call=self._any_of(call_items),
        )

    def _part_types(self, part: Schema) -> Iterator[str]:
        for alternative in self.alternatives(part):
            yield from self._values(alternative, "type")

    def _fetches_audio(self, part: Schema) -> bool:
        types = self._values(part, "type")
        if "input_audio" not in types:
            return "audio_url" in types
        [sound, *_] = [*self.alternatives(part.get("properties", {}).get("input_audio", {})), {}]
        properties = sound.get("properties", {})
        if "data" not in properties:
            return False
        # The schema lists a URL, or there is no place for the format. Then the data itself has to say what it
        # is: Alibaba's captioner takes the address of a recording in this way, and documents it.
        data = self.alternatives(properties["data"])
        return "format" not in properties or any(each.get("format") == "uri" for each in data)

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
