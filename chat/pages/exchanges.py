"""The tries of a run as they went over the wire, for people to read."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chat.models import Exchange
from chat.pages.endings import missing_pieces
from chat.pages.receipt import duration
from playground.labels import model_names

if TYPE_CHECKING:
    from datetime import datetime

    from chat.models import Run
    from playground.upstream.recording.kept_stream import KeptStream, Piece

# Limits of the page; the downloads have the rest.
MOST_BODY_CHARACTERS = 200_000
FIRST_PIECES, LAST_PIECES = 150, 50
MOST_PIECE_CHARACTERS = 2_000

_ENDINGS = {
    "read": "Read to the end.",
    "broken": "The answer was cut off: {reason}",
    "left": "We closed the connection before it ended: the answer was stopped or interrupted.",
}


@dataclass(frozen=True, slots=True)
class PieceView:
    time: str
    text: str


@dataclass(frozen=True, slots=True)
class ExchangeView:
    number: int
    sent_at: datetime
    method: str
    url: str
    request_headers: list[tuple[str, str]]
    body_size: int
    status: int | None
    response_headers: list[tuple[str, str]]
    head: str
    duration: str
    ending: str
    size: int
    pieces: int
    dropped: int
    first: list[PieceView]
    last: list[PieceView]
    # Pieces between the two.
    left_out: int


def exchange_context(run: Run) -> dict[str, Any]:
    """Return the context of ``chat/exchanges.html``."""
    body = json.dumps(run.body, ensure_ascii=False, indent=2)
    exchanges = [_view(exchange) for exchange in Exchange.objects.filter(run=run)]
    return {
        "conversation": run.subject,
        "run": run,
        "model_name": _model_name(run),
        "body": body[:MOST_BODY_CHARACTERS],
        "body_left_out": max(0, len(body) - MOST_BODY_CHARACTERS),
        "exchanges": exchanges,
        "missing": missing_pieces(run.unreadable_pieces),
    }


def _model_name(run: Run) -> str:
    key = (run.provider_code, run.model_id)
    return model_names(run.workspace, [key])[key]


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


def _view(exchange: Exchange) -> ExchangeView:
    first, last, left_out = _ends(exchange.stream)
    return ExchangeView(
        number=exchange.number,
        sent_at=exchange.sent_at,
        method=exchange.method,
        url=exchange.url,
        request_headers=exchange.request_headers,
        body_size=exchange.body_size,
        status=exchange.status,
        response_headers=exchange.response_headers,
        head=duration(exchange.head_ms),
        duration=duration(exchange.duration_ms),
        ending=_ENDINGS[exchange.ending].format(reason=(exchange.error or {}).get("message", "")),
        size=exchange.raw_size,
        pieces=exchange.pieces,
        dropped=exchange.dropped,
        first=first,
        last=last,
        left_out=left_out,
    )


def _ends(stream: KeptStream) -> tuple[list[PieceView], list[PieceView], int]:
    first: list[Piece] = []
    last: deque[Piece] = deque(maxlen=LAST_PIECES)
    after = 0
    for piece in stream.pieces():
        if len(first) < FIRST_PIECES:
            first.append(piece)
        else:
            after += 1
            last.append(piece)
    return [_shown(piece) for piece in first], [_shown(piece) for piece in last], after - len(last)


def _shown(piece: Piece) -> PieceView:
    # A character may be split between two pieces; each of them then shows its bytes.
    text = piece.data[: MOST_PIECE_CHARACTERS * 4].decode("utf-8", "backslashreplace")
    is_longer = len(text) > MOST_PIECE_CHARACTERS
    return PieceView(duration(piece.ms), f"{text[:MOST_PIECE_CHARACTERS]}…" if is_longer else text)
