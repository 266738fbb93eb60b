"""The translation of OpenAPI 3.0 to JSON Schema, and the messages of the validator."""

from __future__ import annotations

import pytest

from playground.parameters.schema.translate import to_json_schema
from playground.parameters.schema.validation import find_errors, validator_for


@pytest.mark.parametrize(
    ("schema", "accepted", "refused"),
    [
        ({"type": "number", "nullable": True, "maximum": 2}, [None, 1, 2.0], [3, "1", True]),
        ({"type": "string", "nullable": True, "enum": ["a"]}, [None, "a"], ["b", 1]),
        ({"anyOf": [{"type": "string"}, {"nullable": True}]}, [None, "x"], [1, {}]),
        ({"nullable": True}, [None, 1, "x", {}], []),
        ({"type": "object", "additionalProperties": {"nullable": True}}, [{"a": None, "b": [1]}], [[], None]),
        ({"type": "number", "minimum": 0, "exclusiveMinimum": True}, [0.1], [0]),
        ({"nullable": True, "oneOf": [{"type": "string"}]}, [None, "x"], [1]),
        ({"type": "integer", "minimum": "1", "maxLength": -3}, [0, 5.0], [1.5]),
        ({"type": "string", "pattern": "(?<=a)b["}, ["anything"], [1]),
        ({"type": "string", "pattern": "^\\d+\\/\\d+$"}, ["1/2"], ["1-2"]),
        ({"$ref": "#/$defs/gone"}, [1, None, "x"], []),
        ({"$ref": "http://127.0.0.1:9/schema.json"}, [1, None, "x"], []),
        ({"properties": {"a": False}}, [{}, {"b": 1}], [{"a": 1}]),
    ],
)
def test_it_means_the_same_as_the_document(schema, accepted, refused):
    validator = validator_for(to_json_schema(schema))
    assert [value for value in accepted if not validator.is_valid(value)] == []
    assert [value for value in refused if validator.is_valid(value)] == []


def test_the_validator_itself_fetches_nothing():
    # The reader would drop this reference. The validator alone must not fetch it either.
    assert validator_for({"$ref": "http://127.0.0.1:9/schema.json"}).is_valid(1)


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ({"minimum": 1}, 0, "Must be at least 1."),
        ({"maximum": 2.0}, 3, "Must be at most 2."),
        ({"exclusiveMaximum": 1}, 1, "Must be less than 1."),
        ({"type": ["integer", "null"]}, "x", "Must be a whole number or null."),
        ({"type": "object"}, [], "Must be an object."),
        ({"enum": ["a", None]}, 1, "Must be one of: a, null."),
        ({"const": 3}, 2, "Must be 3."),
        ({"maxItems": 4}, [1] * 5, "Must have at most 4 entries."),
        ({"maxLength": 2}, "abc", "Must have at most 2 characters."),
        ({"minItems": 1}, [], "Must have at least 1 entry."),
        ({"pattern": "^a"}, "b", "Must match this pattern: ^a"),
        ({"uniqueItems": True}, [1, 1], "No entry may appear twice."),
        ({"not": {}}, 1, "This value is not accepted."),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1, "Does not match any accepted format."),
        ({"oneOf": [{}, {}]}, 1, "Matches more than one accepted format."),
        ({"contains": {"const": 1}}, [2], "A required entry is missing or appears too often."),
        ({"prefixItems": [{}], "unevaluatedItems": False}, [1, 2], "Has too many entries."),
        (
            {"propertyNames": {"maxLength": 1}},
            {"ab": 1},
            "A key is not valid: Must have at most 1 character.",
        ),
        ({"not": {"required": ["a", "b"]}}, {"a": 1, "b": 2}, "These cannot be used together: a, b."),
        (
            {"enum": list(range(100))},
            100,
            f"Must be one of: {', '.join(map(str, range(40)))} and 60 more.",
        ),
        ({"const": "x" * 1000}, 1, f"Must be {'x' * 600}…."),
    ],
)
def test_it_says_what_is_wrong_in_plain_words(schema, value, message):
    ((path, said),) = find_errors(validator_for(schema), value)
    assert path == ()
    assert sorted(said) == sorted(message) if "or null" in message else said == message


def test_it_says_where():
    schema = {
        "properties": {
            "a": {"items": {"required": ["b"], "properties": {"b": {}}, "additionalProperties": False}}
        }
    }
    found = dict(find_errors(validator_for(schema), {"a": [{}, {"c": 1}]}))
    assert found == {
        ("a", 0, "b"): "Required.",
        ("a", 1, "b"): "Required.",
        ("a", 1, "c"): "Not supported by this model.",
    }


def test_it_speaks_about_the_alternative_that_was_meant():
    kinds = [
        {
            "type": "object",
            "properties": {"type": {"const": "a"}, "n": {"minimum": 3}},
            "required": ["type", "n"],
        },
        {"type": "object", "properties": {"type": {"const": "b"}}, "required": ["type"]},
    ]
    found = list(
        find_errors(validator_for({"properties": {"f": {"oneOf": kinds}}}), {"f": {"type": "a", "n": 1}})
    )
    assert found == [(("f", "n"), "Must be at least 3.")]
