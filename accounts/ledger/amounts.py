from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Unit


@dataclass(frozen=True, slots=True)
class Amounts:
    """A run's estimate, or its actual use, in each unit that a limit can count.

    ``concurrent`` is 1 for a run that has not ended.
    """

    credits: int
    tokens: int
    requests: int = 1
    input_tokens: int = 0
    output_tokens: int = 0
    concurrent: int = 0

    def of(self, unit: str) -> int:
        return int(getattr(self, _FIELDS[unit]))


# Limits ask for several units of each run.
_FIELDS = {str(unit.value): unit.column or str(unit.value) for unit in Unit}
