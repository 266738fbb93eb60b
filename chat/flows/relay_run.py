from __future__ import annotations

import asyncio
import dataclasses
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from msgspec.structs import replace

from accounts import keys
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.keep_exchanges import keep_exchanges
from chat.flows.stop_run import end_queued
from chat.live.executor import in_database
from chat.models import Run
from chat.references import encoded, files_of
from playground import clients
from playground.flows.remember_refusal import remember_refusals
from playground.upstream.answer import Answer
from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.errors.refusals import Refusal, refused_parameters
from playground.upstream.events import Failed, ReasoningDelta, Retrying, TextDelta
from playground.upstream.recording.recorder import Recording
from playground.upstream.storable import storable
from playground.upstream.transport.retrying import Retries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat.live.run import LiveRun
    from playground.models import Endpoint
    from playground.upstream.transport.client import StreamRequest

logger = logging.getLogger(__name__)

# How the relay waits before it sends a request again; tests have no time for it.
pause = asyncio.sleep
# Seconds between two tries to end a run while the database is away: the first, and the most.
FINISH_SECONDS, MOST_FINISH_SECONDS = 0.2, 3.0
# A process that goes down tries so often, and leaves the run to the reaper, which has its log.
LAST_ATTEMPTS = 5


async def relay_run(live: LiveRun, claim: asyncio.Future[Run | None]) -> None:
    """Stream one run from its upstream into ``live`` and end it, whatever happens.

    ``claim`` is the run once there is a place for it, or None when that is no longer ours to wait for.
    ``live.end_early`` closes the upstream connection and says what the run then counts as.
    """
    run = await _claimed(live, claim)
    if run is None:
        live.lose()
        return
    live.begin()
    status, retries = Run.Status.FINISHED, Retries()
    recordings: list[Recording] = []
    try:
        with live.cancellable():
            await _stream(run, live, retries, recordings)
        if live.answer.failure:
            status = Run.Status.FAILED
    except asyncio.CancelledError:
        status = Run.Status(live.ended_as or Run.Status.INTERRUPTED)
    except Exception:
        logger.exception("Run %s failed on our side.", run.code)
        status = Run.Status.FAILED
        live.apply([_our_fault()])
    await _finish(run, live, status, retries.tries)
    live.end()
    if recordings:
        await in_database(keep_exchanges, run, recordings)


async def _claimed(live: LiveRun, claim: asyncio.Future[Run | None]) -> Run | None:
    try:
        with live.cancellable():
            return await asyncio.shield(claim)
    except asyncio.CancelledError:
        if await in_database(end_queued, live.run_pk, Run.Status(live.ended_as)):
            return None
        # Claimed in this very moment, and ours to end, or ended by whoever asked for it.
        return await claim


async def _stream(run: Run, live: LiveRun, retries: Retries, recordings: list[Recording]) -> None:
    request = await in_database(_request_for, run)
    if not isinstance(request, Failed) and run.references:
        request = await _with_files(run, request)
    if isinstance(request, Failed):
        live.apply([request])
        return
    provider = run.endpoint.model.provider.name if run.endpoint else ""
    while again := await _try(request, live, retries, _next_recording(recordings)):
        again = replace(again, provider=provider)
        live.apply([again])
        await pause(again.seconds)
        live.apply([replace(again, seconds=0)])


def _next_recording(recordings: list[Recording]) -> Recording | None:
    """A new one behind the others; None where nothing is to be kept."""
    if not settings.RAW_RETENTION_DAYS:
        return None
    recordings.append(Recording(settings.RAW_STREAM_MAX_MB * 1024 * 1024))
    return recordings[-1]


async def _try(
    request: StreamRequest, live: LiveRun, retries: Retries, recording: Recording | None
) -> Retrying | None:
    """Send the request once; what to wait for if it came to nothing and may be sent again."""
    async with aclosing(clients.upstream_client().stream(request, recording)) as batches:
        async for events in batches:
            if isinstance(failed := events[-1], Failed):
                live.apply(events[:-1])
                # After the first word, or once it has cost something, it would be another answer.
                again = retries.after(failed) if live.answer.has_cost_nothing else None
                if again is None:
                    live.apply([failed])
                return again
            live.apply(events)
    return None


def _request_for(run: Run) -> StreamRequest | Failed:
    """Everything that the HTTP call needs; the key itself is opened only inside it."""
    if run.endpoint is None or run.user is None:
        return Failed(FailureKind.NOT_FOUND, "This model is no longer in the catalogue.")
    provider = run.endpoint.model.provider
    api_key = keys.resolve(run.conversation.workspace, run.user, provider.code)
    if api_key is None and provider.needs_key:
        return Failed(FailureKind.UNAUTHORISED, f"There is no API key for {provider.name} any more.")
    if api_key is not None:
        keys.mark_used(api_key)
    return clients.stream_request(provider, run.endpoint_kind, run.body, api_key, str(run.code))


