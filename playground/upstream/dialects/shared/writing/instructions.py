"""Where the system prompt goes."""

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
from playground.upstream.dialects.shared.writing.accepts import TranscriptShape

NO_TOOLS = (
    "This model takes no tool calls, and this conversation holds some. "
    "Choose another model, or edit a prompt from before them."
)
NO_ANSWERS = "This model answers a single message: it takes no earlier answers. Start a new chat."
# Between the instructions and the prompt, where both have to be one message.
SEPARATOR = "\n\n---\n\n"


@dataclass(frozen=True, slots=True)
class Placed:
    """``field`` belongs to the body itself; ``system_role`` is what system turns are called."""

    turns: Transcript
    system_role: str = Role.SYSTEM
    field: dict[str, Any] = field(default_factory=dict)


def place_instructions(shape: TranscriptShape, transcript: Transcript) -> Placed:
    """In a role, beside the messages, or at the top of the first prompt: the first that there is."""
    if not any(turn.role is Role.SYSTEM for turn in transcript):
        return Placed(transcript)
    for role in ("system", "developer"):
        if role in shape.roles:
            return Placed(transcript, role)
    instructions, turns = without_instructions(transcript)
    if "system" in shape.root and instructions:
        return Placed(turns, field={"system": instructions})
    return Placed(merged_into_first_prompt(instructions, turns))


def merged_into_first_prompt(instructions: str, turns: Transcript) -> Transcript:
    """One message from both, the instructions first and set off by a line."""
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
    """Instructions that were set as a parameter, before those of the conversation."""
    if not parameter or not isinstance(value, str):
        return value
    if isinstance(parameter, list):
        return [*parameter, {"type": "text", "text": value}]
    return f"{parameter}\n\n{value}"
