"""Parameters that exclude, duplicate or need each other, with a sentence about each conflict.

No schema states these facts. Providers document them, or answer with an error. A form only warns, since
another provider may accept them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Conflict:
    """A sentence or two about parameters that do not go together."""

    names: tuple[str, ...]
    sentence: str


_LENGTH = "Both limit the length of the answer: set one."
_VARIETY = "Both change how varied the answer is. Change one at a time to see its effect."
_EFFORT = "Both set how much the model thinks before it answers: set one."
_DATES = "A period and a date limit the age of the same results: set one."
_GUIDED = "An answer can follow one format only: set one."
_FILTER_DATES = (
    "search_after_date_filter", "search_before_date_filter",
    "last_updated_after_filter", "last_updated_before_filter",
)  # fmt: skip
_FORMS = ("guided_json", "guided_regex", "guided_choice", "guided_grammar", "response_format")

_EXCLUDING = (
    Conflict(
        ("max_tokens", "max_completion_tokens"),
        f"{_LENGTH} Newer models accept only max_completion_tokens, which includes reasoning.",
    ),
    Conflict(("max_tokens", "max_output_tokens"), _LENGTH),
    Conflict(("max_completion_tokens", "max_output_tokens"), _LENGTH),
    Conflict(("temperature", "top_p"), f"{_VARIETY} Newer Claude models refuse them together."),
    Conflict(("temperature", "top_k"), _VARIETY),
    Conflict(("top_p", "min_p"), "Both drop unlikely tokens, and the stricter one applies: set one."),
    Conflict(
        ("frequency_penalty", "repetition_penalty"), "Both act against repetition: change one at a time."
    ),
    Conflict(
        ("stop", "stop_sequences"), "Both end the answer at a text: set the one that your model accepts."
    ),
    Conflict(("reasoning", "reasoning_effort"), _EFFORT),
    Conflict(("reasoning", "thinking"), _EFFORT),
    Conflict(("reasoning_effort", "thinking"), _EFFORT),
    Conflict(("enable_thinking", "thinking"), "Both switch thinking on or off: set one."),
    Conflict(("temperature", "thinking"), "When Claude thinks, it accepts only a temperature of 1."),
    Conflict(("top_k", "thinking"), "When Claude thinks, it accepts no top_k."),
    Conflict(("temperature", "use_beam_search"), "Beam search needs a temperature of 0."),
    *(Conflict(("search_recency_filter", name), _DATES) for name in _FILTER_DATES),
    *(
        Conflict((first, second), _GUIDED)
        for position, first in enumerate(_FORMS)
        for second in _FORMS[position + 1 :]
    ),
)
# In each pair the first parameter has no effect without the second.
_NEEDING = (
    Conflict(("top_logprobs", "logprobs"), "top_logprobs has an effect only with logprobs switched on."),
    Conflict(("tool_choice", "tools"), "tool_choice has an effect only with tools to choose from."),
    Conflict(("parallel_tool_calls", "tools"), "parallel_tool_calls has an effect only with tools to call."),
    Conflict(
        ("thinking_budget", "enable_thinking"), "thinking_budget has an effect only with enable_thinking on."
    ),
    Conflict(("audio", "modalities"), "audio has an effect only with “audio” among the modalities."),
)


def conflicts(names: Collection[str]) -> list[Conflict]:
    """Return the conflicts among ``names``.

    >>> [conflict.names for conflict in conflicts(["seed", "top_p", "temperature"])]
    [('temperature', 'top_p')]
    """
    return [conflict for conflict in _EXCLUDING if all(name in names for name in conflict.names)]


def lacking(names: Collection[str], offered: Collection[str]) -> list[Conflict]:
    """Return the parameters among ``names`` that lack another one, if that one is ``offered``.

    >>> [conflict.sentence for conflict in lacking(["top_logprobs"], ["logprobs", "top_logprobs"])]
    ['top_logprobs has an effect only with logprobs switched on.']
    >>> lacking(["top_logprobs"], ["top_logprobs"])
    []
    """
    return [
        need
        for need in _NEEDING
        if need.names[0] in names and need.names[1] not in names and need.names[1] in offered
    ]
