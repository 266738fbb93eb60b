"""The check of an answer that was asked for as JSON, cached: pages show the same answers again and again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock
from typing import TYPE_CHECKING

from cachetools import LRUCache

from chat.structured.asked import format_of
from chat.structured.verdict import Verdict, verdict_on

if TYPE_CHECKING:
    from chat.models import Run
    from chat.structured.asked import Format

# Verdicts of one process. Each has some twenty errors at most.
MOST_KEPT = 4_000


@dataclass(frozen=True, slots=True)
class CheckLine:
    """The line below a live answer."""

    text: str
    is_problem: bool


def check_of(text: str, run: Run | None) -> Verdict | None:
    """Return the verdict on a stored answer; None if its request did not ask for JSON, or nothing came."""
    asked = format_of(run.parameters) if run is not None and text else None
    return _verdict(text, asked) if asked is not None else None


_kept: LRUCache[bytes, Verdict] = LRUCache(MOST_KEPT)
_lock = Lock()


def _verdict(text: str, asked: Format) -> Verdict:
    # The format comes first and has no NUL, so that no two pairs have the same bytes.
    digest = blake2b(json.dumps([asked.schema, asked.name, asked.has_schema]).encode(), digest_size=16)
    digest.update(b"\0" + text.encode("utf-8", "surrogatepass"))
    key = digest.digest()
    with _lock:
        if (found := _kept.get(key)) is not None:
            return found
    verdict = verdict_on(text, asked)
    with _lock:
        _kept[key] = verdict
    return verdict
