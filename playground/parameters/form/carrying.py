"""Values that were chosen under one schema, carried over to another."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from playground.parameters.form.parameter_form import parameter_form
from playground.parameters.schema.validation import UNKNOWN as UNKNOWN

if TYPE_CHECKING:
    from playground.models import Endpoint


@dataclass(frozen=True, slots=True)
class Dropped:
    """A value that the other schema refuses, with the reason as a sentence."""

    name: str
    value: Any
    reason: str


@dataclass(frozen=True, slots=True)
class Carried:
    kept: dict[str, Any]
    dropped: tuple[Dropped, ...]


def carry_over(endpoint: Endpoint, parameters: dict[str, Any], extra: Collection[str] = ()) -> Carried:
    """Split ``parameters`` into those that the endpoint accepts unchanged and those that it refuses.

    :param extra: names that stay although the schema does not mention them: see :mod:`.extra`.
    """
    if not parameters:
        return Carried({}, ())
    form = parameter_form(endpoint)
    kept: dict[str, Any] = {}
    dropped = []
    for name, value in parameters.items():
        field = form.fields.get(name)
        if field is None and name in extra:
            kept[name] = value
            continue
        if field is None:
            dropped.append(Dropped(name, value, UNKNOWN))
            continue
        try:
            field.clean(field.entry_of(value))
        except ValidationError as error:
            dropped.append(Dropped(name, value, str(error.messages[0])))
        else:
            kept[name] = value
    return Carried(kept, tuple(dropped))
