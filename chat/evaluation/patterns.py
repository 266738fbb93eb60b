"""Regular expressions of people, in a time that is linear in the length of the answer.

Python's own engine backtracks without a limit and cannot be interrupted in a thread. The validator of JSON
schemas brings Rust's engine, so no further library is needed. It has no lookaround and no back references:
with them, a short pattern can take minutes, even where the steps of backtracking are counted.
"""

from __future__ import annotations

from functools import lru_cache

import jsonschema_rs

from playground.parameters.schema.keywords import MAX_PATTERN

# Large repetitions of repetitions do not compile.
_OPTIONS = jsonschema_rs.RegexOptions(size_limit=2_000_000, dfa_size_limit=2_000_000)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=_OPTIONS)


def why_no_pattern(pattern: str) -> str:
    """Return why a text is no pattern that can be used; an empty text if it is one."""
    if len(pattern) > MAX_PATTERN:
        return f"A regular expression can have at most {MAX_PATTERN:,} characters."
    try:
        _compiled(pattern)
    except ValueError:
        looks = any(mark in pattern for mark in ("(?=", "(?!", "(?<", "\\1", "\\2"))
        why = " Lookaround and back references are not supported: they can take for ever." if looks else ""
        return f"This is not a regular expression that can be used.{why}"
    return ""


def is_found(pattern: str, text: str) -> bool:
    """Tell whether a pattern matches anywhere in a text.

    :raises ValueError: it is no pattern.
    """
    return _compiled(pattern).is_valid(text)


def escaped(text: str) -> str:
    """Return a pattern that matches a text itself.

    >>> escaped("1+1 (a|b)")
    '1\\\\+1 \\\\(a\\\\|b\\\\)'
    """
    return "".join(f"\\{letter}" if letter in r"\^$.|?*+()[]{}/" else letter for letter in text)
