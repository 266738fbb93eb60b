"""From a transcript to the fields of a body that hold it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground.parameters.schema.output_length import OUTPUT_LENGTHS
from playground.upstream.dialects.chat_completions.write import write_messages
from playground.upstream.dialects.messages.write import write_blocks
from playground.upstream.dialects.responses.write import write_input
from playground.upstream.dialects.shared.transcript import Transcript, TranscriptRefused, sendable
from playground.upstream.dialects.shared.writing.accepts import Accepts, Form
from playground.upstream.dialects.shared.writing.instructions import with_parameter
from playground.upstream.dialects.shared.writing.reasoning import thinking_blocks

RESPONSES = "responses"
MESSAGES = "messages"

# Tokens, for schemas that want a length and users who gave none. Enough for a long answer; the
# most that a model can would be held against every limit in advance.
USUAL_LENGTH = 8192


def write_transcript(
    endpoint_kind: str, accepts: Accepts, transcript: Transcript, parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """``messages`` or ``input``, and the system prompt where it has a field of its own.

    Where the user filled that field too, as a parameter, the one follows the other.

    :raises TranscriptRefused: this model cannot be sent it, for the reason that the message says.
    """
    fields = _fields(endpoint_kind, accepts, sendable(transcript))
    return {name: with_parameter(parameters.get(name), value) for name, value in fields.items()}


def _fields(endpoint_kind: str, accepts: Accepts, transcript: Transcript) -> dict[str, Any]:
    if endpoint_kind == RESPONSES:
        return write_input(accepts, transcript)
    refusal: TranscriptRefused | None = None
    for form in _by_preference(endpoint_kind, accepts, transcript):
        try:
            return _write(form, endpoint_kind, transcript)
        except TranscriptRefused as error:
            refusal = refusal or error
    raise refusal or TranscriptRefused("This model takes no conversation that we know how to write.")


def required_length(
    accepts: Accepts, parameters: Mapping[str, Any], output_max: int | None
) -> dict[str, int]:
    """A limit of the answer's length where the schema insists on one and the user set none.

    It is sent, so it has to be shown: the upstream would not have chosen it.
    """
    thinking = parameters.get("thinking")
    budget = thinking.get("budget_tokens") if isinstance(thinking, dict) else None
    # A budget for thinking is part of the length, and has to be less than all of it.
    wanted = USUAL_LENGTH + (int(budget) if isinstance(budget, int | float) else 0)
    found = {}
    for name in OUTPUT_LENGTHS:
        if name in accepts.required and name not in parameters:
            bounds = (wanted, output_max, accepts.root.get(name, {}).get("maximum"))
            found[name] = int(min(bound for bound in bounds if bound))
    return found


def _by_preference(endpoint_kind: str, accepts: Accepts, transcript: Transcript) -> list[Form]:
    """Signed thoughts have a place in blocks only; otherwise each endpoint's own way comes first."""
    wants_blocks = endpoint_kind == MESSAGES or any(thinking_blocks(turn) for turn in transcript)
    return sorted(accepts.forms, key=lambda form: form.has_blocks is not wants_blocks)


def _write(form: Form, endpoint_kind: str, transcript: Transcript) -> dict[str, Any]:
    if form.has_blocks or (endpoint_kind == MESSAGES and "tool" not in form.shapes):
        return write_blocks(form, transcript)
    return write_messages(form, transcript)
