"""The demo's choice of words: a sampler over a short list of candidates."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# Each further candidate is this much less likely at temperature 1, as log-probability.
_STEP = 0.45


@dataclass(slots=True)
class Voice:
    """A sampler among candidates, which are ordered from the most likely to the least.

    The sampling parameters mean what they mean for a real model, with whole phrases in the
    place of tokens: temperature 0 takes the first, a high one levels the odds; ``top_p``
    drops the tail; penalties count earlier use; ``bias`` maps words to −100 … 100.
    """

    rng: random.Random
    temperature: float = 0.7
    top_p: float = 1.0
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    bias: Mapping[str, float] = field(default_factory=dict)
    used: Counter[str] = field(default_factory=Counter)

    def pick(self, candidates: Sequence[str]) -> str:
        """Choose one of the candidates."""
        scores = [self._score(rank, text) for rank, text in enumerate(candidates)]
        best = max(range(len(candidates)), key=scores.__getitem__)
        chosen = candidates[best if self.temperature <= 0 else self._sample(scores)]
        self.used[chosen] += 1
        return chosen

    def several(self, candidates: Sequence[str], number: int) -> list[str]:
        """Choose different candidates, in this order; fewer if there are not enough."""
        left = list(candidates)
        chosen = []
        for _ in range(min(number, len(left))):
            text = self.pick(left)
            left.remove(text)
            chosen.append(text)
        return chosen

    def number(self, low: int, high: int) -> int:
        """Choose a number between both, the middle at temperature 0."""
        return (low + high) // 2 if self.temperature <= 0 else self.rng.randint(low, high)

    def _score(self, rank: int, text: str) -> float:
        score = -_STEP * rank
        if count := self.used[text]:
            score -= self.frequency_penalty * count + self.presence_penalty
        lower = text.lower()
        return score + sum(bias / 4 for word, bias in self.bias.items() if word and word.lower() in lower)

    def _sample(self, scores: list[float]) -> int:
        top = max(scores)
        odds = [math.exp((score - top) / self.temperature) for score in scores]
        total = sum(odds)
        order = sorted(range(len(odds)), key=odds.__getitem__, reverse=True)
        kept: list[int] = []
        mass = 0.0
        for index in order:
            kept.append(index)
            mass += odds[index] / total
            if mass >= self.top_p:
                break
        return self.rng.choices(kept, weights=[odds[index] for index in kept])[0]
