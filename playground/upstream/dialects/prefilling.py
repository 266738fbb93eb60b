"""Beginnings of answers that a person writes and the model continues: where an endpoint takes one.

A beginning is the last message of the transcript, in the role of the assistant. The schema has to have a
place for it. Claude from 4.6 on refuses it with a status 400, and older ones do while they think:
https://platform.claude.com/docs/en/about-claude/models/migration-guide
https://platform.claude.com/docs/en/build-with-claude/extended-thinking
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from playground.upstream.dialects.registry import dialect_of
from playground.upstream.dialects.shared.transcript import Role, Text, Transcript, TranscriptRefused, Turn
from playground.upstream.dialects.shared.writing.accepts import Accepts

REFUSED_BY_MODEL = "This model refuses answers that you start for it. Clear “Start the answer with”."
REFUSED_WHILE_THINKING = "This model cannot continue a started answer while it thinks. Switch thinking off."
NO_PLACE = "This model has no place for an answer that you start for it. Clear “Start the answer with”."

# "claude-3-5-haiku-20241022", "anthropic/claude-opus-4.6", "us.anthropic.claude-sonnet-5-v1"
_CLAUDE = re.compile(r"claude-(?:[a-z]+-)?(\d{1,2})(?:[-.](\d{1,2}))?(?![\d])")
_LAST_TO_CONTINUE = (4, 5)


def why_no_prefill(
    kind: str, accepts: Accepts, model_id: str, parameters: Mapping[str, Any] | None = None
) -> str:
    """Return why no answer can be started for a model, in words for the user; empty if one can."""
    version = _claude_version(model_id)
    if version is not None and version > _LAST_TO_CONTINUE:
        return REFUSED_BY_MODEL
    if version is not None and _thinks(parameters or {}):
        return REFUSED_WHILE_THINKING
    return "" if _has_place(kind, accepts) else NO_PLACE


def with_prefill(transcript: Transcript, prefill: str) -> Transcript:
    """Add the beginning of the answer, if there is one, to a transcript."""
    return (*transcript, Turn(Role.ASSISTANT, (Text(prefill),), is_prefill=True)) if prefill else transcript


def trimmed(text: str) -> str:
    """Return a beginning without white space at its end, which Claude refuses and which confuses others."""
    return text.rstrip()


def _claude_version(model_id: str) -> tuple[int, int] | None:
    """
    >>> _claude_version("anthropic/claude-opus-4.6"), _claude_version("claude-sonnet-4-20250514")
    ((4, 6), (4, 0))
    >>> _claude_version("claude-3-7-sonnet-latest"), _claude_version("gpt-4o")
    ((3, 7), None)
    """
    found = _CLAUDE.search(model_id.lower())
    return (int(found[1]), int(found[2] or 0)) if found else None


def _thinks(parameters: Mapping[str, Any]) -> bool:
    thinking = parameters.get("thinking")
    return isinstance(thinking, dict) and thinking.get("type") in ("enabled", "adaptive")


def _has_place(kind: str, accepts: Accepts) -> bool:
    """Try to write a started answer. Where the input is one text, it would be a line of a script."""
    dialect = dialect_of(kind)
    if dialect.transcript == "input" and accepts.input_item is None:
        return False
    try:
        dialect.write(accepts, with_prefill((Turn(Role.USER, (Text("Hi"),)),), "Hello"))
    except TranscriptRefused:
        return False
    return True
