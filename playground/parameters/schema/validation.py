"""Values checked against schemas, with error messages in plain words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Any

import jsonschema_rs

from playground.parameters.schema.keywords import PATTERN_OPTIONS
from playground.parameters.schema.translate import Schema

# Limits for values that are quoted in a sentence.
MAX_LISTED = 40
MAX_PHRASE = 600
# The message about a property that the schema does not have.
UNKNOWN = "Not supported by this model."

Path = tuple[str | int, ...]


class Validator:
    """A validator of a translated schema, compiled at its first use: most parameters are never sent."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    @cached_property
    def _compiled(self) -> jsonschema_rs.Draft202012Validator | None:
        try:
            # The retriever refuses every address, so that no reference is fetched.
            return jsonschema_rs.Draft202012Validator(
                self._schema, retriever=_refuse, pattern_options=PATTERN_OPTIONS, validate_formats=False
            )
        except ValueError:
            # The schema has a dangling reference or the like. The upstream still checks the value.
            return None

    @property
    def is_sound(self) -> bool:
        """Whether the schema can be used. With one that cannot be, every value is valid."""
        return self._compiled is not None

    def is_valid(self, value: Any) -> bool:
        compiled = self._compiled
        return compiled is None or compiled.is_valid(value) or next(find_errors(self, value), None) is None

    def errors(self, value: Any) -> Iterator[jsonschema_rs.ValidationError]:
        return iter(()) if self._compiled is None else iter(self._compiled.iter_errors(value))


def validator_for(schema: Schema) -> Validator:
    return Validator(schema)


def find_errors(validator: Validator, value: Any) -> Iterator[tuple[Path, str]]:
    """Yield the place and the message of each error; nothing if the value is valid."""
    for error in validator.errors(value):
        yield from _describe(error)


def _refuse(uri: str) -> Any:
    raise ValueError(f"Not fetched: {uri}")


def _describe(error: jsonschema_rs.ValidationError) -> Iterator[tuple[Path, str]]:
    path = tuple(error.instance_path)
    keyword, facts = error.kind.name, error.kind.as_dict()
    if keyword == "required":
        yield (*path, facts["property"]), "Required."
    elif keyword in ("additionalProperties", "unevaluatedProperties"):
        for name in facts["unexpected"]:
            yield (*path, name), UNKNOWN
    elif keyword == "propertyNames":
        for _, message in _describe(facts["error"]):
            yield path, f"A key is not valid: {message}"
    elif keyword == "pattern" and "error" in facts:
        # The pattern took too many steps, so the value stays undecided here. The upstream checks it.
        return
    elif keyword == "not" and set(facts["schema"]) == {"required"} and len(facts["schema"]["required"]) > 1:
        yield path, f"These cannot be used together: {', '.join(facts['schema']['required'])}."
    elif keyword in ("anyOf", "oneOf"):
        yield from _describe_choice(path, keyword, facts)
    else:
        yield path, _sentence(keyword, facts)


def _describe_choice(path: Path, keyword: str, facts: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    alternatives = facts.get("context") or []
    if nearest := _nearest(alternatives):
        yield from _describe_all(nearest, path)
    elif any(not errors for errors in alternatives):
        yield path, "Matches more than one accepted format."
    else:
        yield path, _sentence(keyword, facts)


def _describe_all(errors: list[jsonschema_rs.ValidationError], above: Path) -> Iterator[tuple[Path, str]]:
    for error in errors:
        for path, message in _describe(error):
            # Some versions of the validator count paths within alternatives from the root.
            yield (path if path[: len(above)] == above else above + path), message


def _nearest(
    alternatives: list[list[jsonschema_rs.ValidationError]],
) -> list[jsonschema_rs.ValidationError] | None:
    """Return the errors of the alternative that was evidently meant: those are all inside its parts."""
    fitting = [errors for errors in alternatives if errors and not any(_is_misfit(e) for e in errors)]
    return fitting[0] if len(fitting) == 1 else None


def _is_misfit(error: jsonschema_rs.ValidationError) -> bool:
    return error.kind.name in ("type", "const", "enum", "anyOf", "oneOf")


def _sentence(keyword: str, facts: dict[str, Any]) -> str:
    phrase = _SENTENCES.get(keyword)
    if phrase is None:
        return "This value is not accepted."
    shown = {name: _in_words(name, value) for name, value in facts.items() if name != "context"}
    if facts.get("limit") == 1:
        phrase = phrase.replace("characters", "character").replace("entries", "entry")
    try:
        return phrase.format(**shown)
    except (KeyError, IndexError):
        return "This value is not accepted."


def _in_words(name: str, value: Any) -> str:
    if name == "options":
        listed = ", ".join(_plain(option) for option in islice(value, MAX_LISTED))
        return _cut(f"{listed} and {len(value) - MAX_LISTED} more" if len(value) > MAX_LISTED else listed)
    if name == "types":
        return " or ".join(_TYPE_NAMES.get(str(item), str(item)) for item in value)
    return _cut(_plain(value))


def _cut(text: str) -> str:
    return text if len(text) <= MAX_PHRASE else text[:MAX_PHRASE] + "…"


def _plain(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


_TYPE_NAMES = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}
_SENTENCES = {
    "minimum": "Must be at least {limit}.",
    "maximum": "Must be at most {limit}.",
    "exclusiveMinimum": "Must be more than {limit}.",
    "exclusiveMaximum": "Must be less than {limit}.",
    "multipleOf": "Must be a multiple of {multiple_of}.",
    "minLength": "Must have at least {limit} characters.",
    "maxLength": "Must have at most {limit} characters.",
    "minItems": "Must have at least {limit} entries.",
    "maxItems": "Must have at most {limit} entries.",
    "minProperties": "Must have at least {limit} entries.",
    "maxProperties": "Must have at most {limit} entries.",
    "uniqueItems": "No entry may appear twice.",
    "pattern": "Must match this pattern: {pattern}",
    "enum": "Must be one of: {options}.",
    "const": "Must be {expected_value}.",
    "type": "Must be {types}.",
    "anyOf": "Does not match any accepted format.",
    "oneOf": "Does not match any accepted format.",
    "contains": "A required entry is missing or appears too often.",
    "unevaluatedItems": "Has too many entries.",
}
