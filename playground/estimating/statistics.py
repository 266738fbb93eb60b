"""Statistics of a model's past answers: how its tokeniser counts, and how long its answers are. Pure.

Both start from what is usual, which counts less the more answers there are. Newer answers count more than
older ones: the weights of the older ones shrink so that all add up to a bound.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache
from typing import Any

# The most that the answers of a statistic weigh together.
MOST_RATES, MOST_LENGTHS = 200.0, 400.0
# The weight of what is usual, in answers, and the share by which tokenisers usually differ from our count.
_USUAL_RATES, _USUAL_DEVIATION = 3.0, 0.16
_USUAL_LENGTHS = 10.0
# Standard deviations that the margin covers, and its bounds.
_DEVIATIONS = 1.6
_LEAST_MARGIN, _MOST_MARGIN = 1.04, 1.6
# No tokeniser is further off; a provider that reports such counts adds a prompt of its own, or makes them up.
_LEAST_RATE, _MOST_RATE = 0.4, 4.0
# Lengths are counted in buckets that grow by the fourth root of two, about a fifth each.
_PER_DOUBLING = 4
_BUCKETS = 4 * 24
# The usual length of an answer is distributed log-normally around this: with reasoning, and without.
_USUAL_LENGTH, _USUAL_LENGTH_WITH_REASONING, _SPREAD = 300, 900, 1.1
# A model that hides its reasoning does so in more than this share of the answers that have any.
_OFTEN = 0.3


@dataclass(slots=True)
class Statistics:
    """The statistics of one model; empty for one that has not answered yet.

    ``rates`` has for each script the weight, the sum and the sum of squares of the reported tokens divided by
    ours. ``lengths`` has the weight of each bucket. ``hidden`` has the weight of answers with reasoning, and
    of those whose reasoning was counted but not sent.
    """

    rates: dict[str, list[float]] = field(default_factory=dict)
    lengths: dict[int, float] = field(default_factory=dict)
    hidden: list[float] = field(default_factory=lambda: [0.0, 0.0])

    def rate(self, script: str) -> Rate:
        """Return by how much the model's tokeniser differs from our count for texts of a script."""
        own = self.rates.get(script, _NOTHING)
        others = [sum(each) for each in zip(_NOTHING, *self.rates.values(), strict=True)]
        # Other scripts tell something of a tokeniser, less than the script itself.
        weight = min(_USUAL_RATES, others[0] - own[0])
        around = (others[1] - own[1]) / (others[0] - own[0]) if weight > 0 else 1.0
        mean = (own[1] + _USUAL_RATES * around) / (own[0] + _USUAL_RATES)
        of_own = own[2] - 2 * mean * own[1] + own[0] * mean**2
        variance = (of_own + _USUAL_RATES * (_USUAL_DEVIATION * mean) ** 2) / (own[0] + _USUAL_RATES)
        margin = 1 + _DEVIATIONS * math.sqrt(max(0.0, variance)) / mean
        return Rate(mean, min(_MOST_MARGIN, max(_LEAST_MARGIN, margin)))

    def length(self, share: float, *, reasons: bool) -> int:
        """Return the length that this share of the answers does not exceed, in tokens.

        ``reasons`` tells whether the model may think first.
        """
        usual = _usual_lengths(reasons)
        answers = sum(self.lengths.values())
        weight = _USUAL_LENGTHS / (1 + answers / _USUAL_LENGTHS)
        wanted = share * (answers + weight)
        reached = 0.0
        for bucket in range(_BUCKETS):
            reached += self.lengths.get(bucket, 0.0) + weight * usual[bucket]
            if reached >= wanted:
                return _end_of(bucket)
        return _end_of(_BUCKETS)

    @property
    def hides_reasoning(self) -> bool | None:
        """Whether tokens are counted that are not sent. None if that is not known."""
        thought, hidden = self.hidden
        return hidden / thought > _OFTEN if thought else None

    def add_input(self, script: str, counted: float, reported: int) -> None:
        """Take note of what a provider reported for a text that we counted."""
        if counted <= 0 or reported <= 0:
            return
        # A large share of a short text's tokens is what a template adds.
        weight = counted / (counted + 50)
        rate = min(_MOST_RATE, max(_LEAST_RATE, reported / counted))
        sums = self.rates.setdefault(script, [0.0, 0.0, 0.0])
        added = (weight, weight * rate, weight * rate**2)
        kept = min(1.0, MOST_RATES / (sums[0] + weight))
        self.rates[script] = [round((old + new) * kept, 6) for old, new in zip(sums, added, strict=True)]

    def add_length(self, tokens: int) -> None:
        bucket = bucket_of(tokens)
        self.lengths[bucket] = self.lengths.get(bucket, 0.0) + 1
        total = sum(self.lengths.values())
        if total > MOST_LENGTHS:
            kept = MOST_LENGTHS / total
            self.lengths = {each: round(w * kept, 6) for each, w in self.lengths.items() if w * kept > 0.001}

    def add_reasoning(self, *, is_hidden: bool) -> None:
        kept = min(1.0, MOST_RATES / (self.hidden[0] + 1))
        self.hidden = [round((self.hidden[0] + 1) * kept, 6), round((self.hidden[1] + is_hidden) * kept, 6)]

    def as_json(self) -> dict[str, Any]:
        """Return what :meth:`of` reads.

        >>> one = Statistics()
        >>> one.add_length(300)
        >>> one.as_json()
        {'rates': {}, 'lengths': {'32': 1.0}, 'hidden': [0.0, 0.0]}
        """
        lengths = {str(bucket): weight for bucket, weight in self.lengths.items()}
        return {"rates": self.rates, "lengths": lengths, "hidden": self.hidden}

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Statistics:
        lengths = {int(bucket): weight for bucket, weight in stored.get("lengths", {}).items()}
        return cls(dict(stored.get("rates", {})), lengths, list(stored.get("hidden", [0.0, 0.0])))


@dataclass(frozen=True, slots=True)
class Rate:
    """Tokens of a model for each one of ours, and a factor that covers how much they vary."""

    mean: float
    margin: float


_NOTHING = (0.0, 0.0, 0.0)
# The statistics of a model of which nothing is known. Nobody may add to them.
UNKNOWN = Statistics()


def bucket_of(tokens: int) -> int:
    """Return the bucket of a length.

    >>> bucket_of(0), bucket_of(1), bucket_of(300), bucket_of(10**15)
    (0, 4, 32, 95)
    """
    return min(_BUCKETS - 1, math.floor(_PER_DOUBLING * math.log2(tokens + 1)))


def _end_of(bucket: int) -> int:
    return math.ceil(2 ** ((bucket + 1) / _PER_DOUBLING)) - 1


@cache
def _usual_lengths(reasons: bool) -> tuple[float, ...]:
    median = _USUAL_LENGTH_WITH_REASONING if reasons else _USUAL_LENGTH

    def below(tokens: float) -> float:
        return 0.5 * (1 + math.erf(math.log(max(tokens, 1) / median) / (_SPREAD * math.sqrt(2))))

    shares = [below(_end_of(bucket)) for bucket in range(_BUCKETS)]
    return tuple(after - before for before, after in zip([0.0, *shares], shares, strict=False))
