"""JSON answers, checked piece by piece and as a whole."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from chat.pages.json_tree import MOST_ENTRIES, Node, tree_of
from chat.structured.asked import Format, format_of
from chat.structured.live_check import MOST_AT_ONCE, LiveCheck
from chat.structured.verdict import value_of, verdict_on
from playground.parameters.schema.validation import Validator

ITEM = {
    "type": "object",
    "required": ["price"],
    "additionalProperties": False,
    "properties": {
        "price": {"type": "number"},
        "count": {"type": "integer"},
        "kind": {"enum": ["a", "b", None]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "next": {"$ref": "#/$defs/item"},
    },
}
SCHEMA = {
    "type": "object",
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/$defs/item"}},
        "note": {"type": ["string", "null"]},
    },
    "$defs": {"item": ITEM},
}
INVOICE = Format(SCHEMA, "invoice", has_schema=True)
OK = "JSON, valid so far"
ONE_OF = 'expected one of "a", "b", null at /items/0/kind'


def line_of(text: str, asked: Format = INVOICE, size: int | None = None) -> str:
    check = LiveCheck(asked)
    size = size or max(1, len(text))
    for start in range(0, len(text), size):
        check.feed(text[start : start + size])
        # The first look may leave something for the next.
        _ = check.line
    return check.line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ""),
        (" \n", ""),
        ('{"items": [', OK),
        ('{"items": [{"price": 1.5, "count": 2.0, "kind": null, "tags": ["x"]}], "note": nul', OK),
        ('{"items": [{"price": 1, "next": {"price": 2}}]}\n', OK),
        ('{\n "items": [\n  {"price": "1"}', "Line 3, column 13: expected a number at /items/0/price"),
        ('{"items": [{"count": 1.5}', "Line 1, column 22: expected a whole number at /items/0/count"),
        ('{"items": [{"kind": "c"', f"Line 1, column 21: {ONE_OF}"),
        ('{"items": [{"kind": {', f"Line 1, column 21: {ONE_OF}"),
        ('{"items": [{"price": 1, "a/b": ', "Line 1, column 25: unexpected property “a/b” at /items/0"),
        ('{"items": [{}', "Line 1, column 13: missing property “price” at /items/0"),
        ('{"items": [{"price": 1, "tags": ["x", 7 ', "Line 1, column 39: expected a text at /items/0/tags/1"),
        ('{"note": 1 ', "Line 1, column 10: expected a text or null at /note"),
        ("[", "Line 1, column 1: expected an object at the top"),
        ("Here it is: {", "Line 1, column 1: expected a value, not Here"),
        ('{"items": [1,]', "Line 1, column 14: expected a value"),
        ('{"note" "x"', "Line 1, column 9: expected a colon"),
        ('{"note": "x" "y"', "Line 1, column 14: expected a comma or }"),
        ('{"items": [1 2', "Line 1, column 14: expected a comma or ]"),
        ("{,", "Line 1, column 2: expected the name of a property in quotes, or }"),
        ('{"note": "x",}', "Line 1, column 14: expected the name of a property in quotes"),
        ('{"note": "x"} y', "Line 1, column 15: expected nothing more after the value"),
        (
            '{"note": "a\nb"',
            "Line 1, column 12: a text cannot have a line break or another control character",
        ),
        ('{"note": "\\q"', "Line 1, column 11: a backslash in a text needs a known letter after it"),
        ('{"note": 01 ', "Line 1, column 10: expected a value, not 01"),
        ('{"note": NaN}', "Line 1, column 10: expected a value, not NaN"),
        ('{"a":' * 300, "The JSON is nested too deeply to be checked."),
    ],
)
def test_a_line_says_what_is_known_so_far(text, line):
    assert line_of(text) == line
    for size in (1, 2, 3, 7):
        assert line_of(text, size=size) == line


def test_a_fence_is_not_what_was_asked_for():
    text = '```json\n{"items": [{"price": "1"}]}\n```\nDone.'
    said = "Not JSON as asked: it is inside a code fence."
    for size in (1, 5, 100):
        assert line_of(text, size=size) == f"{said} Line 2, column 22: expected a number at /items/0/price"
    assert line_of("``") == ""
    verdict = verdict_on('```json\n{"items": []}\n```\nDone.', INVOICE)
    assert verdict.headline == f"{said} Valid against the schema “invoice”"
    assert (verdict.is_valid, verdict.is_json) == (False, True)


def test_one_look_is_bounded():
    check = LiveCheck(INVOICE)
    check.feed('{"note": "')
    for _ in range(10):
        check.feed("x" * (MOST_AT_ONCE // 2))
    check.feed('", 7')
    assert check.line == OK
    for _ in range(6):
        line = check.line
    assert "expected the name of a property" in line


@pytest.mark.parametrize(
    ("text", "headline", "rest"),
    [
        ('{"items": []}', "Valid against the schema “invoice”", []),
        (
            '{"items": [{"price": "x"}, {}]}',
            "2 errors against the schema “invoice”",
            ["/items/0/price", "/items/1/price"],
        ),
        ('{"items": [{"price": 1, "x": 1}]}', "1 error against the schema “invoice”", ["/items/0/x"]),
        ('{"items": [', "Not valid JSON", ["Line 1, column 12: the JSON ends too early"]),
        ("", "Not valid JSON", ["Line 1, column 1: expected a value"]),
        ('{"a": NaN}', "Not valid JSON", ["Line 1, column 7: expected a value, not NaN"]),
        (
            '{"items": []} more',
            "Not valid JSON",
            ["Line 1, column 15: expected nothing more after the value"],
        ),
        ("[" * 100_000, "The JSON is nested too deeply to be checked", []),
        ('{"n": ' + "9" * 5_000 + "}", "Valid against the schema “invoice”", []),
    ],
)
def test_a_verdict_names_all_errors(text, headline, rest):
    verdict = verdict_on(text, INVOICE)
    assert verdict.headline == headline
    assert [error.pointer for error in verdict.errors] or [verdict.problem or "-"] == (rest or ["-"])
    assert not verdict.errors or [error.pointer for error in verdict.errors] == rest


def test_many_errors_are_bounded():
    verdict = verdict_on(json.dumps({"items": [{}] * 1_000}), INVOICE)
    assert len(verdict.errors) == 20
    assert verdict.has_more_errors
    assert verdict.headline.startswith("More than 20 errors")


@pytest.mark.parametrize(
    "schema", [{"$ref": "#/nowhere"}, {"type": "nonsense"}, {"$ref": "https://example.org/s"}]
)
def test_a_schema_that_is_none_raises_no_alarm(schema):
    asked = Format({"properties": {"a": schema}}, "s", has_schema=True)
    assert line_of('{"a": 1}', asked) == OK
    assert "could not be used" in verdict_on('{"a": 1}', asked).headline


def test_lone_surrogates_can_be_shown():
    text = r'{"items": [{"price": 1, "\ud800": "\udfff"}]}'
    line_of(text).encode()
    verdict = verdict_on(text, INVOICE)
    assert [error.pointer.encode() for error in verdict.errors] == [b"/items/0/?"]
    part = tree_of(value_of(text), {}, "/items/0")
    assert part
    assert [(node.name, node.text) for node in part.children] == [("price", "1"), ("?", '"?"')]


# --- No false alarms. ---

_KEYS = ["a", "b", "c/d", "é\\n"]


def _any_value(draw: random.Random, depth: int = 0) -> Any:
    kind = draw.randrange(8 if depth < 3 else 6)
    if kind == 6:
        return {draw.choice(_KEYS): _any_value(draw, depth + 1) for _ in range(draw.randrange(4))}
    if kind == 7:
        return [_any_value(draw, depth + 1) for _ in range(draw.randrange(4))]
    return [None, True, draw.randrange(-5, 5), draw.choice([0.5, 2.0, 1e300, -1.5e-7]), 'x"\\\n☃', ""][kind]


def _any_schema(draw: random.Random, depth: int = 0) -> Any:
    schema: dict[str, Any] = {}
    types = ["string", "number", "integer", "boolean", "object", "array", "null"]
    if draw.random() < 0.5:
        schema["type"] = draw.choice(types) if draw.random() < 0.6 else draw.sample(types, 3)
    if draw.random() < 0.2:
        schema["enum"] = [_any_value(draw, 2) for _ in range(3)]
    if depth < 3 and draw.random() < 0.6:
        schema["properties"] = {key: _any_schema(draw, depth + 1) for key in draw.sample(_KEYS, 2)}
        schema["additionalProperties"] = draw.choice([False, True, {"type": "string"}])
        schema["required"] = draw.sample(_KEYS, draw.randrange(2))
    if depth < 3 and draw.random() < 0.4:
        schema["items"] = _any_schema(draw, depth + 1)
    if draw.random() < 0.15:
        schema["patternProperties"] = {"^a": {}}
    if depth < 3 and draw.random() < 0.2:
        schema["anyOf"] = [_any_schema(draw, depth + 1), {}]
    if draw.random() < 0.1:
        schema["$ref"] = draw.choice(["#", "#/$defs/x"])
    return schema


@pytest.mark.parametrize("seed", range(40))
def test_what_the_schema_accepts_raises_no_alarm(seed):
    draw = random.Random(seed)
    noticed = refused = 0
    for _ in range(60):
        schema = {**_any_schema(draw), "$defs": {"x": _any_schema(draw, 2)}}
        value = _any_value(draw)
        text = json.dumps(value, ensure_ascii=draw.random() < 0.5, indent=draw.choice([None, 1]))
        line = line_of(text, Format(schema), size=draw.randrange(1, 9))
        validator = Validator(schema)
        if validator.is_valid(value):
            assert line in (OK, ""), (schema, text)
        else:
            refused += 1
            noticed += line != OK
    # Much of what is wrong is seen before the end.
    assert noticed > refused / 6


@pytest.mark.parametrize("seed", range(20))
def test_a_damaged_text_is_refused_as_json_refuses_it(seed):
    draw = random.Random(seed)
    text = json.dumps({"a": [1, -2.5e3, True, None, 'x\\"\n☃', {"b": {}}, []]})
    for _ in range(40):
        at = draw.randrange(len(text))
        damaged = (
            text[:at] + draw.choice(["", '"', "\\", "}", "]", ",", ":", "0", "\n", "e"]) + text[at + 1 :]
        )
        verdict = verdict_on(damaged, Format({}))
        line = line_of(damaged, Format({}), size=draw.randrange(1, 9))
        assert verdict.is_json or verdict.problem
        assert not verdict.is_json or line == OK


# --- The format of a request, and the tree. ---


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({}, None),
        ({"response_format": {"type": "text"}}, None),
        ({"response_format": "json"}, None),
        ({"response_format": {"type": "json_object"}}, ""),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}}}, "n"),
        ({"text": {"format": {"type": "json_schema", "name": "n", "schema": {}}}}, "n"),
        ({"output_config": {"format": {"type": "json_schema", "schema": {}}}}, ""),
        ({"response_format": {"type": "json_schema", "json_schema": None}}, ""),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": 7, "schema": "x"}}}, ""),
    ],
)
def test_the_format_is_read_from_every_endpoint(parameters, name):
    asked = format_of(parameters)
    assert (asked and asked.name) == name


def _count(node: Node) -> int:
    return 1 + sum(map(_count, node.children))


def test_a_tree_is_bounded_and_goes_on():
    value = {"items": [{"price": [number] * 10} for number in range(5_000)]}
    root = tree_of(value, {"/items/7/price/0": "Must be a text."})
    assert root
    assert _count(root) < 1_000
    items = root.children[0]
    assert (items.count, items.rest_from) == (5_000, MOST_ENTRIES)
    assert items.children[7].has_error_inside
    assert items.children[7].is_open
    further = tree_of(value, {}, "/items", items.rest_from)
    assert further
    assert further.children[0].name == "100"
    assert tree_of(value, {}, "/items/5000") is None
    assert tree_of(value, {}, "/no") is None
    leaf = tree_of({"a/b": {"~": 1}}, {}, "/a~1b/~0")
    assert leaf
    assert leaf.text == "1"
