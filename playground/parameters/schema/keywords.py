"""Values of single JSON Schema keywords, as the validator accepts them.

Each function returns the value for the validator, or None if the document's value means nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jsonschema_rs

TYPES = frozenset({"string", "number", "integer", "boolean", "object", "array", "null"})
MAX_PATTERN = 2_000
# The engine is linear except for lookaround and back references. Those end after so many steps, and large
# repetitions do not compile, so that no document can stall the server.
PATTERN_OPTIONS = jsonschema_rs.FancyRegexOptions(
    backtrack_limit=20_000, size_limit=2_000_000, dfa_size_limit=2_000_000
)
# Names of definitions after bundling. They have no characters that a reference would escape.
_DEFINITION = re.compile(r"#/\$defs/[A-Za-z0-9_.-]+")


def is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or math.isfinite(value)


def unique_names(value: object) -> list[str] | None:
    """Drop repeated names, which the validator refuses; return None for what is no list of names."""
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        return None
    return list(dict.fromkeys(value))


@lru_cache(maxsize=512)
def is_valid_pattern(pattern: str) -> bool:
    if len(pattern) > MAX_PATTERN:
        return False
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=PATTERN_OPTIONS)
    except ValueError:
        return False
    return True


def _number(value: Any) -> Any:
    return value if is_number(value) else None


def _step(value: Any) -> Any:
    return value if is_number(value) and value > 0 else None


def _count(value: Any) -> int | None:
    """Return a whole number of at least 0; 2.0 is 2."""
    if not is_number(value) or value < 0 or value != int(value):
        return None
    return int(value)


def _of(kind: type) -> Callable[[Any], Any]:
    return lambda value: value if isinstance(value, kind) else None


def _filled_list(value: Any) -> Any:
    return value if isinstance(value, list) and value else None


def _reference(value: Any) -> Any:
    return value if isinstance(value, str) and _DEFINITION.fullmatch(value) else None


def _discriminator(value: Any) -> Any:
    return value if isinstance(value, dict) and isinstance(value.get("propertyName"), str) else None


KEYWORD_VALUES: dict[str, Callable[[Any], Any]] = {
    "$ref": _reference,
    "title": _of(str),
    "deprecated": _of(bool),
    "readOnly": _of(bool),
    "examples": _of(list),
    "format": _of(str),
    "discriminator": _discriminator,
    "enum": _filled_list,
    "minimum": _number,
    "maximum": _number,
    "exclusiveMinimum": _number,
    "exclusiveMaximum": _number,
    "multipleOf": _step,
    "minLength": _count,
    "maxLength": _count,
    "minItems": _count,
    "maxItems": _count,
    "minContains": _count,
    "maxContains": _count,
    "uniqueItems": _of(bool),
    "minProperties": _count,
    "maxProperties": _count,
    "required": unique_names,
}
