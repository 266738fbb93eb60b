"""A try of a run as JSON for a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chat.models import Exchange
    from playground.upstream.recording.kept_stream import Piece


def in_words(exchange: Exchange) -> dict[str, Any]:
    """Return a whole try as JSON for a file. A piece that is not UTF-8 is in hexadecimal."""
    return {
        "run": str(exchange.run.code),
        "try": exchange.number,
        "sent_at": exchange.sent_at.isoformat(),
        "request": {
            "method": exchange.method,
            "url": exchange.url,
            "headers": exchange.request_headers,
            "body": exchange.run.body,
            "body_sha256": exchange.body_digest,
        },
        "response": {
            "status": exchange.status,
            "headers": exchange.response_headers,
            "head_ms": exchange.head_ms,
            "duration_ms": exchange.duration_ms,
            "ending": exchange.ending,
            "error": exchange.error,
            "bytes": exchange.raw_size,
            "bytes_dropped_from_the_middle": exchange.dropped,
            "pieces": [_plain(piece) for piece in exchange.stream.pieces()],
        },
    }


def _plain(piece: Piece) -> dict[str, Any]:
    try:
        return {"ms": piece.ms, "text": piece.data.decode()}
    except UnicodeDecodeError:
        return {"ms": piece.ms, "hex": piece.data.hex()}
