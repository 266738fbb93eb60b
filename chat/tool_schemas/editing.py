"""Rows and JSON side by side: after every change of one, the other follows, and no text is lost."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chat.tool_schemas.posted import PostedRows, act, read_rows
from chat.tool_schemas.reading import SchemaRefused, check_schema, parse_schema, written
from chat.tool_schemas.rows import JSON, Row, is_same, read_schema, signature, write_row

EMPTY: dict[str, Any] = {"type": "object", "properties": {}}
FIRST_CORRECT = "Correct the JSON first, or replace it with the rows."
# The action that replaces a text that is no JSON.
REPLACE = "replace"


@dataclass(slots=True)
class Editor:
    """A schema as the page shows it."""

    text: str
    rows: PostedRows
    # Digest of the schema on which rows and JSON agreed last.
    agreed: str
    json_error: str = ""
    # The place of the row that the focus goes to.
    focus: str = ""
    # Whether the JSON was written anew, so that the page has to take it over.
    has_new_text: bool = field(default=False)

    @property
    def is_valid(self) -> bool:
        return not (self.json_error or self.rows.errors)


def editor_of(text: str) -> Editor:
    """Return the editor of a stored schema; of an empty text, that of an object without properties."""
    text = text.strip() or written(EMPTY)
    try:
        schema = parse_schema(text)
    except SchemaRefused as refusal:
        return Editor(text, PostedRows(Row("object")), "", str(refusal))
    return Editor(text, PostedRows(read_schema(schema)), digest(schema))


def after_json(data: Mapping[str, Any]) -> Editor:
    """Return the editor after a change of the JSON: rows follow it if it is valid."""
    editor = editor_of(_text(data))
    if editor.json_error:
        editor.rows, editor.agreed = read_rows(data), str(data.get("agreed", ""))
    return editor


def after_rows(data: Mapping[str, Any], action: str = "") -> Editor:
    """Return the editor after a change of a row, or after the button ``action`` of one."""
    posted, text = read_rows(data), _text(data)
    if action and action != REPLACE:
        changed, focus = act(posted.root, action)
        if changed is not posted.root:
            # Errors name places, which have moved.
            posted = PostedRows(changed, posted.errors if action.startswith("add:") else {}, {})
    else:
        focus = ""
    editor = Editor(text, posted, str(data.get("agreed", "")), focus=focus)
    if posted.root.kind == JSON or posted.errors:
        editor.json_error = _error(text)
        return editor
    schema = write_row(posted.root)
    try:
        check_schema(schema)
        before = parse_schema(text)
    except SchemaRefused as refusal:
        if action != REPLACE and text.strip():
            editor.json_error = f"{refusal} {FIRST_CORRECT}"
            return editor
        before = None
    if before is None or not is_same(before, schema):
        editor.text, editor.has_new_text = written(schema), True
    editor.agreed = digest(schema)
    return editor


def settled(data: Mapping[str, Any]) -> Editor:
    """Return the editor of a form that is to be saved. The side that was changed since they agreed counts."""
    editor = after_json(data)
    posted = read_rows(data)
    if editor.json_error or posted.root.kind == JSON:
        return editor
    schema = parse_schema(editor.text)
    if digest(schema) != data.get("agreed"):
        # The JSON was changed last, and the rows followed it already.
        return editor
    if posted.errors or not is_same(write_row(posted.root), schema):
        return after_rows(data)
    return editor


def digest(schema: Any) -> str:
    """Return a digest that schemas with the same meaning and order of properties share."""
    return hashlib.sha256(signature(schema).encode()).hexdigest()[:24]


def _error(text: str) -> str:
    try:
        parse_schema(text)
    except SchemaRefused as refusal:
        return str(refusal)
    return ""


def _text(data: Mapping[str, Any]) -> str:
    return str(data.get("schema", "")).replace("\r\n", "\n")
