"""The catalogue of a fresh installation, and its changes at later starts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from playground.catalogue.bundled_models import RETIRED_BECAUSE, bundled_models
from playground.catalogue.load_bundled import load_bundled
from playground.catalogue.store_endpoints import store_endpoint
from playground.demo.models import demo_models
from playground.models import Endpoint, Provider, UpstreamModel

pytestmark = pytest.mark.django_db


def _model(model_id: str) -> UpstreamModel:
    return UpstreamModel.objects.get(model_id=model_id, provider__code="aimlapi")


def test_it_brings_the_demo_and_the_models_of_the_documentation():
    load_bundled()
    assert {provider.code: provider.needs_key for provider in Provider.objects.all()} == {
        "demo": False,
        "aimlapi": True,
    }
    assert Provider.objects.get(code="aimlapi").base_url == "https://api.aimlapi.com/v1"
    demo = UpstreamModel.objects.filter(provider__code="demo")
    assert [model.model_id for model in demo] == [model["model_id"] for model in demo_models()]
    models = UpstreamModel.objects.filter(provider__code="aimlapi")
    assert [model.model_id for model in models] == [model.model_id for model in bundled_models()]
    assert models.filter(is_retired=False).count() == 127
    assert not models.filter(is_retired=False, endpoints=None).exists()
    assert _model("gpt-4o").endpoints.count() == 2


def test_the_first_model_answers_without_a_key():
    load_bundled()
    assert UpstreamModel.objects.values_list("provider__code", flat=True)[0] == "demo"


def test_a_retired_model_says_why():
    load_bundled()
    model = _model("o1-mini")
    assert (model.is_retired, model.retired_because) == (True, RETIRED_BECAUSE)
    assert model.aliases == ["o1-mini-2024-09-12"]
    # Conversations with the model keep their form.
    assert _model("Qwen/QwQ-32B").endpoints.exists()


def test_it_writes_nothing_the_second_time(django_assert_max_num_queries):
    first = load_bundled()
    assert first.changed == first.models
    # Two savepoints, two providers, the models and the endpoints of each.
    with django_assert_max_num_queries(8) as queries:
        assert load_bundled().changed == 0
    statements = [query["sql"].split()[0] for query in queries.captured_queries]
    assert set(statements) <= {"SELECT", "SAVEPOINT", "RELEASE"}


def test_it_corrects_facts_and_leaves_choices_alone():
    load_bundled()
    UpstreamModel.objects.filter(model_id="demo/plain").update(name="Old", is_enabled=False)
    UpstreamModel.objects.filter(model_id="gpt-4o").update(context_length=1)
    assert load_bundled().changed == 2
    model = UpstreamModel.objects.get(model_id="demo/plain")
    assert (model.name, model.is_enabled) == ("Demo Plain", False)
    assert _model("gpt-4o").context_length == 128_000


def test_it_brings_back_a_schema_of_its_own():
    load_bundled()
    Endpoint.objects.filter(model__model_id="gpt-4o", kind="responses").delete()
    store_endpoint(_model("gpt-4o"), "chat/completions", {"type": "object"}, source="bundled")
    assert load_bundled().changed == 1
    assert {len(endpoint.request_schema) for endpoint in _model("gpt-4o").endpoints.all()} == {4}


def test_it_leaves_an_imported_schema_in_place():
    load_bundled()
    store_endpoint(_model("gpt-4o"), "chat/completions", {"type": "object"}, source="mine.json")
    assert load_bundled().changed == 0
    endpoint = _model("gpt-4o").endpoints.get(kind="chat/completions")
    assert (endpoint.source, endpoint.request_schema) == ("mine.json", {"type": "object"})


def test_of_a_listed_model_it_fills_in_only_what_is_empty():
    load_bundled()
    listed = {"is_offered": True, "name": "As listed", "description": "", "aliases": ["other"]}
    UpstreamModel.objects.filter(model_id="x-ai/grok-4-07-09").update(
        **listed, input_price=7, list_price_of="", list_price_on=None, context_length=None, suggestions=[]
    )
    assert load_bundled().changed == 1
    model = _model("x-ai/grok-4-07-09")
    assert (model.name, model.aliases) == ("As listed", ["other"])
    assert model.input_price == Decimal(7)
    assert model.description
    assert model.context_length == 256_000
    # These columns have no other source.
    assert len(model.suggestions) == 3


@pytest.mark.parametrize(
    ("model_id", "found"),
    [
        ("gpt-4o", {"is_retired": True, "retired_because": "The provider no longer lists it."}),
        ("o1-mini", {"is_retired": False, "retired_because": "", "is_offered": True}),
    ],
)
def test_whether_a_listed_model_is_retired_is_the_providers_to_say(model_id, found):
    load_bundled()
    UpstreamModel.objects.filter(model_id=model_id).update(**found)
    assert load_bundled().changed == 0
    assert {name: getattr(_model(model_id), name) for name in found} == found


def test_it_retires_what_it_said_was_there_and_takes_it_back():
    load_bundled()
    UpstreamModel.objects.filter(model_id="o1-mini").update(is_retired=False, retired_because="")
    UpstreamModel.objects.filter(model_id="gpt-4o").update(is_retired=True, retired_because=RETIRED_BECAUSE)
    assert load_bundled().changed == 2
    assert _model("o1-mini").retired_because == RETIRED_BECAUSE
    assert (_model("gpt-4o").is_retired, _model("gpt-4o").retired_because) == (False, "")


def test_it_does_not_add_what_the_provider_lists_under_another_name():
    provider = Provider.objects.create(code="aimlapi", name="AI/ML API", kind=Provider.Type.AIMLAPI)
    UpstreamModel.objects.create(
        provider=provider, model_id="openai/new-name", name="GPT-4o", aliases=["gpt-4o"], is_offered=True
    )
    load_bundled()
    assert not UpstreamModel.objects.filter(model_id="gpt-4o").exists()
    assert load_bundled().changed == 0


def test_an_alias_that_is_another_models_id_is_left_out():
    provider = Provider.objects.create(code="aimlapi", name="AI/ML API", kind=Provider.Type.AIMLAPI)
    UpstreamModel.objects.create(provider=provider, model_id="alibaba/qwen-plus", name="Imported")
    load_bundled()
    assert _model("qwen-plus").aliases == []
    assert load_bundled().changed == 0


def test_a_start_at_the_same_moment_finds_the_rows_of_the_other(monkeypatch):
    insert = UpstreamModel.objects.bulk_create
    calls = []

    def be_second(rows):
        calls.append(len(rows))
        if len(calls) == 1:
            # This simulates another process that commits between the read and the write.
            twin = [UpstreamModel(provider=rows[0].provider, model_id=rows[0].model_id, name="x")] * 2
            return insert(twin)
        return insert(rows)

    monkeypatch.setattr(UpstreamModel.objects, "bulk_create", be_second)
    loaded = load_bundled()
    assert loaded.changed == loaded.models == UpstreamModel.objects.count()
    assert len(calls) == 3
