"""A request schema that somebody gives a model of their own: from a document, or written by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from playground.catalogue.documents import DocumentRefused, load
from playground.catalogue.importer import is_usable
from playground.catalogue.openapi import refuse_excess
from playground.parameters.schema.properties import root_properties
from playground.parameters.schema.reader import read_parameters
from playground.parameters.schema.spec import Kind
from playground.parameters.schema.translate import to_json_schema
from playground.parameters.schema.validation import find_errors, validator_for
from playground.upstream.dialects.registry import transcript_properties

# More is no text that anybody edits in a browser.
LONGEST_TEXT = 1_000_000
WRITTEN = "written here"


@dataclass(frozen=True, slots=True)
class FormSummary:
    """What a schema makes for a form: how many parameters, and which are edited as JSON."""

    parameters: int
    editors: tuple[str, ...]

    @property
    def controls(self) -> int:
        return self.parameters - len(self.editors)


def read_written(text: str, model_id: str) -> dict[str, Any]:
    """The schema that somebody wrote for that model.

    :raises DocumentRefused: with the reason as a sentence.
    """
    if len(text) > LONGEST_TEXT:
        raise DocumentRefused("It is too long to be edited here: import it as a document.")
    try:
        schema = json.loads(text)
    except RecursionError as error:
        raise DocumentRefused("It is nested too deeply.") from error
    except json.JSONDecodeError as error:
        raise DocumentRefused(
            f"This is not JSON. Line {error.lineno}, column {error.colno}: {error.msg}."
        ) from error
    except ValueError as error:
        # A number of more digits than Python reads.
        raise DocumentRefused("This is not JSON that can be read.") from error
    if not isinstance(schema, dict):
        raise DocumentRefused("A schema is an object: { … }.")
    try:
        load(text.encode("utf-8", "surrogatepass"))
        translated = to_json_schema(schema)
        refuse_excess(root_properties(translated, translated.get("$defs", {}))[0])
    except DocumentRefused as refusal:
        raise DocumentRefused(f"It cannot be used: {refusal}.") from refusal
    inspect(schema, model_id)
    return schema


def inspect(schema: dict[str, Any], model_id: str) -> FormSummary:
    """
    :raises DocumentRefused: nothing could be sent with it, or a parameter could not be given a value.
    """
    translated = to_json_schema(schema)
    properties, _ = root_properties(translated, translated.get("$defs", {}))
    if properties.keys().isdisjoint(transcript_properties()):
        first, *others = (f"“{name}”" for name in transcript_properties())
        raise DocumentRefused(
            f"It has no property {first} (or {', '.join(others)}), so nothing could be said."
        )
    specs = read_parameters(schema)
    unusable = [spec.name for spec in specs if spec.kind is not Kind.JSON and not is_usable(spec)]
    if unusable:
        raise DocumentRefused(f"No value fits these parameters: {', '.join(unusable[:5])}.")
    # Of the rest, much depends on what is asked and with which parameters.
    if any(path == ("model",) for path, _ in find_errors(validator_for(translated), {"model": model_id})):
        raise DocumentRefused(f"Its “model” does not take “{model_id}”.")
    return FormSummary(len(specs), tuple(spec.name for spec in specs if spec.kind is Kind.JSON))
