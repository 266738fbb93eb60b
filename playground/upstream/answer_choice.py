"""The parts of an answer that each alternative has for itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from playground.upstream.growing_text import GrowingText

if TYPE_CHECKING:
    from playground.upstream.events import TokenLogprob, ToolCallDelta

_FUNCTION = ("", "function")


@dataclass(slots=True)
class CollectedToolCall:
    id: str = ""
    name: str = ""
    type: str = ""
    pieces: GrowingText = field(default_factory=GrowingText)

    def add(self, delta: ToolCallDelta) -> None:
        # Some upstreams repeat id and name in every fragment: they replace, arguments add up.
        self.id, self.name = delta.id or self.id, delta.name or self.name
        self.type = delta.type or self.type
        self.pieces.append(delta.arguments)

    @property
    def data(self) -> dict[str, str]:
        found = {"id": self.id, "name": self.name, "arguments": str(self.pieces)}
        return found if self.type in _FUNCTION else {**found, "type": self.type}


@dataclass(slots=True)
class AnswerChoice:
    """An alternative answer of one request (``n`` of OpenAI). Most requests have only the first."""

    text_parts: GrowingText = field(default_factory=GrowingText)
    reasoning_parts: GrowingText = field(default_factory=GrowingText)
    refusal_parts: GrowingText = field(default_factory=GrowingText)
    opaque_reasoning: list[dict[str, Any]] = field(default_factory=list)
    tool_calls: dict[int, CollectedToolCall] = field(default_factory=dict)
    logprobs: list[TokenLogprob] = field(default_factory=list)
    finish_reason: str = ""

    @property
    def text(self) -> str:
        return str(self.text_parts)

    @property
    def reasoning(self) -> str:
        return str(self.reasoning_parts)

    @property
    def refusal(self) -> str:
        return str(self.refusal_parts)

    def take_back(self, characters: int) -> None:
        """Move the end of the reasoning behind the text."""
        reasoning = self.reasoning
        start = max(0, len(reasoning) - characters)
        self.reasoning_parts.clear()
        for parts, piece in ((self.reasoning_parts, reasoning[:start]), (self.text_parts, reasoning[start:])):
            if piece:
                parts.append(piece)

    @property
    def data(self) -> dict[str, Any]:
        """The filled fields other than text and reasoning."""
        return filled(
            refusal=self.refusal,
            tool_calls=[self.tool_calls[index].data for index in sorted(self.tool_calls)],
            opaque_reasoning=self.opaque_reasoning,
            logprobs=msgspec.to_builtins(self.logprobs),
        )


def filled(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}
