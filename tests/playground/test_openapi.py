from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from playground.catalogue.documents import MAX_BYTES, MAX_NODES, DocumentRefused, load
from playground.catalogue.openapi_reader import read_document
from playground.parameters.schema.reader import read_parameters

BODY: dict[str, Any] = {
    "type": "object",
    "properties": {
        "model": {"type": "string", "enum": ["acme/one"]},
        "messages": {"type": "array"},
        "temperature": {"type": "number"},
    },
    "required": ["model", "messages"],
}


def document(*paths: str, body: Any = BODY, **more: Any) -> dict[str, Any]:
    operation = {"requestBody": {"content": {"application/json": {"schema": body}}}}
    return {"openapi": "3.0.0", "paths": {path: {"post": operation} for path in paths}, **more}


def read(value: Any) -> Any:
    return read_document(json.dumps(value).encode()).requests


def test_it_reads_json_and_yaml_alike():
    value = document("/v1/chat/completions")
    (from_json,) = read(value)
    (from_yaml,) = read_document(yaml.safe_dump(value).encode()).requests
    assert from_json == from_yaml
    assert (from_json.model_ids, from_json.kind, from_json.schema) == (
        ("acme/one",),
        "chat/completions",
        BODY,
    )


def test_it_reads_every_endpoint_once():
    paths = ["/v1/chat/completions", "/chat/completions", "/v1/responses", "/v1/messages", "/v1/models"]
    assert [request.kind for request in read(document(*paths))] == [
        "chat/completions",
        "responses",
        "messages",
    ]


def test_it_reads_all_the_models_that_a_schema_names():
    body = {**BODY, "properties": {**BODY["properties"], "model": {"enum": ["a", "b", 3, ""]}}}
    (request,) = read(document("/v1/chat/completions", body=body))
    assert request.model_ids == ("a", "b")


def test_it_finds_the_model_in_a_root_that_is_a_choice():
    other = {**BODY, "properties": {**BODY["properties"], "model": {"const": "acme/two"}}}
    (request,) = read(document("/v1/messages", body={"anyOf": [BODY, other]}))
    assert request.model_ids == ("acme/one", "acme/two")


def test_it_brings_along_what_a_schema_refers_to():
    body = {"$ref": "#/components/schemas/Request"}
    schemas = {
        "Request": {
            **BODY,
            "properties": {**BODY["properties"], "tool": {"$ref": "#/components/schemas/Tool"}},
        },
        "Tool": {"type": "object", "properties": {"inner": {"$ref": "#/components/schemas/Tool"}}},
        "Unused": {"type": "string"},
    }
    (request,) = read(document("/chat/completions", body=body, components={"schemas": schemas}))
    assert set(request.schema["$defs"]) == {"Tool"}
    assert request.schema["properties"]["tool"] == {"$ref": "#/$defs/Tool"}
    assert [spec.name for spec in read_parameters(request.schema)] == ["temperature", "tool"]


@pytest.mark.parametrize(
    "reference",
    [
        "https://example.org/schema.json",
        "other.json#/Tool",
        "file:///etc/passwd",
        "#/components/schemas/Gone",
    ],
)
def test_it_follows_no_reference_out_of_the_document(reference):
    body = {**BODY, "properties": {**BODY["properties"], "tool": {"$ref": reference}}}
    (request,) = read(document("/chat/completions", body=body))
    assert request.schema["properties"]["tool"] == {}


def test_it_follows_references_to_whole_bodies_but_not_in_circles():
    value = document("/chat/completions")
    value["paths"]["/chat/completions"]["post"]["requestBody"] = {"$ref": "#/components/requestBodies/A"}
    value["components"] = {"requestBodies": {"A": {"$ref": "#/components/requestBodies/A"}}}
    with pytest.raises(DocumentRefused, match="no chat endpoint"):
        read(value)


def test_it_ends_with_a_root_in_a_circle():
    body = {"$ref": "#/components/schemas/A"}
    schemas = {"A": {"anyOf": [{"$ref": "#/components/schemas/A"}, BODY]}}
    (request,) = read(document("/chat/completions", body=body, components={"schemas": schemas}))
    assert request.model_ids == ("acme/one",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not an OpenAPI document"),
        (b"just text", "not an OpenAPI document"),
        (b'{"paths": ', "neither JSON nor YAML"),
        (b"a: [b", "neither JSON nor YAML"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (b"[1, 2]", "not an OpenAPI document"),
        (b'{"paths": {}}', "does not say its version"),
        (b'{"openapi": "3.0.0", "paths": {}}', "no chat endpoint"),
        (b'{"openapi": "3.0.0", "paths": []}', "it has no paths"),
        (b" " * (MAX_BYTES + 1), "too large"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": ' * 150 + b"1" + b"}" * 150, "nested too deeply"),
        (b"- " * 5_000 + b"x", "nested too deeply"),
        (b"[" + b"1," * MAX_NODES + b"1]", "too many parts"),
        (b"a: &x [1]\nb: [*x, *x]", "YAML aliases"),
        (b"!!python/object/apply:os.system [ls]", "neither JSON nor YAML"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value[:20]),
)
def test_it_says_why_it_refuses(content, reason):
    with pytest.raises(DocumentRefused, match=reason):
        read_document(content)


def test_it_refuses_a_document_that_names_no_model():
    body = {**BODY, "properties": {"model": {"type": "string"}, "messages": {"type": "array"}}}
    with pytest.raises(DocumentRefused, match="names no model"):
        read(document("/v1/chat/completions", body=body))


@pytest.mark.parametrize(
    "broken",
    [
        None,
        3,
        [],
        {"post": 3},
        {"post": {"requestBody": []}},
        {"post": {"requestBody": {"content": {"application/json": {"schema": 3}}}}},
    ],
)
def test_it_bears_broken_operations(broken):
    with pytest.raises(DocumentRefused):
        read({"openapi": "3.0.0", "paths": {"/chat/completions": broken}})


def test_it_keeps_dates_in_yaml_as_text():
    text = yaml.safe_dump(document("/chat/completions")).replace("acme/one", "2024-01-01")
    assert read_document(text.encode()).requests[0].model_ids == ("2024-01-01",)


def test_it_reads_yaml_as_openapi_means_it():
    """YAML 1.1 reads these as booleans, a sexagesimal number, an octal one and a float."""
    text = yaml.safe_dump(document("/chat/completions"))
    text = text.replace("- acme/one", "- on\n{0}- no\n{0}- 16:9\n{0}- 012\n{0}- acme/one")
    indent = next(line for line in text.splitlines() if line.endswith("- on")).index("-") * " "
    (request,) = read_document(text.format(indent).encode()).requests
    assert request.schema["properties"]["model"]["enum"] == ["on", "no", "16:9", 12, "acme/one"]
    assert request.model_ids == ("on", "no", "16:9", "acme/one")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("yes", "yes"),
        ("~", None),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("0x1F", 31),
        ("0o17", 15),
        ("-3", -3),
        ("1_000", "1_000"),
    ],
)
def test_it_reads_the_plain_values_of_yaml_1_2(written, value):
    loaded = load(f"a: {written}".encode())["a"]
    assert loaded == value
    assert type(loaded) is type(value)
