"""A lenient JSON decoder for payloads that the fast, strict decoders reject."""

from __future__ import annotations

import json
import math
from typing import Any

from playground.upstream.dialects.shared.reading.limits import MAX_VALUES


def decode_object(data: bytes) -> dict[str, Any] | None:
    """Return the JSON object, or None if the bytes hold none.

    The standard library accepts what the strict decoder rejects: NaN among the log probabilities,
    half a surrogate pair, control characters, bytes in a string that are not UTF-8. Numbers that are not
    finite become null, because no database stores them as JSON.
    """
    if is_too_dense(data):
        return None
    try:
        found = DECODER.decode(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def is_too_dense(data: bytes) -> bool:
    """Return whether the payload has so many values that objects for them would take many times its size.

    A long payload is usually a text or an image, in which commas are rare.
    """
    return len(data) > MAX_VALUES and data.count(b",") > MAX_VALUES


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=lambda _: None, strict=False)
