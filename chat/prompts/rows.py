"""A content while a page edits it: rows as they are typed, which may break rules until they are saved."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from chat.prompts.content import MessageRole, PromptContent, PromptMessage, Variable, VariableKind
from chat.prompts.outline import ROLE_WORDS
from chat.prompts.placeholders import odd_names_in

Json = dict[str, Any]

KIND_WORDS = {
    VariableKind.TEXT: "text",
    VariableKind.LONG_TEXT: "long text",
    VariableKind.NUMBER: "number",
    VariableKind.CHOICE: "choice",
    VariableKind.FILE: "file",
    VariableKind.JSON: "JSON",
}


@dataclass(slots=True)
class MessageRow:
    """A message as it is edited. ``data`` has what the page cannot edit: tool calls, the id of a result."""

    role: MessageRole
    text: str = ""
    name: str = ""
    data: Json = field(default_factory=dict)
    # The row that an action has added, which the page focuses.
    is_new: bool = False

    @property
    def title(self) -> str:
        return ROLE_WORDS[self.role]

    @property
    def is_placeholder(self) -> bool:
        return self.role is MessageRole.PLACEHOLDER

    @property
    def has_role_choice(self) -> bool:
        return self.role in (MessageRole.USER, MessageRole.ASSISTANT) and not self.data

    @property
    def data_text(self) -> str:
        return json.dumps(self.data, ensure_ascii=False) if self.data else ""

    @property
    def calls(self) -> list[str]:
        return [f"{call['name']}({call['arguments']})" for call in self.data.get("tool_calls", [])]


@dataclass(slots=True)
class VariableRow:
    """A variable as it is edited. Numbers are texts, as they were typed."""

    name: str
    kind: VariableKind = VariableKind.TEXT
    default: str = ""
    is_required: bool = True
    choices: str = ""
    least: str = ""
    most: str = ""
    longest: str = ""
    pattern: str = ""
    description: str = ""
    is_in_text: bool = True
    problem: str = ""

    @property
    def is_plain(self) -> bool:
        """True if nothing would be lost with the row."""
        return self == VariableRow(self.name, is_in_text=self.is_in_text, problem=self.problem)

    @property
    def has_bounds(self) -> bool:
        return bool(self.least or self.most or self.longest or self.pattern or self.description)


@dataclass(slots=True)
class PromptEditor:
    """A content as the page shows it. ``model`` is "provider model_id", and empty for none."""

    system: str = ""
    messages: list[MessageRow] = field(default_factory=list)
    variables: list[VariableRow] = field(default_factory=list)
    model: str = ""
    endpoint: str = ""
    parameters: str = ""
    extra: str = ""
    # The kind of endpoint in whose shapes the parameters are.
    written_for: str = ""
    parameters_error: str = ""
    # A sentence about the content as a whole.
    error: str = ""
    # True if the texts have other variables than the rows that were posted with them.
    has_changed: bool = False

    @property
    def odd_names(self) -> list[str]:
        """Texts in braces that are no variables."""
        return odd_names_in((self.system, *(row.text for row in self.messages)))[:5]


def editor_of(content: PromptContent) -> PromptEditor:
    return PromptEditor(
        content.system,
        [_message_row(message) for message in content.messages],
        [_variable_row(variable) for variable in content.variables],
        f"{content.provider} {content.model}" if content.model else "",
        content.endpoint,
        json.dumps(content.parameters, ensure_ascii=False, indent=2) if content.parameters else "",
        json.dumps(content.extra, ensure_ascii=False) if content.extra else "",
        content.endpoint,
    )


def _message_row(message: PromptMessage) -> MessageRow:
    data: Json = {}
    if message.tool_calls:
        data["tool_calls"] = list(message.tool_calls)
    if message.call_id:
        data["call_id"] = message.call_id
    if message.is_error:
        data["is_error"] = True
    return MessageRow(message.role, message.text, message.name, data)


def _variable_row(variable: Variable) -> VariableRow:
    return VariableRow(
        variable.name,
        variable.kind,
        variable.default,
        variable.is_required,
        "\n".join(variable.choices),
        _number_text(variable.least),
        _number_text(variable.most),
        _number_text(variable.longest),
        variable.pattern,
        variable.description,
    )


def _number_text(number: float | None) -> str:
    return "" if number is None else str(int(number) if number == int(number) else number)
