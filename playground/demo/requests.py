"""A chat request, read from a body that the schema has already accepted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playground.demo import tokens
from playground.demo.schemas import DEFAULT_MAX_TOKENS
from playground.upstream.dialects.chat_completions import DIALECT


@dataclass(frozen=True, slots=True)
class ChatRequest:
    model: str
    messages: tuple[dict[str, Any], ...]
    # The parameters as they were sent, explicit nulls included.
    parameters: dict[str, Any]
    is_stream: bool = False
    # The kind of endpoint, and the number of own thoughts, signed or encrypted, that came back.
    kind: str = DIALECT.kind
    own_thoughts: int = 0

    @classmethod
    def from_body(cls, body: dict[str, Any]) -> ChatRequest:
        messages = body.get("messages")
        usable = [item for item in messages if isinstance(item, dict)] if isinstance(messages, list) else []
        return cls(
            model=str(body.get("model", "")),
            messages=tuple(usable),
            parameters=DIALECT.parameters_of(body),
            is_stream=bool(body.get("stream")),
        )

    def texts(self, role: str) -> list[str]:
        return [tokens.text_of(item.get("content")) for item in self.messages if item.get("role") == role]

    @property
    def prompt(self) -> str:
        """The last text of the user."""
        return next(reversed(self.texts("user")), "")

    @property
    def beginning(self) -> str:
        """The text that the answer continues, or nothing."""
        last = self.messages[-1] if self.messages else {}
        return tokens.text_of(last.get("content")) if last.get("role") == "assistant" else ""

    @property
    def system(self) -> str:
        return " ".join(self.texts("system") + self.texts("developer")).strip()

    def number(self, name: str, default: float) -> float:
        """Return a numeric parameter; unset and null both mean the default."""
        value = self.parameters.get(name)
        return value if isinstance(value, int | float) else default

    @property
    def max_tokens(self) -> int:
        for name in ("max_completion_tokens", "max_tokens"):
            if isinstance(value := self.parameters.get(name), int | float):
                return int(value)
        return DEFAULT_MAX_TOKENS

    @property
    def stops(self) -> tuple[str, ...]:
        stop = self.parameters.get("stop")
        found = [stop] if isinstance(stop, str) else stop if isinstance(stop, list) else []
        return tuple(item for item in found if isinstance(item, str) and item)

    @property
    def seed(self) -> int | None:
        value = self.parameters.get("seed")
        return int(value) if isinstance(value, int | float) else None
