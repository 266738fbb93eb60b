"""JSON the slow way, for what the fast decoders reject."""

from __future__ import annotations

import json
import math
from typing import Any

from playground.upstream.dialects.shared.reading.limits import MAX_VALUES


def decode_object(data: bytes) -> dict[str, Any] | None:
    """None where it is no JSON object at all.

    The standard library takes what the strict decoder does not: NaN among the log
    probabilities, half a surrogate pair, bytes that are not UTF-8 within a string. What no
    database would store as JSON, numbers that are not finite, becomes null.
    """
    if is_too_dense(data):
        return None
    try:
        found = json.loads(
            data.decode("utf-8", "replace"), parse_float=_finite, parse_constant=lambda _: None
        )
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def is_too_dense(data: bytes) -> bool:
    """Whether so many values are in it that as objects they would take many times its size.

    What is long is a text or a picture, and of those hardly any character is a comma.
    """
    return len(data) > MAX_VALUES and data.count(b",") > MAX_VALUES


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None
