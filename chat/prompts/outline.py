"""The parts of a content as texts with titles, in the order in which a page shows and compares them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from chat.prompts.content import MessageRole, PromptContent, PromptMessage, Variable

ROLE_WORDS = {
    MessageRole.USER: "User",
    MessageRole.ASSISTANT: "Assistant",
    MessageRole.TOOL: "Tool result",
    MessageRole.PLACEHOLDER: "Earlier messages",
}
# Characters and lines above which a part scrolls by itself.
_LONG, _MANY_LINES = 2_000, 20


class OutlinePart(NamedTuple):
    """``key`` is the same for the same part of two versions."""

    key: str
    title: str
    text: str

    @property
    def is_long(self) -> bool:
        return is_long(self.text)


def is_long(text: str) -> bool:
    """Return whether a text needs more room than a page should give to one part."""
    return len(text) > _LONG or text.count("\n") > _MANY_LINES


def outline(content: PromptContent) -> Iterator[OutlinePart]:
    if content.system:
        yield OutlinePart("system", "System prompt", content.system)
    for at, message in enumerate(content.messages, 1):
        yield OutlinePart(f"message {at}", f"Message {at}: {ROLE_WORDS[message.role]}", _words_of(message))
    for variable in content.variables:
        yield OutlinePart(f"variable {variable.name}", f"Variable {variable.name}", described(variable))
    if content.model:
        yield OutlinePart("model", "Model", content.model)
    if content.endpoint:
        yield OutlinePart("endpoint", "Endpoint", content.endpoint)
    for name, value in content.parameters.items():
        yield OutlinePart(f"parameter {name}", f"Parameter {name}", _written(value))
    for name, value in content.extra.items():
        yield OutlinePart(f"extra {name}", f"Kept from the import: {name}", _written(value))


def described(variable: Variable) -> str:
    """Return a variable in words.

    >>> described(Variable("n", default="3", least=1))
    'text, required, default 3, at least 1'
    """
    words = [variable.kind.value.replace("_", " "), "required" if variable.is_required else "optional"]
    words += [f"default {variable.default}"] if variable.default else []
    words += [f"choices {', '.join(variable.choices)}"] if variable.choices else []
    words += [f"at least {variable.least:g}"] if variable.least is not None else []
    words += [f"at most {variable.most:g}"] if variable.most is not None else []
    words += [f"at most {variable.longest} characters"] if variable.longest is not None else []
    words += [f"matches {variable.pattern}"] if variable.pattern else []
    words += [variable.description] if variable.description else []
    return ", ".join(words)


def _words_of(message: PromptMessage) -> str:
    calls = [f"{call['name']}({call['arguments']})" for call in message.tool_calls]
    return "\n".join(part for part in (message.name, message.text, *calls) if part)


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
