"""The forms of the bundled models compared with the parameters that each documentation page states.

The facts are those that the pages show. They leave out bounds of zero and below, and all bounds beside null.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from playground.catalogue.bundled_models import bundled_models
from playground.parameters.form.fields import BoundParameter
from playground.parameters.form.parameter_form import ParameterForm, ParameterGroup
from playground.parameters.schema.request_schema import RequestSchema, read_request_schema
from playground.parameters.schema.spec import Kind, ParameterSpec
from tests.upstream_facts import FACTS, requires_upstream_facts

pytestmark = requires_upstream_facts

Fact = dict[str, Any]
PAGES: list[Fact] = json.loads((FACTS / "pages.json").read_text("utf-8")) if FACTS.is_dir() else []
BY_NAME = {name: model for model in bundled_models() for name in (model.model_id, *model.facts["aliases"])}
# The product's own controls, and the transcript.
NOT_IN_THE_FORM = {"stream", "stream_options", "messages", "input"}
KINDS: dict[str, set[Kind]] = {
    "number": {Kind.NUMBER},
    "integer": {Kind.INTEGER},
    "boolean": {Kind.CHOICE},
    "string": {Kind.STRING},
    "string · enum": {Kind.CHOICE},
    "any of": {Kind.ALTERNATIVES, Kind.TAGS},
    "one of": {Kind.ALTERNATIVES},
}
# Each page that names no model describes the responses endpoint of one of these.
OF_UNNAMED_PAGES = (
    "gpt-3.5-turbo", "gpt-4", "gpt-4-turbo", "gpt-4-0125-preview", "gpt-4o", "gpt-4o-mini",
)  # fmt: skip


def _forms() -> list[tuple[str, str, list[Fact]]]:
    """Return the model, the endpoint and the facts of every page."""
    unnamed = iter(OF_UNNAMED_PAGES)
    return [(page["model"] or next(unnamed), page["endpoint"], page["parameters"]) for page in PAGES]


FORMS = _forms()


@pytest.mark.parametrize(
    ("name", "kind", "facts"), FORMS, ids=[f"{name} at {kind}" for name, kind, _ in FORMS]
)
def test_the_form_offers_every_documented_parameter(name, kind, facts):
    request_schema = read_request_schema(BY_NAME[name].schemas[kind])
    form = ParameterForm(request_schema)
    offered = {name: spec for group in form.groups for name, spec in _shown(group).items()}
    assert [fact["name"] for fact in facts if fact["name"] not in offered.keys() | NOT_IN_THE_FORM] == []
    assert {fact["name"] for fact in facts} <= request_schema.properties
    differences = [
        (fact, found)
        for fact in facts
        if fact["name"] in offered
        for found in _differences(fact, offered[fact["name"]], request_schema)
    ]
    assert differences == []


def _shown(group: ParameterGroup) -> dict[str, ParameterSpec]:
    return {field.name: field.spec for field in group.fields if isinstance(field, BoundParameter)}


def _differences(fact: Fact, spec: ParameterSpec, request_schema: RequestSchema) -> list[str]:
    takes = request_schema.validators[spec.name].is_valid
    found = [] if spec.kind in KINDS[fact["type"]] else [f"shown as {spec.kind}"]
    found += [
        f"refuses its {end}" for end in ("min", "max") if fact.get(end) is not None and not takes(fact[end])
    ]
    if fact.get("nullable") and not (spec.is_nullable and takes(None)):
        found.append("cannot be null")
    if fact.get("default") is not None and json.dumps(spec.default) not in (
        fact["default"],
        f'"{fact["default"]}"',
    ):
        found.append(f"has the default {spec.default}")
    return found + _unsaid_bounds(fact, spec, request_schema)


def _unsaid_bounds(fact: Fact, spec: ParameterSpec, request_schema: RequestSchema) -> list[str]:
    """Name a bound of the page that the form neither has nor quotes from another document."""
    if spec.kind not in (Kind.NUMBER, Kind.INTEGER) or spec.name in request_schema.marks.widens:
        return []
    ends = {"min": spec.minimum, "max": spec.maximum}
    return [f"lets {end} go" for end in ends if fact.get(end) is not None and fact[end] != ends[end]]


def test_it_compares_all_pages():
    assert len(FORMS) == 84
    assert len({(name, kind) for name, kind, _ in FORMS}) == 84
    assert sum(len(facts) for _, _, facts in FORMS) == 1162


@pytest.mark.parametrize("name", sorted({name for name, kind, _ in FORMS if kind == "chat/completions"}))
def test_nothing_is_offered_beside_its_documents_without_a_mark(name):
    """Doubtful parameters are in a group of their own, which starts folded and says where they are from."""
    request_schema = read_request_schema(BY_NAME[name].schemas["chat/completions"])
    groups = {group.code: group for group in ParameterForm(request_schema).groups}
    doubtful = _shown(groups["another"]) if "another" in groups else {}
    assert doubtful.keys() == request_schema.marks.adds
    assert "another" not in groups or not groups["another"].is_open
