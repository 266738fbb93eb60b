"""How an answer ended, in plain words: every finish reason that upstreams are known to give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import ngettext

from chat.flows.extend_hold import LIMIT
from chat.flows.send_next_queued import CALL_ENDS, NORMAL_ENDS
from chat.models import Run
from chat.pages.too_long import CONTEXT_REASONS
from chat.transcript import calls_of
from playground.models import Endpoint
from playground.parameters.known.longer_limit import longer_limit
from playground.parameters.schema.output_length import OUTPUT_LENGTHS
from playground.parameters.schema.request_schema import request_schema_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

    from chat.models import Message
    from playground.parameters.known.longer_limit import LongerLimit


@dataclass(frozen=True, slots=True)
class Ending:
    """``state`` is for the receipt, ``note`` for below the answer; both may be empty."""

    state: str = ""
    note: str = ""
    is_token_limit: bool = False


def _each(
    reasons: str, state: str = "", note: str = "", *, is_token_limit: bool = False
) -> dict[str, Ending]:
    return dict.fromkeys(reasons.split(), Ending(state, note, is_token_limit))


# The end of an answer with calls. Ollama, Gemini and all of /v1/responses give it the reason of any answer.
_WAITING = Ending("waits for a tool", "The model is waiting for the results of its calls.")

# Finish reasons of OpenAI, Anthropic, Google, Cohere, Mistral, DeepSeek, Bedrock and of local servers.
_BY_REASON: dict[str, Ending] = {
    "": Ending(),
    **_each(" ".join(NORMAL_ENDS)),
    **_each(
        "length max_tokens max_output_tokens max_completion_tokens max_length incomplete",
        "stopped at the token limit",
        is_token_limit=True,
    ),
    **_each(
        " ".join(CONTEXT_REASONS),
        "stopped at the context limit",
        "The conversation has reached the model's context limit. Start a new chat or edit an earlier prompt.",
    ),
    **_each(
        "content_filter content_filtered safety recitation blocklist prohibited_content spii image_safety "
        "language guardrail_intervened error_toxic sensitive moderation",
        "withheld by a filter",
        "The provider's content filter withheld the answer or part of it.",
    ),
    **dict.fromkeys(CALL_ENDS, _WAITING),
    **_each(
        "error network_error insufficient_system_resource abort aborted cancelled malformed_function_call "
        "other unknown failed",
        "ended early",
        "The provider ended the answer early without giving a reason. The text received so far is kept.",
    ),
    **_each("refusal", "declined", "The model declined to answer or to continue."),
    **_each(
        "pause_turn",
        "paused",
        "The model paused in the middle of a long turn. Send “continue” to let it continue.",
    ),
}


def ending_of(run: Run, answer: Message | None = None) -> Ending:
    """Describe how a run ended. With its ``answer``, also say so if that is empty or waits for a tool."""
    match run.status:
        case Run.Status.INTERRUPTED | Run.Status.STOPPED if run.started_at is None:
            return Ending(
                run.status, "This prompt was still in the queue and was not sent. It costs nothing."
            )
        case Run.Status.STOPPED:
            return _stopped(run, answer)
        case Run.Status.INTERRUPTED:
            return Ending(
                "interrupted",
                "Interrupted: the server stopped while writing this answer. "
                "The text received so far is kept.",
            )
        case Run.Status.FAILED:
            return Ending("failed")
        case _ if run.is_truncated:
            return Ending(
                "ended without a finish reason",
                "The stream ended without a final event. The answer may be incomplete.",
            )
    ending = _BY_REASON.get(run.finish_reason.lower(), Ending(run.finish_reason))
    if ending == Ending() and answer is not None and calls_of(answer):
        ending = _WAITING
    if ending.is_token_limit:
        return Ending(ending.state, _token_limit(run, answer), is_token_limit=True)
    if answer is not None and answer.data.get("refusal"):
        # The refusal itself says so.
        return Ending(ending.state)
    if answer is not None and not ending.note and _is_blank(answer):
        return Ending(ending.state or "empty", "The provider sent an empty answer.")
    return ending


def _stopped(run: Run, answer: Message | None) -> Ending:
    kept = "The text received so far is kept." if _has_text(answer) else ""
    if run.error and run.error.get("kind") == LIMIT:
        return Ending("stopped at a limit", f"{run.error['message']} {kept}".strip())
    return Ending("stopped", f"Stopped. {kept}".strip())


def missing_pieces(count: int) -> str:
    """Say how many pieces of an answer could not be read; empty if there are none.

    >>> missing_pieces(1)
    '1 piece of this answer could not be read and is missing here.'
    >>> missing_pieces(2000), missing_pieces(0)
    ('2,000 pieces of this answer could not be read and are missing here.', '')
    """
    if not count:
        return ""
    return f"{count:,} " + ngettext(
        "piece of this answer could not be read and is missing here.",
        "pieces of this answer could not be read and are missing here.",
        count,
    )


def ending_of_choice(choice: Mapping[str, Any]) -> str:
    """Describe the ending of a choice if that needs saying: choices share a run, but not its ending."""
    ending = _BY_REASON.get(choice.get("finish_reason", "").lower(), Ending())
    if ending == Ending() and choice.get("tool_calls"):
        ending = _WAITING
    return "This answer stopped at the token limit." if ending.is_token_limit else ending.note


def _token_limit(run: Run, answer: Message | None) -> str:
    if run.set_by_limit:
        left = " and ".join(f"{name} {value:,}" for name, value in run.set_by_limit.items())
        kept = (
            "The answer stopped there"
            if _has_text(answer)
            else "The model reached it before the answer began"
        )
        return f"A limit left no more than {left} when the prompt was sent. {kept}."
    limits = [
        f"{name} {run.parameters[name]:,}" for name in OUTPUT_LENGTHS if _is_number(run.parameters.get(name))
    ]
    which = f"its token limit ({' and '.join(limits)})" if limits else "the token limit of the model"
    if _has_text(answer):
        return f"The answer stopped at {which}."
    thought = run.reasoning_tokens or (answer is not None and answer.reasoning)
    spent = ": reasoning used all of it" if thought else ""
    return f"The model reached {which} before the answer began{spent}."


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _has_text(answer: Message | None) -> bool:
    return answer is None or bool(answer.text)


def _is_blank(answer: Message) -> bool:
    return not (answer.text or answer.data)


def longer_for(runs: Collection[tuple[Run, Message]]) -> dict[int, LongerLimit]:
    """Return, for each run that its token limit cut, the longer limit of a retry. One query, or none."""
    # Where a limit of the workspace cut it, a longer one would be cut as well.
    cut = [
        (run, answer)
        for run, answer in runs
        if run.endpoint_id and not run.set_by_limit and ending_of(run).is_token_limit
    ]
    if not cut:
        return {}
    # Request schemas are large and mostly cached, so they are loaded only if their digest is not.
    endpoints = (
        Endpoint.objects.select_related("model")
        .defer("request_schema")
        .in_bulk({run.endpoint_id for run, _ in cut})
    )
    found = {
        run.pk: _longer(endpoints[run.endpoint_id], run, answer)
        for run, answer in cut
        if run.endpoint_id in endpoints
    }
    return {pk: change for pk, change in found.items() if change is not None}


def _longer(endpoint: Endpoint, run: Run, answer: Message) -> LongerLimit | None:
    request_schema = request_schema_of(endpoint)
    return longer_limit(
        request_schema,
        run.parameters,
        written=run.output_tokens,
        is_empty=not answer.text,
        output_max=endpoint.model.output_max,
    )
