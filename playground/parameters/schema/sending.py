"""How a request is sent: as a stream or not, and with or without a request for usage figures.

``stream`` and ``stream_options`` are no parameters of a form. They are controls of the product's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from playground.parameters.schema.properties import root_properties
from playground.parameters.schema.translate import Schema
from playground.parameters.schema.validation import validator_for


@dataclass(frozen=True, slots=True)
class Sending:
    """The user's choice. The default is what the product sent before there was a choice."""

    is_streamed: bool = True
    reports_usage: bool = True

    @property
    def changed_count(self) -> int:
        return (not self.is_streamed) + (not self.reports_usage)


class Streaming:
    """The rules of a request schema for streams, and the fields of a body for a choice within them."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._definitions: dict[str, Schema] = schema.get("$defs", {})
        self._properties, self._required = root_properties(schema, self._definitions)

    @cached_property
    def can_stream(self) -> bool:
        # A schema that does not mention the property may still allow it.
        return self._takes(True) if self.is_named else self._schema.get("additionalProperties") is not False

    @cached_property
    def can_be_whole(self) -> bool:
        return not self.is_named or self._takes(False) or "stream" not in self._required

    @property
    def is_named(self) -> bool:
        return "stream" in self._properties

    @property
    def can_report_usage(self) -> bool:
        return self.can_stream and "stream_options" in self._properties

    def within(self, sending: Sending) -> Sending:
        """Return the choice as far as the schema allows it."""
        is_streamed = self.can_stream and (sending.is_streamed or not self.can_be_whole)
        return Sending(is_streamed, sending.reports_usage)

    def fields(self, sending: Sending) -> dict[str, Any]:
        """Return the fields of a body for the choice. Where a schema refuses ``false``, it is left out."""
        if not self.within(sending).is_streamed:
            return {"stream": False} if self.is_named and self._takes(False) else {}
        options = {"stream_options": {"include_usage": True}}
        return {"stream": True, **(options if sending.reports_usage and self.can_report_usage else {})}

    def _takes(self, value: bool) -> bool:
        schema = {**self._properties["stream"], "$defs": self._definitions}
        return validator_for(schema).is_valid(value)
