"""Validation of request bodies against their model's schema."""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import Any, NoReturn

import jsonschema_rs

from playground.demo.models import MODELS
from playground.upstream.dialects.chat_completions import DIALECT

_MOST_REPORTED = 5


def problems(model_id: str, body: dict[str, Any], kind: str = DIALECT.kind) -> list[tuple[str, str]]:
    """Return the path and message of each error in the body."""
    try:
        errors = list(islice(_validator(model_id, kind).iter_errors(body), _MOST_REPORTED))
    except ValueError:
        return [("", "The body nests too deeply.")]
    return [(".".join(str(step) for step in error.instance_path), error.message[:300]) for error in errors]


@cache
def _validator(model_id: str, kind: str = DIALECT.kind) -> jsonschema_rs.Draft202012Validator:
    schema = _with_null(MODELS[model_id].schemas[kind])
    return jsonschema_rs.Draft202012Validator(schema, retriever=_refuse)


def _refuse(address: str) -> NoReturn:
    raise ValueError(f"{address} is outside of the schema")


def _with_null(schema: Any) -> Any:
    """Translate OpenAPI 3.0's ``nullable``, which JSON schema ignores."""
    if isinstance(schema, list):
        return [_with_null(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    translated = {key: _with_null(value) for key, value in schema.items() if key != "nullable"}
    if schema.get("nullable") is True:
        # A list of types, unlike two alternatives, makes the message name the place inside.
        translated["type"] = [translated["type"], "null"] if "type" in translated else "null"
    return translated
