"""The reading of HTTP responses: as events, or whole."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

import httpx

from playground.upstream.errors.exceptions import BrokenAnswer, FailureKind, UpstreamError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from playground.upstream.events import Event
    from playground.upstream.reading import AnswerReader
    from playground.upstream.recording.recorder import Recording
    from playground.upstream.transport.watch import Watch

# After [DONE] only the end of the body is missing. Once it is read, the connection can be used again.
DRAIN_SECONDS = 0.2
MAX_DRAINED_BYTES = 64 * 1024


async def read_events(
    response: httpx.Response, reader: AnswerReader, watch: Watch, recording: Recording | None
) -> AsyncGenerator[list[Event]]:
    """Yield the events of each read of an answer, then those of its end or failure."""
    yield reader.begin()
    async with aclosing(_pieces(response)) as pieces:
        try:
            while not reader.is_done:
                data = await watch.wait(anext(pieces, None))
                if data is None:
                    if recording:
                        recording.is_complete = True
                    break
                if recording:
                    recording.raw.add(data)
                events = reader.feed(data)
                _move_limits(watch, reader)
                if events:
                    yield events
        except UpstreamError as error:
            if recording:
                recording.note_end(error)
            yield reader.fail(error)
            return
        if recording:
            recording.note_end()
        yield await asyncio.to_thread(reader.close) if reader.holds_much else reader.close()
        if not reader.has_failed:
            await _drain(pieces, recording)


def _pieces(response: httpx.Response) -> AsyncGenerator[bytes]:
    # aiter_raw() is avoided: its bookkeeping costs as much as reading the piece.
    return cast("AsyncGenerator[bytes]", aiter(cast("httpx.AsyncByteStream", response.stream)))


def _move_limits(watch: Watch, reader: AnswerReader) -> None:
    if reader.is_whole:
        watch.note_finish()
    elif reader.has_begun:
        watch.note_first_token()
    if reader.has_news:
        watch.note_data()


async def _drain(pieces: AsyncGenerator[bytes], recording: Recording | None) -> None:
    """Read to the end of the body, if it is near, so that the connection can be reused."""
    left = MAX_DRAINED_BYTES
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            async for data in pieces:
                if recording:
                    recording.raw.add(data)
                left -= len(data)
                if left < 0:
                    return
        if recording:
            recording.is_complete = True
    except (TimeoutError, UpstreamError):
        # The answer is complete all the same.
        return


async def read_whole(response: httpx.Response, max_bytes: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    async for data in _pieces(response):
        pieces.append(data)
        size += len(data)
        if size > max_bytes:
            raise BrokenAnswer(FailureKind.TOO_LARGE, "The provider's answer is too large.")
    return b"".join(pieces)
