"""Actions of a page upon the rows of an editor, and the content that the rows add up to."""

from __future__ import annotations

import re
from typing import Any

from chat.prompts.content import (
    ContentRefused,
    MessageRole,
    PromptContent,
    PromptMessage,
    Variable,
    VariableKind,
)
from chat.prompts.placeholders import names_in
from chat.prompts.rows import MessageRow, PromptEditor, VariableRow
from chat.prompts.validity import checked, problem_of
from playground.parameters.form.parsing import EntryError, parse_json, parse_number, parse_object

Json = dict[str, Any]

_ACT = re.compile(r"(up|down|remove)\.(\d{1,4})")
_ADDED = {f"add-{role.value}": role for role in MessageRole if role is not MessageRole.TOOL}


def act_on(editor: PromptEditor, action: str) -> None:
    """Add, move or remove a message. An unknown action does nothing."""
    rows = editor.messages
    if role := _ADDED.get(action):
        rows.append(_new_row(role))
    elif match := _ACT.fullmatch(action):
        verb, place = match[1], int(match[2])
        other = place - 1 if verb == "up" else place + 1
        if verb == "remove" and place < len(rows):
            del rows[place]
        elif place < len(rows) and 0 <= other < len(rows):
            rows[place], rows[other] = rows[other], rows[place]
    find_variables(editor)


def find_variables(editor: PromptEditor) -> None:
    """Bring the rows of variables into agreement with the texts.

    A row that is no longer in a text stays behind the others while there is something to lose in it: its name
    may be in the middle of a change.
    """
    known = {row.name: row for row in editor.variables}
    found = names_in((editor.system, *(row.text for row in editor.messages)))
    rows = [known.pop(name) if name in known else VariableRow(name) for name in found]
    left = [row for row in known.values() if not row.is_plain]
    for row in rows:
        row.is_in_text = True
    for row in left:
        row.is_in_text = False
    editor.has_changed = [row.name for row in rows + left] != [row.name for row in editor.variables]
    editor.variables = rows + left


def content_of(editor: PromptEditor) -> PromptContent | None:
    """Return the edited content; None if it breaks a rule, and the editor then says which one."""
    parameters = _parameters(editor)
    variables = [_variable(row) for row in editor.variables if row.is_in_text]
    if any(row.problem for row in editor.variables) or editor.parameters_error:
        return None
    provider, _, model = editor.model.partition(" ")
    try:
        return checked(
            PromptContent(
                editor.system if editor.system.strip() else "",
                tuple(_message(row) for row in editor.messages),
                tuple(variables),
                provider if model else "",
                model,
                editor.endpoint,
                parameters,
                object_in(editor.extra),
            )
        )
    except ContentRefused as refusal:
        editor.error = str(refusal)
        return None


def _message(row: MessageRow) -> PromptMessage:
    is_answer, is_result = row.role is MessageRole.ASSISTANT, row.role is MessageRole.TOOL
    return PromptMessage(
        row.role,
        "" if row.is_placeholder else row.text,
        row.name if row.is_placeholder else "",
        tuple(row.data.get("tool_calls", ())) if is_answer else (),
        row.data.get("call_id", "") if is_result else "",
        bool(row.data.get("is_error")) and is_result,
    )


def _variable(row: VariableRow) -> Variable:
    """Return the variable of a row, and set the row's problem."""
    row.problem = ""
    try:
        is_number = row.kind is VariableKind.NUMBER
        is_text = row.kind in (VariableKind.TEXT, VariableKind.LONG_TEXT)
        variable = Variable(
            row.name,
            row.kind,
            "" if row.kind is VariableKind.FILE else row.default,
            row.is_required,
            tuple(line for each in row.choices.split("\n") if (line := each.strip()))
            if row.kind is VariableKind.CHOICE
            else (),
            _parsed(row.least) if is_number else None,
            _parsed(row.most) if is_number else None,
            _length(row.longest) if is_text else None,
            row.pattern if is_text else "",
            row.description,
        )
    except EntryError as error:
        row.problem = f"A bound {str(error)[:1].lower()}{str(error)[1:]}"
        return Variable(row.name)
    row.problem = problem_of(variable)
    return variable


def _parsed(text: str) -> float | None:
    return parse_number(text, is_integer=False) if text else None


def _length(text: str) -> int | None:
    if not text:
        return None
    number = int(parse_number(text, is_integer=True))
    if number < 1:
        raise EntryError("Must be above 0.")
    return number


def _parameters(editor: PromptEditor) -> Json:
    editor.parameters_error = ""
    if not editor.parameters.strip():
        return {}
    try:
        return parse_object(editor.parameters, deepest=40)
    except EntryError as error:
        editor.parameters_error = str(error)
        return {}


def object_in(text: str) -> Json:
    """Return the object that a hidden field holds; a changed one counts as empty."""
    try:
        value = parse_json(text) if text else {}
    except EntryError:
        return {}
    return value if isinstance(value, dict) else {}


def _new_row(role: MessageRole) -> MessageRow:
    return MessageRow(role, name="history" if role is MessageRole.PLACEHOLDER else "", is_new=True)
