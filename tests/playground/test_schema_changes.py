from __future__ import annotations

from typing import Any

import pytest

from playground.catalogue.changes import Difference, changes_since, difference, merged
from playground.catalogue.store_endpoints import Offered, store_endpoint, store_endpoints
from playground.models import Endpoint, Provider, RefusedParameter, SchemaChange, UpstreamModel

NUMBER = {"type": "number", "minimum": 0, "maximum": 2}


def schema(**properties: Any) -> dict[str, Any]:
    body = {"model": {"type": "string"}, "messages": {"type": "array"}, **properties}
    return {"type": "object", "properties": body, "required": ["model", "messages"]}


@pytest.fixture
def models(db) -> list[UpstreamModel]:
    provider = Provider.objects.create(code="acme", name="Acme", base_url="https://llm.example.org/v1")
    return [
        UpstreamModel.objects.create(provider=provider, model_id=f"acme/{number}", name=str(number))
        for number in range(3)
    ]


def store(model: UpstreamModel, **properties: Any) -> bool:
    return store_endpoint(model, "chat/completions", schema(**properties), source="test")


def test_it_names_what_came_what_went_and_what_takes_other_values():
    before = schema(temperature=NUMBER, stop={"type": "string"}, seed={"type": "integer"})
    after = schema(temperature={**NUMBER, "maximum": 1}, seed={"type": "integer"}, top_k={"type": "integer"})
    assert difference(before, after) == Difference(("top_k",), ("stop",), ("temperature",))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"type": "number", "description": "Old words"}, {"type": "number", "description": "New words"}),
        ({"type": "number", "default": 1}, {"type": "number", "default": 0.5, "x-note": "!"}),
        ({"enum": ["low", "high"]}, {"enum": ["high", "low"]}),
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
    ],
)
def test_other_words_are_no_other_values(before, after):
    assert not difference(schema(effort=before), schema(effort=after))


def test_a_property_that_is_called_like_a_word_counts():
    before = {"type": "object", "properties": {"title": {"type": "string"}}}
    after = {"type": "object", "properties": {"title": {"type": "number"}}}
    assert difference(schema(meta=before), schema(meta=after)).altered == ("meta",)


def test_it_looks_behind_references_that_run_in_circles():
    def with_tree(leaf: str) -> dict[str, Any]:
        node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}, "leaf": {"type": leaf}}}
        return {**schema(tree={"$ref": "#/$defs/node"}, seed={"type": "integer"}), "$defs": {"node": node}}

    assert not difference(with_tree("string"), with_tree("string"))
    assert difference(with_tree("string"), with_tree("number")) == Difference(altered=("tree",))


def test_the_transcript_is_no_parameter():
    assert not difference(schema(), schema(messages={"type": "string"}, stream={"type": "boolean"}))


def test_changes_after_one_another_become_one():
    steps = [
        Difference(added=("a", "b"), removed=("c",), altered=("d", "e")),
        Difference(added=("c",), removed=("a", "e"), altered=("b", "d")),
    ]
    assert merged(steps) == Difference(added=("b",), removed=("e",), altered=("d", "c"))


def test_a_changed_schema_says_what_changed_since_any_earlier_one(models):
    model = models[0]
    store(model, temperature=NUMBER)
    first = Endpoint.objects.get().schema_digest
    store(model, temperature=NUMBER, seed={"type": "integer"})
    second = Endpoint.objects.get().schema_digest
    store(model, seed={"type": "integer"}, top_k={"type": "integer"})

    endpoint = Endpoint.objects.get()
    assert changes_since(endpoint, first) == Difference(added=("seed", "top_k"), removed=("temperature",))
    assert changes_since(endpoint, second) == Difference(added=("top_k",), removed=("temperature",))
    assert not changes_since(endpoint, endpoint.schema_digest)
    assert not changes_since(endpoint, "never seen")
    assert not changes_since(endpoint, "")


def test_a_schema_that_came_back_has_not_changed(models):
    for properties in ({"seed": NUMBER}, {}, {"seed": NUMBER}, {"stop": NUMBER}):
        store(models[0], **properties)
    endpoint = Endpoint.objects.get()
    first = SchemaChange.objects.earliest("pk")
    assert changes_since(endpoint, first.before) == Difference(added=("stop",), removed=("seed",))


def test_a_step_without_other_values_is_still_a_link(models):
    store(models[0], seed={**NUMBER, "description": "one"})
    store(models[0], seed={**NUMBER, "description": "two"})
    between = Endpoint.objects.get().schema_digest
    store(models[0])
    assert changes_since(Endpoint.objects.get(), between) == Difference(removed=("seed",))


def test_what_was_refused_under_the_earlier_schema_is_forgotten(models, workspace):
    for model in models[:2]:
        store(model, seed=NUMBER)
        RefusedParameter.objects.create(workspace=workspace, endpoint=model.endpoints.get(), name="seed")
    store(models[0], seed=NUMBER, stop=NUMBER)
    store(models[1], seed=NUMBER)
    assert [refused.endpoint.model for refused in RefusedParameter.objects.all()] == [models[1]]


def test_many_are_stored_in_few_queries(models, django_assert_max_num_queries):
    offered = [Offered(model, "chat/completions", schema(seed=NUMBER), "test") for model in models]
    with django_assert_max_num_queries(4):
        assert len(store_endpoints(offered)) == 3
    with django_assert_max_num_queries(3):
        assert store_endpoints(offered) == set()
    changed = [Offered(models[1], "chat/completions", schema(), "test"), offered[0], offered[2]]
    assert store_endpoints(changed) == {(models[1].pk, "chat/completions")}
    assert SchemaChange.objects.get().endpoint.model == models[1]
