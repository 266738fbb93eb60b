"""The reader of one HTTP answer: a stream, JSON, a web page or an error becomes events as it arrives."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Any

import msgspec

from playground.upstream.dialects.registry import normaliser_for
from playground.upstream.dialects.shared.reading import accounting
from playground.upstream.dialects.shared.reading.decoding import decode_object
from playground.upstream.error_stream import LONGEST_LINE, STREAM_LINES, unframed
from playground.upstream.errors import delays, failures, redaction
from playground.upstream.errors.exceptions import BrokenAnswer, FailureKind, UpstreamError
from playground.upstream.events import (
    AudioDelta,
    Event,
    Failed,
    Finished,
    HostedToolCall,
    Identified,
    ImageReceived,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    Unreadable,
)
from playground.upstream.numbering import numbers_of, pieces_of
from playground.upstream.sse import BOM, EventTooLarge, SseParser

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from playground.upstream.sse import ServerSentEvent

MAX_ANSWER_BYTES = 64 * 1024 * 1024
MAX_ERROR_BYTES = 64 * 1024
# Reading a larger body at its end would hold up the event loop for too long.
MUCH_BYTES = 256 * 1024

_TOKENS = (
    *(TextDelta, ReasoningDelta, ToolCallDelta, HostedToolCall),
    *(RefusalDelta, AudioDelta, ImageReceived),
)


class _Mode(Enum):
    UNDECIDED = auto()
    STREAM = auto()
    BODY = auto()
    ERROR = auto()


class AnswerReader:
    """Call ``begin``, ``feed`` until ``is_done`` or the end, then ``close`` or ``fail``. None of them raises.

    The first byte decides what the answer is. The content type is not trusted: servers send streams as text
    and errors as streams.
    """

    def __init__(
        self,
        endpoint: str,
        status: int,
        headers: Mapping[str, str],
        *,
        max_bytes: int = MAX_ANSWER_BYTES,
        redact: Callable[[str], str] = redaction.without_keys,
        is_numbered: bool = False,
        is_continued: bool = False,
    ) -> None:
        """Raise ``EndpointNotSupported``. ``redact`` removes keys from the upstream's words."""
        inference_id = headers.get("x-inference-id") or headers.get("x-request-id") or ""
        self._inference_id = redact(inference_id)[:128]
        self._normaliser = normaliser_for(endpoint, inference_id=self._inference_id)
        self._parser = SseParser()
        self._status = status
        self._normaliser.costs_are_in_usd = accounting.is_of_litellm(headers)
        self._headers = headers
        self._max_bytes = max_bytes
        self._redact = redact
        self._is_numbered = is_numbered
        self._is_continued = is_continued
        self._mode = _Mode.UNDECIDED if 200 <= status < 300 else _Mode.ERROR
        self._pieces: list[bytes] = []
        self._size = 0
        # The number of pieces that could not be read, as far as an event has told it.
        self._unreadable = 0
        self.is_done = False
        self.has_failed = False
        self.has_begun = False
        # Whether the last bytes held data; comments do not count.
        self.has_news = False

    @property
    def is_whole(self) -> bool:
        """Whether the upstream has said that the answer is over, for every choice."""
        return self._normaliser.is_whole

    @property
    def holds_much(self) -> bool:
        """Whether ``close`` has so much to read that it must run in a thread."""
        return self._mode is _Mode.BODY and self._size > MUCH_BYTES

    def begin(self) -> list[Event]:
        if self._headers.get("content-encoding", "identity") not in ("", "identity"):
            return self._fail(
                FailureKind.MALFORMED, "The provider compressed its answer although we did not ask for that."
            )
        return [Identified(self._inference_id)] if self._inference_id else []

    def feed(self, data: bytes) -> list[Event]:
        self._size += len(data)
        self.has_news = False
        if self._mode is _Mode.STREAM and self._size <= self._max_bytes:
            return self._read_stream(data)
        if self._mode is _Mode.ERROR:
            self._pieces.append(data)
            self.is_done = self._size >= MAX_ERROR_BYTES
            return []
        if self._size > self._max_bytes:
            limit = self._max_bytes // (1024 * 1024)
            return self._fail(FailureKind.TOO_LARGE, f"The answer is larger than {limit:,} MB.")
        self._pieces.append(data)
        return self._decide() if self._mode is _Mode.UNDECIDED else []

    def close(self) -> list[Event]:
        """Return the events that the regular end of the answer completes."""
        if self.has_failed:
            return []
        events: list[Event] = []
        if self._mode is _Mode.UNDECIDED and self._size:
            events += self._decide(is_over=True)
        body = b"".join(self._pieces)
        if self._mode is _Mode.ERROR:
            return self.fail(self._error(body))
        if self._mode is _Mode.BODY and (found := decode_object(body)) is not None:
            return self._read_body(found)
        # JSON that is not one object may be an object in each line, a list, or broken.
        events += self._read_stream(body)
        events += self._normalise(self._parser.close())
        events += self._normaliser.close()
        self.has_failed = self._normaliser.has_failed
        return events

    def fail(self, error: UpstreamError) -> list[Event]:
        """Return the events held back, and ``Failed`` unless the answer was already complete."""
        if self.has_failed:
            return []
        had_failed, is_whole = self._normaliser.has_failed, self._normaliser.is_whole
        self._normaliser.has_failed = True
        events = self._normaliser.close()
        self.is_done = self.has_failed = True
        if not had_failed and not is_whole:
            events.append(self._redacted(Failed.from_error(error)))
        return events

    def _fail(self, kind: FailureKind, message: str) -> list[Event]:
        return self.fail(BrokenAnswer(kind, message, request_id=self._inference_id))

    def _decide(self, *, is_over: bool = False) -> list[Event]:
        """Choose the mode by the first bytes that are not blank."""
        whole = b"".join(self._pieces)
        head = whole.removeprefix(BOM).lstrip()
        if whole and not head:
            # A single blank replaces all: there may be millions, and each read would look at them again.
            self._pieces = [b" "]
        if not is_over and (not head or BOM.startswith(whole)):
            return []
        if head[:1] in (b"{", b"["):
            self._mode = _Mode.BODY
        elif head[:1] == b"<":
            self._mode = _Mode.ERROR
        elif "event-stream" in self._headers.get("content-type", "") or head.startswith(STREAM_LINES):
            self._mode = _Mode.STREAM
            self._pieces.clear()
            return self._read_stream(head)
        elif len(head) >= LONGEST_LINE or is_over:
            self._mode = _Mode.ERROR
        if self._mode is not _Mode.UNDECIDED:
            self._pieces, self._size = [head], len(head)
        return []

    def _read_stream(self, data: bytes) -> list[Event]:
        try:
            return self._normalise(self._parser.feed(data))
        except EventTooLarge as error:
            return [*self._normalise(error.events), *self.fail(error)]

    def _normalise(self, found: list[ServerSentEvent]) -> list[Event]:
        normaliser = self._normaliser
        events: list[Event] = []
        reached, is_over = numbers_of(found) if self._is_numbered else None, False
        if self._is_continued:
            found, is_over = pieces_of(found)
        had_failed = normaliser.has_failed
        for event in found:
            events += normaliser.feed(event)
            self.has_news = True
        if normaliser.invalid_payloads != self._unreadable:
            self._unreadable = normaliser.invalid_payloads
            events.append(Unreadable(self._unreadable))
        if normaliser.has_failed and not had_failed:
            # A failure comes last, after what arrived together with it.
            events.sort(key=lambda event: isinstance(event, Failed))
            events = [self._redacted(event) if isinstance(event, Failed) else event for event in events]
        if reached is not None:
            # A failure stays the last one.
            events.insert(0, reached)
        if not self.has_begun:
            self.has_begun = any(isinstance(event, _TOKENS) for event in events)
        if is_over:
            events.append(Finished(""))
        self.is_done = normaliser.is_done or is_over
        return events

    def _read_body(self, found: dict[str, Any]) -> list[Event]:
        events = [
            self._redacted(event) if isinstance(event, Failed) else event
            for event in self._normaliser.feed_body(found)
        ]
        # Answers that are not streams also report their cost in headers.
        cost = accounting.make_cost(
            self._headers.get("x-aimlapi-credits-used"), self._headers.get("x-aimlapi-usd-spent")
        )
        if cost and not found.get("meta"):
            events.append(cost)
        elif self._normaliser.costs_are_in_usd:
            charged = accounting.make_cost(None, self._headers.get("x-litellm-response-cost"))
            events += [charged] if charged else []
        events += self._normaliser.close()
        self.has_failed = self._normaliser.has_failed
        return events

    def _redacted(self, failed: Failed) -> Failed:
        return msgspec.structs.replace(
            failed, message=self._redact(failed.message), detail=self._redact(failed.detail)
        )

    def _error(self, body: bytes) -> UpstreamError:
        body = body[:MAX_ERROR_BYTES]
        if 200 <= self._status < 300:
            text = body.decode("utf-8", "replace").strip() or None
            return failures.not_understood(text, status=self._status, request_id=self._inference_id)
        return failures.read_error_body(
            self._status,
            unframed(body) or self._headers.get("location", "").encode(),
            request_id=self._inference_id,
            retry_after=delays.retry_after(self._headers),
        )
