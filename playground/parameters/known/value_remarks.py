"""Remarks on the values of several parameters, or of one beside what the product sends itself.

No schema states these facts. Providers document them, or answer with an error. Only a combination that every
provider is known to refuse is an error; all others are remarks, and never keep a form from being sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence beside the parameter ``name`` while ``holds`` is true of the values."""

    name: str
    holds: Callable[[Values], bool]
    sentence: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A combination that providers refuse, with the place of the error inside the parameter."""

    name: str
    path: tuple[str | int, ...]
    sentence: str


def _inside(values: Values, name: str, *path: str) -> Any:
    found: Any = values.get(name)
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _has_several(values: Values) -> bool:
    return (_number(values.get("n")) or 1) > 1


def _needs_the_word(values: Values, *place: str) -> bool:
    return bool(_inside(values, *place) == "json_object")


def _speaks(values: Values) -> bool:
    asked = values.get("modalities")
    return isinstance(asked, list) and "audio" in asked


def _reasons_longer(values: Values) -> bool:
    budget, length = _number(_inside(values, "reasoning", "max_tokens")), _number(values.get("max_tokens"))
    return budget is not None and length is not None and budget >= length


_WORD = "OpenAI refuses json_object unless the prompt or the system prompt has the word “JSON” in it."

REMARKS = (
    Remark(
        "previous_response_id",
        lambda values: isinstance(values.get("previous_response_id"), str),
        "The whole conversation is sent as well, so the model reads those messages twice.",
    ),
    Remark("n", _has_several, "All of these answers are generated, and you pay for each."),
    Remark(
        "n",
        lambda values: _has_several(values) and values.get("temperature") == 0,
        "With a temperature of 0 they are nearly the same.",
    ),
    Remark(
        "top_logprobs",
        lambda values: values.get("logprobs") is False and values.get("top_logprobs") is not None,
        "logprobs is off, so top_logprobs has no effect.",
    ),
    Remark("response_format", lambda values: _needs_the_word(values, "response_format", "type"), _WORD),
    Remark("text", lambda values: _needs_the_word(values, "text", "format", "type"), _WORD),
    Remark(
        "modalities",
        lambda values: _speaks(values) and not values.get("audio"),
        "An answer in audio needs the parameter audio too, with a voice and a format.",
    ),
    Remark(
        "background",
        lambda values: values.get("background") is True and values.get("store") is False,
        "The provider has to store an answer that is written in the background, and store is off.",
    ),
    Remark(
        "previous_response_id",
        lambda values: isinstance(values.get("previous_response_id"), str) and values.get("store") is False,
        "An answer is found again only if it was stored, and store is off now.",
    ),
    Remark(
        "reasoning",
        _reasons_longer,
        "max_tokens includes the reasoning: make it larger than reasoning.max_tokens.",
    ),
)


def value_remarks(values: Values) -> Iterator[tuple[str, str]]:
    """Yield names of parameters with a remark on their values.

    >>> list(value_remarks({"n": 2}))
    [('n', 'All of these answers are generated, and you pay for each.')]
    """
    for remark in REMARKS:
        if remark.holds(values):
            yield remark.name, remark.sentence


def refused_values(values: Values) -> Iterator[Refused]:
    """Yield the combinations that providers are known to refuse.

    Anthropic counts thinking as a part of the answer: https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking

    >>> [refused.path for refused in refused_values({"max_tokens": 99, "thinking": {"budget_tokens": 99}})]
    [('budget_tokens',)]
    """
    budget, length = _number(_inside(values, "thinking", "budget_tokens")), _number(values.get("max_tokens"))
    if budget is not None and length is not None and budget >= length:
        yield Refused(
            "thinking",
            ("budget_tokens",),
            f"max_tokens is {length:,} and includes thinking. Make it larger than this budget.",
        )
