"""Recordings equal the bytes on the wire, except for secrets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from playground.upstream.answer import Answer
from playground.upstream.errors.exceptions import FailureKind, UpstreamError
from playground.upstream.recording.kept_stream import KeptStream
from playground.upstream.recording.recorder import MAX_HEADER_CHARACTERS, MAX_HEADERS, Ending, Recording
from playground.upstream.recording.replaying import Kept, replay_kept
from playground.upstream.transport.client import Clocks
from tests.raw_upstream import (
    DONE,
    END,
    NEVER,
    SECRET,
    STREAM,
    WHOLE,
    Visit,
    answer,
    chunked,
    delta,
    opened_client,
    raw_upstream,
    request_to,
)

MEGABYTE = 1024 * 1024


class Tried:
    """The result of a try, live and as recorded."""

    def __init__(self) -> None:
        self.recording = Recording(4 * MEGABYTE)
        self.answer = Answer()
        self.visits: list[Visit] = []
        self._packed: bytes | None = None

    @property
    def stream(self) -> KeptStream:
        if self._packed is None:
            self._packed = self.recording.raw.pack()
        return KeptStream(self._packed)

    @property
    def raw(self) -> bytes:
        return self.stream.data

    def replayed(self) -> Answer:
        recording = self.recording
        return replay_kept(
            Kept(
                "chat/completions",
                recording.status,
                {name.lower(): value for name, value in recording.response_headers},
                [piece.data for piece in self.stream.pieces()],
                recording.ending,
                recording.error,
            )
        )


async def tried(script: Any, *, stop_after: int | None = None, **fields: Any) -> Tried:
    found = Tried()
    async with raw_upstream(script) as upstream, opened_client() as client:
        batches = client.stream(request_to(upstream, **fields), found.recording)
        left = stop_after
        async for events in batches:
            for event in events:
                found.answer.apply(event)
            if left is not None and (left := left - 1) <= 0:
                break
        await batches.aclose()
        found.visits = upstream.visits
    return found


async def test_the_request_is_the_one_that_was_sent():
    body = {"model": "m", "messages": [{"role": "user", "content": "Grüße \u2028 🐈"}], "top_p": 0.1}
    found = await tried(WHOLE, body=body, headers={"anthropic-version": "2023-06-01"})
    (visit,), recording = found.visits, found.recording
    assert (recording.method, visit.head.split()[1]) == ("POST", b"/v1/chat/completions")
    assert recording.url.endswith("/v1/chat/completions")
    assert recording.body == visit.body

    sent = visit.headers
    noted = {name.lower(): value for name, value in recording.request_headers}
    assert sent.pop("authorization") == f"Bearer {SECRET}"
    assert noted.pop("authorization") == f"Bearer …{SECRET[-4:]}"
    assert noted == sent
    assert noted["x-client-request-id"] == "run-1"


@pytest.mark.parametrize("key", ["ollama", "fifteen-letters"])
async def test_of_a_short_key_it_keeps_nothing(key):
    found = await tried(WHOLE, secret=lambda: key)
    assert ("Authorization", "Bearer …") in found.recording.request_headers


async def test_it_keeps_the_headers_of_the_answer_but_no_cookies():
    kept = [
        ("x-inference-id", "inf-1"),
        ("x-ratelimit-remaining-requests", "59"),
        ("x-ratelimit-reset-tokens", "6m0s"),
        ("anthropic-ratelimit-tokens-remaining", "7"),
        ("request-id", "req_1"),
        ("retry-after", "3"),
    ]
    lines = [f"{name}: {value}" for name, value in (*kept, ("Set-Cookie", "session=1"))]
    found = await tried(answer(429, b"{}", *lines))
    assert found.recording.status == 429
    assert set(kept) <= set(found.recording.response_headers)
    assert "session" not in str(found.recording.response_headers)


async def test_it_keeps_no_more_headers_than_it_needs():
    lines = [f"x-{number}: {'v' * 3_000}" for number in range(20)]
    found = await tried(answer(200, b"{}", *lines))
    values = [value for _, value in found.recording.response_headers]
    assert max(map(len, values)) == MAX_HEADER_CHARACTERS
    recording = Recording(MEGABYTE)
    recording.note_answer(200, [(f"x-{number}", "v") for number in range(500)])
    assert len(recording.response_headers) == MAX_HEADERS


async def test_it_keeps_the_pieces_as_they_came():
    events = [delta("Hel"), delta("lo", "stop"), DONE]
    seen = [asyncio.Event() for _ in events]

    async def script(visit: Visit) -> None:
        await visit.send(STREAM)
        for number, event in enumerate(events):
            await visit.send(chunked(event))
            if number < 2:
                await seen[number].wait()
        await visit.send(END)

    found = Tried()
    async with raw_upstream(script) as upstream, opened_client() as client:
        number = 0
        async for batch in client.stream(request_to(upstream), found.recording):
            for event in batch:
                found.answer.apply(event)
            seen[number].set()
            number += 1
    pieces = list(found.stream.pieces())
    assert [piece.data for piece in pieces][:2] == events[:2]
    assert found.raw == b"".join(events)
    assert sorted(piece.ms for piece in pieces) == [piece.ms for piece in pieces]
    assert 0 <= (found.recording.head_ms or 0) <= pieces[-1].ms <= found.recording.duration_ms
    assert found.recording.is_complete
    assert found.recording.ending is Ending.READ


async def test_it_keeps_what_comes_after_the_last_word():
    tail = b": goodbye\n\n"
    found = await tried(STREAM + chunked(delta("a", "stop"), DONE, tail) + END)
    assert found.raw.endswith(DONE + tail)
    assert found.recording.is_complete


# --- endings ---


async def cut(visit: Visit) -> None:
    await visit.send(STREAM + chunked(delta("<think>Half"), delta(" a tho")) + b"40\r\ndata: {")
    visit.writer.close()


async def half_and_silence(visit: Visit) -> None:
    await visit.send(STREAM + chunked(delta("a"), delta("<thi")))
    await visit.until_gone()


ENDINGS: dict[str, tuple[Any, dict[str, Any], Ending, FailureKind | None]] = {
    "whole": (WHOLE, {}, Ending.READ, None),
    "json": (answer(200, b'{"choices": [{"message": {"content": "a"}}]}'), {}, Ending.READ, None),
    "truncated": (STREAM + chunked(delta("a")) + END, {}, Ending.READ, None),
    "cut": (cut, {}, Ending.BROKEN, FailureKind.CUT),
    "stopped": (half_and_silence, {"stop_after": 1}, Ending.LEFT, None),
    "error": (answer(503, b'{"message": "Busy"}'), {}, Ending.READ, FailureKind.OVERLOADED),
    "redirected": (answer(302, b"", "Location: http://x.example/"), {}, Ending.READ, FailureKind.REDIRECTED),
    "nobody": (WHOLE, {"base_url": "http://127.0.0.1:9/v1"}, Ending.BROKEN, FailureKind.REFUSED_ADDRESS),
    "silence": (
        half_and_silence,
        {"clocks": Clocks(idle=0.05)},
        Ending.BROKEN,
        FailureKind.TIMEOUT_IDLE,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDINGS)
async def test_a_replay_ends_as_the_run_did(name):
    script, fields, ending, kind = ENDINGS[name]
    found = await tried(script, **fields)
    assert found.recording.ending is ending
    assert (found.answer.failure.kind if found.answer.failure else None) == kind
    assert found.replayed() == found.answer


async def test_no_more_is_sent_than_the_recording_says_though_no_answer_comes():
    found = await tried(WHOLE, base_url="http://127.0.0.1:9/v1")
    assert found.recording.status is None
    assert found.recording.url == "http://127.0.0.1:9/v1/chat/completions"
    assert found.raw == b""


# --- keys ---


@pytest.mark.parametrize("status", [200, 401])
async def test_a_key_that_the_upstream_repeats_is_on_no_record(status):
    body = f'{{"error": {{"message": "Wrong key {SECRET}.", "code": 401}}}}'.encode()
    found = await tried(answer(status, body, f"x-inference-id: {SECRET}", f"x-echo: Bearer {SECRET}"))
    recording = found.recording
    everything = f"{recording.request_headers} {recording.response_headers} {recording.url} {found.raw!r}"
    assert SECRET[:-4] not in everything
    assert SECRET not in everything
    assert found.replayed() == found.answer
    assert found.answer.failure is not None


async def test_an_error_that_quotes_the_key_is_kept_without_it():
    recording = Recording(MEGABYTE)
    recording.note_request("POST", "http://x.example/", [], b"", secret=SECRET)
    recording.note_end(UpstreamError(FailureKind.CUT, f"no {SECRET}", detail=SECRET, request_id=SECRET))
    assert recording.error is not None
    assert SECRET not in f"{recording.error.message} {recording.error.detail} {recording.error.request_id}"


async def test_a_name_in_the_address_is_on_no_record():
    recording = Recording(MEGABYTE)
    recording.note_request("POST", "https://me:secret@x.example/v1/responses", [], b"", secret="")
    assert recording.url == "https://x.example/v1/responses"


async def test_nothing_is_recorded_unasked():
    async with raw_upstream(WHOLE) as upstream, opened_client() as client:
        clocks = Clocks(NEVER, NEVER, NEVER, NEVER)
        batches = [batch async for batch in client.stream(request_to(upstream, clocks=clocks))]
    assert batches
