"""The parameters that decide how long an answer may be, in tokens, and how many answers there are. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# A model that has several of them prefers the first; the others are kept for old clients.
OUTPUT_LENGTHS = ("max_completion_tokens", "max_output_tokens", "max_tokens")
# The most tokens that a request can ask for. No limit in tokens or credits allows more, and a thousand
# times as many still fit into the ledger's 64 bits.
MOST_TOKENS = 10**15

# Names of the same parameter on other servers: llama.cpp, Ollama, text-generation-inference, transformers,
# Gemini, and Anthropic's and Cohere's earlier interfaces. People can add any of them as extra parameters.
# All names are case-folded.
LENGTHS = frozenset(
    {
        *OUTPUT_LENGTHS,
        *("n_predict", "num_predict", "max_new_tokens", "max_length", "max_gen_len"),
        *("maxoutputtokens", "maxtokens", "max_tokens_to_sample", "min_tokens"),
    }
)
# Budgets for reasoning: OpenRouter's is ``reasoning.max_tokens``, Anthropic's ``thinking.budget_tokens``.
_BUDGETS = frozenset({"budget_tokens", "thinking_budget", "thinkingbudget", "reasoning_budget"})
_REASONING = frozenset({"reasoning", "thinking", "thinking_config", "thinkingconfig"})
_COPIES = frozenset(
    {"n", "best_of", "num_return_sequences", "num_generations", "candidate_count", "candidatecount"}
)
# Enough for every server's nesting, such as Ollama's ``options.num_predict``.
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """The length of an answer that parameters set, None if they set none, and the number of answers.

    ``budget`` is that of the reasoning, which is part of the length.
    """

    length: int | None
    budget: int
    copies: int

    def most(self, usual: int, output_max: int | None) -> int:
        """Return the most tokens of all answers together; see :func:`output_tokens`."""
        longest = usual + self.budget if self.length is None else max(self.length, self.budget)
        return min(longest, output_max or longest) * self.copies


def asked_output(parameters: Mapping[str, Any]) -> Asked:
    lengths: list[int] = []
    budgets, copies = [0], [1]
    for name, value, is_reasoning in _settings(parameters):
        if (asked := tokens_asked(value)) is None:
            continue
        # Servers written in Go read "Max_Tokens" as well.
        name = name.casefold()
        if name in _BUDGETS or (is_reasoning and name in LENGTHS):
            budgets.append(asked)
        elif name in LENGTHS:
            lengths.append(asked)
        elif name in _COPIES:
            copies.append(asked)
    return Asked(max(lengths, default=None), max(budgets), max(copies))


def output_tokens(parameters: Mapping[str, Any], *, usual: int, output_max: int | None) -> int:
    """Return the most tokens that the answers to a request can have together.

    A length includes the reasoning; without one, the reasoning comes on top.

    :param usual: the length to assume for an answer without a bound.
    :param output_max: the model's own limit, where it is known.
    """
    return asked_output(parameters).most(usual, output_max)


def is_length(name: str) -> bool:
    """Tell whether a parameter limits the length of an answer, under any server's name for it."""
    return name.casefold() in LENGTHS


def tokens_asked(value: object) -> int | None:
    """Read a number of tokens or copies, at most ``MOST_TOKENS``; None if the value asks for none.

    Texts count too, since many servers convert them. No number is too large to count.

    >>> tokens_asked(10**40), tokens_asked("1e30"), tokens_asked(2.5), tokens_asked(-1), tokens_asked("many")
    (1000000000000000, 1000000000000000, 3, None, None)
    """
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    # A comparison with NaN is false.
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        return None
    return MOST_TOKENS if value >= MOST_TOKENS else math.ceil(value)


def _settings(
    parameters: Mapping[str, Any], depth: int = 1, *, is_reasoning: bool = False
) -> Iterator[tuple[str, Any, bool]]:
    """Yield each name with its value, in nested objects too, and whether it is about reasoning."""
    for name, value in parameters.items():
        if not isinstance(value, Mapping):
            yield name, value, is_reasoning
        elif depth < _DEEPEST:
            yield from _settings(value, depth + 1, is_reasoning=is_reasoning or name.casefold() in _REASONING)
