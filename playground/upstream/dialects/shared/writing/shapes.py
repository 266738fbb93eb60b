"""The shapes of messages, as a request schema describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playground.parameters.schema.translate import Schema
from playground.parameters.schema.validation import Validator


@dataclass(frozen=True, slots=True)
class MessageShape:
    """The content that a message of one role may have."""

    takes_text: bool
    takes_null: bool
    needs_content: bool
    # The validator of one part of the content; None where the content may not be a list.
    part: Validator | None
    part_types: frozenset[str]
    # Whether the provider fetches a recording from an address.
    fetches_audio: bool
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
    # The schema says which roles there are. Where it does not, messages are the dialect's own.
    states_roles: bool
    # The schema forbids properties that it does not list.
    is_closed: bool

    @property
    def has_blocks(self) -> bool:
        """Whether tool calls and results are parts of the content, as Anthropic has them."""
        return "tool" not in self.roles and any(
            "tool_use" in shape.part_types for shape in self.roles.values()
        )
