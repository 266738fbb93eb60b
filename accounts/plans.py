"""Statements with places for values, and their plans, which PostgreSQL keeps for a connection."""

from __future__ import annotations

import hashlib
import logging
import re
from itertools import count
from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.models import CharField, ForeignKey, IntegerField, TextField, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import Field

logger = logging.getLogger(__name__)

# The kind of a statement and its first table, for lists of statements.
_KIND = re.compile(r'\s*([A-Z]+)\b(?:.*?"?\b([a-z]+_[a-z]+)"?[ .(])?', re.DOTALL)
# The states of SQL of a plan that the server's connection does not have, or has already: a proxy gives each
# transaction another connection.
_FOREIGN_PLAN = {"26000", "42P05"}

_keeps_plans = [True]


def current_connection() -> Any:
    """Return the connection of this thread itself: each use of Django's proxy looks it up anew."""
    return connections[DEFAULT_DB_ALIAS]


class Given(Value):
    """A place in a statement for a value that each call gives."""

    def __init__(self, name: str, output_field: Field[Any, Any], place: int | None = None) -> None:
        super().__init__(name, output_field=output_field)
        self.name = name
        self.place = place
        # Values of this type go to the database as they are.
        self._plain = plain_type(output_field)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def of(self, values: dict[str, Any], connection: Any) -> Any:
        value = values[self.name] if self.place is None else values[self.name][self.place]
        if type(value) is self._plain:
            return value
        field = self.output_field
        if self.for_save:
            return field.get_db_prep_save(value, connection)
        return field.get_db_prep_value(value, connection, prepared=False)


def plain_type(field: Any) -> type | None:
    """Return the type of values that a field gives to the database as they are, if there is one."""
    if isinstance(field, ForeignKey):
        return plain_type(field.target_field)
    if isinstance(field, IntegerField):
        return int
    return str if type(field) in {CharField, TextField} else None


class Plan:
    """A statement with a place for each parameter, some of which each call gives."""

    def __init__(self, sql: str, parameters: Sequence[Any], connection: Any) -> None:
        self.keeps = connection.vendor == "postgresql" and _keeps_plans[0]
        self.text, self._places = sql, parameters
        if self.keeps:
            self._places = [each for each in parameters if type(each) is Given]
            numbers = count(1)
            literals = [
                f"${next(numbers)}" if type(each) is Given else connection.ops.compose_sql("%s", [each])
                for each in parameters
            ]
            # The server keeps a text that has the other parameters in it.
            self.kept = sql % tuple(literals)
            self.name = f"kept_{hashlib.blake2s(self.kept.encode(), digest_size=8).hexdigest()}"
            places = f"({', '.join(['%s'] * len(self._places))})" if self._places else ""
            self.text = f"EXECUTE {self.name}{places} /* {_kind(sql)} */"

    @classmethod
    def of_places(cls, sql: str, number: int, connection: Any) -> Plan:
        """Return the plan of a statement all of whose parameters are given, in order."""
        return cls(sql, [Given("", TextField())] * number, connection)

    def bound(self, values: dict[str, Any], connection: Any) -> list[Any]:
        """Return the parameters of ``text`` from values by name."""
        return [each.of(values, connection) if type(each) is Given else each for each in self._places]


def _kind(sql: str) -> str:
    """
    >>> _kind('UPDATE "chat_run" SET "code" = 1'), _kind('INSERT INTO chat_run AS x (a) VALUES (%s)')
    ('UPDATE chat_run', 'INSERT chat_run')
    >>> _kind('SELECT (1) AS "a" FROM "chat_run" WHERE "chat_run"."id" = %s'), _kind("SELECT 1")
    ('SELECT chat_run', 'SELECT')
    """
    found = _KIND.match(sql)
    return " ".join(part for part in found.groups() if part) if found else ""


def plans_key(connection: Any) -> tuple[str, bool]:
    """Return what the plans of a statement differ by."""
    return (connection.vendor, _keeps_plans[0])


def give_up(error: DatabaseError) -> None:
    """Keep no plans from now on, if the server's connection is another one for each transaction."""
    if getattr(error.__cause__, "sqlstate", "") in _FOREIGN_PLAN:
        logger.warning("The database has no plan of this connection, so no plans are kept: is there a proxy?")
        _keeps_plans[0] = False
