"""Background answers: the provider works on after the request, and the answer is fetched by its id.

The id is stored before anything else happens. A run that loses its process returns to the queue, and the
process that claims it next fetches the same answer.

https://platform.openai.com/docs/guides/background
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from contextlib import aclosing
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.timezone import now
from msgspec.structs import replace

from chat.live.database_threads import in_database
from chat.models import QUEUE_LEASE, Run
from playground import clients
from playground.upstream.answer import Answer
from playground.upstream.dialects.registry import DIALECTS
from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.events import (
    Awaited,
    CostReported,
    Failed,
    Finished,
    Identified,
    Reached,
    ReasoningDelta,
    ReasoningWasText,
    StartedOver,
    TextDelta,
    TextWasReasoning,
    Truncated,
    UsageReported,
    decode_events,
)
from playground.upstream.transport.client import Clocks

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable
    from datetime import datetime

    from chat.live.run import LiveRun
    from playground.upstream.events import Event
    from playground.upstream.recording.recorder import Recording
    from playground.upstream.transport.client import StreamRequest

    MakeRecording = Callable[[], Recording | None]

logger = logging.getLogger(__name__)

# The sleep between two looks, which tests replace. It grows from the first value to the second.
pause = asyncio.sleep
FIRST_SECONDS, LONGEST_SECONDS = 1.0, 10.0
# Research takes an hour at most, and no provider keeps a queue for longer than this.
MOST_HOURS = 12
# Looks in a row that may fail before the run does: about ten minutes.
MOST_TROUBLE = 60
CANCEL_SECONDS = 10.0
_CLOCKS = Clocks(first_token=60, total=120)
LONGEST_ID = 200

# The connection broke, or nothing came. The provider works on all the same.
_CONNECTION = frozenset(
    {
        *(FailureKind.CONNECT, FailureKind.DNS, FailureKind.TLS, FailureKind.CUT, FailureKind.MALFORMED),
        *(FailureKind.TIMEOUT_CONNECT, FailureKind.TIMEOUT_FIRST_TOKEN),
        *(FailureKind.TIMEOUT_IDLE, FailureKind.TIMEOUT_TOTAL),
    }
)
EXPIRED = (
    "The provider no longer has this answer. It keeps background answers for a limited time. "
    "Send the prompt again."
)
TOO_LONG = f"The provider did not finish this background answer within {MOST_HOURS} hours."


def is_background(run: Run) -> bool:
    dialect = DIALECTS.get(run.endpoint_kind)
    return bool(dialect and dialect.keeps_answers and run.body.get("background") is True)


async def until_end(
    run: Run,
    live_run: LiveRun,
    request: StreamRequest,
    batches: AsyncIterator[list[Event]],
    make_recording: MakeRecording,
) -> AsyncGenerator[list[Event]]:
    """Yield the events of the request, then those of the answer once the provider has finished it."""
    is_over = False
    async for batch in batches:
        if not run.background_id and (found := _id_in(batch)):
            run.background_id = found
            await in_database(_remember, run)
        events = [event for event in batch if not _is_early_end(event)] if run.background_id else batch
        is_over = is_over or any(isinstance(event, Finished | Failed) for event in events)
        if events:
            yield events
    if run.background_id and not is_over:
        async for events in rest(run, live_run, request, make_recording):
            yield events


async def rest(
    run: Run, live_run: LiveRun, request: StreamRequest, make_recording: MakeRecording
) -> AsyncGenerator[list[Event]]:
    """Yield what a broken stream lacks: its words if the server continues it, and then the whole answer."""
    async for events in continued(run, live_run, request, make_recording):
        yield events
    async for events in fetched(run, live_run, request, make_recording):
        yield events


async def continued(
    run: Run, live_run: LiveRun, request: StreamRequest, make_recording: MakeRecording
) -> AsyncGenerator[list[Event]]:
    """Yield the words of the stream after the last event that came, until a connection brings none.

    They are for readers who wait. The whole answer counts, which is fetched at the end: a new reader cannot
    know what the first one had seen of an item. A server that continues no stream, or elsewhere, ends this.

    https://platform.openai.com/docs/guides/background
    """
    tried = None
    while (reached := live_run.answer.reached) is not None and reached != tried:
        if tried is not None:
            await pause(FIRST_SECONDS)
        tried = reached
        path = f"{request.endpoint}/{run.background_id}?stream=true&starting_after={reached}"
        call = dataclasses.replace(
            request, method="GET", path=path, body=b"", is_numbered=True, is_continued=True
        )
        async with aclosing(clients.upstream_client().stream(call, make_recording())) as batches:
            async for batch in batches:
                numbers = next((event for event in batch if isinstance(event, Reached)), None)
                if numbers is None:
                    # It has an id, a failure, or the whole of an answer that is no stream.
                    continue
                if numbers.first <= (live_run.answer.reached or 0):
                    break
                yield [numbers, *(event for event in batch if isinstance(event, TextDelta | ReasoningDelta))]
                if any(isinstance(event, Finished) for event in batch):
                    return


async def fetched(
    run: Run, live_run: LiveRun, request: StreamRequest, make_recording: MakeRecording
) -> AsyncGenerator[list[Event]]:
    """Look until the answer has ended, and yield the changes of its state and at last all of it."""
    call = dataclasses.replace(
        request, method="GET", path=f"{request.endpoint}/{run.background_id}", body=b"", clocks=_CLOCKS
    )
    seconds, trouble, state = FIRST_SECONDS, 0, None
    while True:
        events = await _look(call, make_recording())
        failed = _outside_failure(events)
        awaited = next((event for event in events if isinstance(event, Awaited)), None)
        if awaited is None and not (failed and _may_pass(failed) and trouble < MOST_TROUBLE):
            yield _outside_end(failed) if failed else _ending(events, live_run)
            return
        trouble = trouble + 1 if failed else 0
        if awaited is not None and awaited.state != state:
            state = awaited.state
            yield [awaited]
        if _is_too_late(run):
            yield [Failed(FailureKind.TIMEOUT_TOTAL, TOO_LONG)]
            return
        await pause(seconds)
        seconds = min(1.5 * seconds, LONGEST_SECONDS)


def _outside_failure(events: list[Event]) -> Failed | None:
    """Return the failure of the call, None if there is an answer: that one may have failed by itself."""
    return None if _id_in(events) else next((each for each in events if isinstance(each, Failed)), None)


def _outside_end(failed: Failed) -> list[Event]:
    # Text that a stream brought before is kept.
    return [replace(failed, message=EXPIRED) if failed.kind is FailureKind.NOT_FOUND else failed]


def _ending(events: list[Event], live_run: LiveRun) -> list[Event]:
    # The whole answer has what a broken stream brought before. A failed or cancelled one may have less.
    is_all = not (live_run.answer.is_empty or any(_is_cut_short(event) for event in events))
    if is_all and _is_said(events, live_run.answer):
        return [event for event in events if not isinstance(event, TextDelta | ReasoningDelta)]
    begin: list[Event] = [StartedOver()] if is_all else []
    return begin + [event for event in events if is_all or live_run.answer.is_empty or _is_about_end(event)]


def _is_said(events: list[Event], answer: Answer) -> bool:
    """Return whether the answer has exactly the words of the whole one, and nothing else yet."""
    if answer.data or any(isinstance(event, TextWasReasoning | ReasoningWasText) for event in events):
        return False
    whole = Answer()
    for event in events:
        whole.apply(event)
    return (answer.text, answer.reasoning) == (whole.text, whole.reasoning)


def _is_cut_short(event: Event) -> bool:
    return isinstance(event, Failed) or (isinstance(event, Finished) and event.reason == "cancelled")


def _is_about_end(event: Event) -> bool:
    return isinstance(event, Finished | Failed | UsageReported | CostReported)


async def _look(call: StreamRequest, recording: Recording | None) -> list[Event]:
    found: list[Event] = []
    async with aclosing(clients.upstream_client().stream(call, recording)) as batches:
        async for batch in batches:
            found += batch
    return found


async def cancel(run: Run, live_run: LiveRun, request: StreamRequest) -> None:
    """Ask the provider to stop, and take over the usage that it reports. The answer so far is kept."""
    path = f"{request.endpoint}/{run.background_id}/cancel"
    call = dataclasses.replace(request, path=path, body=b"{}", clocks=_CLOCKS)
    try:
        async with asyncio.timeout(CANCEL_SECONDS):
            events = await _look(call, None)
    except TimeoutError:
        logger.warning("The provider did not confirm that run %s was cancelled.", run.code)
        return
    live_run.apply([event for event in events if isinstance(event, UsageReported | CostReported)])
    if any(isinstance(event, Failed) for event in events):
        logger.warning("The provider could not cancel run %s.", run.code)


def resume(run: Run, live_run: LiveRun) -> None:
    """Take over the log of the process that relayed the run before. In a thread of the database."""
    for seq, events in run.chunks.order_by("seq").values_list("seq", "events"):
        live_run.apply(decode_events(bytes(events)), is_saved=True)
        # Neighbouring pieces of text were joined, so there are fewer events than numbers.
        live_run.seq = seq
    if run.started_at is not None:
        live_run.started_at -= max(0.0, (now() - run.started_at).total_seconds())


def leave_background(run: Run, lease: datetime | None = None) -> bool:
    """Return a run to the queue, for the next process to fetch; False if it has ended or has a new owner."""
    live = Run.objects.filter(pk=run.pk, fence=run.fence, status__in=Run.LIVE).exclude(background_id="")
    if lease is not None:
        live = live.filter(lease_expires_at=lease)
    return bool(live.update(status=Run.Status.QUEUED, lease_owner="", lease_expires_at=now() + QUEUE_LEASE))


def _remember(run: Run) -> None:
    Run.objects.filter(pk=run.pk, fence=run.fence, status=Run.Status.RUNNING).update(
        background_id=run.background_id
    )


def _id_in(events: list[Event]) -> str:
    ids = (event.response_id for event in events if isinstance(event, Identified))
    # It becomes part of an address.
    return next((each for each in ids if _is_usable(each)), "")


def _is_usable(response_id: str) -> bool:
    return 0 < len(response_id) <= LONGEST_ID and response_id.replace("-", "_").isidentifier()


def _is_early_end(event: Event) -> bool:
    """Return whether only the connection has ended, or the provider has merely begun."""
    is_broken = isinstance(event, Failed) and event.kind in _CONNECTION and event.status is None
    return is_broken or isinstance(event, Truncated)


def _may_pass(failed: Failed) -> bool:
    """Return whether the next look may succeed."""
    if failed.status is None:
        return failed.kind in _CONNECTION
    return failed.status in (408, 425, 429) or failed.status >= 500


def _is_too_late(run: Run) -> bool:
    return run.created_at < now() - timedelta(hours=MOST_HOURS)
