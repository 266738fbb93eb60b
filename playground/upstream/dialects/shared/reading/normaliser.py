"""The base class of the readers of answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from playground.upstream.dialects.shared.reading import accounting
from playground.upstream.dialects.shared.reading.decoding import decode_object, is_too_dense
from playground.upstream.dialects.shared.reading.images import Images
from playground.upstream.dialects.shared.reading.limits import MAX_UNKNOWN_NAMES, MAX_VALUES
from playground.upstream.dialects.shared.reading.mending import Halves
from playground.upstream.dialects.shared.reading.payloads import split_payload
from playground.upstream.dialects.shared.reading.sources import Sources
from playground.upstream.dialects.shared.reading.tool_calls import ToolCalls
from playground.upstream.errors import failures
from playground.upstream.events import Event, Failed, Identified, Reported, Truncated, UnknownEvent
from playground.upstream.sse import ServerSentEvent
from playground.upstream.storable import storable

if TYPE_CHECKING:
    from collections.abc import Callable

Frame = TypeVar("Frame", bound=msgspec.Struct)

# The most characters of a mark, such as a fingerprint.
MOST_MARK = 200
_NUL = b"\\u0000"


class DialectNormaliser(ABC, Generic[Frame]):
    """A reader of one answer, fed event by event or as one JSON object; ``close`` ends it.

    It never raises. Pieces that are no JSON are skipped and counted in ``invalid_payloads``, JSON
    of an unknown shape in ``unknown_payloads``.
    """

    # The function that decodes a payload to a struct. It skips fields that the struct lacks; a field of an
    # unexpected type must not cost the rest.
    _decode: Callable[[bytes], Frame]
    # Fields of the usage that count input tokens, but are not part of the dialect's own total.
    _counted_apart: tuple[str, ...] = ()

    def __init__(self, *, inference_id: str = "") -> None:
        self.is_done = False
        self.has_failed = False
        self.invalid_payloads = 0
        self.unknown_payloads = 0
        self._identity = Identified(inference_id)
        self._is_identified = False
        self._reported = Reported()
        self._tool_calls = ToolCalls()
        self._sources = Sources()
        self._images = Images()
        self._halves = Halves()
        self._usage: dict[str, Any] | None = None
        self._usage_is_partial = False
        # True if the cost in the usage is what this provider charges, in dollars.
        self.costs_are_in_usd = False
        # The payload being read is the last one: a whole answer, or an error.
        self._is_last = False
        self._understood = 0
        # The first piece that could not be read, or whose shape is unknown.
        self._first_odd: object = None
        self._unknown: set[str] = set()

    @property
    @abstractmethod
    def is_whole(self) -> bool:
        """Whether the upstream has said that the answer is over."""

    def feed(self, event: ServerSentEvent) -> list[Event]:
        data = event.data
        if self.is_done or not data:
            return []
        if data[0] == 91 and data.strip() == b"[DONE]":
            events: list[Event] = []
            self._note_done(events)
            return events
        if len(data) > MAX_VALUES and is_too_dense(data):
            self._note_unreadable([""])
            return []
        try:
            frame = self._decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._feed_odd(data, event.event)
        if event.event == "error" or _NUL in data or not self._is_plain(frame):
            return self._feed_odd(data, event.event)
        events = []
        self._understood += 1
        try:
            self._read(frame, events)
        except RecursionError:
            # Comparing values nested so deeply exceeds the stack; no real answer has them.
            self._note_unreadable([""])
        return events

    def feed_body(self, found: dict[str, Any]) -> list[Event]:
        """Read a whole answer that came as one JSON object although the request asked for a stream."""
        events: list[Event] = []
        found = storable(found)
        self._understood += 1
        self._is_last = True
        self._read_body(found, events)
        if self._is_error(found) or not self._is_body(found):
            self._fail(found, events)
        return events

    def close(self) -> list[Event]:
        """Return held back text, and an event for the end if the upstream sent none."""
        events: list[Event] = []
        self._close_parts(events)
        if self.has_failed or self.is_whole:
            return events
        if self._understood:
            events.append(Truncated())
        else:
            events.append(Failed.from_error(failures.not_understood(self._first_odd)))
            self.has_failed = True
        return events

    def _feed_odd(self, data: bytes, name: str) -> list[Event]:
        """Read a payload that is no plain frame: an error, usage alone, broken JSON, another dialect."""
        found = decode_object(data)
        events: list[Event] = []
        if found is None:
            return self._feed_parts(data, name)
        self._join_halves(found)
        found = storable(found)
        if name == "error" or self._is_error(found):
            self._understood += 1
            self._is_last = True
            self._read(self._from_object(found), events)
            self._fail(found, events)
        elif self._is_known(found):
            self._understood += 1
            self._read(self._from_object(found), events)
        else:
            self._note_unknown(found.get("type", name), found, events)
        return events

    def _feed_parts(self, data: bytes, name: str) -> list[Event]:
        """Read a payload that is not one object: several, one in each line, or text."""
        values, unreadable = split_payload(data)
        events: list[Event] = []
        for value in values:
            # A part is shorter than the whole, so this ends.
            if len(value) < len(data):
                events += self.feed(ServerSentEvent(value, name))
        if name == "error" and not values:
            self._fail(data.decode("utf-8", "replace"), events)
        else:
            self._note_unreadable(unreadable)
        return events

    def _note_unreadable(self, pieces: list[str]) -> None:
        self.invalid_payloads += len(pieces)
        if pieces and not self._first_odd:
            self._first_odd = pieces[0]

    def _note_done(self, events: list[Event]) -> None:
        """Take note of the mark after the last payload."""
        self.is_done = True

    def _fail(self, found: object, events: list[Event]) -> None:
        if not self.has_failed:
            self.has_failed = True
            error = failures.read_error_object(found, request_id=self._identity.inference_id)
            events.append(Failed.from_error(error))

    def _note_unknown(self, name: object, found: dict[str, Any], events: list[Event]) -> None:
        self.unknown_payloads += 1
        self._first_odd = self._first_odd or found
        text = storable(str(name)[:80])
        if text not in self._unknown and len(self._unknown) < MAX_UNKNOWN_NAMES:
            self._unknown.add(text)
            events.append(UnknownEvent(text))

    def _identify(self, response_id: object, model: object, events: list[Event]) -> None:
        """Keep the first id and model, because later chunks of Claude have an empty id."""
        known = self._identity
        response_id = known.response_id or (response_id if isinstance(response_id, str) else "")
        model = known.model or (model if isinstance(model, str) else "")
        self._identity = Identified(known.inference_id, response_id, model)
        self._is_identified = bool(response_id and model)
        if self._identity != known:
            events.append(self._identity)

    def _report(self, events: list[Event], **found: object) -> None:
        """Keep the marks of an answer. Call it at the end: many servers repeat them in every chunk."""
        said = {
            name: storable(value)[:MOST_MARK]
            for name, value in found.items()
            if value and isinstance(value, str)
        }
        reported = msgspec.structs.replace(self._reported, **said)
        if reported != self._reported:
            self._reported = reported
            events.append(reported)

    def _account(self, usage: object, meta: object, events: list[Event]) -> None:
        """Emit usage and cost. Some servers report on every chunk, so usage has to be new, or now final."""
        if usage and isinstance(usage, dict):
            is_partial = not (self.is_whole or self._is_last)
            if usage != self._usage or is_partial != self._usage_is_partial:
                report = accounting.read_usage(
                    usage, is_partial=is_partial, counted_apart=self._counted_apart
                )
                if accounting.counts_something(report):
                    self._usage, self._usage_is_partial = usage, is_partial
                    events.append(report)
                    if self.costs_are_in_usd and not is_partial:
                        charged = accounting.make_cost(None, usage.get("cost"))
                        events += [charged] if charged else []
        if meta and (cost := accounting.read_cost(meta)):
            events.append(cost)

    @abstractmethod
    def _is_plain(self, frame: Frame) -> bool:
        """Return whether the frame needs none of the checks and repairs of ``_feed_odd``."""

    @abstractmethod
    def _from_object(self, found: dict[str, Any]) -> Frame:
        """Build a frame from JSON whose skeleton may be broken, keeping the parts that are not."""

    @abstractmethod
    def _is_known(self, found: dict[str, Any]) -> bool: ...

    @abstractmethod
    def _is_error(self, found: dict[str, Any]) -> bool: ...

    @abstractmethod
    def _is_body(self, found: dict[str, Any]) -> bool:
        """Return whether the object may be a whole answer."""

    @abstractmethod
    def _join_halves(self, found: dict[str, Any]) -> None: ...

    @abstractmethod
    def _read(self, frame: Frame, events: list[Event]) -> None: ...

    @abstractmethod
    def _read_body(self, found: dict[str, Any], events: list[Event]) -> None: ...

    @abstractmethod
    def _close_parts(self, events: list[Event]) -> None:
        """Emit text that is held back."""
