"""Properties of every schema and every form, tested with generated values and posts."""

from __future__ import annotations

import json
import os
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from playground.catalogue.bundled_models import bundled_models
from playground.catalogue.openapi_reader import read_document
from playground.demo.models import demo_models
from playground.parameters.form.body import build_body
from playground.parameters.form.entry import root_name
from playground.parameters.form.parameter_form import ParameterForm
from playground.parameters.schema.equality import is_same
from playground.parameters.schema.request_schema import RequestSchema, read_request_schema
from playground.parameters.schema.translate import to_json_schema
from tests.playground.schema_values import posts, values
from tests.playground.untouched_page import posted_by
from tests.upstream_facts import FACTS

_FILES = {
    "nvidia/nemotron-3-nano-30b-a3b": "NVIDIA/nemotron-3-nano-30b-a3b.json",
    "baidu/ernie-5-0-thinking-preview": "baidu/ernie-5.0-thinking-preview.json",
    "bytedance/seed-1-8": "ByteDance/seed-1-8.json",
    "alibaba/qwen3.6-35b-a3b": "Alibaba-Cloud/qwen3.6-35b-a3b.json",
    # These two have shapes that the others lack: Responses, and Claude's own dialect.
    "openai/gpt-4o": "OpenAI/gpt-4o-RESPONSES.json",
    "anthropic/claude-opus-4.1": "Anthropic/claude-opus-4.1.json",
}


def _schemas() -> dict[str, dict[str, Any]]:
    ours = {model["model_id"]: model["schema"] for model in demo_models()}
    ours |= {
        model.model_id: model.schemas["chat/completions"]
        for model in bundled_models()
        if model.model_id in _FILES
    }
    found = {f"bundled {name}": schema for name, schema in ours.items()}
    for name, file in _FILES.items():
        path = FACTS / "openapi" / file
        if path.is_file():
            found[f"document {name}"] = read_document(path.read_bytes()).requests[0].schema
    return found


SCHEMAS = _schemas()
# Each run tries the same examples. More of them make a longer search.
EXAMPLES = int(os.environ.get("PARAMETER_EXAMPLES", "0"))
each_schema = pytest.mark.parametrize("name", sorted(SCHEMAS))
some = settings(
    max_examples=EXAMPLES or 12,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def _transcript(request_schema: RequestSchema) -> dict[str, Any]:
    field = "messages" if "messages" in request_schema.properties else "input"
    return {field: [{"role": "user", "content": "Hello"}]}


def _model_id(request_schema: RequestSchema) -> str:
    model = request_schema.translated["properties"]["model"]
    return str(model["const"] if "const" in model else model["enum"][0])


def _refuse(uri: str) -> Any:
    raise AssertionError(f"fetched {uri}")


def _page(form: ParameterForm) -> str:
    return "".join(field.html for group in form.groups for field in group.fields)


@each_schema
def test_it_sends_nothing_that_was_not_touched(name):
    request_schema = read_request_schema(SCHEMAS[name])
    untouched = posted_by(_page(ParameterForm(request_schema)))

    form = ParameterForm(request_schema, untouched)

    assert untouched
    assert form.is_valid(), form.errors_by_name
    assert form.parameters == {}
    assert form.changed_count == 0


@each_schema
@some
@given(data=st.data())
def test_every_valid_form_gives_a_body_that_the_schema_accepts(name, data):
    request_schema = read_request_schema(SCHEMAS[name])
    # The independent judge is the same library with the whole schema and without the product's code.
    judge = jsonschema_rs.Draft202012Validator(to_json_schema(SCHEMAS[name]), retriever=_refuse)
    chosen = data.draw(
        st.lists(st.sampled_from(request_schema.specs), max_size=4, unique_by=lambda spec: spec.name)
    )
    posted: dict[str, list[str]] = {}
    for spec in chosen:
        posted |= data.draw(posts(spec, root_name(spec.name)))

    form = ParameterForm(request_schema, posted)

    if form.is_valid():
        body = build_body(
            SCHEMAS[name], _model_id(request_schema), _transcript(request_schema), form.parameters
        )
        assert judge.is_valid(body)
        json.dumps(body, allow_nan=False).encode()
    else:
        assert form.errors_by_name
        assert all(message for messages in form.errors_by_name.values() for message in messages)
    _page(form)


@each_schema
@some
@given(data=st.data())
def test_what_the_schema_accepts_comes_back_the_same_from_the_page(name, data):
    request_schema = read_request_schema(SCHEMAS[name])
    spec = data.draw(st.sampled_from(request_schema.specs))
    value = data.draw(values(spec.schema, request_schema.translated.get("$defs", {})))
    assume(request_schema.validators[spec.name].is_valid(value))

    posted = posted_by(_page(ParameterForm(request_schema, initial={spec.name: value})))
    form = ParameterForm(request_schema, posted)

    assert form.is_valid(), (value, form.errors_by_name)
    assert set(form.parameters) == {spec.name}
    assert is_same(form.parameters[spec.name], value)


@each_schema
@some
@given(data=st.data())
def test_it_bears_any_post(name, data):
    request_schema = read_request_schema(SCHEMAS[name])
    names = [
        "p.",
        "p..",
        "p.tools",
        "p.tools.0",
        "p.stop.state",
        "p.nonsense",
        "p.temperature.state",
        "p.tools.99",
    ]
    names += [
        f"p.{spec.name}{end}"
        for spec in request_schema.specs
        for end in ("", ".0.item", ".json", ".as-x", ".0.key")
    ]
    posted = data.draw(st.dictionaries(st.sampled_from(names), st.lists(st.text(), max_size=3), max_size=8))

    form = ParameterForm(request_schema, posted)

    form.is_valid()
    _page(form)
