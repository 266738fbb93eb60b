"""Tools and schemas of the library, copied into the parameters of a request in the endpoint's shapes.

Nothing is stored here: the caller stores the parameters with :func:`chat.flows.select_model.select_model`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from chat.exceptions import EntryRefused
from playground.parameters.form.parameter_form import parameter_form
from playground.upstream.dialects.registry import dialect_of, dialects
from playground.upstream.dialects.shared.parameters import tools as shapes
from playground.upstream.dialects.shared.parameters.formats import formats_at
from playground.upstream.dialects.shared.parameters.tools import ToolChoice, read_tool

if TYPE_CHECKING:
    from chat.models import OutputSchema, Tool
    from playground.models import Endpoint
    from playground.parameters.form.fields import ParameterField
    from playground.upstream.dialects.dialect import Dialect

Json = dict[str, Any]


def tools_in(value: Any) -> list[str]:
    """Return the names of the tools in the value of a parameter, in their order, each once."""
    found = map(read_tool, value if isinstance(value, list) else ())
    return list(dict.fromkeys(tool.name for tool in found if tool is not None and tool.name))


def take_tools(
    endpoint: Endpoint,
    name: str,
    parameters: Mapping[str, Any],
    chosen: Sequence[Tool],
    unticked: Iterable[str] = (),
) -> Json:
    """Return the parameters with the chosen tools in the parameter ``name``.

    A tool of the same name is replaced where it stands; those in ``unticked`` are removed; others stay.

    :raises EntryRefused: the schema of the parameter refuses a tool in every shape.
    """
    field = _field(endpoint, name)
    given = parameters.get(name)
    current: list[Any] = list(given) if isinstance(given, list) else []
    gone = set(unticked)
    current = [each for each in current if not gone & set(tools_in([each]))]
    for tool in chosen:
        written = _first_valid(field, ([each] for each in _shapes_of(tool, endpoint)), tool.name)[0]
        place = next((at for at, each in enumerate(current) if tools_in([each]) == [tool.name]), len(current))
        current[place : place + 1] = [written]
    return _with(parameters, name, current or None)


def take_schema(endpoint: Endpoint, name: str, parameters: Mapping[str, Any], chosen: OutputSchema) -> Json:
    """Return the parameters with a schema for the answer in the parameter ``name``.

    :raises EntryRefused: the schema of the parameter refuses it in every shape.
    """
    said: Json = {"type": "json_schema", "name": chosen.name, "schema": chosen.schema_value}
    more: Json = {"description": chosen.description} if chosen.description else {}
    strict: Json = {"strict": True} if chosen.is_strict else {}
    variants = (said | more | strict, said | strict, said | more, said)
    values = (value for each in variants for value in formats_at(name, each, parameters.get(name)))
    return _with(parameters, name, _first_valid(_field(endpoint, name), values, chosen.name))


def take_choice(endpoint: Endpoint, name: str, parameters: Mapping[str, Any], tool: str) -> Json:
    """Return the parameters with the choice of one tool in the parameter ``name``.

    :raises EntryRefused: the schema of the parameter refuses the choice in every shape.
    """
    choice = ToolChoice("named", tool)
    written = (each.tools.write_choice(choice) for each in _dialects(endpoint) if each.tools is not None)
    # NVIDIA's Nemotron has the name where others have an object with it.
    values = (*written, {"type": "function", "function": tool})
    return _with(parameters, name, _first_valid(_field(endpoint, name), values, tool))


def _with(parameters: Mapping[str, Any], name: str, value: Any) -> Json:
    others = {key: parameters[key] for key in parameters if key != name}
    return others if value is None else {**others, name: value}


def _field(endpoint: Endpoint, name: str) -> ParameterField:
    field = parameter_form(endpoint).fields.get(name)
    if field is None:
        raise EntryRefused(f"This model has no parameter “{name}”.")
    return field


def _dialects(endpoint: Endpoint) -> Iterator[Dialect]:
    """Yield the dialect of an endpoint, and then the others: some schemas have the shapes of another one."""
    own = dialect_of(endpoint.kind)
    yield own
    yield from (each for each in dialects() if each is not own)


def _shapes_of(tool: Tool, endpoint: Endpoint) -> Iterator[Json]:
    for strict in (True, None) if tool.is_strict else (None,):
        found = shapes.Tool(tool.name, tool.description, parameters=tool.schema_value, strict=strict)
        for dialect in _dialects(endpoint):
            written = dialect.tools.write_tool(found) if dialect.tools is not None else None
            if written is not None:
                yield written
                if dialect.kind == "messages":
                    # Some documents of Claude demand the type that Anthropic leaves out.
                    yield {"type": "custom", **written}


def _first_valid(field: ParameterField, values: Iterable[Any], name: str) -> Any:
    reason = ""
    for value in values:
        try:
            field.clean(field.entry_of(value))
        except ValidationError as error:
            reason = reason or str(error.messages[0])
        else:
            return value
    raise EntryRefused(f"This model does not accept “{name}”. {reason}")
