"""The place of the system prompt in a request."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from playground.upstream.dialects.shared.transcript import (
    Role,
    Text,
    Transcript,
    Turn,
    without_instructions,
)
from playground.upstream.dialects.shared.writing.shapes import TranscriptShape

NO_TOOLS = (
    "This model does not accept tool calls, and this conversation has some. "
    "Choose another model, or edit a prompt before them."
)
NO_ANSWERS = "This model answers single messages only. Start a new chat."
# A line between the instructions and the prompt, where both have to be one message.
SEPARATOR = "\n\n---\n\n"


@dataclass(frozen=True, slots=True)
class Placed:
    """A transcript whose system prompt has its place."""

    turns: Transcript
    # The name of the role of system turns in the request.
    system_role: str = Role.SYSTEM
    # A field of the body that holds the system prompt.
    field: dict[str, Any] = field(default_factory=dict)


def place_instructions(
    shape: TranscriptShape, transcript: Transcript, *, prefers_field: bool = False
) -> Placed:
    """Place the system prompt in a role, in a field of the body, or at the top of the first prompt.

    The first of these that the schema has is taken. With ``prefers_field`` it is the field ``system``,
    unless the schema forbids it.
    """
    if not any(turn.role is Role.SYSTEM for turn in transcript):
        return Placed(transcript)
    instructions, turns = without_instructions(transcript)
    has_field = "system" in shape.root
    if prefers_field and (has_field or not shape.is_closed):
        return Placed(turns, field={"system": instructions} if instructions else {})
    for role in ("system", "developer"):
        if role in shape.roles and (shape.states_roles or not prefers_field):
            return Placed(transcript, role)
    if has_field and instructions:
        return Placed(turns, field={"system": instructions})
    return Placed(merged_into_first_prompt(instructions, turns))


def merged_into_first_prompt(instructions: str, turns: Transcript) -> Transcript:
    """Put the instructions and a line before the first prompt."""
    if not instructions:
        return turns
    place = next((place for place, turn in enumerate(turns) if turn.role is Role.USER), None)
    if place is None:
        return (Turn(Role.USER, (Text(instructions),)), *turns)
    prompt = turns[place]
    first, *rest = prompt.parts or (Text(""),)
    if isinstance(first, Text):
        parts = (Text(f"{instructions}{SEPARATOR}{first.text}"), *rest)
    else:
        parts = (Text(instructions), first, *rest)
    return (*turns[:place], replace(prompt, parts=parts), *turns[place + 1 :])


def with_parameter(parameter: object, value: Any) -> Any:
    """Put instructions that the user set as a parameter before those of the conversation."""
    if not parameter or not isinstance(value, str):
        return value
    if isinstance(parameter, list):
        return [*parameter, {"type": "text", "text": value}]
    return f"{parameter}\n\n{value}"
