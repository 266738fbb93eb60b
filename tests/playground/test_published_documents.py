"""All documents that the upstream publishes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from playground.catalogue.import_openapi import import_documents
from playground.catalogue.openapi_reader import read_document
from playground.models import Provider
from playground.parameters.form.entry import root_name
from playground.parameters.form.parameter_form import ParameterForm
from playground.parameters.schema.equality import is_same
from playground.parameters.schema.request_schema import read_request_schema
from playground.parameters.schema.spec import Kind, ParameterSpec
from tests.playground.form_trips import page_of
from tests.playground.openapi_judge import judge_of
from tests.playground.schema_values import posts, values
from tests.playground.untouched_page import posted_by
from tests.upstream_facts import FACTS, requires_upstream_facts

pytestmark = requires_upstream_facts
NATURALLY = {
    "schema", "parameters", "properties", "input_examples", "tools", "chat_template_kwargs", "guided_json",
    "spaces_between_special_tokens", "metadata", "", "grammar",
}  # fmt: skip
# Each run tries the same examples. More of them make a longer search.
EXAMPLES = int(os.environ.get("PARAMETER_EXAMPLES", "0"))
SEARCH = settings(
    max_examples=EXAMPLES or 100,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def requests() -> list[Any]:
    """Yield each distinct request schema."""
    found: dict[str, Any] = {}
    for path in sorted((FACTS / "openapi").rglob("*.json")):
        for request in read_document(path.read_bytes()).requests:
            properties = {**request.schema["properties"], "model": 0, "messages": 0, "input": 0}
            found.setdefault(json.dumps(properties, sort_keys=True), request)
    return list(found.values())


def test_every_parameter_has_a_control_or_an_editor():
    report = import_documents([FACTS / "openapi"], Provider(code="aimlapi"), dry_run=True)
    assert [(document.name, document.refusal) for document in report.documents if document.refusal] == []
    assert [(document.name, document.unusable) for document in report.documents if document.unusable] == []
    assert len(report.documents) >= 300
    # Only JSON fits these parameters: they have no type, or are objects of any values.
    assert {editor for document in report.documents for editor in document.editors} == {
        "spaces_between_special_tokens",
        "chat_template_kwargs",
    }
    assert sum(len(document.editors) for document in report.documents) == 2


def test_below_the_controls_json_is_for_what_is_json_by_nature(requests):
    """JSON editors are for schemas and examples that users write, for any value, and below seven groups."""
    deep: dict[str, set[str]] = {}
    for request in requests:
        for spec in read_request_schema(request.schema).specs:
            for path, part in editors(spec, (spec.name,)):
                deep.setdefault(path[-1], set()).add(part.kind)
                is_deep = len(path) > 7
                assert is_deep or says_nothing(part.schema), (path, part.schema)
    assert {"schema", "parameters", "properties"} <= deep.keys() <= NATURALLY


def editors(spec: ParameterSpec, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], ParameterSpec]]:
    if spec.kind is Kind.JSON:
        yield path, spec
    for part in spec.parts:
        yield from editors(part, (*path, part.name))


def says_nothing(schema: dict[str, Any]) -> bool:
    """Tell whether the schema accepts anything, or an object or a list of anything."""
    inner = schema.get("additionalProperties", schema.get("items", {}))
    return not schema.get("properties") and (inner == {} or says_nothing(inner))


def test_every_form_renders_and_sends_nothing_by_itself(requests):
    assert len(requests) > 100
    for request in requests:
        request_schema = read_request_schema(request.schema)
        page = page_of(ParameterForm(request_schema))
        assert all(f'data-parameter="{name}"' in page for name in request_schema.validators)
        form = ParameterForm(request_schema, posted_by(page))
        assert form.is_valid(), form.errors_by_name
        assert form.parameters == {}


@SEARCH
@given(data=st.data())
def test_what_a_document_accepts_comes_back_from_its_form(requests, data):
    request = data.draw(st.sampled_from(requests))
    request_schema = read_request_schema(request.schema)
    spec = data.draw(st.sampled_from(request_schema.specs))
    value = data.draw(values(spec.schema, request_schema.translated.get("$defs", {})))
    assume(judge_of(request.schema["properties"][spec.name]).is_valid(value))
    field: Any = ParameterForm(request_schema, initial={spec.name: value})[spec.name]
    form = ParameterForm(request_schema, posted_by(field.html))
    assert form.is_valid(), (value, form.errors_by_name)
    assert set(form.parameters) == {spec.name}
    assert is_same(form.parameters[spec.name], value)


@SEARCH
@given(data=st.data())
def test_whatever_is_posted_is_refused_in_words_or_fits_the_document(requests, data):
    request = data.draw(st.sampled_from(requests))
    request_schema = read_request_schema(request.schema)
    posted: dict[str, list[str]] = {}
    chosen = st.lists(
        st.sampled_from(request_schema.specs), min_size=1, max_size=4, unique_by=lambda spec: spec.name
    )
    for spec in data.draw(chosen):
        posted |= data.draw(posts(spec, root_name(spec.name)))
    form = ParameterForm(request_schema, posted)
    if form.is_valid():
        for name, value in form.parameters.items():
            assert judge_of(request.schema["properties"][name]).is_valid(value), (name, value)
    else:
        assert all(message for messages in form.errors_by_name.values() for message in messages)
        assert form.errors_by_name


def test_every_name_that_occurs_has_words(requests):
    from playground.parameters.known.help import known_parameter

    names = {spec.name for request in requests for spec in read_request_schema(request.schema).specs}
    assert len(names) > 70
    assert {name for name in names if not known_parameter(name).help} == set()


def test_the_document_whose_root_is_a_choice_gives_a_form():
    (request,) = read_document((FACTS / "service" / "messages.json").read_bytes()).requests
    form = ParameterForm(read_request_schema(request.schema), {"p.max_tokens": "100"})
    assert form.is_valid(), form.errors_by_name
    assert form.parameters == {"max_tokens": 100}


def test_the_documents_dates_are_dates(requests):
    found = {
        spec.name: spec.date_format
        for request in requests
        for spec in read_request_schema(request.schema).specs
        if spec.date_format
    }
    assert found.keys() == {
        "search_after_date_filter",
        "search_before_date_filter",
        "last_updated_after_filter",
        "last_updated_before_filter",
    }
    assert set(found.values()) == {"%m/%d/%Y"}


def test_claudes_ready_made_tools_have_controls():
    (request,) = read_document(
        (FACTS / "openapi" / "Anthropic" / "claude-opus-5-MESSAGES.json").read_bytes()
    ).requests
    tools = next(spec for spec in read_request_schema(request.schema).specs if spec.name == "tools")
    labels = [branch.label for branch in tools.branches]
    assert (tools.kind, len(labels)) == (Kind.ALTERNATIVES, 2)
    assert all(label.startswith("list of ") for label in labels)


def test_sliders_stand_only_where_both_ends_are_known(requests):
    for request in requests:
        for spec in read_request_schema(request.schema).specs:
            if spec.kind is Kind.NUMBER and spec.name == "temperature" and spec.maximum is not None:
                assert spec.bounds == f"{spec.minimum:g} – {spec.maximum:g}"
