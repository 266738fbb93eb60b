"""The annotations of a schema that a form shows: default, title as help, examples, deprecated."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from playground.parameters.schema.spec import UNSET, Kind, ParameterSpec
from playground.parameters.schema.translate import Schema
from playground.parameters.schema.validation import validator_for

MAX_TITLE = 120
MAX_DEFAULT = 200
MAX_EXAMPLES = 3
MAX_EXAMPLE = 60


def with_annotations(spec: ParameterSpec, schema: Schema) -> ParameterSpec:
    return replace(
        spec,
        default=_default(spec, schema),
        help=_help(spec.name, schema),
        examples=_examples(schema),
        is_deprecated=schema.get("deprecated") is True,
    )


def _default(spec: ParameterSpec, schema: Schema) -> Any:
    """Return the stated default, UNSET if it is not valid: some generators invent defaults."""
    default = schema.get("default", UNSET)
    if isinstance(default, str) and len(default) > MAX_DEFAULT:
        return UNSET
    if default is None:
        return None if spec.is_nullable or spec.kind is Kind.JSON else UNSET
    if default is UNSET or "$ref" in schema:
        return default
    return default if validator_for(schema).is_valid(default) else UNSET


def _help(name: str, schema: Schema) -> str:
    """Return the title as a sentence, unless it only repeats the name, as generators write it.

    Descriptions are the provider's sentences. They stay in its documentation.
    """
    title = " ".join(str(schema.get("title", "")).split())
    is_name = _letters(title) in ("", _letters(name))
    return "" if is_name or len(title) > MAX_TITLE else title.rstrip(".") + "."


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _examples(schema: Schema) -> tuple[Any, ...]:
    stated = [*schema.get("examples", ()), *([schema["example"]] if "example" in schema else [])]
    short = [
        value for value in stated if isinstance(value, str | int | float) and len(str(value)) <= MAX_EXAMPLE
    ]
    return tuple(dict.fromkeys(short))[:MAX_EXAMPLES]
