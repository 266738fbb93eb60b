"""Hypothesis strategies for values of JSON schemas and of parameter specs, independent of the product."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from playground.parameters.form.entry import branch_name, child_name
from playground.parameters.schema.spec import Kind, ParameterSpec

TEXTS = st.one_of(
    st.sampled_from(
        ["", " ", "END", "\n\n", "\\n", "a\\b", " x ", "=null", "true", "é", "日本", "<b>&\"'", "0"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12),
)
_NUMBERS = st.one_of(
    st.integers(-(2**53), 2**53),
    st.floats(-1e6, 1e6, allow_nan=False),
    st.sampled_from([0, 1, -1, 0.5, 1e21, 1e-9]),
)
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), _NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)


def values(schema: dict[str, Any], definitions: dict[str, Any], depth: int = 0) -> st.SearchStrategy[Any]:
    """Draw values that mostly fit a translated schema; the tests filter the others."""
    if "$ref" in schema:
        return values(definitions[schema["$ref"].rsplit("/", 1)[-1]], definitions, depth + 1)
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    branches = schema.get("anyOf") or schema.get("oneOf")
    if branches:
        return st.one_of([values(branch, definitions, depth + 1) for branch in branches])
    types = schema.get("type", [])
    names = [types] if isinstance(types, str) else types
    if not names:
        return ANYTHING
    return st.one_of([_of_type(name, schema, definitions, depth) for name in names])


def _of_type(
    name: str, schema: dict[str, Any], definitions: dict[str, Any], depth: int
) -> st.SearchStrategy[Any]:
    if name == "null":
        return st.none()
    if name == "boolean":
        return st.booleans()
    if name == "integer":
        return st.integers(int(schema.get("minimum", -(2**53))), int(schema.get("maximum", 2**53)))
    if name == "number":
        low, high = schema.get("minimum", -1e6), schema.get("maximum", 1e6)
        inside = st.floats(low, high, allow_nan=False)
        return st.one_of(
            inside, st.just(low), st.just(high), inside.map(round).filter(lambda n: low <= n <= high)
        )
    if name == "string":
        if "pattern" in schema:
            return st.sampled_from(["US", "1/2/2025", "12/31/2024"])
        return TEXTS
    if name == "array":
        return st.lists(values(schema.get("items", {}), definitions, depth + 1), max_size=3)
    return _objects(schema, definitions, depth)


def _objects(schema: dict[str, Any], definitions: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
    required = set(schema.get("required", ()))
    properties = {
        key: values(child, definitions, depth + 1) for key, child in schema.get("properties", {}).items()
    }
    known = st.fixed_dictionaries(
        {key: child for key, child in properties.items() if key in required},
        optional={key: child for key, child in properties.items() if key not in required},
    )
    more = schema.get("additionalProperties", True)
    if more is False:
        return known
    inner = values(more, definitions, depth + 1) if isinstance(more, dict) else ANYTHING
    extra = st.dictionaries(TEXTS, inner, max_size=2)
    return st.tuples(extra, known).map(lambda pair: {**pair[0], **pair[1]})


def posts(spec: ParameterSpec, name: str) -> st.SearchStrategy[dict[str, list[str]]]:
    """Draw posted data for a parameter: valid, invalid, incomplete or empty."""
    raw = st.sampled_from(["", "1", "0", "-3", "2.5", "1e3", "abc", "{}", "[1]", '{"a": 1}', "null", "x\ny"])
    states = st.sampled_from([[], [], [], ["null"], ["set"], ["json"], ["bare"], ["nonsense"]])
    parts = [st.fixed_dictionaries({f"{name}.state": states, f"{name}.json": raw.map(lambda text: [text])})]
    if spec.kind in (Kind.CHOICE, Kind.ALTERNATIVES):
        tokens = [option.token for option in spec.options] + [branch.token for branch in spec.branches]
        chosen = st.sampled_from(["", "=null", "nonsense", *tokens, *tokens])
        parts.append(chosen.map(lambda token: {name: [token]}))
        parts += [posts(branch.spec, branch_name(name, branch)) for branch in spec.branches if branch.spec]
    elif spec.kind in (Kind.OBJECT, Kind.TUPLE):
        parts += [posts(child, child_name(name, child)) for child in spec.children]
    elif spec.kind is Kind.CHECKS:
        tokens = [option.token for option in spec.each.options]
        parts.append(
            st.lists(st.sampled_from([*tokens, "nonsense"]), max_size=3).map(lambda some: {name: some})
        )
    elif spec.kind is Kind.MAP:
        parts.append(raw.map(lambda key: {f"{name}.0.key": [key]}))
        parts.append(posts(spec.each, f"{name}.0.value"))
    elif spec.kind is Kind.ARRAY:
        parts.append(st.booleans().flatmap(lambda has: posts(spec.each, f"{name}.0") if has else st.just({})))
    elif spec.kind is Kind.TAGS:
        parts.append(st.lists(raw, max_size=3).map(lambda some: {name: some}))
    else:
        parts.append(raw.map(lambda text: {name: [text]}))
    return st.tuples(*parts).map(_joined)


def _joined(parts: tuple[dict[str, list[str]], ...]) -> dict[str, list[str]]:
    return {name: texts for part in parts for name, texts in part.items()}
