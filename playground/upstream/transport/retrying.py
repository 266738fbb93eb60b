"""When a request that came to nothing is worth sending again, and after how long. No clock, no sleep."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.events import Retrying

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.upstream.events import Failed

MOST_TRIES = 3
FIRST_WAIT = 2.0
# An upstream that wants to be left alone for longer is not waited for: its user is told when.
LONGEST_WAIT = 30.0
MOST_WAITING = 60.0
# So that those who were turned away together do not come back together.
SPREAD = 0.25

# Of all errors these say that nothing was done. A 504 does not: the answer may be written and billed.
_STATUSES = frozenset({429, 502, 503, 529})
_KINDS = frozenset({FailureKind.RATE_LIMITED, FailureKind.OVERLOADED})


class Retries:
    """The tries of one run. Ask only while nothing has been generated: nobody pays twice."""

    def __init__(self, dice: Callable[[], float] = random.random) -> None:
        """``dice`` throws numbers from 0 to 1."""
        self.tries = 1
        self._waited = 0.0
        self._dice = dice

    def after(self, failed: Failed) -> Retrying | None:
        """What to wait for before the next try; None when there is none."""
        if self.tries >= MOST_TRIES or not _is_worth_it(failed):
            return None
        least = (
            FIRST_WAIT * 2 ** (self.tries - 1) if failed.retry_after is None else max(1.0, failed.retry_after)
        )
        seconds = math.ceil(least + SPREAD * self._dice() * min(least, FIRST_WAIT))
        if least > LONGEST_WAIT or self._waited + seconds > MOST_WAITING:
            return None
        self.tries += 1
        self._waited += seconds
        return Retrying(failed.kind, seconds, self.tries, MOST_TRIES)


def _is_worth_it(failed: Failed) -> bool:
    return failed.kind is FailureKind.CONNECT or (failed.kind in _KINDS and failed.status in _STATUSES)
