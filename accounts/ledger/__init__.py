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

Every entry is added to the sum of its day in the same transaction. A window that opens in the middle of a
period starts with the sums of its whole days and the entries around them; the audit computes it from the
entries. A limit of a group or a role counts the runs of those who were in it when the run was held.

An entry never changes. A correction is another entry of the same run, with the difference; it moves the
windows and the sum of the day in which the run counted.

Locks are always taken in this order, which prevents deadlocks: the workspace (for holds and changes of
limits), then holds, then windows in the order of their limits, then the sum of a day, then the memberships
of people who are told about a limit.
"""

from __future__ import annotations

from accounts.ledger.amounts import Amounts
from accounts.ledger.at_this_rate import Rate, rates
from accounts.ledger.auditing import audit
from accounts.ledger.booking import hold, release, settle
from accounts.ledger.breakdowns import By, Days, ModelKey, Rest, by_day
from accounts.ledger.correcting import Charged, charged, correct
from accounts.ledger.export import portions
from accounts.ledger.extending import extend
from accounts.ledger.forecasts import Forecast, forecast
from accounts.ledger.locking import lock_windows
from accounts.ledger.outside import book_outside
from accounts.ledger.remaining import Allowance, allowances, allowances_of, allowances_under
from accounts.ledger.reports import Report, Series, report, series_of, total_of
from accounts.ledger.room import Room
from accounts.ledger.rooms import rooms_for
from accounts.ledger.run_list import Runs, runs
from accounts.ledger.spent import Measure, Spent
from accounts.ledger.target import Target
from accounts.ledger.tightest import tightest, tightest_of

__all__ = [
    "Allowance",
    "Amounts",
    "By",
    "Charged",
    "Days",
    "Forecast",
    "Measure",
    "ModelKey",
    "Rate",
    "Report",
    "Rest",
    "Room",
    "Runs",
    "Series",
    "Spent",
    "Target",
    "allowances",
    "allowances_of",
    "allowances_under",
    "audit",
    "book_outside",
    "by_day",
    "charged",
    "correct",
    "extend",
    "forecast",
    "hold",
    "lock_windows",
    "portions",
    "rates",
    "release",
    "report",
    "rooms_for",
    "runs",
    "series_of",
    "settle",
    "tightest",
    "tightest_of",
    "total_of",
]
