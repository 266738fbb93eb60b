"""The operations of an OpenAPI document as tools: parameters and the fields of the body become one schema.

https://spec.openapis.org/oas/v3.1.0#operation-object
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chat.tool_schemas.importing import MOST, TOOL, Definition, DefinitionsRefused, definition
from playground.parameters.schema.bundling import resolve_pointer

Json = dict[str, Any]

_METHODS = ("get", "put", "post", "delete", "patch", "options", "head")
_MAX_HOPS = 16
# Keywords of a body whose fields can stand beside the parameters.
_PLAIN = frozenset({"type", "properties", "required", "title", "description", "additionalProperties"})
# The parameter that holds a body whose fields cannot stand beside the other parameters.
_BODY = "body"


def is_document(value: Any) -> bool:
    """Tell whether a parsed text is an OpenAPI document."""
    return isinstance(value, dict) and isinstance(value.get("paths"), dict)


def read_operations(document: Json) -> list[Definition]:
    """Return a tool for each operation of a document, in its order.

    :raises DefinitionsRefused: there is no operation, or the document cannot be used.
    """
    found = list(_operations(document))
    if not found:
        raise DefinitionsRefused("This OpenAPI document has no operations.")
    if len(found) > MOST:
        raise DefinitionsRefused(f"This document has {len(found):,} operations. At most {MOST} can be shown.")
    return found


def _operations(document: Json) -> Iterator[Definition]:
    for path, stated in document["paths"].items():
        item = _resolved(stated, document)
        for method in _METHODS:
            operation = item.get(method)
            if isinstance(operation, dict):
                yield _tool(document, str(path), method, item, operation)


def _tool(document: Json, path: str, method: str, item: Json, operation: Json) -> Definition:
    schema = _schema(document, item, operation)
    named = operation.get("operationId")
    name = named if isinstance(named, str) and named.strip() else f"{method}_{path}"
    texts = (operation.get("summary"), operation.get("description"))
    said = "\n\n".join(
        dict.fromkeys(text.strip() for text in texts if isinstance(text, str) and text.strip())
    )
    source = f"{method.upper()} {path}"
    return definition(TOOL, name, said, schema, where=source, document=document, source=source)


def _schema(document: Json, item: Json, operation: Json) -> Json:
    """Return the schema of all parameters and of the body."""
    properties: Json = {}
    required: list[str] = []
    # An operation's parameter replaces the path's one of the same name and place.
    parameters = {
        (each.get("in"), each.get("name")): each
        for each in (*_parameters(item, document), *_parameters(operation, document))
    }
    for (place, name), parameter in parameters.items():
        if place not in ("path", "query", "header", "cookie") or not isinstance(name, str):
            continue
        properties[name] = _described(_schema_of(parameter), parameter.get("description"))
        if parameter.get("required") is True:
            required.append(name)
    body, is_required = _body(operation, document)
    if body is not None:
        _add_body(properties, required, body, document, is_required=is_required)
    schema: Json = {"type": "object", "properties": properties}
    return {**schema, "required": required} if required else schema


def _parameters(around: Json, document: Json) -> Iterator[Json]:
    stated = around.get("parameters")
    for each in stated if isinstance(stated, list) else ():
        yield _resolved(each, document)


def _schema_of(parameter: Json) -> Json:
    schema = parameter.get("schema")
    if isinstance(schema, dict):
        return schema
    content = parameter.get("content")
    return _content_schema(content) or {}


def _described(schema: Json, description: Any) -> Json:
    if not isinstance(description, str) or not description.strip() or "description" in schema:
        return schema
    return {**schema, "description": description.strip()}


def _body(operation: Json, document: Json) -> tuple[Json | None, bool]:
    body = _resolved(operation.get("requestBody"), document)
    return _content_schema(body.get("content")), body.get("required") is True


def _content_schema(content: Any) -> Json | None:
    """Return the schema of a content, of its JSON if it has several types."""
    if not isinstance(content, dict):
        return None
    kinds = sorted(content, key=lambda kind: ("json" not in str(kind), "form" not in str(kind)))
    for kind in kinds:
        media = content[kind]
        if isinstance(media, dict) and isinstance(media.get("schema"), dict):
            schema: Json = media["schema"]
            return schema
    return None


def _add_body(
    properties: Json, required: list[str], body: Json, document: Json, *, is_required: bool
) -> None:
    """Add the fields of a body beside the parameters, or the whole body as one of them."""
    fields = _resolved(body, document)
    inner = fields.get("properties")
    is_plain = fields.keys() <= {
        "type",
        "properties",
        "required",
        "title",
        "description",
        "additionalProperties",
    }
    if isinstance(inner, dict) and is_plain and not inner.keys() & properties.keys():
        properties |= inner
        stated = fields.get("required")
        if is_required and isinstance(stated, list):
            required += [name for name in stated if isinstance(name, str) and name in inner]
        return
    name = _BODY
    while name in properties:
        name += "_"
    properties[name] = body
    if is_required:
        required.append(name)


def _resolved(value: Any, document: Json) -> Json:
    """Follow references within the document; return an empty object if they lead nowhere."""
    for _ in range(_MAX_HOPS):
        if not isinstance(value, dict):
            return {}
        reference = value.get("$ref")
        if not isinstance(reference, str):
            return value
        value = resolve_pointer(document, reference) if reference.startswith("#/") else None
    return {}
