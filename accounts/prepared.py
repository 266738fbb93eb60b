"""Queries that are compiled once and run many times with other values.

Django builds and compiles a query anew each time. That takes several times as long as SQLite takes to answer
one with subqueries, and most of a prompt's processor time went into it. A prepared query is written like any
other; the values that differ from call to call are parameters:

    @prepared(user=IntegerField())
    def _keys_of(user: Any) -> QuerySet[ApiKey]:
        return ApiKey.objects.filter(member=user)

    keys = _keys_of(user=7)

The function must not depend on anything but its parameters, and no parameter may be None, which SQL compares
in another way. A parameter that is a list stands for values of an ``__in``; each length is compiled once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from django.db.models import query as django_query
from django.db.models.query import ModelIterable, ValuesListIterable
from django.db.models.sql import UpdateQuery

from accounts.plans import Given, Plan, current_connection, plans_key
from accounts.rows import conversions_of, converted, maker, related_maker
from accounts.statements import Call, send

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.models import Field, Model, QuerySet

T = TypeVar("T")

# Longer lists are rare, and of many lengths.
_LONGEST_LIST = 8


def fields_of(model: type[Model], *names: str) -> dict[str, Field[Any, Any]]:
    """Return the fields of a model by name, as the fields of parameters."""
    return {name: cast("Field[Any, Any]", model._meta.get_field(name)) for name in names}


class prepared:
    """Compile the query that a function builds, once for each database. Parameters have the given fields."""

    def __init__(self, **fields: Field[Any, Any]) -> None:
        self._fields = fields

    def __call__(self, build: Callable[..., QuerySet[Any, T]]) -> Prepared[T]:
        return Prepared(build, self._fields)


class prepared_update:
    """Compile an update once. The function returns the rows to change and their new values, by field."""

    def __init__(self, **fields: Field[Any, Any]) -> None:
        self._fields = fields

    def __call__(self, build: Callable[..., tuple[QuerySet[Any], dict[str, Any]]]) -> PreparedUpdate:
        return PreparedUpdate(build, self._fields)


class PreparedUpdate:
    def __init__(
        self, build: Callable[..., tuple[QuerySet[Any], dict[str, Any]]], fields: dict[str, Field[Any, Any]]
    ) -> None:
        self._build = build
        self._fields = fields
        self._plans: dict[tuple[str, bool], Plan] = {}

    def __call__(self, **values: Any) -> int:
        """Run the update with these values; return the number of rows that it changed."""
        return self.many([values])

    def many(self, rows: Sequence[dict[str, Any]]) -> int:
        """Run the update once for each of these values, in order, with one call of the database."""
        [changed] = send(self.call(rows))
        return int(changed)

    def call(self, rows: Sequence[dict[str, Any]]) -> Call:
        """Return the same as a part of what is sent together."""
        connection = current_connection()
        plan = self._plans.get(key := plans_key(connection))
        if plan is None:
            plan = self._plans[key] = self._compiled(connection)
        return Call(plan, [plan.bound(values, connection) for values in rows])

    def _compiled(self, connection: Any) -> Plan:
        rows, changes = self._build(**{name: Given(name, each) for name, each in self._fields.items()})
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values(changes)
        sql, parameters = query.get_compiler(connection=connection).as_sql()
        return Plan(sql, parameters, connection)


class Prepared(Generic[T]):
    def __init__(self, build: Callable[..., QuerySet[Any, T]], fields: dict[str, Field[Any, Any]]) -> None:
        self._build = build
        self._fields = fields
        self._plans: dict[tuple[Any, ...], _Plan[T]] = {}

    def __call__(self, **values: Any) -> list[T]:
        """Run the query with these values."""
        if any(isinstance(value, list) and not 0 < len(value) <= _LONGEST_LIST for value in values.values()):
            return [] if any(value == [] for value in values.values()) else list(self._build(**values))
        [found] = send(self.call(**values))
        return cast("list[T]", found)

    def call(self, **values: Any) -> Call:
        """Return the same as a part of what is sent together. No list may be empty or long."""
        lists = {name: value for name, value in values.items() if isinstance(value, list)}
        connection = current_connection()
        key = (*plans_key(connection), *map(len, lists.values()))
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = _Plan(self._build(**self._givens(lists)), connection)
        return plan.call(values, connection)

    def _givens(self, lists: dict[str, list[Any]]) -> dict[str, Any]:
        return {
            name: [Given(name, field, place) for place in range(len(lists[name]))]
            if name in lists
            else Given(name, field)
            for name, field in self._fields.items()
        }


class _Plan(Generic[T]):
    """A compiled query, and how its rows become objects: the same as in Django's iterables."""

    def __init__(self, queryset: QuerySet[Any, T], connection: Any) -> None:
        compiler = queryset.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        self._plan = Plan(sql, parameters, connection)
        columns = [column[0] for column in compiler.select[: compiler.col_count]]
        self._conversions = conversions_of(compiler.get_converters(columns), connection)
        iterable = queryset._iterable_class
        if iterable is ModelIterable:
            self._make = self._models(compiler, connection.alias)
        elif iterable is ValuesListIterable:
            self._make = cast("Callable[[Sequence[Any]], Any]", tuple)
        else:
            raise TypeError("A prepared query returns models or tuples.")

    def call(self, values: dict[str, Any], connection: Any) -> Call:
        def read(cursor: Any) -> list[T]:
            rows = cursor.fetchall()
            found = converted(rows, self._conversions, connection) if self._conversions else rows
            return [self._make(row) for row in found]

        return Call(self._plan, [self._plan.bound(values, connection)], read)

    @staticmethod
    def _models(compiler: Any, alias: str) -> Callable[[Sequence[Any]], Any]:
        model, places = compiler.klass_info["model"], compiler.klass_info["select_fields"]
        first, last = places[0], places[-1] + 1
        names = [column[0].target.attname for column in compiler.select[first:last]]
        # The stubs are those of a later version.
        populators: Any = django_query.get_related_populators
        related = [
            related_maker(each, alias) for each in populators(compiler.klass_info, compiler.select, alias)
        ]
        annotations = list((compiler.annotation_col_map or {}).items())
        make_own = maker(model, names, alias)

        def make(row: Sequence[Any]) -> Any:
            made = make_own(row[first:last])
            for populate in related:
                populate(row, made)
            for name, place in annotations:
                setattr(made, name, row[place])
            return made

        return make
