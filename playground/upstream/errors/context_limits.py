"""Refusals of a request because it does not fit the model's context, in the words of many providers.

Few providers have a code for it, so their sentences are read. The figures in them decide what helps: a
shorter limit for the answer if the prompt alone would fit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# A failure keeps no more of the upstream's words; the bound also limits the time of the patterns.
MAX_TEXT = 4_000

# A figure is only tried at its first digit, so that a row of digits takes linear time.
_N = r"(?<![\d,])(\d[\d,]{0,11})"
_ABOUT = re.compile(
    r"context[_ -](?:length|window|size|limit)|exceed_context|"
    r"(?:prompt|input|message|request)s?\b.{0,40}\btoo long|"
    r"input length|prompt length|input token count|token limit|too many tokens|`inputs` tokens|input tokens|"
    r"tokens in the prompt|prompt contains|context the overflows|reduce the length of",
    re.IGNORECASE,
)
_TOO_MUCH = re.compile(
    r"exceed|too (?:long|large|many|big)|maximum|larger than|longer than|greater than|overflow|reduce|"
    r"shorten|at most|must be <=|cannot be more|only",
    re.IGNORECASE,
)
# Limits of an account are not about the model's context.
_RATE = re.compile(r"per (?:min|hour|day|month|second)|rate.?limit|\bTPM\b|\bTPD\b|quota", re.IGNORECASE)
# Three figures in one formula: the prompt, the answer's limit and the context.
_SUM = re.compile(rf"{_N}\s*\+\s*{_N}\s*>\s*{_N}")
_DIFFERENCE = re.compile(rf"{_N}\s*>\s*{_N}\s*-\s*{_N}")
_LIMITS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"maximum (?:allowed )?(?:context|prompt|input|sequence) (?:length|size|window)\D{{0,24}}{_N}",
        rf"\"?n_ctx\"?\s*[:=]\s*{_N}",
        rf"tokens? > {_N} maximum",
        rf"{_N} maximum context",
        rf"maximum number of tokens allowed \(?{_N}",
        rf"context (?:length|window|size|limit)\D{{0,24}}{_N}",
        rf"token limit\D{{0,8}}{_N}",
        rf"(?:must be <=|cannot exceed|limit of|at most) {_N}",
    )
]
_PROMPTS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_N} (?:tokens )?(?:in|of|from) (?:the |your )?(?:messages|prompt|text input|input)",
        rf"(?:resulted in|prompt contains|request (?:has|contains)|prompt has) {_N}",
        rf"\"?n_prompt_tokens\"?\s*[:=]\s*{_N}",
        rf"input token count \(?{_N}",
        rf"(?:prompt|input) is too long\D{{0,12}}{_N}",
        rf"Given: {_N} `inputs`",
        rf"the first {_N} tokens",
        rf"requested (?:about )?{_N} tokens",
    )
]


@dataclass(frozen=True, slots=True)
class ContextExceeded:
    """The tokens of the context and of the prompt, as far as the provider named them."""

    limit: int | None = None
    prompt: int | None = None

    @property
    def is_for_the_answer(self) -> bool:
        """Whether the prompt alone would fit, so that the length asked for the answer is too much."""
        return self.limit is not None and self.prompt is not None and self.prompt < self.limit


def context_exceeded(words: str) -> ContextExceeded | None:
    """Read an error; None if it is about something else.

    >>> context_exceeded("prompt is too long: 210000 tokens > 200000 maximum")
    ContextExceeded(limit=200000, prompt=210000)
    >>> context_exceeded("Rate limit reached: maximum context is not the matter, tokens per min are")
    """
    words = words[:MAX_TEXT]
    if not (_ABOUT.search(words) and _TOO_MUCH.search(words)) or _RATE.search(words):
        return None
    if found := _SUM.search(words):
        return ContextExceeded(limit=_number(found[3]), prompt=_number(found[1]))
    if found := _DIFFERENCE.search(words):
        return ContextExceeded(limit=_number(found[2]), prompt=_number(found[3]))
    return ContextExceeded(_first(_LIMITS, words), _first(_PROMPTS, words))


def _first(patterns: list[re.Pattern[str]], words: str) -> int | None:
    found = (pattern.search(words) for pattern in patterns)
    return next((_number(match[1]) for match in found if match), None)


def _number(text: str) -> int:
    return int(text.replace(",", ""))
