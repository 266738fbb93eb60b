"""The figures and marks of an answer that a provider reports besides its tokens and cost. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Where providers count kinds of tokens, and our words for them. A provider names each under one path.
# https://platform.openai.com/docs/api-reference/chat/object, https://platform.openai.com/docs/api-reference/responses
_READ = ("prompt_tokens_details", "input_tokens_details")
_WRITTEN = ("completion_tokens_details", "output_tokens_details")
_READ_KINDS = {
    "cached_tokens": "read from the cache",
    "cache_write_tokens": "written to the cache",
    "text_tokens": "text read",
    "audio_tokens": "audio read",
    "image_tokens": "images read",
    "video_tokens": "video read",
}
_WRITTEN_KINDS = {
    "reasoning_tokens": "reasoning",
    "text_tokens": "text written",
    "audio_tokens": "audio written",
    "image_tokens": "images written",
    "accepted_prediction_tokens": "accepted prediction",
    "rejected_prediction_tokens": "rejected prediction",
}
# Anthropic's, DeepSeek's, Perplexity's and MiniMax's own names, beside their totals.
_APART = {
    "cache_read_input_tokens": "read from the cache",
    "cache_creation_input_tokens": "written to the cache",
    "prompt_cache_hit_tokens": "read from the cache",
    "citation_tokens": "citations",
    "reasoning_tokens": "reasoning",
}
_MARKS = {
    "model": "answered by",
    "native_finish_reason": "provider's finish reason",
    "service_tier": "service tier",
    "system_fingerprint": "system fingerprint",
    "response_id": "response id",
}


def receipt_details(
    usage: Mapping[str, Any] | None, reported: Mapping[str, Any], model_id: str
) -> list[tuple[str, str]]:
    """Return the name and the value of each detail, without kinds of tokens that were counted as zero.

    >>> receipt_details({"prompt_tokens_details": {"cached_tokens": 1200, "audio_tokens": 0}}, {}, "m")
    [('read from the cache', '1,200 tokens')]
    >>> receipt_details(None, {"model": "m-2026", "service_tier": "flex"}, "m")
    [('answered by', 'm-2026'), ('service tier', 'flex')]
    """
    counted: dict[str, int] = {}
    for label, count in _counts(usage or {}):
        counted.setdefault(label, count)
    tokens = [(label, f"{count:,} token{'' if count == 1 else 's'}") for label, count in counted.items()]
    marks = [
        (label, str(reported[name]))
        for name, label in _MARKS.items()
        if reported.get(name) and not (name == "model" and reported[name] == model_id)
    ]
    return tokens + marks


def _counts(usage: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for names, kinds in ((_READ, _READ_KINDS), (_WRITTEN, _WRITTEN_KINDS)):
        for name in names:
            yield from _named(usage.get(name), kinds)
    yield from _named(usage, _APART)


def _named(found: Any, kinds: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """Yield what a provider counted. It may send anything, and only numbers above zero say something."""
    if not isinstance(found, dict):
        return
    for name, label in kinds.items():
        count = found.get(name)
        if isinstance(count, int) and not isinstance(count, bool) and 0 < count < 10**15:
            yield label, count
