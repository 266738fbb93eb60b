"""The replay of a recorded answer, which is read in the same way as in a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground.upstream.answer import Answer
from playground.upstream.answer_choice import filled
from playground.upstream.errors import redaction
from playground.upstream.events import Failed
from playground.upstream.reading import AnswerReader
from playground.upstream.recording.raw_stream import MASK
from playground.upstream.recording.recorder import Ending

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from playground.upstream.errors.exceptions import UpstreamError
    from playground.upstream.events import Event

# The size of a large network read.
_READ_BYTES = 64 * 1024


def replay(data: bytes, endpoint: str, status: int = 200) -> dict[str, Any]:
    """Return the answer, ready for JSON: nine fields that are always present, then the
    other fields of a message (see ``Answer.data``).

    :raises EndpointNotSupported: no answers of that kind of endpoint can be read.
    """
    return in_json(gather(data, endpoint, status))


def in_json(answer: Answer) -> dict[str, Any]:
    """Return an answer in the form of :func:`replay`."""
    stored = answer.data
    cost, failure = answer.cost, answer.failure
    return {
        "content": answer.text,
        "reasoning": answer.reasoning,
        "tool_calls": [
            {name: call[name] for name in ("id", "name", "arguments")}
            for call in stored.pop("tool_calls", ())
        ],
        "citations": stored.pop("citations", []),
        "finish": answer.finish_reasons,
        "usage": answer.usage.raw if answer.usage else None,
        "cost": {"credits": cost.credits, "usd": cost.usd} if cost else None,
        "error": {
            "kind": str(failure.kind),
            "message": failure.message,
            "status": failure.status,
            "request_id": failure.request_id,
            "detail": failure.detail,
        }
        if failure
        else None,
        "truncated": answer.is_truncated,
        **filled(unreadable_pieces=answer.unreadable_pieces),
        **stored,
    }


@dataclass(frozen=True, slots=True)
class Kept:
    """The stored record of one try of a run. Names of headers are in lower case."""

    endpoint: str
    # None if no answer came.
    status: int | None
    headers: Mapping[str, str]
    pieces: Iterable[bytes]
    ending: Ending = Ending.READ
    error: UpstreamError | None = field(default=None, repr=False)


def replay_kept(kept: Kept) -> Answer:
    """Return the same answer that the run produced. A stopped answer stays without a conclusion.

    :raises EndpointNotSupported: no answers of that kind of endpoint can be read.
    """
    answer = Answer()
    for _, event in replay_events(kept):
        answer.apply(event)
    return answer


def replay_events(kept: Kept) -> Iterator[tuple[int, Event]]:
    """Yield the events that the run produced, each with the number of the piece that it was read from.

    Pieces are counted from 0. The events of the end have the number of pieces.

    :raises EndpointNotSupported: no answers of that kind of endpoint can be read.
    """
    if kept.status is None:
        if kept.error is not None:
            yield 0, Failed.from_error(kept.error)
        return
    reader = AnswerReader(kept.endpoint, kept.status, kept.headers, redact=_without_masks)
    for event in reader.begin():
        yield 0, event
    count = 0
    for number, piece in enumerate(kept.pieces):
        if reader.is_done:
            break
        count = number + 1
        for event in reader.feed(piece):
            yield number, event
    for event in _ended(reader, kept):
        yield count, event


def _ended(reader: AnswerReader, kept: Kept) -> list[Event]:
    if kept.ending is Ending.READ:
        return reader.close()
    return reader.fail(kept.error) if kept.error is not None else []


def _without_masks(text: str) -> str:
    """Replace masks of any length by ``[key]``, as a run does."""
    return redaction.without_keys(MASK.sub("[key]", text))


def gather(data: bytes, endpoint: str, status: int = 200) -> Answer:
    reader = AnswerReader(endpoint, status, {})
    answer = Answer()
    events = reader.begin()
    for start in range(0, len(data), _READ_BYTES):
        if not reader.is_done:
            events += reader.feed(data[start : start + _READ_BYTES])
    for event in (*events, *reader.close()):
        answer.apply(event)
    return answer
