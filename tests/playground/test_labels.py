"""The names of models and endpoints."""

from __future__ import annotations

import doctest

from accounts.models import Workspace
from playground import labels
from playground.labels import endpoint_label, model_names
from playground.models import ModelSetting, Provider, UpstreamModel
from playground.upstream.dialects.registry import dialects


def test_the_examples_hold():
    assert doctest.testmod(labels).failed == 0


def test_every_endpoint_has_a_name_of_its_own():
    names = [endpoint_label(dialect.kind) for dialect in dialects()]
    assert names[:3] == ["Chat Completions", "Responses", "Messages"]
    assert len(set(names)) == len(names)


def test_models_have_the_names_of_the_workspace(workspace, django_assert_num_queries):
    elsewhere = Workspace.objects.create(slug="elsewhere", name="Elsewhere")
    provider = Provider.objects.create(code="one", name="One", base_url="https://one.example")
    theirs = Provider.objects.create(
        code="two", name="Two", base_url="https://two.example", workspace=elsewhere
    )
    for owner, model_id, name in (
        (provider, "a", "Model A"),
        (provider, "b", "Model B"),
        (theirs, "a", "Secret"),
    ):
        model = UpstreamModel.objects.create(provider=owner, model_id=model_id, name=name)
        if name == "Model B":
            ModelSetting.objects.create(workspace=workspace, model=model, name="House B")
            ModelSetting.objects.create(workspace=elsewhere, model=model, name="Their B")
    keys = [("one", "a"), ("one", "b"), ("two", "a"), ("gone", "c")]
    with django_assert_num_queries(1):
        names = model_names(workspace, keys)
    assert names == {
        ("one", "a"): "Model A",
        ("one", "b"): "House B",
        # Another workspace's model, and one that was deleted, have their id.
        ("two", "a"): "a",
        ("gone", "c"): "c",
    }
    with django_assert_num_queries(0):
        assert model_names(workspace, []) == {}
