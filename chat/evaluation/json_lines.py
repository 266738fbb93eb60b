"""Cases as JSON Lines: one object on each line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chat.evaluation.csv_reading import (
    MAX_CASES,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_VALUE,
    CasesRefused,
    Sheet,
    why_no_name,
)
from playground.upstream.storable import storable

if TYPE_CHECKING:
    from collections.abc import Mapping


def json_line(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False) + "\n"


def read_json_lines(text: str) -> Sheet:
    """Read one case from each line. Values that are no texts stay JSON.

    :raises CasesRefused: a line is no object, or all is too large.
    """
    found: list[dict[str, str]] = []
    columns: dict[str, None] = {}
    # Other characters that end lines, such as U+2028, may stand in a JSON text.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        values = _values(line, number)
        columns |= dict.fromkeys(values)
        found.append(values)
        if len(found) > MAX_CASES or len(columns) > MAX_COLUMNS or len(found) * len(columns) > MAX_CELLS:
            raise CasesRefused(
                f"A table can have at most {MAX_CASES:,} cases, {MAX_COLUMNS} columns and {MAX_CELLS:,} "
                "values. Split the file."
            )
    if not found:
        raise CasesRefused("There are no cases in it.")
    return Sheet(list(columns), [[values.get(name, "") for name in columns] for values in found])


def _values(line: str, number: int) -> dict[str, str]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise CasesRefused(f"Line {number} is not a JSON object.")
    values = {}
    for name, value in found.items():
        if why := why_no_name(name):
            raise CasesRefused(f"Line {number}: {why}")
        written = (
            value
            if isinstance(value, str)
            else ""
            if value is None
            else json.dumps(value, ensure_ascii=False)
        )
        if len(written) > MAX_VALUE:
            raise CasesRefused(f"Line {number}: a value is longer than {MAX_VALUE:,} characters.")
        values[storable(name)] = storable(written)
    return values
