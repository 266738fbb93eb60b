from __future__ import annotations

from dataclasses import dataclass, field, replace

from playground.demo import tokens
from playground.demo.requests import ChatRequest


@dataclass(frozen=True, slots=True)
class ScriptedToolCall:
    id: str
    name: str
    # JSON text, as the upstream sends it.
    arguments: str


@dataclass(frozen=True, slots=True)
class ScriptedAnswer:
    """A whole answer before it is sent, in pieces of one token each."""

    content: list[str]
    reasoning: list[str] = field(default_factory=list)
    tool_calls: tuple[ScriptedToolCall, ...] = ()
    finish_reason: str = "stop"
    # Hidden thinking costs as much as thinking that is shown.
    hidden_tokens: int = 0
    # True to send the thinking in sealed form too, in dialects that have one.
    is_sealed: bool = False

    @classmethod
    def of(
        cls, content: str, reasoning: str = "", tool_calls: tuple[ScriptedToolCall, ...] = ()
    ) -> ScriptedAnswer:
        reason = "tool_calls" if tool_calls else "stop"
        return cls(tokens.split(content), tokens.split(reasoning), tool_calls, reason)

    @property
    def reasoning_tokens(self) -> int:
        return len(self.reasoning) + self.hidden_tokens

    @property
    def output_tokens(self) -> int:
        called = sum(tokens.count(call.name + call.arguments) for call in self.tool_calls)
        return len(self.content) + self.reasoning_tokens + called

    def after(self, beginning: str) -> ScriptedAnswer:
        """Put a space between the text that it continues and its first word."""
        if not beginning or beginning[-1].isspace() or not self.content:
            return self
        return replace(self, content=[" " + self.content[0], *self.content[1:]])

    def within(self, request: ChatRequest) -> ScriptedAnswer:
        """Cut the answer at the request's stop texts and token limit."""
        return self._before(request.stops)._at_most(request.max_tokens)

    def _before(self, stops: tuple[str, ...]) -> ScriptedAnswer:
        text = "".join(self.content)
        ends = [place for stop in stops if (place := text.find(stop)) >= 0]
        return replace(self, content=tokens.split(text[: min(ends)])) if ends else self

    def _at_most(self, limit: int) -> ScriptedAnswer:
        if self.output_tokens <= limit:
            return self
        # Thinking comes first and counts towards the limit first, as with real models.
        hidden = min(self.hidden_tokens, limit)
        thought = self.reasoning[: limit - hidden]
        said = self.content[: limit - hidden - len(thought)]
        return replace(
            self,
            content=said,
            reasoning=thought,
            tool_calls=(),
            finish_reason="length",
            hidden_tokens=hidden,
        )
