from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, InterfaceError, OperationalError

from chat.flows.extend_hold import limit_error
from chat.flows.finish_run import Outcome, finish_run
from chat.live.database_threads import in_database
from chat.models import Run
from playground.flows.remember_refusal import remember_refusals
from playground.parameters.schema.envelope import ENVELOPE
from playground.parameters.schema.request_schema import request_schema_of
from playground.upstream.answer import Answer
from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.errors.refusals import Refusal, refused_parameters
from playground.upstream.events import Failed, ReasoningDelta, TextDelta
from playground.upstream.storable import storable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat.live.run import LiveRun
    from playground.models import Endpoint

logger = logging.getLogger(__name__)

# Seconds between two tries to end a run while the database is unavailable: the first and the longest wait.
FINISH_SECONDS, MOST_FINISH_SECONDS = 0.2, 3.0
# The number of tries while the process shuts down. Then the reaper ends the run, with its log.
LAST_ATTEMPTS = 5


async def end_relay(run: Run, live_run: LiveRun, status: Run.Status, tries: int = 1) -> None:
    """Store how a relayed run ended, as much of its answer as can be stored, and what was refused."""
    refused = _refused(run, live_run.answer)
    places = await in_database(_places, run, refused) if refused else {}
    outcome = Outcome(
        status,
        live_run.answer,
        error=_error(live_run.answer.failure, run, refused, tries, places) or limit_error(live_run),
        first_token_ms=live_run.first_token_ms,
        reasoning_ms=live_run.reasoning_ms,
    )
    for ending in _endings(run, outcome):
        try:
            await _store(run, live_run, ending)
            break
        except Exception:
            # Another try would fail too, so the run ends with less of its answer.
            logger.exception("The answer of run %s cannot be stored.", run.code)
    if refused and run.endpoint is not None:
        await _remember(run.workspace_id, run.endpoint, refused)


def text_only(answer: Answer) -> Answer:
    """Return an answer with the text and the usage of this one, without all else that upstreams send."""
    text = Answer(
        prefill=storable(answer.prefill),
        usage=answer.usage,
        cost=answer.cost,
        finish_reasons=answer.finish_reasons,
        unreadable_pieces=answer.unreadable_pieces,
    )
    if answer.reasoning:
        text.apply(ReasoningDelta(storable(answer.reasoning)))
    if answer.text:
        text.apply(TextDelta(storable(answer.text)))
    return text


def _endings(run: Run, outcome: Outcome) -> Iterator[Outcome]:
    """Yield the outcomes to try, from the whole answer to one that every database can store."""
    yield outcome
    fault = _error(internal_error(), run)
    yield dataclasses.replace(
        outcome, status=Run.Status.FAILED, answer=text_only(outcome.answer), error=fault
    )
    yield Outcome(Run.Status.FAILED, Answer(), error=fault)


async def _store(run: Run, live_run: LiveRun, outcome: Outcome) -> None:
    """End the run as soon as the database is available.

    Until then, the text after the last checkpoint is in this process only. The next checkpoint renews the
    lease. If the reaper has ended the run before, nothing is left to do.
    """
    for seconds in _waits(live_run):
        try:
            await in_database(finish_run, run, outcome, fence=run.fence)
        except (OperationalError, InterfaceError):
            logger.warning("Run %s could not be ended, trying again.", run.code, exc_info=True)
            await asyncio.sleep(seconds)
        else:
            return
    logger.error("Run %s could not be ended; the reaper does, with what its log holds.", run.code)


def _waits(live_run: LiveRun) -> Iterator[float]:
    """Yield the seconds to wait after each failed try."""
    seconds = FINISH_SECONDS
    while not live_run.must_end_soon:
        yield seconds
        seconds = min(2 * seconds, MOST_FINISH_SECONDS)
    for attempt in range(LAST_ATTEMPTS):
        yield min(FINISH_SECONDS * 2**attempt, MOST_FINISH_SECONDS)


async def _remember(workspace_id: int, endpoint: Endpoint, refused: list[Refusal]) -> None:
    try:
        await in_database(remember_refusals, workspace_id, endpoint, refused)
    except DatabaseError:
        # The endpoint may have been deleted; the answer names the refused parameters anyway.
        logger.warning("The parameters that %s refused could not be stored.", endpoint, exc_info=True)


def _refused(run: Run, answer: Answer) -> list[Refusal]:
    """Return the parameters that the upstream refused, if there is no answer because of that."""
    failure = answer.failure
    if failure is None or not answer.is_empty or failure.status not in (400, 422, None):
        return []
    if failure.kind not in (FailureKind.BAD_REQUEST, FailureKind.IN_STREAM):
        return []
    return refused_parameters(failure.detail, run.body)


def _places(run: Run, refused: list[Refusal]) -> dict[str, str]:
    """Return where parameters without a control were set: "extra", or "provider" for all its models."""
    # The product itself sets what the envelope has.
    own = {*run.parameters, *(run.set_by_limit or {}), *ENVELOPE}
    places = {refusal.name: "provider" for refusal in refused if refusal.name not in own}
    if run.endpoint is None:
        return places
    endpoint = run.endpoint
    schema = request_schema_of(endpoint)
    names = {spec.name for spec in schema.specs} | places.keys() | ENVELOPE
    return {**places, **{refusal.name: "extra" for refusal in refused if refusal.name not in names}}


def _error(
    failure: Failed | None,
    run: Run,
    refused: list[Refusal] | None = None,
    tries: int = 1,
    places: Mapping[str, str] = MappingProxyType({}),
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
            {"name": refusal.name, "why": str(refusal.why), "words": refusal.words}
            | ({"place": places[refusal.name]} if refusal.name in places else {})
            for refusal in refused
        ]
    if tries > 1:
        error["tries"] = tries
    # The upstream's messages may hold characters that no database stores.
    kept: dict[str, Any] = storable(error)
    return kept


def internal_error() -> Failed:
    """Return the failure of a run that this server could not handle."""
    return Failed(
        FailureKind.INTERNAL,
        "Something went wrong on this server. The details are in its log.",
    )
