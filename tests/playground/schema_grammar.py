"""Hypothesis strategies for JSON schemas (draft 2020-12) and for malformed ones."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

NAMES = st.sampled_from(["a", "b", "type", "name", "state", "$ref", "x.y"])
TEXTS = st.sampled_from(["", "a", "b", "ab", "12", "é", "a\nb", "2026-01-31", "1/31/2024", "=x", "null"])
_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 9), st.sampled_from([0.5, 1.0, 2.5, 1e21]), TEXTS
)
VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=5,
)
_COUNTS = st.integers(0, 3)
_LIMITS = st.sampled_from([-1, 0, 1, 2, 2.5, 5])
_TYPE = st.sampled_from(["string", "number", "integer", "boolean", "object", "array", "null"])
_REFERENCES = st.sampled_from(["#/$defs/A", "#/$defs/B"])
_NOTES = {
    "title": TEXTS,
    "default": VALUES,
    "examples": st.lists(VALUES, max_size=2),
    "deprecated": st.booleans(),
    "format": st.sampled_from(["date", "uri", "email", "int32"]),
    "x-note": VALUES,
}
_RULES = {
    "enum": st.lists(VALUES, min_size=1, max_size=4),
    "const": VALUES,
    "minimum": _LIMITS,
    "maximum": _LIMITS,
    "exclusiveMinimum": _LIMITS,
    "exclusiveMaximum": _LIMITS,
    "multipleOf": st.sampled_from([1, 2, 0.5, 0.1]),
    "minLength": _COUNTS,
    "maxLength": _COUNTS,
    "pattern": st.sampled_from(["a", "^\\d+$", "^.?$", "^(?!a)", "^\\d{1,2}/\\d{1,2}/\\d{4}$"]),
    "minItems": _COUNTS,
    "maxItems": _COUNTS,
    "uniqueItems": st.booleans(),
    "minContains": _COUNTS,
    "maxContains": _COUNTS,
    "minProperties": _COUNTS,
    "maxProperties": _COUNTS,
    "required": st.lists(NAMES, unique=True, max_size=2),
    "dependentRequired": st.dictionaries(NAMES, st.lists(NAMES, unique=True, max_size=2), max_size=1),
}
NONSENSE = st.one_of(
    VALUES, st.sampled_from([float("inf"), -1, 1e400, "string", ["string", "file"], [[]], {"$ref": 3}])
)


def _with(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    named = st.dictionaries(NAMES, inner, max_size=3)
    parts: dict[str, st.SearchStrategy[Any]] = {
        "items": inner,
        "prefixItems": several,
        "contains": inner,
        "properties": named,
        "patternProperties": st.dictionaries(st.sampled_from(["^a", "e"]), inner, max_size=1),
        "additionalProperties": inner,
        "propertyNames": inner,
        "anyOf": several,
        "oneOf": several,
        "allOf": several,
        "not": inner,
        "if": inner,
        "then": inner,
        "else": inner,
        "dependentSchemas": st.dictionaries(NAMES, inner, max_size=1),
        "unevaluatedProperties": inner,
        "unevaluatedItems": inner,
    }
    keywords = {**_RULES, **parts, **_NOTES, "$ref": _REFERENCES}
    types = st.one_of(_TYPE, st.lists(_TYPE, min_size=1, max_size=3, unique=True))
    any_keywords = st.sets(st.sampled_from(sorted(keywords)), max_size=5).flatmap(
        lambda names: st.fixed_dictionaries(
            {name: keywords[name] for name in sorted(names)}, optional={"type": types}
        )
    )
    # Random keywords rarely make a group, so these strategies do.
    groups = st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(NAMES, inner, min_size=1, max_size=3)},
        optional={"required": _RULES["required"], "additionalProperties": st.booleans(), "title": TEXTS},
    )
    lists = st.fixed_dictionaries({"type": st.just("array"), "items": inner}, optional={"maxItems": _COUNTS})
    choices = st.fixed_dictionaries({"anyOf": several}, optional={"default": VALUES})
    return st.one_of(any_keywords, groups, lists, choices)


def _leaf(name: str, *rules: str) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({"type": st.just(name)}, optional={rule: _RULES[rule] for rule in rules})


_LEAVES = st.one_of(
    st.booleans(),
    st.fixed_dictionaries({"$ref": _REFERENCES}),
    st.fixed_dictionaries({"type": _TYPE}, optional=_NOTES),
    _leaf("string", "pattern", "maxLength"),
    _leaf("number", "minimum", "multipleOf"),
    st.fixed_dictionaries({"enum": _RULES["enum"]}),
)
SCHEMAS = st.recursive(_LEAVES, _with, max_leaves=6)


def documents() -> st.SearchStrategy[dict[str, Any]]:
    """Draw requests with one parameter, ``x``, and definitions that may refer to themselves."""
    return st.builds(
        lambda x, first, second: {
            "type": "object",
            "properties": {"model": {"type": "string"}, "x": x},
            "$defs": {"A": first, "B": second},
        },
        SCHEMAS,
        SCHEMAS,
        SCHEMAS,
    )


@st.composite
def spoilt(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a request in which some keywords have invalid values."""
    document = draw(documents())
    places = [place for place in _places(document["properties"]["x"]) if place]
    for place in places[: draw(st.integers(0, 3))]:
        key = draw(st.sampled_from(sorted(place)))
        place[key] = draw(NONSENSE)
    more = st.sampled_from(
        ["nullable", "readOnly", "discriminator", "dependencies", "additionalItems", "items"]
    )
    for place in places[:2]:
        place[draw(more)] = draw(st.one_of(st.booleans(), NONSENSE, st.lists(SCHEMAS, max_size=2)))
    return document


def _places(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [place for item in schema for place in _places(item)]
    if not isinstance(schema, dict):
        return []
    return [schema, *(place for value in schema.values() for place in _places(value))]
