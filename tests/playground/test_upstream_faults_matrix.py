"""Every known fault of an upstream, one row each.

Each ends in its own typed state before its deadline, with the text that had come, the connection
closed or back in the pool, and the client ready for the next request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from playground.demo.scenarios.options import SENTENCE
from playground.upstream.errors.exceptions import FailureKind as Kind
from playground.upstream.events import (
    CostReported,
    Event,
    Failed,
    Finished,
    ToolCallDelta,
    Truncated,
    UsageReported,
)
from playground.upstream.transport.addresses import parse_allowed
from playground.upstream.transport.client import Clocks, StreamRequest, UpstreamClient
from tests.raw_upstream import (
    STREAM,
    Visit,
    answer,
    chunked,
    delta,
    gather,
    opened_client,
    raw_upstream,
    request_to,
    text_of,
)
from tests.scripted_upstream import chat_body

# No test here takes longer; one that hangs lacks a time limit.
DEADLINE = 20
SOON = 0.5
HALF = "The kettle is warm, the"
STOP, NOTHING = "stop", ""


@dataclass(frozen=True)
class Row:
    """The end of a stream: the failure ``kind``, the finish reason ``ends``, or neither if it is cut off."""

    play: str | bytes | Callable[[Visit], Awaitable[None]]
    kind: Kind | None = None
    text: str = NOTHING
    ends: str = NOTHING
    status: int | None = None
    clocks: Clocks | None = None


async def slow_drip(visit: Visit) -> None:
    await visit.send(STREAM)
    for byte in delta("never whole") * 1_000:
        await visit.send(chunked(bytes([byte])))
        await asyncio.sleep(SOON / 20)


async def half_a_header(visit: Visit) -> None:
    await visit.send(b"HTTP/1.1 200 OK\r\nContent-Ty")
    visit.writer.close()


def _whole(play: str) -> Row:
    return Row(play, text=SENTENCE, ends=STOP)


IMPATIENT = Clocks(first_token=SOON, idle=SOON)

ROWS: dict[str, Row] = {
    # Statuses.
    "400": Row("nested_error", Kind.BAD_REQUEST, status=400),
    "401": Row("unauthorised", Kind.UNAUTHORISED, status=401),
    "402": Row(answer(402, b'{"message": "Pay first"}'), Kind.FORBIDDEN, status=402),
    "403": Row("out_of_credits", Kind.FORBIDDEN, status=403),
    "404 model": Row("unknown_model", Kind.NOT_FOUND, status=404),
    "408": Row("request_timeout", Kind.OVERLOADED, status=408),
    "422": Row(answer(422, b'{"detail": []}'), Kind.BAD_REQUEST, status=422),
    "429 with Retry-After": Row("rate_limited", Kind.RATE_LIMITED, status=429),
    "429 without Retry-After": Row("rate_limited_bare", Kind.RATE_LIMITED, status=429),
    "500": Row("server_error", Kind.SERVER, status=500),
    "500 without a word": Row("bare_error", Kind.SERVER, status=500),
    "502": Row("bad_gateway", Kind.OVERLOADED, status=502),
    "502 as a web page": Row("html?status=502", Kind.OVERLOADED, status=502),
    "503": Row("unavailable", Kind.OVERLOADED, status=503),
    "504": Row("generation_timeout", Kind.OVERLOADED, status=504),
    "529": Row("overloaded", Kind.OVERLOADED, status=529),
    "302 to the metadata address": Row("redirect", Kind.REDIRECTED, status=302),
    # Errors under a status of success.
    "200 with a JSON error": Row("json_error", Kind.SERVER),
    "200 with a web page": Row("html", Kind.MALFORMED),
    "200 without a body": Row("no_body", Kind.MALFORMED),
    "a stream without an event": Row("headers_only_event_stream", Kind.MALFORMED),
    "an error first": Row("error_first", Kind.SERVER),
    # Connections that break.
    "reset before the first byte": Row("reset_before_first_byte", Kind.CUT),
    "cut in a header": Row(half_a_header, Kind.CUT),
    "cut between events": Row("cut_mid_stream", Kind.CUT, HALF),
    "cut in an event": Row("cut_mid_event", Kind.CUT, HALF),
    "cut in a character": Row("cut_mid_utf8", Kind.CUT, HALF),
    "broken chunk": Row("malformed_chunk", Kind.MALFORMED, HALF),
    # Time.
    "silence before headers": Row("silence_before_headers", Kind.TIMEOUT_FIRST_TOKEN, clocks=IMPATIENT),
    "silence": Row("silence", Kind.TIMEOUT_FIRST_TOKEN, clocks=IMPATIENT),
    "silence in the middle": Row("silence_mid_stream", Kind.TIMEOUT_IDLE, HALF, clocks=Clocks(idle=SOON)),
    "comments for ever": Row("comments_forever", Kind.TIMEOUT_FIRST_TOKEN, clocks=IMPATIENT),
    "slow drip": Row(slow_drip, Kind.TIMEOUT_FIRST_TOKEN, clocks=IMPATIENT),
    # Ends.
    "no [DONE]": Row("no_done", text=HALF, ends=STOP),
    "no finish reason": Row("no_finish", text=HALF),
    "error in the middle": Row("error_mid_stream", Kind.SERVER, HALF),
    "error beside a choice": Row("error_with_choices", Kind.OVERLOADED, HALF),
    "error event": Row("error_event", Kind.OVERLOADED, HALF),
    "something after [DONE]": _whole("data_after_done"),
    # Figures.
    "no usage": _whole("no_usage"),
    "usage twice": _whole("usage_twice"),
    "usage without choices": _whole("meta_only"),
    # Bytes.
    "wrong content type": _whole("wrong_content_type"),
    "no stream": _whole("stream_ignored"),
    "U+2028": Row("line_separators", text="one\u2028two\u2029three\u0085four", ends=STOP),
    "BOM": _whole("bom"),
    "CR only": _whole("cr_only"),
    "CRLF": _whole("crlf"),
    "byte by byte": Row("byte_by_byte", text="Zażółć 日本語 👩‍🚀", ends=STOP),
    "a line of 100 MB": Row("huge_line", Kind.TOO_LARGE),
    "gzip bomb": Row("gzip_bomb", Kind.MALFORMED),
    "bad JSON": Row("bad_json", text=f"{HALF} Good again.", ends=STOP),
    # Content.
    "unknown fields": _whole("unknown_fields"),
    "null deltas": _whole("null_deltas"),
    "tool calls out of order": Row("tool_call_disorder", ends="tool_calls"),
    "two choices": Row("two_choices", text="Aa", ends=STOP),
    "empty": Row("empty", ends=STOP),
}  # fmt: skip


def first_choice(events: list[Event]) -> str:
    return text_of([event for event in events if getattr(event, "choice", 0) == 0])


def finish_of(events: list[Event]) -> str:
    return next((event.reason for event in events if isinstance(event, Finished) and not event.choice), "")


@pytest.mark.parametrize("name", ROWS)
async def test_each_bad_day_ends_as_it_should(name, demo_upstream):
    row = ROWS[name]
    async with asyncio.timeout(DEADLINE), opened_client() as client:
        events = await (
            _from_demo(client, demo_upstream, row) if isinstance(row.play, str) else _from_raw(client, row)
        )
        after = await gather(client, _demo_request(demo_upstream, "plain"))
    assert first_choice(after) == SENTENCE, "the client is ready for the next request"

    failures = [event for event in events if isinstance(event, Failed)]
    assert [failed.kind for failed in failures] == ([row.kind] if row.kind else [])
    if row.status:
        assert failures[0].status == row.status
    assert all(failed.message and len(failed.message) < 600 for failed in failures)
    assert first_choice(events) == row.text
    assert finish_of(events) == (row.ends or ("error" if name == "error beside a choice" else ""))
    is_cut_short = row.kind is None and not row.ends
    assert any(isinstance(event, Truncated) for event in events) is is_cut_short


async def _from_demo(client: UpstreamClient, demo: Any, row: Row) -> list[Event]:
    assert isinstance(row.play, str)
    events = await gather(client, _demo_request(demo, row.play, row.clocks))
    recorded = demo.requests[-1]
    assert await asyncio.to_thread(recorded.ended.wait, DEADLINE), "nobody is left waiting at the other end"
    return events


def _demo_request(demo: Any, scenario: str, clocks: Clocks | None = None) -> StreamRequest:
    return StreamRequest(
        demo.base_url,
        "chat/completions",
        chat_body(f"scripted/{scenario}", stream=True),
        clocks=clocks or Clocks(),
        allowed_private=(parse_allowed(demo.base_url.split("/")[2]),),
    )


async def _from_raw(client: UpstreamClient, row: Row) -> list[Event]:
    assert not isinstance(row.play, str)
    async with raw_upstream(row.play) as upstream:
        events = await gather(client, request_to(upstream, clocks=row.clocks or Clocks()))
        if row.status is None:
            await upstream.all_gone.wait()
    return events


async def test_the_figures_are_the_last_that_came(demo_upstream):
    async with opened_client() as client:
        for scenario, has_usage, has_cost in (
            ("no_usage", False, False),
            ("usage_twice", True, True),
            ("meta_only", False, True),
        ):
            events = await gather(client, _demo_request(demo_upstream, scenario))
            usage = [event for event in events if isinstance(event, UsageReported)]
            cost = [event for event in events if isinstance(event, CostReported)]
            assert (bool(usage), bool(cost)) == (has_usage, has_cost)
            if has_usage:
                assert usage[-1].output_tokens == max(event.output_tokens or 0 for event in usage)


async def test_fragments_of_calls_find_each_other(demo_upstream):
    async with opened_client() as client:
        events = await gather(client, _demo_request(demo_upstream, "tool_call_disorder"))
    pieces: dict[int, str] = {}
    for event in events:
        if isinstance(event, ToolCallDelta):
            pieces[event.index] = pieces.get(event.index, "") + event.arguments
    assert pieces == {0: '{"room": "kitchen"}', 1: '{"room": "kitchen"}'}
