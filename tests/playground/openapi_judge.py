"""An independent translation of OpenAPI 3.0 schemas, which handles ``nullable`` only."""

from __future__ import annotations

from typing import Any

import jsonschema_rs


def judge_of(schema: Any) -> Any:
    return jsonschema_rs.Draft202012Validator(_with_null(schema), retriever=_refuse, validate_formats=False)


def _with_null(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_with_null(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: _with_null(value) for key, value in schema.items() if key != "nullable"}
    if schema.get("nullable") is not True:
        return result
    # These documents write null as ``nullable`` alone, except for values of any type.
    return {"anyOf": [result, {"type": "null"}]} if result.keys() - {"description"} else ANY_OR_NULL


ANY_OR_NULL: dict[str, Any] = {}


def _refuse(uri: str) -> Any:
    raise AssertionError(f"fetched {uri}")
