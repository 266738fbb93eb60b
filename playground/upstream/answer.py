"""The answer of a run, put together from its events."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import msgspec

from playground.upstream.answer_choice import AnswerChoice, CollectedToolCall, filled
from playground.upstream.events import (
    AudioDelta,
    AudioIdentified,
    Awaited,
    Citation,
    CostReported,
    Failed,
    Finished,
    HostedToolCall,
    Identified,
    ImageReceived,
    Logprobs,
    Prefilled,
    Reached,
    ReasoningDelta,
    ReasoningOpaque,
    ReasoningWasText,
    RefusalDelta,
    Reported,
    Retrying,
    StartedOver,
    TextDelta,
    TextWasReasoning,
    ToolCallDelta,
    Truncated,
    Unreadable,
    UsageReported,
)

if TYPE_CHECKING:
    from playground.upstream.events import Event


@dataclass(slots=True)
class Answer:
    """The answer received so far, gathered event by event."""

    # The beginning that the model continues. All texts that are counted are without it.
    prefill: str = ""
    first: AnswerChoice = field(default_factory=AnswerChoice)
    others: dict[int, AnswerChoice] = field(default_factory=dict)
    citations: list[dict[str, str]] = field(default_factory=list)
    hosted_tools: dict[str, dict[str, Any]] = field(default_factory=dict)
    images: list[dict[str, str]] = field(default_factory=list)
    audio_parts: list[str] = field(default_factory=list)
    transcript_parts: list[str] = field(default_factory=list)
    audio_identity: AudioIdentified | None = None
    usage: UsageReported | None = None
    cost: CostReported | None = None
    identity: Identified | None = None
    reported: Reported | None = None
    # Reasons in the order in which the choices finished.
    finish_reasons: list[str] = field(default_factory=list)
    failure: Failed | None = None
    retrying: Retrying | None = None
    # Set if the answer comes whole.
    awaited: Awaited | None = None
    # The upstream's number of the last event, if it can continue the stream after that.
    reached: int | None = None
    is_truncated: bool = False
    # The number of pieces of the stream that could not be read.
    unreadable_pieces: int = 0

    @property
    def text(self) -> str:
        return self.first.text

    @property
    def whole_text(self) -> str:
        """The text as it is shown and stored: with its beginning, once the model has continued that."""
        return self.text if self.is_empty else f"{self.prefill}{self.text}"

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
    def has_tool_calls(self) -> bool:
        return bool(self.first.tool_calls)

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
        "audio_id": {"id", "expires_at"}, by which later requests may name the audio
        "transcript": "…"
        "choices": {"1": {"text", "reasoning", "finish_reason" and the first four above}}
        "prefill": the beginning of the text that was sent along
        """
        return filled(
            **self.first.data,
            citations=self.citations,
            hosted_tools=list(self.hosted_tools.values()),
            images=self.images,
            audio=b64encode(self.audio).decode(),
            audio_id=self._audio_id,
            transcript="".join(self.transcript_parts),
            choices={str(index): self._choice_data(self.others[index]) for index in sorted(self.others)},
            prefill="" if self.is_empty else self.prefill,
        )

    @property
    def marks(self) -> dict[str, str]:
        """The filled fields of what the upstream said about the answer::

        "response_id", "model": those of ``Identified``
        "system_fingerprint", "service_tier", "native_finish_reason": those of ``Reported``
        """
        identity, reported = self.identity or Identified(), self.reported or Reported()
        return filled(
            response_id=identity.response_id,
            model=identity.model,
            system_fingerprint=reported.system_fingerprint,
            service_tier=reported.service_tier,
            native_finish_reason=reported.native_finish_reason,
        )

    @property
    def audio(self) -> bytes:
        return b"".join(map(_decoded, self.audio_parts))

    @property
    def _audio_id(self) -> dict[str, Any]:
        found = self.audio_identity
        return {"id": found.id, "expires_at": found.expires_at} if found else {}

    def _choice_data(self, choice: AnswerChoice) -> dict[str, Any]:
        text = f"{self.prefill}{choice.text}" if choice.text else ""
        said = filled(text=text, reasoning=choice.reasoning, finish_reason=choice.finish_reason)
        return {**said, **choice.data}

    def _choice(self, index: int) -> AnswerChoice:
        if index == 0:
            return self.first
        choice = self.others.get(index)
        if choice is None:
            choice = self.others[index] = AnswerChoice()
        return choice

    def apply(self, event: Event) -> None:
        # These two come by the thousand, so they are tested first.
        if type(event) is TextDelta:
            self._choice(event.choice).text_parts.append(event.text)
        elif type(event) is ReasoningDelta:
            self._choice(event.choice).reasoning_parts.append(event.text)
        elif not self._apply_to_choice(event):
            self._apply_to_all(event)

    def _note_course(self, event: Retrying | Awaited | StartedOver) -> None:
        match event:
            case Retrying():
                self.retrying = event
            case Awaited():
                self.awaited = event
            case StartedOver():
                self._start_over()

    def _start_over(self) -> None:
        for name, empty in _fields_of(Answer()):
            if name not in ("prefill", "awaited", "identity"):
                setattr(self, name, empty)

    def _apply_to_choice(self, event: Event) -> bool:
        match event:
            case TextWasReasoning(choice=index):
                choice = self._choice(index)
                choice.reasoning_parts.append(choice.text)
                choice.text_parts.clear()
            case ReasoningWasText(characters=characters, choice=index):
                self._choice(index).take_back(characters)
            case ReasoningOpaque(data=data, choice=index):
                self._choice(index).opaque_reasoning.append(data)
            case ToolCallDelta(index=number, choice=index):
                self._choice(index).tool_calls.setdefault(number, CollectedToolCall()).add(event)
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
                self.citations.append({"url": url, "title": title} | filled(quote=quote))
            case HostedToolCall(id=call_id):
                self.hosted_tools.setdefault(call_id, {}).update(msgspec.to_builtins(event))
                self.hosted_tools[call_id].pop("event", None)
            case AudioDelta(data=data, transcript=transcript):
                self.audio_parts.append(data)
                self.transcript_parts.append(transcript)
            case AudioIdentified():
                self.audio_identity = event
            case Prefilled(text=text):
                self.prefill = text
            case ImageReceived():
                self.images.append(filled(data=event.data, url=event.url, media_type=event.media_type))
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
            case Reported():
                self.reported = event
            case Failed():
                self.failure = event
            case Retrying() | Awaited() | StartedOver():
                self._note_course(event)
            case Reached(last=number):
                self.reached = number
            case Truncated():
                self.is_truncated = True
            case Unreadable(pieces=pieces):
                self.unreadable_pieces = pieces


def _fields_of(answer: Answer) -> list[tuple[str, Any]]:
    return [(each.name, getattr(answer, each.name)) for each in fields(answer)]


def _decoded(piece: str) -> bytes:
    """Decode base64, whose padding some providers leave out. Return nothing for invalid base64."""
    try:
        return b64decode(piece + "=" * (-len(piece) % 4))
    except (binascii.Error, ValueError):
        return b""
