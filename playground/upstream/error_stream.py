"""The error in the body of an error status that was sent as a stream."""

from __future__ import annotations

from playground.upstream.dialects.shared.reading.decoding import decode_object
from playground.upstream.errors.envelopes import is_error_object
from playground.upstream.sse import BOM, SseParser

# Beginnings of the lines of a stream. A word alone may begin any text, so most need their colon.
STREAM_LINES = (b":", b"data", b"event", b"id:", b"retry", b"error:")
LONGEST_LINE = max(map(len, STREAM_LINES))


def unframed(body: bytes) -> bytes:
    """Return the payload of the first event that is an error, else of the first; any other body unchanged."""
    if not body.removeprefix(BOM).lstrip().startswith(STREAM_LINES):
        return body
    parser = SseParser()
    events = [*parser.feed(body), *parser.close()]
    payloads = [event.data for event in events if event.data.strip() not in (b"", b"[DONE]")]
    errors = (data for data in payloads if (found := decode_object(data)) and is_error_object(found))
    return next(errors, payloads[0] if payloads else body)
