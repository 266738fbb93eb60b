"""The figures, clocks and readers of a run in flight."""

from __future__ import annotations

import asyncio
import uuid
from types import SimpleNamespace

import pytest

from chat.live import run as module
from chat.live.merging import merge
from chat.live.run import LiveRun
from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.events import Citation, Finished, ReasoningDelta, Retrying, TextDelta, ToolCallDelta


class Clock(SimpleNamespace):
    def monotonic(self) -> float:
        return float(self.seconds)


@pytest.fixture
def clock(monkeypatch) -> Clock:
    found = Clock(seconds=100.0)
    monkeypatch.setattr(module, "time", found)
    return found


@pytest.fixture
def live(clock) -> LiveRun:
    return LiveRun(1, uuid.uuid4(), uuid.uuid4())


def at(clock: Clock, seconds: float, live: LiveRun, *events) -> None:
    clock.seconds = seconds
    live.apply(list(events))


def test_a_new_run_has_no_figures_and_a_rendering_of_its_own(live):
    assert (live.seq, live.tokens, live.parts_version, live.retries_at) == (0, 0, 0, 0.0)
    assert (live.has_ended, live.was_lost, live.ended_as, live.must_end_soon) == (False, False, "", False)
    assert (live.comes_in_pieces, live.is_claimed, live.queue_position) == (False, False, None)
    assert (live.first_token_ms, live.reasoning_ms, live.tokens_per_second) == (None, None, None)
    assert len(live.epoch) == 8
    assert live.epoch != LiveRun(1, live.code, None).epoch


def test_it_counts_tokens_and_times_of_every_choice_and_shows_the_first(live, clock):
    clock.seconds = 110.0
    live.set_queue_position(3)
    live.begin()
    assert (live.is_claimed, live.started_at, live.queue_position) == (True, 110.0, None)

    at(clock, 112, live, TextDelta("other", 1))
    assert (live.tokens, live.first_token_ms, live.parts_version) == (1, None, 1)
    at(clock, 113, live, ReasoningDelta("Hm. "))
    at(clock, 114, live, ReasoningDelta("Yes."))
    assert (live.first_token_ms, live.reasoning_ms) == (3000, 1000)
    at(clock, 116, live, TextDelta("One "))
    at(clock, 118, live, TextDelta("two"), Finished("stop"))

    assert (live.tokens, live.seq, live.parts_version) == (5, 6, 1)
    assert (live.first_token_ms, live.reasoning_ms) == (3000, 3000)
    assert live.tokens_per_second == 1.0


@pytest.mark.parametrize(
    ("elapsed", "tokens", "expected"), [(0.05, 2, None), (0.5, 2, 4.0), (0.5, 1, None), (2, 4, 2.0)]
)
def test_a_speed_needs_two_tokens_and_some_time(live, clock, elapsed, tokens, expected):
    clock.seconds = 0.0
    live.apply([TextDelta("a")] * tokens)
    clock.seconds = elapsed
    assert live.tokens_per_second == expected
    # Text alone: nothing was reasoned.
    assert (live.first_token_ms is None, live.reasoning_ms) == (False, None)


def test_parts_beside_the_text_are_a_new_version(live):
    for version, event in enumerate((ToolCallDelta(0, "a", "b", ""), Citation("https://a.example", "A"))):
        live.apply([event])
        assert live.parts_version > version
    before = live.parts_version
    live.apply([TextDelta("a"), Finished("stop")])
    assert live.parts_version == before


def test_a_retry_is_waited_for_until_something_comes(live, clock):
    retry = Retrying(FailureKind.RATE_LIMITED, 5, 2, 4)
    at(clock, 120, live, retry)
    assert (live.retries_at, live.retrying) == (125.0, retry)
    live.apply([TextDelta("a")])
    assert live.retrying is None


def test_a_rewind_forgets_everything(live):
    epoch = live.epoch
    live.apply([TextDelta("a"), ReasoningDelta("b")], is_saved=True)
    assert live.stretch() is None
    version = live.parts_version

    live.rewind()

    assert (live.seq, live.tokens, live.first_token_ms, live.answer.text) == (0, 0, None, "")
    assert (live.first_text_at, live.reasoning_ms) == (None, None)
    assert live.parts_version > version
    assert live.epoch != epoch
    assert len(live.epoch) == 8


def test_what_is_not_stored_yet_is_handed_to_copies(live):
    live.apply([TextDelta("a"), TextDelta("b"), TextDelta("c")])
    assert live.unsaved_after(1) == [TextDelta("b"), TextDelta("c")]
    assert live.unsaved_after(0) == [TextDelta("a"), TextDelta("b"), TextDelta("c")]
    assert live.unsaved_after(3) == []

    assert live.stretch() == (3, merge([TextDelta("abc")]))
    assert live.unsaved_after(2) is None
    live.apply([TextDelta("d")])
    assert live.unsaved_after(3) == [TextDelta("d")]


class Reader:
    def __init__(self) -> None:
        self.woken = 0

    def wake(self) -> None:
        self.woken += 1


def test_readers_are_woken_by_news_until_they_leave(live):
    reader = Reader()
    live.watch(reader)
    assert live.is_watched
    live.apply([TextDelta("a")])
    live.set_queue_position(2)
    live.set_queue_position(2)
    assert (reader.woken, live.queue_position) == (2, 2)

    live.lose()
    assert (reader.woken, live.was_lost, live.has_ended) == (3, True, True)
    live.unwatch(reader)
    live.end()
    assert (reader.woken, live.is_watched) == (3, False)


async def test_the_first_who_ends_it_decides_how(live):
    async def stream() -> None:
        with live.cancellable():
            await asyncio.sleep(3600)

    task = asyncio.ensure_future(stream())
    await asyncio.sleep(0)
    live.end_early("stopped")
    live.end_early("interrupted")
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (live.ended_as, task.cancelling()) == ("stopped", 0)

    with pytest.raises(asyncio.CancelledError), live.cancellable():
        raise AssertionError("A stream that was stopped before it began never begins.")