async def _with_files(run: Run, request: StreamRequest) -> StreamRequest | Failed:
    found = await in_database(files_of, run)
    try:
        # In a thread of its own: reading and encoding megabytes would hold up what others wait for.
        body = await asyncio.to_thread(encoded, run.body, run.references, found)
    except FileNotFoundError:
        return Failed(FailureKind.NOT_FOUND, "A file of this conversation is not on this server any more.")
    return dataclasses.replace(request, body=body)


def _our_fault() -> Failed:
    return Failed(
        FailureKind.INTERNAL,
        "Something went wrong on this server. The details are in its log.",
    )


async def _finish(run: Run, live: LiveRun, status: Run.Status, tries: int = 1) -> None:
    refused = _refused(run, live.answer)
    outcome = Outcome(
        status,
        live.answer,
        error=_error(live.answer.failure, run, refused, tries),
        first_token_ms=live.first_token_ms,
        reasoning_ms=live.reasoning_ms,
    )
    for ending in _endings(run, outcome):
        try:
            await _end(run, live, ending)
            break
        except Exception:
            # Trying again would not help: it ends with less.
            logger.exception("The answer of run %s cannot be stored.", run.code)
    if refused and run.endpoint is not None:
        await _remember(run.conversation.workspace_id, run.endpoint, refused)


def words_of(answer: Answer) -> Answer:
    """What was said and what it cost, without what else an upstream may put beside it."""
    words = Answer(usage=answer.usage, cost=answer.cost, finish_reasons=answer.finish_reasons)
    if answer.reasoning:
        words.apply(ReasoningDelta(storable(answer.reasoning)))
    if answer.text:
        words.apply(TextDelta(storable(answer.text)))
    return words


def _endings(run: Run, outcome: Outcome) -> Iterator[Outcome]:
    """How a run may end, from all that came of it to what every database takes."""
    yield outcome
    fault = _error(_our_fault(), run)
    yield dataclasses.replace(outcome, status=Run.Status.FAILED, answer=words_of(outcome.answer), error=fault)
    yield Outcome(Run.Status.FAILED, Answer(), error=fault)


async def _end(run: Run, live: LiveRun, outcome: Outcome) -> None:
    """As soon as the database is there. Meanwhile the text is here only, beyond the last checkpoint.

    The first checkpoint then renews the lease; if somebody else was quicker and ended the run, there
    is nothing left to do.
    """
    for seconds in _waits(live):
        try:
            await in_database(finish_run, run, outcome, fence=run.fence)
        except (OperationalError, InterfaceError):
            logger.warning("Run %s could not be ended, trying again.", run.code, exc_info=True)
            await asyncio.sleep(seconds)
        else:
            return
    logger.error("Run %s could not be ended; the reaper does, with what its log holds.", run.code)


def _waits(live: LiveRun) -> Iterator[float]:
    seconds = FINISH_SECONDS
    while not live.must_end_soon:
        yield seconds
        seconds = min(2 * seconds, MOST_FINISH_SECONDS)
    for attempt in range(LAST_ATTEMPTS):
        yield min(FINISH_SECONDS * 2**attempt, MOST_FINISH_SECONDS)


async def _remember(workspace_id: int, endpoint: Endpoint, refused: list[Refusal]) -> None:
    try:
        await in_database(remember_refusals, workspace_id, endpoint, refused)
    except DatabaseError:
        # The endpoint may be gone by now; the answer says what was refused all the same.
        logger.warning("What %s refused could not be kept.", endpoint, exc_info=True)


def _refused(run: Run, answer: Answer) -> list[Refusal]:
    """The parameters that the upstream refused, where that is why there is no answer."""
    failure = answer.failure
    if failure is None or not answer.is_empty or failure.status not in (400, 422, None):
        return []
    if failure.kind not in (FailureKind.BAD_REQUEST, FailureKind.IN_STREAM):
        return []
    return refused_parameters(failure.detail, run.body)


def _error(
    failure: Failed | None, run: Run, refused: list[Refusal] | None = None, tries: int = 1
) -> dict[str, Any] | None:
    if failure is None:
        return None
    error: dict[str, Any] = {
        "kind": str(failure.kind),
        "message": failure.message,
        "status": failure.status,
        "request_id": failure.request_id,
        "detail": failure.detail,
        "provider": run.endpoint.model.provider.name if run.endpoint else "",
    }
    if refused:
        error["refused"] = [
            {"name": refusal.name, "why": str(refusal.why), "words": refusal.words} for refusal in refused
        ]
    if tries > 1:
        error["tries"] = tries
    # The words are the upstream's.
    kept: dict[str, Any] = storable(error)
    return kept
