"""Tools and schemas from pasted text: every shape, what is refused, and the page."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from chat.flows.import_definitions import import_definitions
from chat.models import OutputSchema, Tool
from chat.tool_schemas.documents import read_text
from chat.tool_schemas.importing import DefinitionsRefused, fitting_name, numbered

CITY: dict[str, Any] = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
NONE: dict[str, Any] = {"type": "object", "properties": {}}
CHAT = {
    "type": "function",
    "function": {"name": "look_up", "description": "d", "parameters": CITY, "strict": True},
}
RESPONSES = {"type": "function", "name": "look_up", "description": "d", "parameters": CITY, "strict": True}
ANTHROPIC = {"name": "look_up", "description": "d", "input_schema": CITY}
FORMAT = {"type": "json_schema", "json_schema": {"name": "person", "schema": CITY, "strict": True}}
LOOPED = {
    "type": "object",
    "properties": {"left": {"$ref": "#"}, "to": {"$ref": "#/definitions/place"}},
    "definitions": {"place": CITY},
}


def document(**operation: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "paths": {"/cities/{id}": {"get": {"operationId": "getCity", **operation}}}}


def with_body(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return document(
        requestBody={"required": True, "content": {"application/json": {"schema": schema}}}, **more
    )


ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}, "description": "Which"}
SHAPES: dict[str, tuple[Any, list[tuple[str, str]], Any]] = {
    "a tool of chat completions": (CHAT, [("tool", "look_up")], CITY),
    "a tool of responses": (RESPONSES, [("tool", "look_up")], CITY),
    "a tool of messages": (ANTHROPIC, [("tool", "look_up")], CITY),
    "a custom tool of messages": ({"type": "custom", **ANTHROPIC}, [("tool", "look_up")], CITY),
    "a name with parameters": ({"name": "look_up", "parameters": CITY}, [("tool", "look_up")], CITY),
    "a tool without parameters": ({"type": "function", "function": {"name": "now"}}, [("tool", "now")], NONE),
    "a function alone": (CHAT["function"], [("tool", "look_up")], CITY),
    "a list": ([CHAT, ANTHROPIC], [("tool", "look_up"), ("tool", "look_up")], CITY),
    "tools of a request": (
        {"model": "m", "messages": [], "tools": [CHAT], "response_format": FORMAT},
        [("tool", "look_up"), ("schema", "person")],
        CITY,
    ),
    "hosted tools are left out": (
        {"tools": [{"type": "web_search"}, RESPONSES]},
        [("tool", "look_up")],
        CITY,
    ),
    "old functions": ({"functions": [CHAT["function"]]}, [("tool", "look_up")], CITY),
    "a response format": (FORMAT, [("schema", "person")], CITY),
    "a text format": (
        {"text": {"format": {"type": "json_schema", "name": "p", "schema": CITY}}},
        [("schema", "p")],
        CITY,
    ),
    "an output config": (
        {"output_config": {"format": {"type": "json_schema", "schema": CITY}}},
        [("schema", "schema")],
        CITY,
    ),
    "a named schema": ({"name": "person", "schema": CITY}, [("schema", "person")], CITY),
    "a bare schema": (CITY, [("schema", "schema")], CITY),
    "a schema with a title": (
        {**CITY, "title": "A person!"},
        [("schema", "A_person")],
        {**CITY, "title": "A person!"},
    ),
    "a schema by its properties alone": (
        {"properties": {"a": {}}},
        [("schema", "schema")],
        {"properties": {"a": {}}},
    ),
    "a schema with loops": (
        LOOPED,
        [("schema", "schema")],
        {"type": "object", "properties": {"left": {"$ref": "#/$defs/root"}, "to": {"$ref": "#/$defs/place"}}},
    ),
    "a name that breaks the rule": (
        {"name": "get weather", "parameters": CITY},
        [("tool", "get_weather")],
        CITY,
    ),
    "an operation": (
        document(parameters=[ID]),
        [("tool", "getCity")],
        {
            "type": "object",
            "properties": {"id": {"type": "integer", "description": "Which"}},
            "required": ["id"],
        },
    ),
    "an operation with a body": (with_body(CITY), [("tool", "getCity")], CITY),
    "a body beside parameters": (
        with_body(CITY, parameters=[ID]),
        [("tool", "getCity")],
        {
            "type": "object",
            "properties": {"id": {"type": "integer", "description": "Which"}, "city": {"type": "string"}},
            "required": ["id", "city"],
        },
    ),
    "a body with a field of the same name": (
        with_body({"type": "object", "properties": {"id": {}}}, parameters=[ID]),
        [("tool", "getCity")],
        {
            "type": "object",
            "properties": {
                "id": {"type": "integer", "description": "Which"},
                "body": {"type": "object", "properties": {"id": {}}},
            },
            "required": ["id", "body"],
        },
    ),
    "a body that is a list": (
        with_body({"type": "array", "items": {"type": "string"}}),
        [("tool", "getCity")],
        {
            "type": "object",
            "properties": {"body": {"type": "array", "items": {"type": "string"}}},
            "required": ["body"],
        },
    ),
    "references of a document": (
        {
            **with_body({"$ref": "#/components/schemas/City"}),
            "components": {
                "schemas": {
                    "City": {"type": "object", "properties": {"in": {"$ref": "#/components/schemas/L"}}},
                    "L": CITY,
                }
            },
        },
        [("tool", "getCity")],
        {"type": "object", "properties": {"in": {"$ref": "#/$defs/L"}}, "$defs": {"L": CITY}},
    ),
    "a parameter by reference, and one of the path": (
        {
            "openapi": "3.0.0",
            "paths": {
                "/a": {"parameters": [{"$ref": "#/components/parameters/id"}], "post": {"summary": "Do it"}}
            },
            "components": {"parameters": {"id": ID}},
        },
        [("tool", "post_a")],
        {
            "type": "object",
            "properties": {"id": {"type": "integer", "description": "Which"}},
            "required": ["id"],
        },
    ),
}


@pytest.mark.parametrize("what", SHAPES)
def test_every_shape_is_read(what):
    value, named, schema = SHAPES[what]

    found, is_document = read_text(json.dumps(value))

    assert [(each.kind, each.name) for each in found] == named
    assert {key: found[0].schema[key] for key in schema} == schema
    assert is_document == ("paths" in value)


def test_a_document_may_be_yaml():
    text = "openapi: 3.1.0\npaths:\n  /on:\n    get:\n      operationId: switch\n      summary: On or off\n"

    (found,), is_document = read_text(text)

    assert (found.name, found.description, found.source, is_document) == (
        "switch",
        "On or off",
        "GET /on",
        True,
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Paste a text"),
        ('{"a": }', "line 1, column 7"),
        ("a: [", "neither JSON nor YAML"),
        ("5", "No tool and no schema"),
        ("[]", "No tool and no schema"),
        ('{"model": "m", "messages": []}', "No tool and no schema"),
        ("[1]", "Entry 1 is no JSON object"),
        ('[{"name": "a", "parameters": {}}, {"x": 1}]', "Entry 2 is neither a tool nor a JSON schema"),
        ('{"name": "a", "parameters": {"type": "strin"}}', "“a”.*see type"),
        ('{"type": "custom", "custom": {"name": "sql"}}', "custom tool"),
        ('{"openapi": "3.1.0", "paths": {}}', "no operations"),
        ("[" * 200 + "]" * 200, "nested too deeply"),
        ("x" * 2_000_001, "larger than 2 MB"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(text, said):
    with pytest.raises(DefinitionsRefused, match=said):
        read_text(text)


@pytest.mark.parametrize("name", ["a" * 80, "x y", "日本", "__a__", "a.b/c", "mcp__files__read_"])
def test_a_fitting_name_follows_the_rule(name):
    fitting = fitting_name(name)

    assert 1 <= len(fitting) <= 64
    assert fitting_name(fitting) == fitting
    assert fitting == name or not re.fullmatch("[A-Za-z0-9_-]{1,64}", name)
    _, second = islice(numbered("a" * 64), 2)
    assert len(second) == 64


@pytest.fixture
def client(client_for, alice):
    return client_for(alice)


@pytest.fixture
def imported(workspace, client):
    def post(text: str, **more: Any):
        return client.post(reverse("chat:import_tools", args=[workspace.slug]), {"text": text, **more})

    return post


@pytest.mark.django_db
def test_what_was_chosen_is_imported_and_summed_up(imported, workspace, client):
    Tool.objects.create(workspace=workspace, name="look_up", description="another", schema="{}")
    Tool.objects.create(workspace=workspace, name="there", schema=json.dumps(NONE))
    text = json.dumps(
        [CHAT, {"name": "there", "parameters": NONE}, {"name": "skipped", "parameters": NONE}, FORMAT]
    )

    preview = imported(text).content.decode()
    response = imported(text, chosen=["0", "1", "3", "99", "x"])

    assert "look_up is taken" in preview
    assert "already there" in preview
    assert response.status_code == 302
    assert sorted(Tool.objects.values_list("name", flat=True)) == ["look_up", "look_up_2", "there"]
    assert OutputSchema.objects.get().is_strict
    page = client.get(response.url).content.decode()
    for said in ("Imported: look_up_2, person.", "look_up as look_up_2", "Already there: there."):
        assert said in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"text": "{"}, "line 1"),
        ({"text": json.dumps(CHAT), "import": "1"}, "Nothing was chosen"),
        ({"text": json.dumps([CHAT, {"name": "b", "parameters": {"type": "x"}}]), "chosen": ["0"]}, "“b”"),
    ],
)
def test_a_refused_import_stores_nothing_and_keeps_the_text(imported, data, said):
    response = imported(**data)

    assert response.status_code == 422
    assert said in response.content.decode()
    assert json.dumps(data["text"])[1:6] in response.content.decode().replace("&quot;", '\\"')
    assert not Tool.objects.exists()


@pytest.mark.django_db
def test_a_file_is_read(imported):
    file = SimpleUploadedFile("api.yaml", b"paths:\n  /a:\n    get: {operationId: fromFile}\n")

    assert "fromFile" in imported("", file=file).content.decode()


@pytest.mark.django_db
def test_nothing_is_half_imported(workspace, alice, monkeypatch):
    found, _ = read_text(json.dumps([CHAT, FORMAT]))
    monkeypatch.setattr(OutputSchema._default_manager, "bulk_create", lambda _: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        import_definitions(alice.memberships.get(), found, actor=alice)

    assert not Tool.objects.exists()
