"""The room that the limits of a person leave for runs to other models, which other limits may count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.timezone import now

from accounts.ledger.room import Room
from accounts.ledger.windows import computed, current_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.ledger.target import Target
    from accounts.models import User, Workspace


def rooms_for(workspace: Workspace, user: User) -> Callable[[Target], Room]:
    """Return the room that the limits leave for a run of ``user`` at this moment, by its target."""
    found = [each for each in computed(current_for(workspace, user, now())) if not each.limit.is_soft]

    def room(target: Target) -> Room:
        return Room(tuple((each.limit.unit, each.rest) for each in found if target.is_under(each.limit)))

    return room
