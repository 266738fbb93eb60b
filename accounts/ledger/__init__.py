"""The ledger: what runs have reserved, what they cost, and what each limit leaves.

No other package writes holds, windows, entries or their sums by day. The states of a hold::

            hold()             settle()
    nothing ──────▶ open ─────────────▶ settled + one ledger entry
                    │  ▲  release()
            extend()└──┘└─────────────▶ released

Every limit has a window for each period in which it was used: ``used`` is what settled runs cost,
``held`` is what open holds reserve. One conditional update checks ``used + held + estimate <= amount``
and adds the estimate. An answer that outgrows its estimate extends its hold while it streams. A run counts
in the period in which it was *held*, whenever it ends, so a window can always be computed again from holds
and entries. A new window starts with these sums, and :func:`audit` compares them.

Every entry is added to the sum of its day in the same transaction. A period consists of whole days, so a
window that opens in the middle of one starts with these sums; the audit computes it from the entries.

Locks are always taken in this order, which prevents deadlocks: the workspace (for holds and changes of
limits), then holds, then windows in the order of their limits, then the sum of a day.
"""

from __future__ import annotations

from accounts.ledger.auditing import audit
from accounts.ledger.booking import Amounts, extend, hold, release, settle
from accounts.ledger.export import portions
from accounts.ledger.remaining import Allowance, allowances, allowances_of
from accounts.ledger.reports import Report, Runs, Spent, report, runs

__all__ = [
    "Allowance",
    "Amounts",
    "Report",
    "Runs",
    "Spent",
    "allowances",
    "allowances_of",
    "audit",
    "extend",
    "hold",
    "portions",
    "release",
    "report",
    "runs",
    "settle",
]
