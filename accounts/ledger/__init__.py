"""The books: what runs have reserved, what they cost, and what each limit leaves.

Nothing outside writes holds, windows or entries. The life of a hold::

            hold()             settle()
    nothing ──────▶ open ─────────────▶ settled + one ledger entry
                      │   release()
                      └───────────────▶ released

Every limit has a window for each period that somebody used it in: ``used`` is what settled runs
cost, ``held`` what open holds reserve, and ``used + held + estimate <= amount`` is asked and
booked in one conditional update. A run counts in the period in which it was *held*, whenever it
ends, so a window can always be computed again from holds and entries: that is how a new one
starts, and what :func:`audit` compares.

Locks are always taken in this order, so that nobody waits in a circle: the workspace (holds,
and changes to limits), then holds, then windows by limit.
"""

from __future__ import annotations

from accounts.ledger.auditing import audit
from accounts.ledger.booking import Amounts, hold, release, settle
from accounts.ledger.remaining import Allowance, allowances, allowances_of
from accounts.ledger.reports import Report, report

__all__ = [
    "Allowance",
    "Amounts",
    "Report",
    "allowances",
    "allowances_of",
    "audit",
    "hold",
    "release",
    "report",
    "settle",
]
