"""Insertions with statements that are compiled once, and no signals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from accounts.plans import Plan, current_connection, plain_type, plans_key
from accounts.statements import Call, send

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import Model

M = TypeVar("M", bound="Model")

# No value has this type.
_NO_TYPE: type = type("_NoType", (), {})

_inserts: dict[tuple[Any, ...], _Insert] = {}


def insert(made: M) -> M:
    """Insert a new object, with a statement that is compiled once for its model; return it with its key.

    It does what ``save(force_insert=True)`` does for a model of one table, and sends no signals.
    """
    send(inserting(made))
    return made


def inserting(made: Model) -> Call:
    """Return the same as a part of what is sent together."""
    connection = current_connection()
    return _insert_into(type(made), connection).call(made, connection)


def insert_all(rows: Sequence[Model]) -> None:
    """Insert new objects of one model, with the same statement. Their keys are not set."""
    if rows:
        connection = current_connection()
        send(_insert_into(type(rows[0]), connection).call_of_all(rows, connection))


def insert_rows(model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[int | str]]) -> None:
    """Insert rows of whole numbers and texts, for models that need many of them; ``columns`` are attributes.

    A value of JSON is its text. All columns without a default in the database have to be named.
    """
    if not rows:
        return
    connection = current_connection()
    quote = connection.ops.quote_name
    names = ", ".join(map(quote, columns))
    place = f"({', '.join(['%s'] * len(columns))})"
    into = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES "  # noqa: S608 - names of ours alone
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(into + ", ".join([place] * len(rows)), [value for row in rows for value in row])
        else:
            cursor.executemany(into + place, rows)


def _insert_into(model: type[Model], connection: Any) -> _Insert:
    key = (*plans_key(connection), model)
    if key not in _inserts:
        _inserts[key] = _Insert(model, connection)
    return _inserts[key]


class _Insert:
    """A compiled insertion of one row. The database chooses its key."""

    def __init__(self, model: type[Model], connection: Any) -> None:
        key = model._meta.pk
        fields = [field for field in model._meta.concrete_fields if field is not key]
        # A value of a plain type needs no conversion, which takes several times as long as to read it.
        self._fields = [(field, field.attname, plain_type(field) or _NO_TYPE) for field in fields]
        quote = connection.ops.quote_name
        columns = ", ".join(quote(str(field.column)) for field in fields)
        places = ", ".join(["%s"] * len(self._fields))
        table = quote(model._meta.db_table)
        sql = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608 - names of ours alone
        # SQLite has this since 3.35.
        self._returns_key = connection.features.can_return_columns_from_insert
        returning = f" RETURNING {quote(str(key.column))}" if self._returns_key else ""
        self._one = Plan.of_places(sql + returning, len(self._fields), connection)
        self._many = Plan.of_places(sql, len(self._fields), connection)

    def call(self, made: Model, connection: Any) -> Call:
        def read(cursor: Any) -> Model:
            made.pk = cursor.fetchone()[0] if self._returns_key else cursor.lastrowid
            made._state.adding, made._state.db = False, connection.alias
            return made

        return Call(self._one, [self._values(made, connection)], read)

    def call_of_all(self, rows: Sequence[Model], connection: Any) -> Call:
        return Call(self._many, [self._values(row, connection) for row in rows])

    def _values(self, made: Model, connection: Any) -> list[Any]:
        own = made.__dict__
        return [
            own[name]
            if type(own.get(name)) is plain
            else field.get_db_prep_save(field.pre_save(made, add=True), connection)
            for field, name, plain in self._fields
        ]
