"""Answers as responses: a stream of chunks, or one JSON object."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from playground.demo.answers import ScriptedAnswer
from playground.demo.answers.answer import ScriptedToolCall
from playground.demo.steps import DONE, EVENT_STREAM, Head, Pace, Step, Steps, event, json_response

CREDITS_PER_USD = 2_000_000
_ARGUMENT_FRAGMENT = 12


@dataclass(frozen=True, slots=True)
class Reply:
    """The fields that all parts of a response share. Prices are credits per million tokens."""

    id: str
    model: str
    input_tokens: int
    input_price: int = 200_000
    output_price: int = 800_000
    tokens_per_second: float = 60.0
    created: int = field(default_factory=lambda: int(time.time()))

    def stream(self, answer: ScriptedAnswer) -> Steps:
        """Send the answer as server-sent events, one per token."""
        yield self.head()
        yield Pace(self.tokens_per_second)
        yield self.delta({"role": "assistant", "content": ""})
        yield from self.pieces(answer)
        yield self.delta({}, finish_reason=answer.finish_reason)
        yield event(self.ending(answer))
        yield DONE

    def head(self) -> Head:
        return Head(200, (EVENT_STREAM, ("cache-control", "no-cache")))

    def pieces(self, answer: ScriptedAnswer) -> Iterator[Step]:
        for piece in answer.reasoning:
            yield self.delta({"reasoning_content": piece}, is_token=True)
        for piece in answer.content:
            yield self.delta({"content": piece}, is_token=True)
        for index, call in enumerate(answer.tool_calls):
            yield from self._call(index, call)

    def _call(self, index: int, call: ScriptedToolCall) -> Iterator[Step]:
        """Send the name, then the arguments in fragments that end anywhere."""
        function = {"name": call.name, "arguments": ""}
        first = {"index": index, "id": call.id, "type": "function", "function": function}
        yield self.delta({"tool_calls": [first]}, is_token=True)
        for start in range(0, len(call.arguments), _ARGUMENT_FRAGMENT):
            fragment = {"arguments": call.arguments[start : start + _ARGUMENT_FRAGMENT]}
            yield self.delta({"tool_calls": [{"index": index, "function": fragment}]}, is_token=True)

    def delta(
        self, delta: dict[str, Any], finish_reason: str | None = None, *, is_token: bool = False
    ) -> Step:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return event(self.chunk([choice]), is_token=is_token)

    def chunk(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": choices,
        }

    def ending(self, answer: ScriptedAnswer) -> dict[str, Any]:
        """Make the chunk without choices that reports usage and cost."""
        return {**self.chunk([]), "usage": self.usage(answer), "meta": {"usage": self.cost(answer)}}

    def usage(self, answer: ScriptedAnswer) -> dict[str, Any]:
        return {
            "prompt_tokens": self.input_tokens,
            "completion_tokens": answer.output_tokens,
            "total_tokens": self.input_tokens + answer.output_tokens,
            "completion_tokens_details": {"reasoning_tokens": answer.reasoning_tokens},
        }

    def cost(self, answer: ScriptedAnswer) -> dict[str, Any]:
        price = self.input_tokens * self.input_price + answer.output_tokens * self.output_price
        credits = math.ceil(price / 1_000_000)
        return {"credits_used": credits, "usd_spent": credits / CREDITS_PER_USD}

    def whole(self, answer: ScriptedAnswer) -> Steps:
        """Send the answer as one JSON object, with its cost in the headers too."""
        cost = self.cost(answer)
        body = {
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": [{"index": 0, "message": _message(answer), "finish_reason": answer.finish_reason}],
            "usage": self.usage(answer),
            "meta": {"usage": cost},
        }
        return json_response(
            200,
            body,
            ("x-aimlapi-credits-used", str(cost["credits_used"])),
            ("x-aimlapi-usd-spent", f"{cost['usd_spent']:.9f}"),
        )


def _message(answer: ScriptedAnswer) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": "".join(answer.content) or None}
    if answer.reasoning:
        message["reasoning_content"] = "".join(answer.reasoning)
    if answer.tool_calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in answer.tool_calls
        ]
    return message
