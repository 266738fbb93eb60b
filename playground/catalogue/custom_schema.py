"""A request schema that a workspace gives one of its models, from a document or written by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from playground.catalogue.document_models import refuse_excess
from playground.catalogue.documents import DocumentRefused, load
from playground.catalogue.import_openapi import is_usable
from playground.parameters.schema.properties import root_properties
from playground.parameters.schema.reader import read_parameters
from playground.parameters.schema.spec import Kind
from playground.parameters.schema.translate import to_json_schema
from playground.parameters.schema.validation import find_errors, validator_for
from playground.upstream.dialects.registry import transcript_properties

# A longer text is too long for editing in a browser.
LONGEST_TEXT = 1_000_000
WRITTEN = "written here"


@dataclass(frozen=True, slots=True)
class FormSummary:
    """The form of a schema in figures: how many parameters, and which are edited as JSON."""

    parameters: int
    editors: tuple[str, ...]

    @property
    def controls(self) -> int:
        return self.parameters - len(self.editors)


def read_written(text: str, model_id: str) -> dict[str, Any]:
    """Parse a schema that was written for that model.

    :raises DocumentRefused: with the reason as a sentence.
    """
    if len(text) > LONGEST_TEXT:
        raise DocumentRefused("This schema is too long to edit here. Import it as a document.")
    try:
        schema = json.loads(text)
    except RecursionError as error:
        raise DocumentRefused("This schema is nested too deeply.") from error
    except json.JSONDecodeError as error:
        raise DocumentRefused(
            f"This is not JSON. Line {error.lineno}, column {error.colno}: {error.msg}."
        ) from error
    except ValueError as error:
        # Python refuses numbers with thousands of digits.
        raise DocumentRefused("A number in this JSON is too long.") from error
    if not isinstance(schema, dict):
        raise DocumentRefused("A schema must be an object: { … }.")
    try:
        load(text.encode("utf-8", "surrogatepass"))
        translated = to_json_schema(schema)
        refuse_excess(root_properties(translated, translated.get("$defs", {}))[0])
    except DocumentRefused as refusal:
        raise DocumentRefused(f"This schema cannot be used: {refusal}.") from refusal
    inspect(schema, model_id)
    return schema


def inspect(schema: dict[str, Any], model_id: str) -> FormSummary:
    """Check that a schema is of use for the model, and count its parameters.

    :raises DocumentRefused: it has no place for a prompt, refuses the model, or a parameter has no value.
    """
    translated = to_json_schema(schema)
    properties, _ = root_properties(translated, translated.get("$defs", {}))
    if properties.keys().isdisjoint(transcript_properties()):
        first, *others = (f"“{name}”" for name in transcript_properties())
        raise DocumentRefused(
            f"The schema has no property {first} (or {', '.join(others)}), so it cannot hold a prompt."
        )
    specs = read_parameters(schema)
    unusable = [spec.name for spec in specs if spec.kind is not Kind.JSON and not is_usable(spec)]
    if unusable:
        raise DocumentRefused(f"No value fits these parameters: {', '.join(unusable[:5])}.")
    # This body has nothing but the model, so only errors about ``model`` matter.
    if any(path == ("model",) for path, _ in find_errors(validator_for(translated), {"model": model_id})):
        raise DocumentRefused(f"The schema's property “model” does not accept “{model_id}”.")
    return FormSummary(len(specs), tuple(spec.name for spec in specs if spec.kind is Kind.JSON))
