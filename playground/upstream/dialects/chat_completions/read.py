"""The reader of answers of ``/v1/chat/completions``, with the additions of many vendors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.upstream.dialects.chat_completions import chunks
from playground.upstream.dialects.chat_completions.call_fragments import CallFragments
from playground.upstream.dialects.chat_completions.content import read_content
from playground.upstream.dialects.chat_completions.reasoning import ReasoningReader
from playground.upstream.dialects.shared.reading.limits import MAX_CHOICES
from playground.upstream.dialects.shared.reading.logprobs import LogprobReader
from playground.upstream.dialects.shared.reading.mending import text_of
from playground.upstream.dialects.shared.reading.normaliser import DialectNormaliser
from playground.upstream.dialects.shared.reading.think import ThinkTags
from playground.upstream.dialects.shared.reading.think_tags import ended_by_itself
from playground.upstream.errors import envelopes
from playground.upstream.events import (
    AudioDelta,
    AudioIdentified,
    Event,
    Finished,
    ReasoningOpaque,
    RefusalDelta,
)
from playground.upstream.storable import storable

if TYPE_CHECKING:
    from playground.upstream.dialects.chat_completions.chunks import Chunk, ChunkChoice, Delta

LONGEST_AUDIO_ID = 200
_STREAMED = ("content", "text", "reasoning_content", "reasoning", "thinking")


class ChatCompletionsNormaliser(DialectNormaliser["Chunk"]):
    _decode = staticmethod(chunks.decode)
    _from_object = staticmethod(chunks.from_object)

    def __init__(self, *, inference_id: str = "") -> None:
        super().__init__(inference_id=inference_id)
        self._texts: dict[int, ThinkTags] = {}
        self._finished: dict[int, str] = {}
        self._logprobs = LogprobReader()
        self._reasoning = ReasoningReader()
        self._usage_is_apart = False
        self._audio_id = ""
        self._fragments = CallFragments(self._tool_calls)

    @property
    def is_whole(self) -> bool:
        """Whether every choice has a reason for its end, or the mark after the last chunk has come."""
        is_marked = self.is_done and self._understood > 0
        return is_marked or (bool(self._finished) and self._finished.keys() >= self._texts.keys())

    def _is_plain(self, frame: Chunk) -> bool:
        return bool(frame.choices) and not (frame.error or frame.base_resp)

    def _is_known(self, found: dict[str, Any]) -> bool:
        return bool(found.keys() & chunks.KNOWN_KEYS)

    def _is_error(self, found: dict[str, Any]) -> bool:
        return envelopes.is_error_object(found)

    def _is_body(self, found: dict[str, Any]) -> bool:
        return bool(chunks.from_object(found).choices)

    def _join_halves(self, found: dict[str, Any]) -> None:
        choices = found.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict):
                self._halves.join(choice, "text", choice.get("index"), "choice")
                for name in _STREAMED:
                    self._halves.join(choice.get("delta"), name, choice.get("index"))

    def _note_done(self, events: list[Event]) -> None:
        was_whole = self.is_whole
        super()._note_done(events)
        if self._usage_is_apart and not was_whole:
            # Usage in a chunk of its own is the final one, even if no reason for the end came before it.
            self._account(self._usage, None, events)

    def _close_parts(self, events: list[Event]) -> None:
        for index, text in self._texts.items():
            text.close(events, is_finished=self.is_done and index not in self._finished)

    def _read_body(self, found: dict[str, Any], events: list[Event]) -> None:
        self._read(chunks.from_object(found), events, is_body=True)

    def _read(self, chunk: Chunk, events: list[Event], *, is_body: bool = False) -> None:
        if not self._is_identified:
            self._identify(chunk.id, chunk.model, events)
        for choice in chunk.choices or ():
            self._read_choice(choice, events, is_body=is_body)
            if choice.finish_reason:
                self._report_end(chunk, choice, events)
        if chunk.citations or chunk.search_results:
            self._sources.feed_lists(chunk.citations, chunk.search_results, events)
        if chunk.usage or chunk.meta:
            self._usage_is_apart = not chunk.choices
            self._account(chunk.usage, chunk.meta, events)
        if chunk.x_groq and isinstance(chunk.x_groq, dict):
            self._account(chunk.x_groq.get("usage"), None, events)

    def _report_end(self, chunk: Chunk, choice: ChunkChoice, events: list[Event]) -> None:
        self._report(
            events,
            system_fingerprint=chunk.system_fingerprint,
            service_tier=chunk.service_tier,
            native_finish_reason=choice.native_finish_reason,
        )

    def _read_choice(self, choice: ChunkChoice, events: list[Event], *, is_body: bool) -> None:
        index = choice.index if type(choice.index) is int and 0 <= choice.index < MAX_CHOICES else 0
        text = self._texts.get(index)
        delta = choice.delta
        if is_body or (delta is None and text is None):
            # A whole answer holds a message. In a stream a message beside the delta repeats all text so far.
            delta = choice.message or delta
        if text is None:
            text = self._texts[index] = ThinkTags(index)
            # The usage reported so far does not include this choice.
            self._account(self._usage, None, events)
        if delta is not None:
            self._read_delta(delta, index, text, events, choice.message)
        if choice.text or choice.error or choice.message:
            self._read_odd_choice(choice, delta, text, events)
        if choice.logprobs:
            self._logprobs.feed(choice.logprobs, index, events)
        reason = choice.finish_reason
        if reason and isinstance(reason, str) and self._finished.get(index) != reason:
            text.close(events, is_finished=ended_by_itself(reason))
            self._finished[index] = reason
            events.append(Finished(reason, index))
        if choice.usage:
            # Moonshot reports the usage here.
            self._account(choice.usage, None, events)

    def _read_odd_choice(
        self, choice: ChunkChoice, delta: Delta | None, text: ThinkTags, events: list[Event]
    ) -> None:
        if choice.text and isinstance(choice.text, str) and (delta is None or not delta.content):
            text.feed(choice.text, events)
        error = choice.error or (choice.message and choice.message.error)
        if error:
            self._note_error(error, events)

    def _note_error(self, error: object, events: list[Event]) -> None:
        if envelopes.is_error_object({"error": error}):
            self._fail({"error": storable(error)}, events)

    def _read_delta(
        self, delta: Delta, index: int, text: ThinkTags, events: list[Event], message: Delta | None
    ) -> None:
        reasoning = delta.reasoning_content or delta.reasoning or delta.thinking
        if reasoning or delta.reasoning_details or delta.thinking_blocks:
            text.note_reasoning()
            self._reasoning.feed(delta, reasoning, index, events)
        content = delta.content or delta.text
        if content:
            if type(content) is str:
                text.feed(content, events)
            else:
                read_content(content, index, text, self._images, events)
        if delta.tool_calls:
            self._fragments.feed(delta.tool_calls, index, events, are_whole=delta is message)
        if delta.refusal or delta.audio or delta.annotations or delta.images:
            self._read_rare(delta, index, events)
        if delta.function_call or delta.encrypted_content or delta.extra_content or delta.error:
            self._read_private(delta, index, events)

    def _read_rare(self, delta: Delta, index: int, events: list[Event]) -> None:
        if delta.refusal and isinstance(delta.refusal, str):
            events.append(RefusalDelta(delta.refusal, index))
        if isinstance(delta.audio, dict):
            audio = AudioDelta(text_of(delta.audio.get("data")), text_of(delta.audio.get("transcript")))
            if audio.data or audio.transcript:
                events.append(audio)
            if index == 0:
                self._identify_audio(delta.audio, events)
        if delta.images:
            self._images.feed_list(delta.images, events)
        if delta.annotations:
            self._sources.feed_annotations(delta.annotations, events)

    def _identify_audio(self, audio: dict[str, Any], events: list[Event]) -> None:
        """Emit the id once the end of its time is known, which comes last."""
        audio_id, expires_at = text_of(audio.get("id")), audio.get("expires_at")
        self._audio_id = self._audio_id or audio_id
        if 0 < len(self._audio_id) <= LONGEST_AUDIO_ID and type(expires_at) is int:
            events.append(AudioIdentified(self._audio_id, expires_at))

    def _read_private(self, delta: Delta, index: int, events: list[Event]) -> None:
        if delta.error:
            self._note_error(delta.error, events)
        if delta.function_call:
            self._fragments.feed_legacy(delta.function_call, index, events)
        if delta.encrypted_content and isinstance(delta.encrypted_content, str):
            events.append(ReasoningOpaque({"encrypted_content": delta.encrypted_content}, index))
        if delta.extra_content and isinstance(delta.extra_content, dict):
            events.append(ReasoningOpaque({"extra_content": storable(delta.extra_content)}, index))
