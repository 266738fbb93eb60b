"""Rows and JSON of a schema agree, whatever either of them holds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.pages.schema_rows import fields_of
from chat.tool_schemas.editing import after_json, after_rows, editor_of, settled
from chat.tool_schemas.posted import read_rows
from chat.tool_schemas.reading import SchemaRefused, parse_schema
from chat.tool_schemas.rows import JSON, MAX_LEVEL, OBJECT, Row, is_same, read_schema, write_row

NAMES = st.sampled_from(
    ["city", "unit", "a b", "items", "properties", "required", "type", "Größe", "$x", "0", " ", "a\n"]
)
TEXTS = st.sampled_from(["", " ", "x ", "a\r\nb", "The city", "line\nbreak", "“quoted” <b>"])
EXTRAS = st.dictionaries(
    st.sampled_from(["format", "pattern", "minimum", "default", "title", "additionalProperties", "x-note"]),
    st.sampled_from([1, True, "date", {"type": "string"}, [None], {"description": ""}]),
    max_size=2,
)


def schemas(depth: int = 3) -> st.SearchStrategy[Any]:
    """Return schemas of which rows express a part."""
    odd = st.sampled_from(
        [
            True,
            {},
            {"$ref": "#/$defs/a"},
            {"anyOf": [{"type": "string"}, {"type": "null"}]},
            {"enum": [1, "a", None]},
            {"type": ["string", "integer"]},
            {"type": "strange"},
            {"description": 5},
            {"type": "string", "enum": ["", " a"]},
        ]
    )
    simple = st.builds(
        lambda kind, said, more: {"type": kind, **({"description": said} if said else {}), **more},
        st.sampled_from(["string", "number", "integer", "boolean", ["string", "null"], ["boolean", "null"]]),
        TEXTS,
        EXTRAS,
    )
    listed = st.sampled_from(
        [
            {"type": "string", "enum": ["c", "f"]},
            {"type": "integer", "enum": [1, 2]},
            {"type": "number", "enum": [1.5]},
            {"type": ["string", "null"], "enum": ["a", None]},
        ]
    )
    if not depth:
        return odd | simple | listed
    inner = st.deferred(lambda: schemas(depth - 1))
    arrays = st.builds(lambda item, more: {"type": "array", "items": item, **more}, inner, EXTRAS)
    return odd | simple | listed | arrays | objects(inner)


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda properties, required, more, closed: {
            "type": "object",
            "properties": properties,
            **({"required": required} if required else {}),
            **more,
            **({"additionalProperties": False} if closed else {}),
        },
        st.dictionaries(NAMES, inner, max_size=4),
        st.lists(NAMES, max_size=3),
        EXTRAS,
        st.booleans(),
    )


ROOTS = objects(schemas())


@given(ROOTS)
def test_json_keeps_everything_on_its_way_through_the_rows(schema):
    assert is_same(write_row(read_schema(schema)), schema)


@given(ROOTS)
def test_rows_are_the_same_after_json(schema):
    rows = read_schema(schema)

    assert read_schema(write_row(rows)) == rows


@given(ROOTS)
def test_a_page_posts_the_rows_that_it_shows(schema):
    rows = read_schema(schema)

    posted = read_rows(fields_of(rows))

    assert posted.errors == {}
    if rows.kind == OBJECT:
        assert is_same(write_row(posted.root), schema)


@given(ROOTS)
def test_what_nobody_changed_is_saved_as_it_was_written(schema):
    text = json.dumps(schema)
    try:
        shown = editor_of(text)
    except SchemaRefused:
        return
    if shown.json_error:
        return

    saved = settled({**fields_of(shown.rows.root), "schema": text, "agreed": shown.agreed})

    assert saved.text == text


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"in": schema}}
    return schema


@pytest.mark.parametrize(("levels", "rows"), [(1, 1), (MAX_LEVEL, MAX_LEVEL), (MAX_LEVEL + 3, MAX_LEVEL)])
def test_rows_end_at_the_deepest_level_and_the_rest_is_kept(levels, rows):
    row, found = read_schema(nested(levels)), 0
    while row.rows:
        row, found = row.rows[0], found + 1

    assert found == rows
    assert is_same(write_row(read_schema(nested(levels))), nested(levels))


def test_a_schema_with_too_many_rows_is_edited_as_json():
    schema = {"type": "object", "properties": {f"p{number}": {"type": "string"} for number in range(400)}}

    assert read_schema(schema) == Row(JSON, value=schema)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"type": "object",}', "line 1, column 19"),
        ('{\n  "type": object\n}', "line 2, column 11"),
        ("[]", "Must be a JSON object"),
        ('{"type": "objec"}', "not a JSON schema: see type"),
        ('{"properties": {"city": {"type": "strin"}}}', "see properties.city.type"),
        ('{"type": "object", "type": "array"}', "type"),
        ("", "line 1"),
    ],
)
def test_a_text_that_is_no_schema_is_refused_at_its_place(text, said):
    with pytest.raises(SchemaRefused, match=said):
        parse_schema(text)


CITY = {"type": "object", "properties": {"city": {"type": "string"}, "unit": {"type": "string"}}}


def page(schema: dict[str, Any] = CITY, /, **changes: str) -> dict[str, str]:
    shown = editor_of(json.dumps(schema))
    return {**fields_of(shown.rows.root), "schema": shown.text, "agreed": shown.agreed, **changes}


def test_a_changed_row_changes_the_json():
    editor = after_rows(page(**{"r.0.description": "Where", "r.0.required": "on", "r.1.values": "c\nf"}))

    assert json.loads(editor.text) == {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "Where"},
            "unit": {"type": "string", "enum": ["c", "f"]},
        },
        "required": ["city"],
    }


def test_a_changed_json_changes_the_rows():
    editor = after_json(page(schema=json.dumps({**CITY, "required": ["unit"]})))

    assert [row.is_required for row in editor.rows.root.rows] == [False, True]


@pytest.mark.parametrize(
    ("action", "names", "focus"),
    [
        ("add:r", ["city", "unit"], "r.2"),
        ("remove:r.0", ["unit"], "r.0"),
        ("remove:r.1", ["city"], "r.0"),
        ("down:r.0", ["unit", "city"], "r.1"),
        ("up:r.1", ["unit", "city"], "r.0"),
        ("up:r.0", ["city", "unit"], "r.0"),
        ("add:r.0", ["city", "unit"], ""),
        ("remove:r.9", ["city", "unit"], ""),
        ("nonsense", ["city", "unit"], ""),
        ("down:r.i.x", ["city", "unit"], ""),
    ],
)
def test_the_buttons_of_rows(action, names, focus):
    editor = after_rows(page(), action)

    assert list(json.loads(editor.text)["properties"]) == names
    assert editor.focus == focus


def test_a_text_that_is_no_json_is_kept_while_rows_change():
    editor = after_rows(page(schema='{"type": ', **{"r.0.name": "town"}), "add:r")

    assert editor.text == '{"type": '
    assert "line 1" in editor.json_error
    assert [row.name for row in editor.rows.root.rows] == ["town", "unit", ""]


def test_the_rows_replace_a_text_that_is_no_json_on_request():
    editor = after_rows(page(schema='{"type": '), "replace")

    assert json.loads(editor.text) == CITY


def test_rows_stay_as_they_were_while_the_json_is_wrong():
    editor = after_json(page(schema="{"))

    assert [row.name for row in editor.rows.root.rows] == ["city", "unit"]
    assert editor.text == "{"


@pytest.mark.parametrize(
    ("changes", "place", "said"),
    [
        ({"r.1.name": "city"}, "r.1", "Two rows are called “city”"),
        ({"r.1.name": "", "r.1.description": "x"}, "r.1", "Give this row a name"),
        ({"r.1.rest": "{"}, "r.1", "Not valid JSON: line 1"),
        ({"r.1.rest": '{"type": "number"}'}, "r.1", "has a place in the row"),
        ({"r.1.kind": "integer", "r.1.was": "integer", "r.1.values": "1\ntwo"}, "r.1", "whole numbers"),
    ],
)
def test_a_wrong_row_is_named_and_the_json_stays(changes, place, said):
    editor = after_rows(page(**changes))

    assert said in editor.rows.errors[place]
    assert json.loads(editor.text) == CITY
    assert not settled(page(**changes)).is_valid


def test_the_side_that_was_changed_last_is_saved():
    by_row = settled(page(**{"r.0.name": "town"}))
    by_json = settled(page(schema=json.dumps({"type": "object", "properties": {"town": {"type": "string"}}})))

    assert list(json.loads(by_row.text)["properties"]) == ["town", "unit"]
    assert list(json.loads(by_json.text)["properties"]) == ["town"]


@pytest.mark.parametrize(
    ("before", "kind", "after"),
    [
        ({"type": "string", "description": "d"}, "object", {"type": "object", "description": "d"}),
        ({"type": "string"}, "array", {"type": "array", "items": {"type": "string"}}),
        ({"type": "string", "format": "date"}, "json", {"type": "string", "format": "date"}),
        (
            {"anyOf": [{"type": "string"}], "description": "d"},
            "integer",
            {"type": "integer", "description": "d"},
        ),
        ({"type": ["string", "null"]}, "number", {"type": ["number", "null"]}),
    ],
)
def test_another_type_keeps_what_it_has_a_place_for(before, kind, after):
    editor = after_rows(page({"type": "object", "properties": {"x": before}}, **{"r.0.kind": kind}), "kind")

    assert is_same(json.loads(editor.text)["properties"]["x"], after)
