"""Cut answers that can be continued, and what is sent for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.models import Run
from chat.pages.endings import ending_of
from chat.transcript import calls_of, said_in
from playground.models import Endpoint
from playground.prefill import why_no_prefill

if TYPE_CHECKING:
    from collections.abc import Collection

    from chat.models import Message

# The whole answer so far is sent as its beginning, or a prompt asks for the rest.
AS_PREFILL, AS_PROMPT = "prefill", "prompt"
_CUT = (Run.Status.STOPPED, Run.Status.INTERRUPTED, Run.Status.FAILED)


def is_cut(run: Run, answer: Message) -> bool:
    """Return whether an answer has some text, ended too early, and could go on."""
    if run.is_live or run.endpoint_id is None or not said_in(answer).get("text") or calls_of(answer):
        return False
    return run.status in _CUT or run.is_truncated or ending_of(run).is_token_limit


def continuing_for(runs: Collection[tuple[Run, Message]]) -> dict[int, str]:
    """Return, for each run whose answer was cut, how it can be continued. One query, or none."""
    cut = [run for run, answer in runs if is_cut(run, answer)]
    if not cut:
        return {}
    # Request schemas are large and mostly cached.
    found = Endpoint.objects.select_related("model").defer("request_schema")
    endpoints = found.in_bulk({run.endpoint_id for run in cut})
    return {
        run.pk: AS_PROMPT if why_no_prefill(endpoints[run.endpoint_id], run.parameters) else AS_PREFILL
        for run in cut
        if run.endpoint_id in endpoints
    }
