"""JSON that is wrapped in words, as in ``400 {"error": {"message": …}}``."""

from __future__ import annotations

from typing import Any

import msgspec

from playground.upstream.storable import storable

# A message may hold the whole body of another server's error. Only the beginning of a longer text is read.
MAX_TEXT = 16_000


def embedded_json(text: str) -> dict[str, Any] | list[Any] | None:
    """Return the JSON between the first opening bracket and the last closing one, or None.

    A list of plain values is ignored: in a sentence it is a range or the like. Brackets are searched one by
    one, because a pattern would look for the end from every beginning.

    >>> embedded_json('400 {"error": "No"} from upstream'), embedded_json("must be in [0, 2]")
    ({'error': 'No'}, None)
    """
    text = text[:MAX_TEXT]
    begin = min((place for place in (text.find("{"), text.find("[")) if place >= 0), default=len(text))
    end = max(text.rfind("}"), text.rfind("]")) + 1
    try:
        found = storable(msgspec.json.decode(text[begin:end]))
    except (msgspec.DecodeError, RecursionError):
        return None
    if isinstance(found, list) and not any(isinstance(item, dict) for item in found):
        return None
    return found if isinstance(found, dict | list) else None
