"""Requests: the fields of a body that hold a transcript, and the length that a schema insists on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground.parameters.schema.output_length import OUTPUT_LENGTHS, tokens_asked
from playground.upstream.dialects.registry import dialect_of
from playground.upstream.dialects.shared.call_ids import with_distinct_calls
from playground.upstream.dialects.shared.transcript import Transcript, sendable
from playground.upstream.dialects.shared.writing.accepts import Accepts
from playground.upstream.dialects.shared.writing.instructions import with_parameter

# Tokens, for schemas that require a length and users who gave none. Enough for a long answer; the
# maximum of the model would be held against every limit in advance.
USUAL_LENGTH = 8192


def write_transcript(
    kind: str, accepts: Accepts, transcript: Transcript, parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the fields of the body that hold the transcript and the system prompt.

    Where the user filled such a field as a parameter as well, the transcript's value follows it.

    :raises TranscriptRefused: this model cannot be sent it, for the reason that the message says.
    """
    fields = dialect_of(kind).write(accepts, sendable(with_distinct_calls(transcript)))
    return {name: with_parameter(parameters.get(name), value) for name, value in fields.items()}


def required_length(
    kind: str, accepts: Accepts, parameters: Mapping[str, Any], output_max: int | None
) -> dict[str, int]:
    """Return an output limit if the schema or the dialect requires one and the user set none.

    Pages show this limit: it is sent although the user did not choose it.
    """
    thinking = parameters.get("thinking")
    budget = thinking.get("budget_tokens") if isinstance(thinking, dict) else None
    # A budget for thinking is part of the length, and has to be less than all of it.
    wanted = USUAL_LENGTH + (tokens_asked(budget) or 0)
    found = {}
    needed = dialect_of(kind).needs_length
    for name in OUTPUT_LENGTHS:
        is_needed = name in accepts.required or (name == needed and accepts.takes(name))
        if is_needed and name not in parameters:
            bounds = (wanted, output_max, accepts.root.get(name, {}).get("maximum"))
            found[name] = int(min(bound for bound in bounds if bound))
    return found
