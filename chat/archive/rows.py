"""Rows as JSON, and back."""

from __future__ import annotations

import base64
import json
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def written(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return rows as lines of JSON, each a list of the values of its columns."""
    return b"\n".join(json.dumps(row, default=_plain, ensure_ascii=False).encode() for row in rows)


def read(content: bytes) -> list[list[Any]]:
    return [json.loads(line) for line in content.split(b"\n") if line]


def from_json(field: Any, value: Any) -> Any:
    """Return the value of a column as the model has it."""
    return None if value is None else field.to_python(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        # Django reads a text of a binary column as base64.
        return base64.b64encode(value).decode()
    raise TypeError(f"A {type(value).__name__} cannot be archived.")
