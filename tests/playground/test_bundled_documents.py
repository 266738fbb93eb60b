"""The bundled models compared with published documents, and with facts from documentation pages."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.catalogue.bundled_models import bundled_models
from playground.parameters.known.help import FILE as HELP
from playground.parameters.schema.request_schema import read_request_schema
from playground.parameters.schema.translate import to_json_schema
from playground.parameters.schema.validation import validator_for
from playground.upstream.dialects import accepts
from tests.playground.plain_schemas import of_one_document, plain
from tests.playground.schema_values import values
from tests.upstream_facts import FACTS, requires_upstream_facts

pytestmark = requires_upstream_facts

Schema = dict[str, Any]
MODELS = {model.model_id: model for model in bundled_models()}
PATHS = {"/v1/chat/completions": "chat/completions", "/v1/responses": "responses", "/v1/messages": "messages"}


def _stated() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FACTS / "models.json").read_text("utf-8"))
    return found


STATED = {model["model_id"]: model for model in _stated()} if FACTS.is_dir() else {}
ENDPOINTS = [(name, path) for name, model in STATED.items() for path in model["endpoints"]]
# The facts state no roles and parts for ``responses``.
WITH_ROLES = [
    (name, path) for name, path in ENDPOINTS if path in (STATED[name].get("message_roles_and_parts") or {})
]
each_endpoint = pytest.mark.parametrize(("model_id", "path"), ENDPOINTS)

# Intended differences from the documents, with reasons. Each repairs a published request schema.


def _tools_swapped_back(properties: dict[str, Schema]) -> None:
    """Swap two schemas: the published choice of a tool describes a tool, and vice versa."""
    tools, choice = properties["tools"], properties["tool_choice"]
    properties["tools"], properties["tool_choice"] = {"type": "array", "items": choice}, tools["items"]


def _names_for_the_word_name(properties: dict[str, Schema]) -> None:
    """Replace a published placeholder, by which the chosen function or tool would be the text "name".

    The alternatives already have a function by its name, and lack a custom tool.
    """
    choices = properties["tool_choice"]["anyOf"]
    function, custom = _placeholder("function"), _placeholder("custom")
    custom_by_name = {
        "type": "object",
        "properties": {
            "type": {"enum": ["custom"]},
            "custom": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
        },
        "required": ["custom", "type"],
    }
    assert function in choices
    choices[:] = [custom_by_name if choice == custom else choice for choice in choices if choice != function]
    choices.sort(key=lambda choice: json.dumps(choice, sort_keys=True))


def _bare_function(properties: dict[str, Schema]) -> None:
    """Read the placeholder of this model's page as the bare name of a function, of any name."""
    _names_for_the_word_name(properties)
    bare = {
        "type": "object",
        "properties": {"type": {"enum": ["function"]}, "function": {"type": "string"}},
        "required": ["function", "type"],
    }
    choices = properties["tool_choice"]["anyOf"]
    choices.append(bare)
    choices.sort(key=lambda choice: json.dumps(choice, sort_keys=True))


def _placeholder(kind: str) -> Schema:
    properties = {"type": {"enum": [kind]}, kind: {"enum": ["name"]}}
    return {"type": "object", "properties": properties, "required": sorted(properties)}


def _bounds_of_the_models_own_page(properties: dict[str, Schema]) -> None:
    """Prefer the page of this model, since its only document is a draft."""
    properties["min_p"] = {"type": "number", "minimum": 0.001, "maximum": 0.999}
    for name in ("max_tokens", "max_completion_tokens"):
        del properties[name]["default"]


def _nothing(properties: dict[str, Schema]) -> None:
    """Keep the published schema."""


