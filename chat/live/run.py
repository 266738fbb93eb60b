"""A run in flight, in memory.

Only the loop's thread touches a live run: the relay that writes it, or the follower that copies it
from another process, and the sockets that read it.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chat.live.cover import Cover
from chat.live.merging import merge
from chat.markdown import IncrementalRenderer
from chat.structured.live_check import LiveCheck
from playground.upstream.answer import Answer
from playground.upstream.events import (
    AudioDelta,
    Citation,
    Event,
    HostedToolCall,
    ImageReceived,
    Prefilled,
    ReasoningDelta,
    ReasoningWasText,
    RefusalDelta,
    Retrying,
    StartedOver,
    TextDelta,
    TextWasReasoning,
    ToolCallDelta,
    Unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat.live.broadcast import Watcher
    from chat.structured.asked import Format
    from playground.upstream.events import Failed
    from playground.upstream.transport.requests import StreamRequest


# Events that a page shows beside the answer's text and reasoning.
_PARTS = (ToolCallDelta, HostedToolCall, Citation, RefusalDelta, ImageReceived, AudioDelta, Unreadable)


class LiveRun:
    """A run in flight: its answer so far, half-rendered, its unsaved events and its readers."""

    # The request, if it was made when the run was claimed.
    request: StreamRequest | Failed | None = None

    def __init__(self, run_pk: int, code: UUID, conversation_code: UUID | None) -> None:
        self.run_pk = run_pk
        self.code = code
        # The code as frames name it, up to twenty times a second.
        self.code_text = str(code)
        self.conversation_code = conversation_code
        # The id of this rendering. A cursor with another id, as of an earlier process, starts over.
        self.epoch = secrets.token_hex(4)
        self.answer = Answer()
        self.text_html = IncrementalRenderer()
        self.reasoning_html = IncrementalRenderer()
        # The check of the text, if JSON was asked for.
        self.check: LiveCheck | None = None
        self._asked: Format | None = None
        # Number of changes to what a page shows beside the first choice's text and reasoning.
        self.parts_version = 0
        # Number of the last event.
        self.seq = 0
        self.tokens = 0
        self.started_at = time.monotonic()
        self.first_token_at: float | None = None
        self.first_text_at: float | None = None
        # Time at which the request is sent again.
        self.retries_at = 0.0
        # The end of the run is being stored. Readers need not look up its conversation until it has ended.
        self.is_ending = False
        self.has_ended = False
        # The run ended here; it may go on in another process.
        self.was_lost = False
        # Status of the run once a person, or the process that shuts down, has ended it early.
        self.ended_as = ""
        # The process shuts down and cannot wait until the database is back.
        self.must_end_soon = False
        # The run is a copy, and the process that relays it collects the events of a frame.
        self.comes_in_pieces = False
        self.cover = Cover()
        # The row has a lease of this process. Checkpoints skip other runs: they would count as lost.
        self.is_claimed = False
        # Number of runs before this one in the queue; None while it is not known to wait there.
        self.queue_position: int | None = None
        self._stream: asyncio.Task[Any] | None = None
        self._unsaved: list[Event] = []
        # Number of the last event, and encoded events, on their way into the log.
        self._stretch: tuple[int, bytes] | None = None
        self._watchers: set[Watcher] = set()

    def expect(self, asked: Format | None) -> None:
        """Check the text from now on, if a format was asked for. Call it before the first event."""
        self._asked = asked
        self.check = LiveCheck(asked) if asked else None

    def apply(self, events: list[Event], *, is_saved: bool = False) -> None:
        """Add the events of one read from the upstream, or of one chunk of the log."""
        for event in events:
            self.answer.apply(event)
            if type(event) is TextDelta:
                self._add_token(event, self.text_html, is_text=True)
            elif type(event) is ReasoningDelta:
                self._add_token(event, self.reasoning_html, is_text=False)
            elif isinstance(event, _PARTS):
                self.parts_version += 1
            elif isinstance(event, TextWasReasoning | ReasoningWasText | StartedOver):
                self._change_course(event)
            elif type(event) is Prefilled:
                # It is no token: the clock and the counts begin with what the model writes.
                self._add_text(event.text)
            elif type(event) is Retrying:
                self.retries_at = time.monotonic() + event.seconds
        self.seq += len(events)
        if not is_saved:
            self._unsaved.extend(events)
        self.wake_watchers()

    def _add_token(
        self, event: TextDelta | ReasoningDelta, renderer: IncrementalRenderer, *, is_text: bool
    ) -> None:
        self.tokens += 1
        if event.choice != 0:
            self.parts_version += 1
            return
        renderer.feed(event.text)
        if is_text and self.check is not None:
            self.check.feed(event.text)
        if self.first_token_at is None:
            self.first_token_at = time.monotonic()
        if is_text and self.first_text_at is None:
            self.first_text_at = time.monotonic()

    def _add_text(self, text: str) -> None:
        self.text_html.feed(text)
        if self.check is not None and text:
            self.check.feed(text)

    def _change_course(self, event: TextWasReasoning | ReasoningWasText | StartedOver) -> None:
        self.parts_version += 1
        if isinstance(event, StartedOver):
            self.tokens, self.first_token_at = 0, None
            self.cover.start_over()
            self._start_over()
        elif event.choice == 0:
            self._start_over()

    def _start_over(self) -> None:
        """Render again, for every reader: what was shown as the answer is reasoning, or the reverse."""
        self.epoch = secrets.token_hex(4)
        self.text_html, self.reasoning_html = IncrementalRenderer(), IncrementalRenderer()
        self.reasoning_html.feed(self.answer.reasoning)
        self.check = LiveCheck(self._asked) if self._asked else None
        self._add_text(self.answer.prefill + self.answer.text)
        self.first_text_at = time.monotonic() if self.answer.text else None

    def rewind(self) -> None:
        """Forget everything; the caller applies all events again from the first one."""
        self.answer, self.seq, self.tokens = Answer(), 0, 0
        self.parts_version += 1
        self.first_token_at = None
        self._start_over()

    def stretch(self) -> tuple[int, bytes] | None:
        """Return the events to store next, encoded, and the number of the last one.

        The result stays the same until :meth:`note_stored`, also when further events arrive: a commit
        whose answer got lost may have stored it, and a second commit must change nothing.
        """
        if self._stretch is None and self._unsaved:
            self._stretch = self.seq, merge(self._unsaved)
            self._unsaved = []
        return self._stretch

    def note_stored(self, seq: int) -> None:
        """Take note that the log has the stretch up to number ``seq``."""
        if self._stretch is not None and self._stretch[0] == seq:
            self._stretch = None

    def unsaved_after(self, seq: int) -> list[Event] | None:
        """Return the events after that number; None if some of them are stored already, or about to be."""
        missing = self.seq - seq
        return self._unsaved[len(self._unsaved) - missing :] if missing <= len(self._unsaved) else None

    def end_early(self, status: str) -> None:
        """Cut the stream off, whether it has begun or not. The first call decides the status."""
        if not self.ended_as:
            self.ended_as = status
            if self._stream is not None:
                self._stream.cancel()

    @contextmanager
    def cancellable(self) -> Iterator[None]:
        """Let :meth:`end_early` cancel the current task, inside of this context only.

        Claiming and ending a run must not be cancelled, not even by a second click on Stop: both
        go on in a thread, and their results would be lost.

        :raises CancelledError: the run was ended early.
        """
        if self.ended_as:
            raise asyncio.CancelledError
        self._stream = asyncio.current_task()
        try:
            yield
        except asyncio.CancelledError:
            # The task goes on: it still has to store and settle a stopped answer.
            if self._stream is not None:
                self._stream.uncancel()
            raise
        finally:
            self._stream = None

    def set_queue_position(self, position: int | None) -> None:
        """Set the number of runs before this one in the queue; None once it has a place."""
        if position != self.queue_position:
            self.queue_position = position
            self.wake_watchers()

    def begin(self) -> None:
        """Leave the queue for a place, and start the clock."""
        self.is_claimed = True
        self.started_at = time.monotonic()
        self.set_queue_position(None)

    def end(self) -> None:
        self.has_ended = True
        self.wake_watchers()

    def lose(self) -> None:
        """End here without a known status: readers look up how the run goes on."""
        self.was_lost = True
        self.end()

    def watch(self, watcher: Watcher) -> None:
        self._watchers.add(watcher)

    def unwatch(self, watcher: Watcher) -> None:
        self._watchers.discard(watcher)

    @property
    def is_watched(self) -> bool:
        return bool(self._watchers)

    def wake_watchers(self) -> None:
        for watcher in tuple(self._watchers):
            watcher.wake()

    @property
    def retrying(self) -> Retrying | None:
        """The next or current try, until it has brought something."""
        return self.answer.retrying if self.answer.is_empty else None

    @property
    def first_token_ms(self) -> int | None:
        if self.first_token_at is None:
            return None
        return round((self.first_token_at - self.started_at) * 1000)

    @property
    def reasoning_ms(self) -> int | None:
        """Milliseconds from the first token to the first one of the answer, or until now."""
        if self.first_token_at is None or not self.answer.first.reasoning_parts:
            return None
        until = self.first_text_at or time.monotonic()
        return round((until - self.first_token_at) * 1000)

    @property
    def tokens_per_second(self) -> float | None:
        if self.first_token_at is None or self.tokens < 2:
            return None
        elapsed = time.monotonic() - self.first_token_at
        return self.tokens / elapsed if elapsed > 0.05 else None
