"""Texts that people import: JSON or YAML, with definitions or with the operations of an OpenAPI document."""

from __future__ import annotations

import json

from chat.tool_schemas.importing import Definition, DefinitionsRefused, read_definitions
from chat.tool_schemas.operations import is_document, read_operations
from playground.catalogue.documents import DocumentRefused, load

MAX_BYTES = 2_000_000


def read_text(text: str) -> tuple[list[Definition], bool]:
    """Return all definitions of a text, and whether they are operations of an OpenAPI document.

    :raises DefinitionsRefused: the text cannot be used; the message says why, in a sentence.
    """
    content = text.encode("utf-8", "replace")
    if len(content) > MAX_BYTES:
        raise DefinitionsRefused(f"This is larger than {MAX_BYTES // 1_000_000} MB. Import a part of it.")
    if not text.strip():
        raise DefinitionsRefused("Paste a text or choose a file.")
    try:
        value = load(content)
    except DocumentRefused as refusal:
        raise DefinitionsRefused(_place_in_json(text) or f"This can't be read: {refusal}.") from refusal
    if is_document(value):
        return read_operations(value), True
    return read_definitions(value), False


def _place_in_json(text: str) -> str:
    """Return where a text that looks like JSON is none; an empty text for any other."""
    if not text.lstrip().startswith(("{", "[")):
        return ""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return f"Not valid JSON: line {error.lineno}, column {error.colno}."
    except (ValueError, RecursionError):
        return ""
    return ""
