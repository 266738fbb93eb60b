"""The one allowance that a page shows all the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.ledger.remaining import allowances

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.ledger.remaining import Allowance
    from accounts.models import User, Workspace

# Limits that are used up and free again while somebody reads would only flicker.
_SHORT = {"minute", "hour"}
_MOMENTARY = {"concurrent"}


def tightest(found: Iterable[Allowance]) -> Allowance | None:
    """Return the allowance of which the largest share is used; None if there is none to show.

    Of those that are used up, it is the one that takes longest to reset. Soft limits come last.
    """
    lasting = [each for each in found if each.limit.period not in _SHORT and each.unit not in _MOMENTARY]
    return max(lasting, key=_tightness, default=None)


def _tightness(allowance: Allowance) -> tuple[bool, float, bool, float]:
    ends_at = allowance.resets_at
    is_soft = getattr(allowance.limit, "is_soft", False)
    return (not is_soft, allowance.fraction, ends_at is None, ends_at.timestamp() if ends_at else 0.0)


def tightest_of(workspace: Workspace, user: User) -> Allowance | None:
    """Return the tightest allowance of a member now."""
    return tightest(allowances(workspace, user))
