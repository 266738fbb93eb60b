"""The decision whether a failed request is sent again, and after how long. It neither waits nor sends."""

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
# A longer delay is not waited for: the user is told when to try again.
LONGEST_WAIT = 30.0
MOST_WAITING = 60.0
# Random spread, so that requests that were refused together are not repeated together.
SPREAD = 0.25

# These errors mean that nothing was done. A 504 does not: the answer may be written and billed.
_STATUSES = frozenset({429, 502, 503, 529})
_KINDS = frozenset({FailureKind.RATE_LIMITED, FailureKind.OVERLOADED})


class Retries:
    """The tries of one run. Ask only while nothing was generated, so that nothing is paid twice."""

    def __init__(self, dice: Callable[[], float] = random.random) -> None:
        """``dice`` returns random numbers from 0 to 1."""
        self.tries = 1
        self._waited = 0.0
        self._dice = dice

    def after(self, failed: Failed) -> Retrying | None:
        """Return the next try and its delay, or None if the request is not sent again."""
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
