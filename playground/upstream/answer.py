"""The answer of a run, put together from its events."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec

from playground.upstream.events import (
    AudioDelta,
    Citation,
    CostReported,
    Failed,
    Finished,
    HostedToolCall,
    Identified,
    ImageReceived,
    Logprobs,
    ReasoningDelta,
    ReasoningOpaque,
    RefusalDelta,
    Retrying,
    TextDelta,
    TextWasReasoning,
    ToolCallDelta,
    Truncated,
    UsageReported,
)

if TYPE_CHECKING:
    from playground.upstream.events import Event, TokenLogprob

_FUNCTION = ("", "function")
# A short string takes ten times the memory of its letters, and an answer has many thousands.
_JOINED_AT_ONCE = 1_024


@dataclass(slots=True)
class Pieces:
    """A text that grows at its end, in little more memory than its letters take."""

    _joined: list[str] = field(default_factory=list)
    _loose: list[str] = field(default_factory=list)

    def append(self, piece: str) -> None:
        self._loose.append(piece)
        if len(self._loose) >= _JOINED_AT_ONCE:
            self._joined.append("".join(self._loose))
            self._loose.clear()

    def last(self, characters: int) -> str:
        """Return the last characters, at a cost that does not grow with the text."""
        found, length = [], 0
        for piece in chain(reversed(self._loose), reversed(self._joined)):
            found.append(piece[-characters:])
            length += len(piece)
            if length >= characters:
                break
        return "".join(reversed(found))[-characters:]

    def clear(self) -> None:
        self._joined.clear()
        self._loose.clear()

    def __bool__(self) -> bool:
        return bool(self._joined or self._loose)

    def __str__(self) -> str:
        return "".join((*self._joined, *self._loose))


@dataclass(slots=True)
class _ToolCall:
    id: str = ""
    name: str = ""
    type: str = ""
    pieces: Pieces = field(default_factory=Pieces)

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
class Choice:
    """An alternative answer of one request (``n`` of OpenAI). Most requests have only the first."""

    text_parts: Pieces = field(default_factory=Pieces)
    reasoning_parts: Pieces = field(default_factory=Pieces)
    refusal_parts: Pieces = field(default_factory=Pieces)
    opaque_reasoning: list[dict[str, Any]] = field(default_factory=list)
    tool_calls: dict[int, _ToolCall] = field(default_factory=dict)
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

    @property
    def data(self) -> dict[str, Any]:
        """The filled fields other than text and reasoning."""
        return _present(
            refusal=self.refusal,
            tool_calls=[self.tool_calls[index].data for index in sorted(self.tool_calls)],
            opaque_reasoning=self.opaque_reasoning,
            logprobs=msgspec.to_builtins(self.logprobs),
        )


@dataclass(slots=True)
class Answer:
    """The answer received so far, gathered event by event."""

    first: Choice = field(default_factory=Choice)
    others: dict[int, Choice] = field(default_factory=dict)
    citations: list[dict[str, str]] = field(default_factory=list)
    hosted_tools: dict[str, dict[str, Any]] = field(default_factory=dict)
    images: list[dict[str, str]] = field(default_factory=list)
    audio_parts: list[str] = field(default_factory=list)
    transcript_parts: list[str] = field(default_factory=list)
    usage: UsageReported | None = None
    cost: CostReported | None = None
    identity: Identified | None = None
    # Reasons in the order in which the choices finished.
    finish_reasons: list[str] = field(default_factory=list)
    failure: Failed | None = None
    retrying: Retrying | None = None
    is_truncated: bool = False

    @property
    def text(self) -> str:
        return self.first.text

    @property
    def reasoning(self) -> str:
        return self.first.reasoning

    @property
    def finish_reason(self) -> str:
        return self.first.finish_reason

    @property
    def is_empty(self) -> bool:
        """Whether no generated content was received."""
        first = self.first
        has_words = first.text_parts or first.reasoning_parts or first.refusal_parts or first.tool_calls
        return not (has_words or self.others or self.images or self.audio_parts or self.transcript_parts)

    @property
    def has_cost_nothing(self) -> bool:
        """Whether nothing was generated and no usage or cost was reported."""
        thoughts = self.first.opaque_reasoning
        return self.is_empty and not (thoughts or self.hosted_tools or self.usage or self.cost)

    @property
    def data(self) -> dict[str, Any]:
        """The filled fields that a message stores beside its text and reasoning::

        "refusal": "…"
        "tool_calls": [{"id", "name", "arguments", "type" unless it is a function}]
        "opaque_reasoning": [what ``ReasoningOpaque`` brought, in its order]
        "logprobs": [[token, logprob, [[another token, its logprob], …]], …]
        "citations": [{"url", "title", "quote" where there is one}]
        "hosted_tools": [{"id", "type", "name", "status", "input", "output", "results"}]
        "images": [{"data": base64, "media_type"} or {"url"}]
        "audio": base64, as the provider's format has it
        "transcript": "…"
        "choices": {"1": {"text", "reasoning", "finish_reason" and the first four above}}
        """
        return _present(
            **self.first.data,
            citations=self.citations,
            hosted_tools=list(self.hosted_tools.values()),
            images=self.images,
            audio=b64encode(self.audio).decode(),
            transcript="".join(self.transcript_parts),
            choices={str(index): self._choice_data(self.others[index]) for index in sorted(self.others)},
        )

    @property
    def audio(self) -> bytes:
        return b"".join(map(_decoded, self.audio_parts))

    @staticmethod
    def _choice_data(choice: Choice) -> dict[str, Any]:
        said = _present(text=choice.text, reasoning=choice.reasoning, finish_reason=choice.finish_reason)
        return {**said, **choice.data}

    def _choice(self, index: int) -> Choice:
        if index == 0:
            return self.first
        choice = self.others.get(index)
        if choice is None:
            choice = self.others[index] = Choice()
        return choice

    def apply(self, event: Event) -> None:
        # These two come by the thousand, so they are tested first.
        if type(event) is TextDelta:
            self._choice(event.choice).text_parts.append(event.text)
        elif type(event) is ReasoningDelta:
            self._choice(event.choice).reasoning_parts.append(event.text)
        elif not self._apply_to_choice(event):
            self._apply_to_all(event)

    def _apply_to_choice(self, event: Event) -> bool:
        match event:
            case TextWasReasoning(choice=index):
                choice = self._choice(index)
                choice.reasoning_parts.append(choice.text)
                choice.text_parts.clear()
            case ReasoningOpaque(data=data, choice=index):
                self._choice(index).opaque_reasoning.append(data)
            case ToolCallDelta(index=number, choice=index):
                self._choice(index).tool_calls.setdefault(number, _ToolCall()).add(event)
            case RefusalDelta(text=text, choice=index):
                self._choice(index).refusal_parts.append(text)
            case Logprobs(tokens=tokens, choice=index):
                self._choice(index).logprobs.extend(tokens)
            case Finished(reason=reason, choice=index):
                self._choice(index).finish_reason = reason
                self.finish_reasons.append(reason)
            case _:
                return False
        return True

    def _apply_to_all(self, event: Event) -> None:
        match event:
            case Citation(url=url, title=title, quote=quote):
                self.citations.append({"url": url, "title": title} | _present(quote=quote))
            case HostedToolCall(id=call_id):
                self.hosted_tools.setdefault(call_id, {}).update(msgspec.to_builtins(event))
                self.hosted_tools[call_id].pop("event", None)
            case AudioDelta(data=data, transcript=transcript):
                self.audio_parts.append(data)
                self.transcript_parts.append(transcript)
            case ImageReceived():
                self.images.append(_present(data=event.data, url=event.url, media_type=event.media_type))
            case _:
                self._apply_to_run(event)

    def _apply_to_run(self, event: Event) -> None:
        match event:
            case UsageReported():
                self.usage = event
            case CostReported():
                self.cost = event
            case Identified():
                self.identity = event
            case Failed():
                self.failure = event
            case Retrying():
                self.retrying = event
            case Truncated():
                self.is_truncated = True


def _present(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _decoded(piece: str) -> bytes:
    """Decode base64, whose padding some providers leave out. Return nothing for invalid base64."""
    try:
        return b64decode(piece + "=" * (-len(piece) % 4))
    except (binascii.Error, ValueError):
        return b""
