from __future__ import annotations

import asyncio
import dataclasses
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING

from django.conf import settings
from msgspec.structs import replace

from accounts import keys
from chat.flows import follow_background
from chat.flows.end_relay import end_relay, internal_error
from chat.flows.extend_hold import covered
from chat.flows.keep_exchanges import keep_exchanges
from chat.flows.stop_run import end_queued
from chat.live.database_threads import in_database
from chat.models import Run
from chat.references import encoded, files_of
from chat.structured.asked import format_of
from playground import clients
from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.events import Awaited, Failed, Prefilled, Retrying
from playground.upstream.recording.recorder import Recording
from playground.upstream.transport.retry_policy import Retries

if TYPE_CHECKING:
    from chat.live.run import LiveRun
    from playground.upstream.transport.client import StreamRequest

logger = logging.getLogger(__name__)

# The sleep before a request is sent again, which tests replace.
pause = asyncio.sleep


async def relay_run(live_run: LiveRun, claim: asyncio.Future[Run | None]) -> None:
    """Stream one run from its upstream into ``live_run`` and end it, whatever happens.

    ``claim`` is the run once there is a place for it, or None if this process no longer waits for one.
    ``live_run.end_early`` closes the upstream connection and sets the status of the run.
    """
    run = await _claimed(live_run, claim)
    if run is None:
        live_run.lose()
        return
    live_run.expect(format_of(run.parameters))
    live_run.cover.tokens, live_run.cover.rate = run.covered_tokens, run.token_rate
    live_run.begin()
    if run.background_id:
        await in_database(follow_background.resume, run, live_run)
    status, retries = Run.Status.FINISHED, Retries()
    recordings: list[Recording] = []
    try:
        with live_run.cancellable():
            await _stream(run, live_run, retries, recordings)
        if live_run.answer.failure:
            status = Run.Status.FAILED
        elif live_run.cover.stopped_by:
            status = Run.Status.STOPPED
    except asyncio.CancelledError:
        status = Run.Status(live_run.ended_as or Run.Status.INTERRUPTED)
        if run.background_id and await _leave(run, live_run, status):
            return
    except Exception:
        logger.exception("Run %s failed on this server.", run.code)
        status = Run.Status.FAILED
        live_run.apply([internal_error()])
    live_run.is_ending = True
    await end_relay(run, live_run, status, retries.tries)
    live_run.end()
    if recordings:
        await in_database(keep_exchanges, run, recordings)


async def _leave(run: Run, live_run: LiveRun, status: Run.Status) -> bool:
    """Leave a background run to another process, or cancel it; return whether it was left."""
    if status == Run.Status.INTERRUPTED and await in_database(follow_background.leave_background, run):
        live_run.lose()
        return True
    if status == Run.Status.STOPPED:
        request = await in_database(request_for, run)
        if not isinstance(request, Failed):
            await follow_background.cancel(run, live_run, request)
    return False


async def _claimed(live_run: LiveRun, claim: asyncio.Future[Run | None]) -> Run | None:
    try:
        with live_run.cancellable():
            return await asyncio.shield(claim)
    except asyncio.CancelledError:
        if await in_database(end_queued, live_run.run_pk, Run.Status(live_run.ended_as)):
            return None
        # The run was claimed at this very moment, or has ended already.
        return await claim


async def _stream(run: Run, live_run: LiveRun, retries: Retries, recordings: list[Recording]) -> None:
    request, live_run.request = live_run.request, None
    if request is None:
        request = await in_database(request_for, run)
    if not isinstance(request, Failed) and run.references and not run.background_id:
        request = await _with_files(run, request)
    if isinstance(request, Failed):
        live_run.apply([request])
        return
    if run.background_id:
        await _fetch(run, live_run, request, recordings)
        return
    if not run.is_streamed:
        live_run.apply([Awaited()])
    if run.prefill:
        live_run.apply([Prefilled(run.prefill)])
    provider = run.endpoint.model.provider.name if run.endpoint else ""
    while again := await _try(run, request, live_run, retries, recordings):
        again = replace(again, provider=provider)
        live_run.apply([again])
        await pause(again.seconds)
        live_run.apply([replace(again, seconds=0)])


async def _fetch(run: Run, live_run: LiveRun, request: StreamRequest, recordings: list[Recording]) -> None:
    """Fetch the answer of a background run that another process has sent."""
    last = _Last(recordings)
    async with aclosing(follow_background.rest(run, live_run, request, last.new)) as batches:
        async for events in batches:
            live_run.apply(events)


class _Last:
    """The recordings of a run, of whose looks at a background answer only the last is kept."""

    def __init__(self, recordings: list[Recording]) -> None:
        self._recordings = recordings
        self._sent = len(recordings)

    def new(self) -> Recording | None:
        """Add a recording and return it; None if this installation keeps none."""
        del self._recordings[self._sent :]
        return _next_recording(self._recordings)


def _next_recording(recordings: list[Recording]) -> Recording | None:
    """Add a recording and return it; None if this installation keeps none."""
    if not settings.RAW_RETENTION_DAYS:
        return None
    recordings.append(Recording(settings.RAW_STREAM_MAX_MB * 1024 * 1024))
    return recordings[-1]


async def _try(
    run: Run, request: StreamRequest, live_run: LiveRun, retries: Retries, recordings: list[Recording]
) -> Retrying | None:
    """Send the request once; return the retry if it brought nothing and may be sent again."""
    is_background = follow_background.is_background(run)
    asked = dataclasses.replace(request, is_numbered=True) if is_background else request
    stream = clients.upstream_client().stream(asked, _next_recording(recordings))
    batches = stream
    if is_background:
        batches = follow_background.until_end(run, live_run, request, stream, _Last(recordings).new)
    async with aclosing(stream), aclosing(batches):
        async for read in batches:
            events = await covered(run, live_run, read)
            if live_run.cover.stopped_by:
                live_run.apply(events)
                return None
            if isinstance(failed := events[-1], Failed):
                live_run.apply(events[:-1])
                # Once something was generated or charged, a retry would bring a second answer.
                again = retries.after(failed) if _may_send_again(run, live_run) else None
                if again is None:
                    live_run.apply([failed])
                return again
            live_run.apply(events)
    return None


def _may_send_again(run: Run, live_run: LiveRun) -> bool:
    # The provider works on a background answer whatever became of the connection.
    return live_run.answer.has_cost_nothing and not run.background_id


def request_for(run: Run) -> StreamRequest | Failed:
    """Return all that the HTTP call needs. The key is decrypted inside of the call only."""
    if run.endpoint is None or run.user is None:
        return Failed(FailureKind.NOT_FOUND, "This model is no longer in the catalogue.")
    provider = run.endpoint.model.provider
    # The limits of this key were asked, so no other one may pay.
    api_key = keys.find(run.key_code) if run.key_code else None
    if api_key is None and (provider.needs_key or run.key_code):
        return Failed(FailureKind.UNAUTHORISED, f"There is no API key for {provider.name} any more.")
    if api_key is not None:
        keys.mark_used(api_key)
    return clients.stream_request(provider, run.endpoint_kind, run.body, api_key, str(run.code))


async def _with_files(run: Run, request: StreamRequest) -> StreamRequest | Failed:
    found = await in_database(files_of, run)
    try:
        # Reading and encoding megabytes takes a thread of its own, so that no other job waits for it.
        body = await asyncio.to_thread(encoded, run.body, run.references, found)
    except FileNotFoundError:
        return Failed(FailureKind.NOT_FOUND, "A file of this conversation is not on this server any more.")
    return dataclasses.replace(request, body=body)
