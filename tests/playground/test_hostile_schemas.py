"""Hostile schemas, which are refused with a reason or shown as JSON, in bounded work."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from playground.catalogue.custom_schema import read_written
from playground.catalogue.document_models import MAX_PARAMETERS
from playground.catalogue.documents import DocumentRefused
from playground.catalogue.openapi_reader import read_document
from playground.parameters.form.parameter_form import ParameterForm
from playground.parameters.schema import keywords, translate
from playground.parameters.schema.bundling import SchemaTooLarge, bundle
from playground.parameters.schema.reader import MAX_CONTROLS, MAX_READS_IN_ALL
from playground.parameters.schema.request_schema import RequestSchema, read_request_schema
from playground.parameters.schema.single_values import MAX_OPTIONS
from playground.parameters.schema.spec import Kind
from tests.playground.form_trips import comes_back, is_refused, page_of, sends_nothing

SCHEMAS = "#/components/schemas/"
# The limit of function calls and returns from the bytes to the form. The costliest test needs 7 million, in
# about a second. Without limits most of them would not end.
MUCH = 12_000_000


@contextmanager
def bounded_work(limit: int = MUCH) -> Iterator[None]:
    calls = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal calls
        calls += 1
        if calls > limit:
            sys.setprofile(None)
            raise AssertionError(f"more than {limit:,} calls and returns")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(before)


def document(*, definitions: dict[str, Any] | None = None, **properties: Any) -> bytes:
    body = {"type": "object", "properties": {"model": {"enum": ["m"]}, "messages": {}, **properties}}
    operation = {"requestBody": {"content": {"application/json": {"schema": body}}}}
    paths = {"/v1/chat/completions": {"post": operation}}
    content = {"openapi": "3.0.0", "paths": paths, "components": {"schemas": definitions or {}}}
    return json.dumps(content).encode()


def request_schema_of(content: bytes) -> RequestSchema:
    (request,) = read_document(content).requests
    return read_request_schema(request.schema)


def nested(depth: int, key: str) -> Any:
    schema: Any = {"type": "string"}
    for _ in range(depth):
        inner = {"a": schema} if key == "properties" else [schema, {"type": "null"}]
        schema = {"type": "object", key: inner} if key == "properties" else {key: inner}
    return schema


def an_object(names: Iterable[str], schema: Any = None) -> dict[str, Any]:
    return {"type": "object", "properties": {name: schema or {} for name in names}}


def numbered(letter: str, count: int) -> list[str]:
    return [f"{letter}{number}" for number in range(count)]


def tower(make: Any, height: int = 30) -> dict[str, Any]:
    """Make definitions that each refer to the next one many times."""
    steps = {f"L{step}": make({"$ref": f"{SCHEMAS}L{step + 1}"}) for step in range(height)}
    return {**steps, f"L{height}": {"type": "string"}}


TOP = {"$ref": f"{SCHEMAS}L0"}
LOOP = {"$ref": f"{SCHEMAS}A"}
BRANCHES = [an_object([name]) for name in numbered("b", 50)]
VALUES = {"enum": list(range(20_000))}
PARTS: dict[str, tuple[Any, dict[str, Any]]] = {
    "properties within properties": (nested(44, "properties"), {}),
    "choices within choices": (nested(44, "anyOf"), {}),
    "a reference to itself": (LOOP, {"A": LOOP}),
    "a loop through allOf": (LOOP, {"A": {"allOf": [LOOP, {"type": "object"}]}}),
    "a loop through anyOf": (LOOP, {"A": {"anyOf": [LOOP, LOOP, {"type": "array", "items": LOOP}]}}),
    "a loop that is required": (LOOP, {"A": {**an_object(["a"], LOOP), "required": ["a"]}}),
    "a loop that forks": (LOOP, {"A": an_object(numbered("p", 20), LOOP)}),
    "ten times ten of allOf": (TOP, tower(lambda next_: {"allOf": [next_] * 10})),
    "ten times ten of anyOf": (TOP, tower(lambda next_: {"anyOf": [next_, an_object("x", next_)] * 5})),
    "ten times ten of properties": (TOP, tower(lambda next_: an_object(numbered("p", 10), next_))),
    "ten times ten of constants": (
        TOP,
        tower(lambda next_: {**an_object("ab", next_), "required": ["a", "b"]}),
    ),
    "choices beside choices": (
        {
            "oneOf": [
                {**an_object([name]), "oneOf": BRANCHES, "anyOf": BRANCHES} for name in numbered("a", 50)
            ]
        },
        {},
    ),
    "a thousand alternatives": ({"oneOf": [an_object([name]) for name in numbered("a", 1_000)]}, {}),
    "a thousand parts to merge": ({"allOf": [an_object([name]) for name in numbered("a", 1_000)]}, {}),
    "a thousand fixed entries": ({"prefixItems": [{"type": "string"}] * 1_000}, {}),
    "ten thousand properties": (an_object(numbered("a", 10_000), {"type": "number"}), {}),
    "values to compare with values": ({"allOf": [VALUES, VALUES]}, {}),
    "a discriminator for everything": (
        {
            "oneOf": [{"$ref": SCHEMAS + name} for name in numbered("D", 300)],
            "discriminator": {
                "propertyName": "t",
                "mapping": {f"v{number}": f"{SCHEMAS}D{number % 300}" for number in range(3_000)},
            },
        },
        {name: an_object("t", {"type": "string"}) for name in numbered("D", 300)},
    ),
}


@pytest.mark.parametrize("name", PARTS)
def test_it_ends_with_a_control_or_an_editor(name):
    schema, definitions = PARTS[name]
    with bounded_work():
        request_schema = request_schema_of(document(definitions=definitions, x=schema))
        (spec,) = request_schema.specs
        assert spec.size <= MAX_CONTROLS
        assert len(page_of(ParameterForm(request_schema))) < 500_000
        assert sends_nothing(request_schema)


def test_three_hundred_costly_parameters_share_one_allowance():
    costly = {
        "A": {"type": "object", "properties": {f"p{number}": {"type": "string"} for number in range(1_000)}}
    }
    with bounded_work():
        request_schema = request_schema_of(
            document(definitions=costly, **{f"x{number}": LOOP for number in range(300)})
        )
    assert [spec.kind for spec in request_schema.specs] == [Kind.JSON] * 300
    assert MAX_READS_IN_ALL < 300 * 1_000


def test_it_adopts_one_place_once_however_it_is_spelt():
    spellings = [f"#/components/schemas/{'%41' if number % 2 else 'A'}" for number in range(500)]
    target = {"type": "object", "properties": {f"p{number}": {} for number in range(500)}}
    schema = {"anyOf": [{"$ref": spelling} for spelling in spellings]}
    assert len(bundle(schema, {"components": {"schemas": {"A": target}}})["$defs"]) == 1


def test_it_refuses_references_that_multiply():
    # Each reference copies the rest of the chain once more.
    deep = nested(40, "properties")
    pointers = [f"{SCHEMAS}A{'/properties/a' * step}" for step in range(41)]
    many = {f"A{n}": {**deep, "n": list(range(100))} for n in range(200)}
    references = [{"$ref": pointer.replace("/A", f"/A{n}", 1)} for pointer in pointers for n in range(200)]
    with bounded_work(), pytest.raises(DocumentRefused, match="its references multiply"):
        read_document(document(definitions=many, x={"anyOf": references}))
    with pytest.raises(SchemaTooLarge):
        bundle({"items": [{}] * 200_000}, {})


def test_a_long_chain_of_references_needs_no_stack():
    chain = {f"C{n}": {"$ref": f"{SCHEMAS}C{n + 1}"} for n in range(10_000)}
    with bounded_work():
        request_schema = request_schema_of(
            document(definitions={**chain, "C10000": {"type": "string"}}, x={"$ref": f"{SCHEMAS}C0"})
        )
    assert [spec.kind for spec in request_schema.specs] == [Kind.JSON]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            document(**{key: {"type": "number"} for key in numbered("x", MAX_PARAMETERS + 1)}),
            "too large: a request has 403 parameters",
        ),
        (document(**{"x" * 500: {"type": "number"}}), "a parameter has a name that no form can show"),
        (document(x={"enum": ["a\x00b"]}), "contains a character that cannot be stored"),
        (document(x={"enum": ["\ud800"]}), "contains a character that cannot be stored"),
        (document(**{"a\x00b": {}}), "contains a character that cannot be stored"),
        (document(x={"maximum": float("inf")}), "contains a number that JSON does not have"),
        (document(x={"default": float("nan")}), "contains a number that JSON does not have"),
        (document().replace(b'"m"', b'"m", 1e999'), "contains a number that JSON does not have"),
        (b"openapi: 3.0.0\npaths: {}\nx: .inf", "contains a number that JSON does not have"),
        (b"openapi: 3.0.0\npaths: {}\nx: 0x" + b"f" * 100_000, "contains a number that is too long"),
        (b'{"openapi": "3.0.0", "x": ' + b"9" * 5_000 + b"}", "neither JSON nor YAML"),
        (b'{"openapi": "3.0.0", "x": ' + b"[" * 1_000 + b"]" * 1_000 + b"}", "nested too deeply"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_says_why_it_refuses(content, reason):
    with bounded_work(), pytest.raises(DocumentRefused, match=reason):
        read_document(content)


def test_a_schema_written_by_hand_has_the_same_bounds():
    properties: dict[str, Any] = {"messages": {}, **{name: {} for name in numbered("x", MAX_PARAMETERS)}}
    with pytest.raises(DocumentRefused, match="too large: a request has 401 parameters"):
        read_written(json.dumps({"type": "object", "properties": properties}), "m")


def test_many_values_are_written_and_not_listed():
    values = [f"value{number:07d}" for number in range(80_000)]
    request_schema = request_schema_of(document(x={"enum": values}, y={"enum": list(range(MAX_OPTIONS + 1))}))
    assert [(spec.kind, spec.bounds) for spec in request_schema.specs] == [
        (Kind.STRING, "one of 80,000 values"),
        (Kind.JSON, "JSON"),
    ]
    assert comes_back(request_schema, values[79_999])
    assert is_refused(request_schema, "value")
    (message,) = ParameterForm(request_schema, {"p.x": "value"}).errors_by_name["x"]
    assert message.endswith("value0000039 and 79960 more.")


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(?=(a+)+$)(a+)+$", "^(?:(?=a)a+)+$", "^(\\w+\\s?)*$"])
def test_a_pattern_that_explodes_costs_no_more_than_others(pattern):
    """The engine is linear, or stops after a number of steps and leaves the value to the upstream."""
    request_schema = request_schema_of(document(x={"type": "string", "pattern": pattern}))
    ParameterForm(request_schema, {"p.x": "a" * 20_000 + "!"}).is_valid()
    assert comes_back(request_schema, "aa")


def test_it_compiles_few_patterns_and_no_large_ones():
    keywords.is_valid_pattern.cache_clear()
    many = {
        f"x{number}": {"type": "string", "pattern": f"^\\p{{L}}{{200}}{number}$"} for number in range(300)
    }
    request_schema = request_schema_of(document(**many))
    assert keywords.is_valid_pattern.cache_info().misses == translate.MAX_PATTERNS
    # The pattern is left out, since it cannot be checked.
    assert comes_back(request_schema, "anything", "x7")
    assert not keywords.is_valid_pattern("a" * (keywords.MAX_PATTERN + 1))


def test_what_a_document_says_stays_text():
    tag = "<img src=x onerror=alert(1)>"
    schema = {
        "type": "object",
        "title": tag,
        "properties": {
            tag: {
                "type": "string",
                "title": f"of {tag}",
                "default": tag,
                "pattern": f"^{tag}$",
                "examples": [tag],
            },
            "choice": {"enum": [tag, f"={tag}"]},
            "other": {"oneOf": [{"type": "object", "title": tag, "properties": {"a": {}}}, {"const": tag}]},
        },
    }
    request_schema = request_schema_of(document(**{"x": schema, f"y{tag}": schema}))
    empty = ParameterForm(request_schema)
    wrong = ParameterForm(
        request_schema, {"p.x.state": "json", "p.x.json": json.dumps({tag: "b", "choice": tag, "other": tag})}
    )
    assert not wrong.is_valid()
    for form in (empty, wrong, ParameterForm(request_schema, initial={"x": {tag: tag, "choice": tag}})):
        page = page_of(form)
        assert "&lt;img" in page
        assert "<img" not in page
