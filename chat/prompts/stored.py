"""Contents as JSON: the form in which they are stored, exported, and imported again."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from chat.prompts.content import (
    CALL_FIELDS,
    MAX_ALL,
    MAX_CHOICES,
    ContentRefused,
    MessageRole,
    PromptContent,
    PromptMessage,
    Variable,
    VariableKind,
)
from chat.prompts.validity import checked
from playground.upstream.storable import storable

Json = dict[str, Any]


def to_value(content: PromptContent) -> Json:
    """Return a content as a JSON value, without what is empty."""
    value: Json = {
        "system": content.system,
        "messages": [_plain(message) for message in content.messages],
        "variables": [_plain(variable) for variable in content.variables],
        "model": {"provider": content.provider, "id": content.model} if content.model else {},
        "endpoint": content.endpoint,
        "parameters": content.parameters,
        "extra": content.extra,
    }
    return {name: part for name, part in value.items() if part}


def to_text(content: PromptContent) -> str:
    return json.dumps(to_value(content), ensure_ascii=False, separators=(",", ":"))


def from_text(text: str) -> PromptContent:
    """Read a stored content.

    :raises ContentRefused: the text is no content; its message says why.
    """
    if len(text) > 4 * MAX_ALL:
        raise ContentRefused("This prompt is too large.")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ContentRefused("This is not valid JSON.") from error
    return from_value(value)


def from_value(value: Any) -> PromptContent:
    """Read a content from a JSON value, which anybody may have written.

    :raises ContentRefused: a part has another shape or passes a limit; the message names the part.
    """
    value = storable(value)
    if not isinstance(value, dict):
        raise ContentRefused("A prompt has to be a JSON object.")
    model = _object(value, "model")
    return checked(
        PromptContent(
            system=_text(value, "system", "The prompt"),
            messages=tuple(_message(at, each) for at, each in enumerate(_list(value, "messages"), 1)),
            variables=tuple(_variable(at, each) for at, each in enumerate(_list(value, "variables"), 1)),
            provider=_text(model, "provider", "The model"),
            model=_text(model, "id", "The model"),
            endpoint=_text(value, "endpoint", "The prompt"),
            parameters=_object(value, "parameters"),
            extra=_object(value, "extra"),
        )
    )


def _plain(part: PromptMessage | Variable) -> Json:
    """Return the fields of a part that differ from their defaults."""
    found: Json = {}
    for field in fields(part):
        value = getattr(part, field.name)
        if value != field.default:
            found[_NAMES.get(field.name, field.name)] = list(value) if isinstance(value, tuple) else value
    return found


# Fields that have another name in JSON.
_NAMES = {"kind": "type", "is_required": "required"}


def _message(at: int, value: Any) -> PromptMessage:
    what = f"Message {at}"
    if not isinstance(value, dict):
        raise ContentRefused(f"{what} has to be an object.")
    role = value.get("role")
    if role not in list(MessageRole):
        raise ContentRefused(f"{what} needs the role “user”, “assistant”, “tool” or “placeholder”.")
    calls = _list(value, "tool_calls")
    if not all(isinstance(call, dict) and isinstance(call.get("name"), str) for call in calls):
        raise ContentRefused(f"{what} has a tool call without a name.")
    return PromptMessage(
        MessageRole(role),
        _text(value, "text", what),
        _text(value, "name", what),
        tuple({name: str(call.get(name) or "") for name in CALL_FIELDS} for call in calls),
        _text(value, "call_id", what),
        value.get("is_error") is True,
    )


def _variable(at: int, value: Any) -> Variable:
    if not isinstance(value, dict):
        raise ContentRefused(f"Variable {at} has to be an object.")
    name = _text(value, "name", f"Variable {at}")
    what = f"The variable “{name[:40]}”"
    kind = value.get("type", VariableKind.TEXT.value)
    if kind not in list(VariableKind):
        raise ContentRefused(f"{what} has an unknown type.")
    choices = _list(value, "choices")
    if not all(isinstance(choice, str) for choice in choices) or len(choices) > MAX_CHOICES:
        raise ContentRefused(f"{what} can have at most {MAX_CHOICES} choices, each a text.")
    return Variable(
        name,
        VariableKind(kind),
        _text(value, "default", what),
        value.get("required", True) is not False,
        tuple(choices),
        _number(value, "least", what),
        _number(value, "most", what),
        _count(value, "longest", what),
        _text(value, "pattern", what),
        _text(value, "description", what),
    )


def _text(value: Json, name: str, what: str) -> str:
    found = value.get(name, "")
    if not isinstance(found, str):
        raise ContentRefused(f"{what} needs a text as “{name}”.")
    return found.replace("\r\n", "\n")


def _list(value: Json, name: str) -> list[Any]:
    found = value.get(name, [])
    if not isinstance(found, list):
        raise ContentRefused(f"“{name}” has to be a list.")
    return found


def _object(value: Json, name: str) -> Json:
    found = value.get(name, {})
    if not isinstance(found, dict):
        raise ContentRefused(f"“{name}” has to be an object.")
    return found


def _number(value: Json, name: str, what: str) -> float | None:
    found = value.get(name)
    if found is not None and (isinstance(found, bool) or not isinstance(found, int | float)):
        raise ContentRefused(f"{what} needs a number as “{name}”.")
    return found


def _count(value: Json, name: str, what: str) -> int | None:
    found = value.get(name)
    if found is not None and (isinstance(found, bool) or not isinstance(found, int) or found < 1):
        raise ContentRefused(f"{what} needs a whole number above 0 as “{name}”.")
    return found
