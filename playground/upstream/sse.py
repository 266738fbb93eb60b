"""The parser of server-sent events, whose bytes may arrive in any pieces.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from __future__ import annotations

import msgspec

from playground.upstream.errors.exceptions import BrokenAnswer, FailureKind
from playground.upstream.sse_fields import begins_with_object, read_fields

BOM = b"\xef\xbb\xbf"
# A picture comes in one event, in base64, and again in the last event, which repeats the whole answer.
MAX_EVENT_BYTES = 16 * 1024 * 1024
# The end of an object and the beginning of the next line of data.
_NEXT_LINE = b"}\ndata:"


class ServerSentEvent(msgspec.Struct, frozen=True, gc=False):
    """A dispatched event. ``data`` stays bytes, since it is JSON and the decoder wants bytes."""

    data: bytes
    event: str = "message"
    last_event_id: str = ""

    @property
    def text(self) -> str:
        """``data`` as the standard decodes it: bytes that are not UTF-8 become U+FFFD."""
        return self.data.decode("utf-8", "replace")


class EventTooLarge(BrokenAnswer):
    """``events`` are the complete ones before it in the same read."""

    def __init__(self, limit: int, events: list[ServerSentEvent]) -> None:
        super().__init__(
            FailureKind.TOO_LARGE, f"The provider sent a single piece of more than {limit // 1024:,} kB."
        )
        self.events = events


class SseParser:
    """A parser that is fed bytes and returns the events that they complete.

    ``flush_at_end`` departs from the standard, which drops an event that no blank line ends:
    chat APIs send ``data: [DONE]`` last and some leave it at that. Three more departures keep what the
    standard drops or joins: llama.cpp's field ``error`` and JSON or HTML without a field become events, and
    once a line of data is a whole object and another one follows it, every line is an event of its own.

    >>> parser = SseParser()
    >>> parser.feed(b"data: a")
    []
    >>> [event.data for event in parser.feed(bytes([10, 10]) + b"data:b")]
    [b'a']
    >>> [event.data for event in parser.close()]
    [b'b']
    """

    def __init__(self, *, max_event_bytes: int = MAX_EVENT_BYTES, flush_at_end: bool = True) -> None:
        self.retry_ms: int | None = None
        self._max_event_bytes = max_event_bytes
        self._flush_at_end = flush_at_end
        self._last_event_id = ""
        # The bytes of an incomplete event. They grow in place, so that an event which arrives byte by byte
        # costs no more, in time or memory, than one that comes at once.
        self._held = bytearray()
        self._is_by_line = self._was_tried = False
        self._is_at_start = True
        self._skips_line_feed = False

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """Return the completed events. Raise ``EventTooLarge``; the parser cannot be used after that."""
        if self._is_at_start:
            data = self._without_bom(data)
        if self._skips_line_feed and data:
            # The LF of a CRLF whose CR ended the bytes before.
            data = data.removeprefix(b"\n")
            self._skips_line_feed = False
        if b"\r" in data:
            # A CR ends its line at once, without waiting for a LF that may never come.
            self._skips_line_feed = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if not data:
            return []
        if self._is_by_line:
            return self._split_lines(data)
        if self._held:
            return self._feed_more(data)
        return self._split(data)

    def close(self) -> list[ServerSentEvent]:
        """Return the events that the end of the stream completes."""
        rest = bytes(self._held)
        self._held.clear()
        if not self._flush_at_end or not rest:
            return []
        events: list[ServerSentEvent] = []
        self._read_block(rest, events)
        return events

    def _feed_more(self, data: bytes) -> list[ServerSentEvent]:
        is_complete = b"\n\n" in data or (data[0] == 10 and self._held.endswith(b"\n"))
        if is_complete:
            data = bytes(self._held) + data
            self._held.clear()
            return self._split(data)
        events: list[ServerSentEvent] = []
        self._keep(data, events)
        return events

    def _split(self, data: bytes) -> list[ServerSentEvent]:
        events: list[ServerSentEvent] = []
        self._was_tried = False
        blocks = data.split(b"\n\n")
        rest = blocks.pop()
        # Every event lies between two blank lines of these bytes, so none is larger than the bytes.
        is_checked = len(data) <= self._max_event_bytes
        for block in blocks:
            if not is_checked and len(block) > self._max_event_bytes:
                raise EventTooLarge(self._max_event_bytes, events)
            # Nearly every event of a chat API is one line of data and nothing else.
            if block.startswith(b"data: ") and b"\n" not in block:
                events.append(ServerSentEvent(block[6:], "message", self._last_event_id))
            else:
                self._read_block(block, events)
        if rest:
            self._keep(rest, events)
        return events

    def _keep(self, piece: bytes, events: list[ServerSentEvent]) -> None:
        begin = max(0, len(self._held) - len(_NEXT_LINE))
        self._held += piece
        if not self._was_tried and self._held.find(_NEXT_LINE, begin) >= 0:
            self._was_tried = True
            self._is_by_line = begins_with_object(self._held)
            if self._is_by_line:
                data = bytes(self._held)
                self._held.clear()
                events += self._split_lines(data)
        if len(self._held) > self._max_event_bytes:
            raise EventTooLarge(self._max_event_bytes, events)

    def _split_lines(self, data: bytes) -> list[ServerSentEvent]:
        events: list[ServerSentEvent] = []
        if b"\n" in data:
            *lines, data = (bytes(self._held) + data).split(b"\n")
            self._held.clear()
            for line in lines:
                self._read_block(line, events)
        self._was_tried = True
        self._keep(data, events)
        return events

    def _read_block(self, block: bytes, events: list[ServerSentEvent]) -> None:
        """Read the lines between two blank lines and append the events that they make."""
        name, _, data = block.partition(b"\n")
        if name.startswith(b"event: ") and data.startswith(b"data: ") and b"\n" not in data:
            # Every event of the other dialects has this form.
            event = name[7:].decode("utf-8", "replace") or "message"
            events.append(ServerSentEvent(data[6:], event, self._last_event_id))
            return
        fields = read_fields(block)
        if fields.last_event_id is not None:
            self._last_event_id = fields.last_event_id
        if fields.retry_ms is not None:
            self.retry_ms = fields.retry_ms
        # The data comes last: it may be the mark that ends the answer.
        named = ((fields.unframed, ""), (fields.errors, "error"), (fields.data, fields.event))
        events.extend(
            ServerSentEvent(b"\n".join(lines), name or "message", self._last_event_id)
            for lines, name in named
            if lines
        )

    def _without_bom(self, data: bytes) -> bytes:
        head = bytes(self._held) + data
        self._held.clear()
        if len(head) < len(BOM) and BOM.startswith(head):
            # These bytes may still become a byte order mark; that includes none at all.
            self._held += head
            return b""
        self._is_at_start = False
        return head.removeprefix(BOM)
