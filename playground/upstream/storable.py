"""The removal of what the database cannot store: NUL, lone surrogates, and endless nesting.

An upstream that cuts its text by UTF-16 units cuts emoji in two; PostgreSQL takes no NUL. A text
that is JSON itself hides both until it is decoded, so its decoded value has to be treated again.
"""

from __future__ import annotations

import re
from typing import Any

_HALF = re.compile("[\ud800-\udfff]")
# No real answer nests deeper, and Python can take far more.
MAX_DEPTH = 64
_MOST_INT = 2**63


def storable(value: Any, depth: int = MAX_DEPTH) -> Any:
    """Return a copy of a JSON value that every database takes. Values nested too deeply become null."""
    if isinstance(value, str):
        # Nearly all text is ASCII, which is known without a search; a long answer would take a second.
        if "\0" not in value and (value.isascii() or not _HALF.search(value)):
            return value
        whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return whole.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, list):
        return [storable(item, depth - 1) for item in value] if depth else None
    if isinstance(value, dict):
        return {storable(name): storable(item, depth - 1) for name, item in value.items()} if depth else None
    if type(value) is int and not -_MOST_INT <= value < _MOST_INT:
        return None
    return value
