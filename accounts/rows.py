"""How rows of a prepared query become objects: the same as in Django, with less work for each.

Django gives the values to the class in order, which sets each through a descriptor, and asks the settings
for the zone of each moment. For the thousand values that a prompt reads, this took longer than the database.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Model
from django.db.models.base import ModelState
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import post_init, pre_init

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Convert = Callable[[Any, Any, Any], Any]
    # A place in a row, what makes a Python value of the one that is there, and the expression that it is of.
    Conversion = tuple[int, Convert, Any]
    Make = Callable[[Sequence[Any]], Any]

# Descriptors that do no more than to keep the value, if the object is new.
_KEEPING = {DeferredAttribute, ForeignKeyDeferredAttribute}

# The digits of a UUID, as SQLite has it.
_DIGITS = 32


def conversions_of(converters: Mapping[int, tuple[list[Convert], Any]], connection: Any) -> list[Conversion]:
    """Return the converters of a compiled query by place, each with its expression, in order."""
    return [
        (place, _quick(convert, connection), expression)
        for place, (several, expression) in converters.items()
        for convert in several
    ]


def converted(
    rows: Iterable[Sequence[Any]], conversions: list[Conversion], connection: Any
) -> Iterable[Sequence[Any]]:
    for row in rows:
        values = list(row)
        for place, convert, expression in conversions:
            values[place] = convert(values[place], expression, connection)
        yield values


def _quick(convert: Convert, connection: Any) -> Convert:
    """Return a quicker converter that does the same, for the two that SQLite needs most."""
    operations = connection.ops
    if connection.vendor == "sqlite":
        if convert == operations.convert_uuidfield_value:
            return _uuid
        if convert == operations.convert_datetimefield_value:
            return _moment
    return convert


def _uuid(value: str | None, expression: Any, connection: Any) -> UUID | None:
    if value is None:
        return None
    # The usual form; as text that another expression has made, it may be written with hyphens.
    return UUID(int=int(value, 16)) if len(value) == _DIGITS else UUID(value)


def _moment(value: Any, expression: Any, connection: Any) -> Any:
    # SQLite stores no zones.
    if type(value) is datetime and value.tzinfo is None and (zone := connection.timezone) is not None:
        return value.replace(tzinfo=zone)
    return connection.ops.convert_datetimefield_value(value, expression, connection)


def maker(model: type[Model], names: Sequence[str], alias: str) -> Make:
    """Return what makes an object of the values of these fields, like the model's ``from_db()``."""
    if not is_plain(model, names):
        return lambda values: model.from_db(alias, names, values)

    def make(values: Sequence[Any]) -> Any:
        made = model.__new__(model)
        made._state = state = ModelState()
        state.adding, state.db = False, alias
        made.__dict__.update(zip(names, values, strict=True))
        return made

    return make


def is_plain(model: type[Model], names: Iterable[str]) -> bool:
    """Return whether nobody but Django takes part when the model's objects are made."""
    ours: Any = model
    return (
        ours.__init__ is Model.__init__
        and ours.from_db.__func__ is vars(Model)["from_db"].__func__
        and not pre_init.has_listeners(model)
        and not post_init.has_listeners(model)
        and all(type(getattr(model, name)) in _KEEPING for name in names)
    )


def related_maker(populator: Any, alias: str) -> Callable[[Sequence[Any], Any], None]:
    """Return what makes the related object in a row, and links it with the row's own object.

    ``populator`` is that of Django, which does the same.
    """
    make = maker(populator.model_cls, populator.init_list, alias)
    further = [related_maker(each, alias) for each in populator.related_populators]
    first, last, key = populator.cols_start, populator.cols_end, populator.pk_idx
    local_setter, remote_setter = populator.local_setter, populator.remote_setter

    def populate(row: Sequence[Any], made: Any) -> None:
        values = row[first:last]
        if values[key] is None:
            local_setter(made, None)
            return
        related = make(values)
        for each in further:
            each(row, related)
        local_setter(made, related)
        remote_setter(related, made)

    return populate