Repair = Callable[[dict[str, Schema]], None]
DEVIATIONS: dict[tuple[str, str], Repair] = {
    **{
        (name, "chat/completions"): _tools_swapped_back
        for name in (
            "anthropic/claude-opus-4", "anthropic/claude-opus-4.1", "anthropic/claude-opus-4-5",
            "anthropic/claude-sonnet-4", "claude-sonnet-4-5-20250929", "anthropic/claude-haiku-4.5",
        )
    },
    ("claude-3-haiku-20240307", "chat/completions"): _names_for_the_word_name,
    ("nvidia/nemotron-3-nano-30b-a3b", "chat/completions"): _bare_function,
    ("anthropic/claude-opus-4", "messages"): _names_for_the_word_name,
    ("google/gemma-3n-e4b-it", "chat/completions"): _bounds_of_the_models_own_page,
}  # fmt: skip
# Documents that contradict other documents of the same model. The bundled models follow the others, and mark
# what these ones add.
NOT_FOLLOWED = {
    "anthropic/claude-opus-4": {"claude-opus-4.json"},
    "anthropic/claude-sonnet-4": {"claude-sonnet-4.json"},
    "deepseek/deepseek-non-thinking-v3.2-exp": {"deepseek-non-thinking-v3.2.json"},
    "meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo": {"Meta-Llama-3.1-8B-Instruct-Turbo.json"},
    "moonshot/kimi-k2-0905-preview": {"kimi-k2-preview.json"},
}
# The facts take the messages of these models from another document than the parameters, or from an unknown
# one. The bundled schemas take both from the same document.
MESSAGES_FROM_ELSEWHERE = {
    "claude-3-7-sonnet-20250219", "anthropic/claude-opus-4", "anthropic/claude-sonnet-4",
    "deepseek/deepseek-thinking-v3.2-exp", "deepseek/deepseek-non-thinking-v3.2-exp",
    "meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo",
}  # fmt: skip
# These models share a documentation page, and its parameters, with this one.
SHARED_PAGE = {"mistralai/Mistral-7B-Instruct-v0.2": "mistralai/Mistral-7B-Instruct-v0.3"}


@cache
def _documents(model_id: str) -> tuple[tuple[str, str, Schema], ...]:
    """Yield each request schema of the model's documents, with file name and kind of endpoint."""
    # A document that was published under two spellings of its folder counts once.
    paths = {path.name: path for path in map(_path_of, STATED[model_id]["openapi_files"]) if path.is_file()}
    return tuple((name, kind, schema) for name, path in paths.items() for kind, schema in _schemas_in(path))


def _path_of(listed: str) -> Path:
    return FACTS / "openapi" / listed.split("/text-models-llm/", 1)[1]


def _schemas_in(path: Path) -> Iterator[tuple[str, Schema]]:
    for address, item in json.loads(path.read_text("utf-8"))["paths"].items():
        kind = next((kind for kind in PATHS.values() if address.endswith(f"/{kind}")), None)
        if kind is not None and "post" in item:
            yield kind, item["post"]["requestBody"]["content"]["application/json"]["schema"]


def _without_model(schema: Schema) -> Schema:
    """Drop the model, since a document may name several models, or an alias."""
    return {**schema, "properties": {**schema["properties"], "model": {}}}


def _published(model_id: str, kind: str) -> list[Schema]:
    """Return the documents' schemas in one spelling, with the repairs above."""
    found = []
    for name, found_kind, schema in _documents(model_id):
        if found_kind == kind and name not in NOT_FOLLOWED.get(model_id, ()):
            said = _without_model(plain(schema))
            DEVIATIONS.get((model_id, kind), _nothing)(said["properties"])
            found.append(said)
    return found


DOCUMENTED = [(name, PATHS[path]) for name, path in ENDPOINTS if _published(name, PATHS[path])]


def test_most_endpoints_have_a_document():
    assert len(DOCUMENTED) >= 117
    documents = {(name, file) for name in STATED for file, _, _ in _documents(name)}
    # The contradicting documents exist.
    assert {(name, file) for name, files in NOT_FOLLOWED.items() for file in files} <= documents
    undocumented = {("anthropic/claude-haiku-4.5", "chat/completions")}
    assert DEVIATIONS.keys() <= {*DOCUMENTED, *undocumented}


@pytest.mark.parametrize(("model_id", "kind"), DOCUMENTED)
def test_it_agrees_with_the_documents_in_every_fact(model_id, kind):
    """The comparison covers types, bounds, choices, defaults, null, required names, roles and parts."""
    ours = _without_model(plain(of_one_document(MODELS[model_id].schemas[kind])))
    published = _published(model_id, kind)
    # A document lists the path twice, with and without its version, and sometimes they differ.
    closest = min(published, key=lambda said: len(_differences(ours, said)))
    assert _differences(ours, closest) == {}


def _differences(ours: Schema, theirs: Schema) -> dict[str, tuple[Any, Any]]:
    found = {
        name: (ours["properties"].get(name), theirs["properties"].get(name))
        for name in ours["properties"].keys() | theirs["properties"].keys()
        if ours["properties"].get(name) != theirs["properties"].get(name)
    }
    if {**ours, "properties": {}} != {**theirs, "properties": {}}:
        found["(root)"] = ({**ours, "properties": {}}, {**theirs, "properties": {}})
    return found


