"""Tool calls as a page shows them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playground.upstream.dialects.shared.transcript import ToolCall

# Longer arguments are shown as they came: formatting them would cost more than it helps.
LONGEST_LAID_OUT = 20_000


@dataclass(frozen=True, slots=True)
class CallView:
    """A tool call. ``place`` counts from 1, and names the fields of the call's result."""

    place: int
    name: str
    arguments: str
    # The arguments as the model wrote them.
    raw: str = ""


def call_views(calls: Iterable[ToolCall]) -> list[CallView]:
    return [
        CallView(
            place,
            call.name,
            laid_out(call.arguments) if call.type == "function" else call.arguments,
            call.arguments,
        )
        for place, call in enumerate(calls, 1)
    ]


def laid_out(text: str) -> str:
    """Format JSON on several lines; return any other text unchanged.

    >>> laid_out('{"city":"Oslo"}')
    '{\\n  "city": "Oslo"\\n}'
    >>> laid_out("Oslo")
    'Oslo'
    """
    if not text.lstrip().startswith(("{", "[")) or len(text) > LONGEST_LAID_OUT:
        return text
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text
