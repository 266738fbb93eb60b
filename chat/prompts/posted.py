"""The rows of an editor as a page posts them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chat.prompts.content import CALL_FIELDS, MAX_MESSAGES, MAX_VARIABLES, MessageRole, VariableKind
from chat.prompts.editing import find_variables, object_in
from chat.prompts.rows import MessageRow, PromptEditor, VariableRow

Json = dict[str, Any]

_MESSAGE = re.compile(r"m\.(\d{1,4})\.role")
_VARIABLE = re.compile(r"v\.(\d{1,4})\.name")


def posted_editor(data: Mapping[str, str]) -> PromptEditor:
    """Read the rows that a page posts. Their texts arrive as they were typed."""
    places = sorted({int(match[1]) for name in data if (match := _MESSAGE.fullmatch(name))})
    described = sorted({int(match[1]) for name in data if (match := _VARIABLE.fullmatch(name))})
    editor = PromptEditor(
        _typed(data, "system"),
        [_posted_message(data, f"m.{place}") for place in places[: MAX_MESSAGES + 1]],
        [_posted_variable(data, f"v.{place}") for place in described[: 2 * MAX_VARIABLES]],
        _typed(data, "model"),
        _typed(data, "kind"),
        _typed(data, "parameters"),
        _typed(data, "extra"),
        _typed(data, "written_for"),
    )
    find_variables(editor)
    return editor


def _typed(data: Mapping[str, str], name: str) -> str:
    # Browsers post each line break as CRLF; no database takes a NUL.
    return data.get(name, "").replace("\r\n", "\n").replace("\0", "")


def _posted_message(data: Mapping[str, str], place: str) -> MessageRow:
    role = data.get(f"{place}.role", "")
    kept = object_in(_typed(data, f"{place}.data"))
    calls = kept.get("tool_calls")
    if not isinstance(calls, list) or not all(isinstance(call, dict) for call in calls):
        calls = []
    texts = [{name: str(call.get(name, "")) for name in CALL_FIELDS} for call in calls]
    known: Json = {"tool_calls": texts} if texts else {}
    known |= {"call_id": str(kept["call_id"])} if kept.get("call_id") else {}
    known |= {"is_error": True} if kept.get("is_error") is True else {}
    return MessageRow(
        MessageRole(role) if role in list(MessageRole) else MessageRole.USER,
        _typed(data, f"{place}.text"),
        _typed(data, f"{place}.name").strip(),
        known,
    )


def _posted_variable(data: Mapping[str, str], place: str) -> VariableRow:
    kind = data.get(f"{place}.kind", "")

    def text(name: str) -> str:
        return _typed(data, f"{place}.{name}").strip()

    return VariableRow(
        text("name"),
        kind=VariableKind(kind) if kind in list(VariableKind) else VariableKind.TEXT,
        default=_typed(data, f"{place}.default"),
        is_required=f"{place}.required" in data,
        choices=_typed(data, f"{place}.choices"),
        least=text("least"),
        most=text("most"),
        longest=text("longest"),
        pattern=text("pattern"),
        description=text("description"),
    )
