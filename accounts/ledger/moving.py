"""Changes of the windows of a run: what it holds of each is added, or replaced by what it has used.

PostgreSQL changes all windows with one statement, SQLite, which is in the same process, one after the other.
Windows are locked in the order of their limits, so that two runs never wait for each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from accounts.plans import current_connection
from accounts.statements import Written, send

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.statements import Call


class Added(NamedTuple):
    """An amount to hold of a window, which must leave ``room`` for it: the most it may have used and held."""

    amount: int
    window: int
    room: int


class Freed(NamedTuple):
    """An amount that was held of a window, and what was used in its place."""

    held: int
    used: int
    window: int


_LOCK = Written("""
    SELECT id FROM accounts_limitwindow WHERE id = ANY (%s::bigint[])
    ORDER BY limit_id, id FOR NO KEY UPDATE
""")
_ADD = Written("UPDATE accounts_limitwindow SET held = held + %s WHERE id = %s AND used <= %s - held")
_ADD_ALL = Written("""
    UPDATE accounts_limitwindow SET held = held + given.amount
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS given (amount, of_window, room)
    WHERE id = given.of_window AND used <= given.room - held
""")
_FREE = Written("UPDATE accounts_limitwindow SET held = held - %s, used = used + %s WHERE id = %s")
_FREE_ALL = Written("""
    UPDATE accounts_limitwindow SET held = held - given.freed, used = used + given.more
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS given (freed, more, of_window)
    WHERE id = given.of_window
""")
# The hold is inserted in the same message, so its key is not known.
_PART = Written("""
    INSERT INTO accounts_holdpart (amount, window_id, hold_id)
    SELECT CAST(%s AS bigint), CAST(%s AS bigint), id FROM accounts_hold WHERE run_code = %s
""")
_ALL_PARTS = Written("""
    INSERT INTO accounts_holdpart (amount, window_id, hold_id)
    SELECT given.amount, given.of_window, accounts_hold.id
    FROM accounts_hold, unnest(%s::bigint[], %s::bigint[]) AS given (amount, of_window)
    WHERE accounts_hold.run_code = %s::uuid
""")


def add_held(rows: Sequence[Added], *more: Call) -> list[Any]:
    """Hold of several windows, of each only if it leaves that much, and run ``more`` after it.

    :returns: the number of windows that left enough, and the results of ``more``.
    """
    return _change(_ADD, _ADD_ALL, rows, [row.window for row in rows], more)


def free(rows: Sequence[Freed], *more: Call) -> None:
    """Replace what is held of several windows by what was used, and run ``more`` after it."""
    _change(_FREE, _FREE_ALL, rows, [row.window for row in rows], more)


def parts_of_hold(code: Any, rows: Sequence[Added]) -> Call:
    """Insert the parts of the hold of a run. ``code`` is the run's as the database has it."""
    if rows and _changes_all():
        amounts, windows, _ = _columns(rows)
        return _ALL_PARTS.call([[amounts, windows, code]])
    return _PART.call([[row.amount, row.window, code] for row in rows])


def _change(
    each: Written,
    together: Written,
    rows: Sequence[tuple[int, ...]],
    windows: list[int],
    more: Sequence[Call],
) -> list[Any]:
    if not rows or not _changes_all():
        return send(each.call([list(row) for row in rows]), *more)
    change = together.call([_columns(rows)])
    # A single row is locked by its change.
    locks = [_LOCK.call([[_array(windows)]])] if len(windows) > 1 else []
    return send(*locks, change, *more)[len(locks) :]


def _changes_all() -> bool:
    return bool(current_connection().vendor == "postgresql")


def _columns(rows: Sequence[tuple[int, ...]]) -> list[str]:
    return [_array(column) for column in zip(*rows, strict=True)]


def _array(numbers: Sequence[int]) -> str:
    """Return an array as PostgreSQL writes it."""
    return f"{{{','.join(map(str, numbers))}}}"
