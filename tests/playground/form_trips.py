"""Round trips of values through a form: shown, posted as a browser would, read again."""

from __future__ import annotations

import json
from typing import Any

from playground.parameters.form.parameter_form import ParameterForm
from playground.parameters.schema.equality import is_same
from playground.parameters.schema.request_schema import RequestSchema, read_request_schema
from tests.playground.untouched_page import posted_by

STRING = {"type": "string"}
INTEGER = {"type": "integer"}


def request_schema_of(schema: object, **definitions: object) -> RequestSchema:
    """Read a request with one parameter, ``x``, that has the schema."""
    return read_request_schema({"type": "object", "properties": {"x": schema}, **definitions})


def page_of(form: ParameterForm) -> str:
    return "".join(field.html for group in form.groups for field in group.fields)


def posted_again(request_schema: RequestSchema, name: str, value: Any) -> ParameterForm:
    """Return the form as posted by a user who was shown the value and changed nothing."""
    return ParameterForm(
        request_schema, posted_by(page_of(ParameterForm(request_schema, initial={name: value})))
    )


def comes_back(request_schema: RequestSchema, value: Any, name: str = "x") -> bool:
    form = posted_again(request_schema, name, value)
    return form.is_valid() and set(form.parameters) == {name} and is_same(form.parameters[name], value)


def is_refused(request_schema: RequestSchema, value: Any, name: str = "x") -> bool:
    """Tell whether a form with the value has errors."""
    form = ParameterForm(request_schema, {f"p.{name}.state": "json", f"p.{name}.json": json.dumps(value)})
    return not form.is_valid() and bool(form.errors_by_name) and form.parameters == {}


def sends_nothing(request_schema: RequestSchema) -> bool:
    form = ParameterForm(request_schema, posted_by(page_of(ParameterForm(request_schema))))
    return form.is_valid() and form.parameters == {} and form.changed_count == 0


def disagreements(
    schema: object, accepted: list[Any], refused: list[Any], **definitions: object
) -> list[str]:
    """List where a form differs from the schema; an empty text means nowhere."""
    request_schema = request_schema_of(schema, **definitions)
    found = [] if sends_nothing(request_schema) else ["an untouched form sends something"]
    found += [f"refused: {value!r}" for value in accepted if not comes_back(request_schema, value)]
    found += [f"accepted: {value!r}" for value in refused if not is_refused(request_schema, value)]
    return found
