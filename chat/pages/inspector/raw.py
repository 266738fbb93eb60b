"""The tab with the raw answer of a try."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chat.pages.receipt import duration

if TYPE_CHECKING:
    from chat.models import Exchange
    from playground.upstream.recording.kept_stream import KeptStream, Piece

# Limits of the page; the downloads have the rest.
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


def raw_context(exchange: Exchange) -> dict[str, Any]:
    """Return the head of an answer, and its pieces with their times: the first and the last ones."""
    first, last, left_out = _ends(exchange.stream)
    return {
        "head": duration(exchange.head_ms),
        "duration": duration(exchange.duration_ms),
        "ending": ending_in_words(exchange),
        "first": first,
        "last": last,
        # Pieces between the two.
        "left_out": left_out,
    }


def ending_in_words(exchange: Exchange) -> str:
    return _ENDINGS[exchange.ending].format(reason=(exchange.error or {}).get("message", ""))


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
