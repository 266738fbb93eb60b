"""Statements as they are sent to the database.

On PostgreSQL, statements that need no answer of each other are sent in one message, and each connection keeps
their plans: planning the query of a prompt's limits takes several times as long as running it, and a message
as long as a change of a row. SQLite is in the same process, so statements are run one by one there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from django.db import DatabaseError

from accounts.plans import Plan, current_connection, give_up, plans_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# The names of the plans that each connection of the driver keeps.
_kept: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
# The writers of literals for each connection of the driver.
_literals: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()


@dataclass(slots=True)
class Call:
    """A statement with the parameters of each time it is to run. ``read`` makes a result of the answer."""

    plan: Plan
    rows: list[list[Any]]
    read: Callable[[Any], Any] | None = None
    result: Any = 0

    def take(self, cursor: Any) -> None:
        """Read the answer to one time."""
        self.result = self.result + int(cursor.rowcount) if self.read is None else self.read(cursor)


def send(*calls: Call) -> list[Any]:
    """Run statements in this order, in one message where that is possible; return the result of each.

    That of a call that reads nothing is the number of rows that it has changed.
    """
    connection = current_connection()
    wanted = [call for call in calls if call.rows]
    if wanted:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                _send_together(wanted, cursor, connection)
            else:
                _send_each(wanted, cursor)
    return [call.result for call in calls]


def _send_each(calls: Sequence[Call], cursor: Any) -> None:
    for call in calls:
        if len(call.rows) == 1:
            cursor.execute(call.plan.text, call.rows[0])
        else:
            cursor.executemany(call.plan.text, call.rows)
        call.take(cursor)


def _send_together(calls: Sequence[Call], cursor: Any, connection: Any) -> None:
    times = [(call, row) for call in calls for row in call.rows]
    try:
        _prepare({call.plan.name: call.plan.kept for call in calls if call.plan.keeps}, connection)
        cursor.execute("; ".join(_written(call.plan.text, row, connection) for call, row in times))
    except DatabaseError as error:
        give_up(error)
        raise
    # Django's own cursor looks each of its attributes up anew.
    results = cursor.cursor
    for number, (call, _) in enumerate(times):
        if number:
            results.nextset()
        call.take(results)


def _written(text: str, row: list[Any], connection: Any) -> str:
    """Put values into a statement. The driver would split and read each text anew to do the same."""
    driver = connection.connection
    literals = _literals.get(driver)
    if literals is None:
        # Only PostgreSQL needs the driver.
        from psycopg.adapt import Transformer

        literals = _literals[driver] = Transformer(driver)
    return text % tuple(
        [str(value) if type(value) is int else literals.as_literal(value).decode() for value in row]
    )


def _prepare(plans: dict[str, str], connection: Any) -> None:
    """Let the server keep these plans, as far as this connection does not have them."""
    driver = connection.connection
    kept = _kept.get(driver)
    if kept is None:
        kept = _kept[driver] = set()
    if missing := plans.keys() - kept:
        connection.validate_no_broken_transaction()
        with connection.wrap_database_errors, driver.cursor() as cursor:
            cursor.execute("; ".join(f"PREPARE {name} AS {plans[name]}" for name in missing))
        kept |= missing


class Written:
    """A statement in SQL of our own, all of whose places are given at each call."""

    def __init__(self, sql: str) -> None:
        self._sql = sql
        self._plans: dict[tuple[str, bool], Plan] = {}

    def call(self, rows: list[list[Any]]) -> Call:
        connection = current_connection()
        plan = self._plans.get(key := plans_key(connection))
        if plan is None:
            plan = self._plans[key] = Plan.of_places(self._sql, self._sql.count("%s"), connection)
        return Call(plan, rows)