OTHERS = [(name, file) for name, files in NOT_FOLLOWED.items() for file in sorted(files)]
# The shapes of tools are those of the document that is followed: a request cannot mix two of them.
OF_ONE_DOCUMENT = {"model", "messages", "tools", "tool_choice", "stream_options"}


@pytest.mark.parametrize(("model_id", "file"), OTHERS)
def test_it_also_takes_what_a_contradicting_document_states(model_id, file):
    for name, kind, schema in _documents(model_id):
        if name == file:
            ours = read_request_schema(MODELS[model_id].schemas[kind])
            assert schema["properties"].keys() - OF_ONE_DOCUMENT <= ours.properties
            _accepts_the_bounds(ours.validators, schema["properties"])


def _accepts_the_bounds(validators: dict[str, Any], published: dict[str, Schema]) -> None:
    for name, stated in published.items():
        ends = [stated[key] for key in ("minimum", "maximum") if key in stated]
        values = [*ends, None] if stated.get("nullable") else ends
        assert [value for value in values if not validators[name].is_valid(value)] == [], name


def test_the_comparison_sees_every_kind_of_fact():
    ours = plain(MODELS["x-ai/grok-4-07-09"].schemas["chat/completions"])
    changes: list[Schema] = [
        {"temperature": {"type": "number", "minimum": 0, "maximum": 1}},
        {"temperature": {"type": ["number", "null"], "minimum": 0, "maximum": 2}},
        {"temperature": {"type": "integer", "minimum": 0, "maximum": 2}},
        {"stream": {"type": "boolean", "default": True}},
        {"new": {"type": "string"}},
        {"messages": {}},
    ]
    for change in changes:
        theirs = {**ours, "properties": {**ours["properties"], **change}}
        assert list(_differences(ours, plain(theirs))) == list(change)
    assert list(_differences(ours, {**ours, "required": ["model"]})) == ["(root)"]


def _fact_schema(fact: dict[str, Any]) -> Schema:
    """Write a stated fact as a schema."""
    skipped = {"name", "types", "required", "shape", "example"}
    inside = {key: value for key, value in fact.items() if key not in skipped}
    schema = {**_with_required(fact.get("shape", {})), **inside}
    types = [name for name in fact["types"] if name != "null"]
    if not schema.keys() & {"anyOf", "oneOf"}:
        schema["type"] = types[0] if len(types) == 1 else types
    return schema


def _with_required(shape: Any) -> Any:
    if isinstance(shape, list):
        return [_with_required(item) for item in shape]
    if not isinstance(shape, dict):
        return shape
    return {
        "required" if key == "required_inside" else key: _with_required(value) for key, value in shape.items()
    }


def _only_types(schema: Schema) -> set[str]:
    choices: list[Schema] = schema.get("anyOf") or schema.get("oneOf") or [schema]
    found: set[str] = set()
    for choice in choices:
        types = choice.get("type", "string" if "enum" in choice else [])
        found |= {types} if isinstance(types, str) else set(types)
    return found


@each_endpoint
def test_it_agrees_with_the_facts(model_id, path):
    """The facts are from documentation pages, also for models without a document."""
    kind = PATHS[path]
    stated = STATED[model_id]["endpoints"][path]
    ours = plain(of_one_document(MODELS[model_id].schemas[kind]))
    facts = {fact["name"]: fact for fact in stated["parameters"]}
    assert ours["properties"].keys() - {"model", "messages", "input"} == facts.keys()
    assert ours["required"] == sorted(stated["required"])
    theirs = {name: plain(_fact_schema(fact)) for name, fact in facts.items()}
    repair = DEVIATIONS.get((model_id, kind), _nothing)
    if repair is not _bounds_of_the_models_own_page and facts.get("tool_choice", {}).get("shape"):
        repair(theirs)
    for name, schema in theirs.items():
        is_whole = "shape" in facts[name] or not {"array", "object"} & set(facts[name]["types"])
        if is_whole:
            assert ours["properties"][name] == schema, name
        else:
            # The page states only the type of a value that is too large for it.
            assert _only_types(ours["properties"][name]) == _only_types(schema), name


@pytest.mark.parametrize(("model_id", "path"), WITH_ROLES)
def test_its_messages_have_the_roles_and_parts_of_the_facts(model_id, path):
    stated = STATED[model_id]["message_roles_and_parts"][path]
    kind = PATHS[path]
    request_schema = read_request_schema(MODELS[model_id].schemas[kind])
    found: dict[str, set[str]] = {}
    for transcript in accepts(request_schema.digest, request_schema.translated).shapes:
        for role, shape in transcript.roles.items():
            found.setdefault(role, set()).update(shape.part_types)
    is_same = {role: sorted(parts) for role, parts in found.items()} == stated
    assert is_same != (model_id in MESSAGES_FROM_ELSEWHERE and kind == "chat/completions")


