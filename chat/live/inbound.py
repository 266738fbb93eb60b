"""Limits for what browsers send through their sockets.

A page sends one hello, and one acknowledgement for some frames. All that is beyond is bounded twice: in bytes
and frames of a connection before anything is queued (:mod:`chat.management.socket_protocol`), and in
commands of a person over all of their sockets (:mod:`chat.sockets.consumer`).
"""

from __future__ import annotations

import time

# The socket closes with this code after more than the limits allow.
TOO_MANY = 4429

# Messages and bytes of a connection that may wait for the application. Beyond, nothing more is read.
MOST_WAITING = 32
MOST_WAITING_BYTES = 128 * 1024
# A page of eight threads that all stream acknowledges about fifty frames a second, with thirty bytes each.
FRAMES_AT_ONCE, FRAMES_PER_SECOND = 300, 100
# The longest hello has about 30 KB.
BYTES_AT_ONCE, BYTES_PER_SECOND = 256 * 1024, 16 * 1024
# After a restart, somebody with thirty tabs opens thirty sockets within seconds.
COMMANDS_AT_ONCE, COMMANDS_PER_SECOND = 200, 10

# People whose allowance is kept; above that number, those are dropped whose allowance is whole again.
_MOST_PEOPLE = 1000


class Allowance:
    """An amount that may be used at once, and that comes back at a steady rate."""

    def __init__(self, at_once: float, per_second: float) -> None:
        self._at_once = at_once
        self._per_second = per_second
        self._left = at_once
        self._at = time.monotonic()

    def take(self, amount: float = 1) -> bool:
        """Use that much; return False, and use nothing, if less is left."""
        self._refill()
        if amount > self._left:
            return False
        self._left -= amount
        return True

    @property
    def is_whole(self) -> bool:
        self._refill()
        return self._left >= self._at_once

    def _refill(self) -> None:
        moment = time.monotonic()
        self._left = min(self._at_once, self._left + (moment - self._at) * self._per_second)
        self._at = moment


_people: dict[int, Allowance] = {}


def allowance_of(user_pk: int) -> Allowance:
    """Return the commands that a person may send through all of their sockets to this process."""
    if user_pk not in _people:
        if len(_people) >= _MOST_PEOPLE:
            for known in [pk for pk, allowance in _people.items() if allowance.is_whole]:
                del _people[known]
        _people[user_pk] = Allowance(COMMANDS_AT_ONCE, COMMANDS_PER_SECOND)
    return _people[user_pk]
