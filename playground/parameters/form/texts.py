"""Parameters as texts, such as the values of a link. The schema decides what a text means.

A text is read as JSON if the parameter accepts that value, and else as it stands: ``0.5`` is a number for
``temperature`` and a text for ``user``. A list or an object is JSON in any case.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from playground.parameters.form.carrying import UNKNOWN, Carried, Dropped
from playground.parameters.form.parameter_form import parameter_form
from playground.parameters.form.parsing import EntryError, parse_json
from playground.parameters.schema.equality import is_same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playground.models import Endpoint
    from playground.parameters.form.fields import ParameterField


def read_texts(endpoint: Endpoint, texts: Mapping[str, str]) -> Carried:
    """Split texts, by name of parameter, into values that the endpoint accepts and others."""
    form = parameter_form(endpoint)
    kept: dict[str, Any] = {}
    dropped = []
    for name, text in texts.items():
        field = form.fields.get(name)
        if field is None:
            dropped.append(Dropped(name, text, UNKNOWN))
            continue
        try:
            kept[name] = _value(field, text)
        except ValidationError as error:
            dropped.append(Dropped(name, text, str(error.messages[0])))
    return Carried(kept, tuple(dropped))


def write_texts(endpoint: Endpoint, parameters: Mapping[str, Any]) -> Carried:
    """Write parameters as texts that :func:`read_texts` reads as the same values.

    Extra parameters and values that the schema refuses are dropped.
    """
    form = parameter_form(endpoint)
    kept: dict[str, Any] = {}
    dropped = []
    for name, value in parameters.items():
        field = form.fields.get(name)
        text = _text(field, value) if field else None
        if text is None:
            dropped.append(Dropped(name, value, UNKNOWN))
        else:
            kept[name] = text
    return Carried(kept, tuple(dropped))


def _value(field: ParameterField, text: str) -> Any:
    """
    :raises ValidationError: the parameter accepts neither the JSON value nor the text.
    """
    try:
        value = parse_json(text)
    except EntryError:
        return _checked(field, text)
    try:
        return _checked(field, value)
    except ValidationError as error:
        if isinstance(value, str):
            raise
        try:
            return _checked(field, text)
        except ValidationError:
            # The text looks like a value of another kind, so this is the error that explains it.
            raise error from None


def _checked(field: ParameterField, value: Any) -> Any:
    field.clean(field.entry_of(value))
    return value


def _text(field: ParameterField, value: Any) -> str | None:
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for text in [value, written] if isinstance(value, str) else [written]:
        try:
            if is_same(_value(field, text), value):
                return text
        except ValidationError:
            continue
    return None
