"""The order in which queued runs get places, and how the places of a process are shared."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Iterable

# The most runs that a person and a workspace may have for each place that is still free.
PERSON_FACTOR, WORKSPACE_FACTOR = 1, 3


class SharedPlaces(NamedTuple):
    """Places that runs compete for: those of one workspace at one provider."""

    workspace_id: int
    provider_code: str


class QueuedRun(NamedTuple):
    """A run that has not begun. Lists of them are in the order in which the runs were opened."""

    pk: int
    code: UUID
    member: int | None
    places: SharedPlaces
    created_at: datetime
    lease_expires_at: datetime


class Began(NamedTuple):
    """How many runs of a member have begun in one process and at one provider."""

    places: SharedPlaces
    member: int | None
    owner: str
    is_running: bool
    number: int


def in_turn(queue: Iterable[QueuedRun], began: Iterable[Began]) -> list[QueuedRun]:
    """Sort a queue: first come, first served, but no member's second run before another's first.

    A run's round is the number of turns that its member had, plus the member's runs before it.
    Rounds come one after the other.
    """
    ahead: Counter[int | None] = Counter()
    for turns in began:
        ahead[turns.member] += turns.number
    rounds: list[tuple[int, QueuedRun]] = []
    for queued in queue:
        rounds.append((ahead[queued.member], queued))
        ahead[queued.member] += 1
    return [queued for _, queued in sorted(rounds, key=lambda entry: (entry[0], entry[1].pk))]


class Room:
    """The free places of a process.

    A person may have as many runs as there are free places, so at most half of all, and a workspace three
    times as many, so at most three quarters. Whatever they take, the next person and the next workspace
    find a place without waiting for the end of an answer.
    """

    def __init__(self, owner: str, free: int, began: Iterable[Began]) -> None:
        self._free = free
        self._people: Counter[int | None] = Counter()
        self._workspaces: Counter[int] = Counter()
        for runs in began:
            if runs.owner == owner and runs.is_running:
                self._people[runs.member] += runs.number
                self._workspaces[runs.places.workspace_id] += runs.number

    def take(self, queue: Iterable[QueuedRun], most: int | None = None) -> list[QueuedRun]:
        """Return the first runs of a queue that may begin, up to ``most``, and count them as running."""
        taken: list[QueuedRun] = []
        for queued in queue:
            if len(taken) != most and self._has_place_for(queued.member, queued.places.workspace_id):
                self._count(queued)
                taken.append(queued)
        return taken

    def _has_place_for(self, member: int | None, workspace_id: int) -> bool:
        # The places that are still free afterwards.
        left = self._free - 1
        return (
            self._people[member] <= left * PERSON_FACTOR
            and self._workspaces[workspace_id] <= left * WORKSPACE_FACTOR
        )

    def _count(self, queued: QueuedRun) -> None:
        self._free -= 1
        self._people[queued.member] += 1
        self._workspaces[queued.places.workspace_id] += 1


def is_ample(free: int, running: int, waiting: int) -> bool:
    """Return whether all who wait may begin in a process, whoever has its running runs."""
    # The last one of them may be the next run of somebody who has all others.
    return running + waiting - 1 <= (free - waiting) * PERSON_FACTOR