def test_those_on_a_shared_page_take_the_same():
    for name, other in SHARED_PAGE.items():
        assert other in STATED[name]["other_ids_on_page"]
        assert STATED[name]["endpoints"] == {}
        ours, theirs = MODELS[name].schemas, MODELS[other].schemas
        assert {kind: _without_model(schema) for kind, schema in ours.items()} == {
            kind: _without_model(schema) for kind, schema in theirs.items()
        }


def test_it_has_every_model_of_the_documentation():
    assert len(STATED) == 130
    assert STATED.keys() <= MODELS.keys()
    for name, stated in STATED.items():
        facts = MODELS[name].facts
        assert facts["context_length"] == stated["context_length"]
        assert set(stated["ids"]) <= {name, *facts["aliases"]}
        if stated["listed_as_retired"]:
            assert facts["is_retired"]
        kinds = {PATHS[path] for path in stated["endpoints"]}
        assert MODELS[name].schemas.keys() == kinds or name in SHARED_PAGE


def test_it_knows_every_retired_id():
    retired = json.loads((FACTS / "retired_models.json").read_text("utf-8"))
    ours = {name for model in MODELS.values() if model.facts["is_retired"] for name in _names(model)}
    # Some models are listed without an id, so nobody can have used them.
    assert {name for entry in retired for name in entry["ids"]} == ours


def _names(model: Any) -> set[str]:
    return {model.model_id, *model.facts["aliases"]}


def test_every_other_name_on_a_page_is_somebodys():
    claimed = Counter(
        name
        for model_id, stated in STATED.items()
        for name in {*stated["other_ids_on_page"], *_ids_in_documents(model_id)} - STATED.keys()
    )
    known = {name for model in MODELS.values() for name in model.facts["aliases"]}
    assert claimed.keys() - known == set()
    # Three versions of a model share a document that names only the plain version.
    assert [name for name, count in claimed.items() if count > 1] == ["openai/gpt-4o"]
    assert MODELS["gpt-4o"].facts["aliases"] == ["openai/gpt-4o"]


def _ids_in_documents(model_id: str) -> set[str]:
    models = [schema["properties"]["model"] for _, _, schema in _documents(model_id)]
    return {name for model in models for name in model.get("enum", ())}


def test_each_published_parameter_is_described_once():
    paths = [*(FACTS / "openapi").rglob("*.json"), FACTS / "service" / "messages.json"]
    schemas = [schema for path in paths for _, schema in _schemas_in(path)]
    roots = [root for schema in schemas for root in (schema, *schema.get("anyOf", ()))]
    published = {name for root in roots for name in root.get("properties", ())}
    described = json.loads(HELP.read_text("utf-8"))
    assert set(described) == published


def _shapes() -> dict[str, tuple[Schema, Schema]]:
    """Return each parameter's bundled shape beside a document's, where both should accept the same."""
    found: dict[str, tuple[Schema, Schema]] = {}
    for model_id, kind in DOCUMENTED:
        ours = MODELS[model_id].schemas[kind]
        said = next((schema for _, found_kind, schema in _documents(model_id) if found_kind == kind), None)
        if said is None or (model_id, kind) in DEVIATIONS or model_id in NOT_FOLLOWED:
            continue
        for name, shape in of_one_document(ours)["properties"].items():
            if name != "model" and json.dumps([name, shape]) not in found:
                mine = {"properties": {name: shape}, "$defs": ours["$defs"]}
                found[json.dumps([name, shape])] = mine, {"properties": {name: said["properties"][name]}}
    return {f"{json.loads(key)[0]} {number}": pair for number, (key, pair) in enumerate(found.items())}


SHAPES = _shapes() if FACTS.is_dir() else {}


@pytest.mark.parametrize("name", SHAPES)
def test_it_takes_the_values_that_a_document_takes(name):
    """The comparison tries values of either schema, since equivalent schemas may be written differently."""
    translated = [to_json_schema({"type": "object", **schema}) for schema in SHAPES[name]]
    ours, theirs = (validator_for(schema) for schema in translated)

    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(data=st.data())
    def compare(data: st.DataObject) -> None:
        schema = data.draw(st.sampled_from(translated))
        value = data.draw(values(schema, schema.get("$defs", {})))
        assert ours.is_valid(value) == theirs.is_valid(value)

    compare()
