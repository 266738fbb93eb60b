"""The number of answers that an experiment asks for, in words. Pure."""

from __future__ import annotations

import math
from itertools import starmap


def size_in_words(cases: int, prompts: int, models: int, sets: int, repetitions: str) -> str:
    """Return how many answers are asked for, as in "5 cases × 2 prompts × 1 model = 10 answers."."""
    if not prompts or not models:
        return "Choose prompts and models to see how many answers this asks for."
    each = int(repetitions[:4]) if repetitions.isascii() and repetitions.isdecimal() else 1
    factors = [(cases, "case"), (prompts, "prompt"), (models, "model")]
    factors += [(count, word) for count, word in ((sets, "set of parameters"), (each, "answer")) if count > 1]
    count = math.prod(factor for factor, _ in factors)
    return f"{' × '.join(starmap(_counted, factors))} = {_counted(count, 'answer')}."


def _counted(count: int, word: str) -> str:
    """
    >>> _counted(1, "case"), _counted(2000, "set of parameters")
    ('1 case', '2,000 sets of parameters')
    """
    first, *others = word.split(" ")
    return " ".join([f"{count:,}", first if count == 1 else f"{first}s", *others])
