"""The runs that are being written right now, as this process knows them.

A live run is only touched on the loop's thread: by the relay that writes it, or by the
follower that copies it from the log of another process, and by the sockets that read it.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chat.live.merging import merge
from chat.markdown import IncrementalRenderer
from playground.upstream.answer import Answer
from playground.upstream.events import (
    AudioDelta,
    Citation,
    Event,
    HostedToolCall,
    ImageReceived,
    ReasoningDelta,
    RefusalDelta,
    Retrying,
    TextDelta,
    TextWasReasoning,
    ToolCallDelta,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat.live.broadcast import Watcher


# What a page shows of an answer beside its text and reasoning.
_PARTS = (ToolCallDelta, HostedToolCall, Citation, RefusalDelta, ImageReceived, AudioDelta)


class LiveRun:
    """A run in flight: its answer so far, half-rendered, its unsaved events and its readers."""

    def __init__(self, run_pk: int, code: UUID, conversation_code: UUID) -> None:
        self.run_pk = run_pk
        self.code = code
        self.conversation_code = conversation_code
        # Tells cursors of this rendering from those of an earlier one, e.g. before a restart.
        self.epoch = secrets.token_hex(4)
        self.answer = Answer()
        self.text_html = IncrementalRenderer()
        self.reasoning_html = IncrementalRenderer()
        # Goes up with each event that changes what is shown beside the first choice's words.
        self.parts = 0
        self.seq = 0
        self.tokens = 0
        self.started_at = time.monotonic()
        self.first_token_at: float | None = None
        self.first_text_at: float | None = None
        # Until when it waits before it is sent again.
        self.retries_at = 0.0
        self.has_ended = False
        # Ended as far as we know it; somebody else may go on with it.
        self.was_lost = False
        # What the run counts as once somebody ends it early: a person, or the process that goes down.
        self.ended_as = ""
        # Its process goes down: there is no waiting for better times.
        self.must_end_soon = False
        # Copied from another process, whose clock says when there is more.
        self.comes_in_pieces = False
        # Until the row says that we relay it, it is not ours to lose.
        self.is_claimed = False
        # How many are before it in the queue; None while it does not wait there, as far as we know.
        self.before: int | None = None
        self._stream: asyncio.Task[Any] | None = None
        self._unsaved: list[Event] = []
        # On its way into the log, encoded, with the number of its last event.
        self._stretch: tuple[int, bytes] | None = None
        self._watchers: set[Watcher] = set()

    def apply(self, events: list[Event], *, is_saved: bool = False) -> None:
        """Take what the upstream sent in one read, or what a chunk of the log holds."""
        for event in events:
            self.answer.apply(event)
            if type(event) is TextDelta:
                self.tokens += 1
                if event.choice == 0:
                    self.text_html.feed(event.text)
                    self._note_times(is_text=True)
                else:
                    self.parts += 1
            elif type(event) is ReasoningDelta:
                self.tokens += 1
                if event.choice == 0:
                    self.reasoning_html.feed(event.text)
                    self._note_times(is_text=False)
                else:
                    self.parts += 1
            else:
                self._take(event)
        self.seq += len(events)
        if not is_saved:
            self._unsaved.extend(events)
        self.wake_watchers()

    def _take(self, event: Event) -> None:
        if isinstance(event, _PARTS):
            self.parts += 1
        elif type(event) is TextWasReasoning:
            self.parts += 1
            if event.choice == 0:
                self._start_over()
        elif type(event) is Retrying:
            self.retries_at = time.monotonic() + event.seconds

    def _start_over(self) -> None:
        """What was shown as the answer turns out to be reasoning: every reader starts over."""
        self.epoch = secrets.token_hex(4)
        self.text_html, self.reasoning_html = IncrementalRenderer(), IncrementalRenderer()
        self.reasoning_html.feed(self.answer.reasoning)
        self.first_text_at = None

    def rewind(self) -> None:
        """Forget everything, to be told from the first event again."""
        self.answer, self.seq, self.tokens = Answer(), 0, 0
        self.parts += 1
        self.first_token_at = None
        self._start_over()

    def _note_times(self, *, is_text: bool) -> None:
        if self.first_token_at is None:
            self.first_token_at = time.monotonic()
        if is_text and self.first_text_at is None:
            self.first_text_at = time.monotonic()

    def stretch(self) -> tuple[int, bytes] | None:
        """The number of the last event of what is to be stored next, and these events, encoded.

        The same until :meth:`note_stored`, whatever comes meanwhile: a commit whose answer got lost
        may have stored it, and doing that again must change nothing.
        """
        if self._stretch is None and self._unsaved:
            self._stretch = self.seq, merge(self._unsaved)
            self._unsaved = []
        return self._stretch

    def note_stored(self, seq: int) -> None:
        """The stretch up to that number is in the log."""
        if self._stretch is not None and self._stretch[0] == seq:
            self._stretch = None

    def unsaved_after(self, seq: int) -> list[Event] | None:
        """The events after that number; None where some of them are stored, or about to be."""
        missing = self.seq - seq
        return self._unsaved[len(self._unsaved) - missing :] if missing <= len(self._unsaved) else None

    def end_early(self, status: str) -> None:
        """Cut the stream off, whether it has begun or not. The first to ask decides what it counts as."""
        if not self.ended_as:
            self.ended_as = status
            if self._stream is not None:
                self._stream.cancel()

    @contextmanager
    def cancellable(self) -> Iterator[None]:
        """Only in here does :meth:`end_early` cancel the task.

        Neither claiming a run nor ending it may be cut short: both go on in a thread, and what
        they did there would be lost. A second click on Stop is no reason either.

        :raises CancelledError: somebody ended the run early.
        """
        if self.ended_as:
            raise asyncio.CancelledError
        self._stream = asyncio.current_task()
        try:
            yield
        except asyncio.CancelledError:
            # The task goes on: an answer that was stopped must still be stored and settled.
            if self._stream is not None:
                self._stream.uncancel()
            raise
        finally:
            self._stream = None

    def wait_behind(self, before: int | None) -> None:
        """So many have a place before it does; None: it has one."""
        if before != self.before:
            self.before = before
            self.wake_watchers()

    def begin(self) -> None:
        """It has a place: from here on its times are counted."""
        self.is_claimed = True
        self.started_at = time.monotonic()
        self.wait_behind(None)

    def end(self) -> None:
        self.has_ended = True
        self.wake_watchers()

    def lose(self) -> None:
        """Stop without knowing how the run goes on: its readers look that up."""
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
        """The next try, or the one that is under way, while nothing has come of it yet."""
        return self.answer.retrying if self.answer.is_empty else None

    @property
    def first_token_ms(self) -> int | None:
        if self.first_token_at is None:
            return None
        return round((self.first_token_at - self.started_at) * 1000)

    @property
    def reasoning_ms(self) -> int | None:
        """How long it thought: from its first token to its first word of the answer, or until now."""
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
