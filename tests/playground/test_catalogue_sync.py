"""A sync of a provider's list and documents into the catalogue."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.flows.save_key import save_key
from playground import clients
from playground.access import as_decided, catalogue_of, models_for
from playground.catalogue import generic
from playground.catalogue.load_bundled import load_bundled
from playground.catalogue.sync import Outcome, SyncFailed, synchronise
from playground.flows.add_models import add_models
from playground.flows.add_provider import add_provider
from playground.flows.remove_model import remove_model
from playground.models import (
    Endpoint,
    ModelSetting,
    Provider,
    RefusedParameter,
    SchemaChange,
    UpstreamModel,
)
from tests.scripted_catalogue import body_for

pytestmark = pytest.mark.django_db

NOTHING: dict[str, Any] = {"added": [], "changed": [], "retired": [], "refused": []}
PRICING = {"kind": "fixed", "units": [{"name": "token", "measure": "input", "price": 1, "per": 1_000_000}]}


def sync(provider: Provider, **options: Any) -> Outcome:
    with clients.model_list_reader(provider, None) as reader:
        return synchronise(provider, reader, **options)


def report(provider: Provider, **options: Any) -> dict[str, Any]:
    found = sync(provider, **options).report
    assert found is not None
    return found.as_json()


def writes(queries: CaptureQueriesContext) -> list[str]:
    words = ("INSERT", "UPDATE", "DELETE")
    return [query["sql"][:200] for query in queries if query["sql"].lstrip().startswith(words)]


def test_it_adds_what_is_listed_with_its_parameters(catalogue, aimlapi):
    catalogue.add("acme/one", aliases=["one"], capabilities=["tools"], pricing=PRICING)
    catalogue.add("acme/image", type="openai/image-generations")

    assert report(aimlapi) == {
        "models": 1,
        "added": ["acme/one"],
        "changed": [],
        "retired": [],
        "refused": [],
    }
    model = UpstreamModel.objects.get()
    assert (model.model_id, model.aliases, model.capabilities) == ("acme/one", ["one"], ["tools"])
    assert (model.input_price, model.output_price) == (Decimal(2_000_000), None)
    endpoint = model.endpoints.get()
    assert endpoint.source == catalogue.document_url("acme/one")
    assert endpoint.request_schema["properties"]["temperature"]["maximum"] == 2
    assert catalogue.paths == ["/v1/models?include=all", "/docs-json?model=acme%2Fone"]


def test_it_sends_no_key(catalogue, aimlapi, workspace, alice):

    key = save_key(workspace, "aimlapi", "sk-test-0123456789abcdef", member=None, actor=alice)
    catalogue.add("acme/one")
    with clients.model_list_reader(aimlapi, key) as reader:
        synchronise(aimlapi, reader)
    assert len(catalogue.requests) == 2
    assert not [headers for _, headers in catalogue.requests if "authorization" in headers]


def test_a_second_sync_of_500_models_writes_nothing(catalogue, aimlapi):
    for number in range(500):
        catalogue.add(f"acme/{number}", pricing=PRICING, aliases=[f"alias-{number}"], capabilities=["vision"])
    assert len(report(aimlapi)["added"]) == 500

    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert report(aimlapi) == {**NOTHING, "models": 500}
    assert writes(queries) == []
    reads = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
    assert len(reads) <= 4


def test_a_changed_document_changes_exactly_its_model(catalogue, aimlapi, workspace):
    for number in range(40):
        catalogue.add(f"acme/{number}")
    sync(aimlapi)
    before = dict(Endpoint.objects.values_list("model__model_id", "schema_digest"))
    endpoint = Endpoint.objects.earliest("pk")
    RefusedParameter.objects.create(workspace=workspace, endpoint=endpoint, name="temperature")
    catalogue.documents["acme/7"] = body_for("acme/7", seed={"type": "integer"})

    found = report(aimlapi)

    assert found["changed"] == [{"model": "acme/7", "what": ["parameters of chat/completions"]}]
    assert (found["added"], found["retired"], found["refused"]) == ([], [], [])
    after = dict(Endpoint.objects.values_list("model__model_id", "schema_digest"))
    assert {model_id for model_id in after if after[model_id] != before[model_id]} == {"acme/7"}
    change = SchemaChange.objects.get()
    assert (change.endpoint.model.model_id, change.added, change.removed) == ("acme/7", ["seed"], [])
    assert not RefusedParameter.objects.exists()


def test_changed_facts_are_told_by_name(catalogue, aimlapi):
    catalogue.add("acme/one", pricing=PRICING, capabilities=["tools"])
    sync(aimlapi)
    pricing = {"kind": "variable"}
    catalogue.add("acme/one", pricing=pricing, capabilities=["tools"], info={"name": "One", "outputMax": 9})
    assert report(aimlapi)["changed"] == [{"model": "acme/one", "what": ["name", "output maximum", "price"]}]
    model = UpstreamModel.objects.get()
    assert (model.name, model.output_max, model.input_price) == ("One", 9, None)


def test_what_the_list_does_not_say_stays(catalogue, aimlapi):
    catalogue.add("acme/one", pricing=PRICING, info={"contextLength": 10, "description": "Good."})
    sync(aimlapi)
    catalogue.add("acme/one")
    assert report(aimlapi)["changed"] == []
    model = UpstreamModel.objects.get()
    assert (model.context_length, model.description, model.input_price) == (10, "Good.", Decimal(2_000_000))


def test_a_vanished_model_is_retired_and_comes_back(catalogue, aimlapi):
    catalogue.add("acme/one")
    catalogue.add("acme/two")
    sync(aimlapi)
    gone = catalogue.models.pop("acme/two")

    assert report(aimlapi)["retired"] == ["acme/two"]
    model = UpstreamModel.objects.get(model_id="acme/two")
    assert model.is_retired
    assert model.retired_because.startswith("The provider no longer lists it (")
    assert model.endpoints.exists()
    assert report(aimlapi)["retired"] == []

    catalogue.models["acme/two"] = gone
    assert report(aimlapi)["changed"] == [{"model": "acme/two", "what": ["listed again"]}]
    model.refresh_from_db()
    assert (model.is_retired, model.retired_because) == (False, "")


def test_an_empty_list_retires_nothing(catalogue, aimlapi):
    catalogue.add("acme/one")
    sync(aimlapi)
    catalogue.models.clear()
    with pytest.raises(SyncFailed, match="lists no models"):
        sync(aimlapi)
    assert not UpstreamModel.objects.filter(is_retired=True).exists()


def test_what_an_admin_switched_off_stays_off(catalogue, aimlapi):
    catalogue.add("acme/one")
    sync(aimlapi)
    UpstreamModel.objects.update(is_enabled=False)
    catalogue.add("acme/one", info={"name": "Renamed"})
    sync(aimlapi)
    assert not UpstreamModel.objects.get(name="Renamed").is_enabled


def test_a_model_is_known_by_its_other_names(catalogue, aimlapi):
    UpstreamModel.objects.create(provider=aimlapi, model_id="large", name="Large")
    UpstreamModel.objects.create(provider=aimlapi, model_id="acme/old", name="Old", aliases=["acme/small"])
    catalogue.add("acme/large", aliases=["large"])
    catalogue.add("acme/small")
    assert report(aimlapi)["added"] == []
    aliases = dict(UpstreamModel.objects.values_list("model_id", "aliases"))
    # The id stays while the list has it as a name; otherwise it becomes an alias.
    assert aliases == {"large": ["acme/large"], "acme/small": ["acme/old"]}
    # The schema has to accept the id that is sent as "model".
    schema = Endpoint.objects.get(model__model_id="large").request_schema
    assert schema["properties"]["model"]["enum"] == ["acme/large", "large"]
    assert report(aimlapi)["changed"] == []


def test_a_row_that_knows_the_names_of_two_entries_stands_for_one(catalogue, aimlapi):
    names = ["acme/large", "acme/small"]
    UpstreamModel.objects.create(provider=aimlapi, model_id="acme/old", name="Old", aliases=names)
    catalogue.add("acme/large")
    catalogue.add("acme/small")
    assert report(aimlapi)["added"] == ["acme/small"]
    aliases = dict(UpstreamModel.objects.values_list("model_id", "aliases"))
    assert aliases == {"acme/large": ["acme/old"], "acme/small": []}
    assert report(aimlapi) == {**NOTHING, "models": 2}


def test_names_that_the_list_leaves_out_stay(catalogue, aimlapi):
    UpstreamModel.objects.create(provider=aimlapi, model_id="acme/one", name="One", aliases=["one", "uno"])
    catalogue.add("acme/one", aliases=["ein", "one"])
    sync(aimlapi)
    assert UpstreamModel.objects.get().aliases == ["one", "uno", "ein"]
    assert report(aimlapi)["changed"] == []


def test_a_name_that_moved_to_another_model_stays_with_that(catalogue, aimlapi):
    UpstreamModel.objects.create(provider=aimlapi, model_id="acme/old", name="Old", aliases=["acme/new"])
    catalogue.add("acme/new")
    catalogue.add("acme/old")
    assert report(aimlapi)["added"] == ["acme/new"]
    assert UpstreamModel.objects.get(model_id="acme/old").aliases == []


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"<html>Not here</html>", "not an OpenAPI document"),
        (b"{nope", "neither JSON nor YAML"),
        (b'{"openapi": "3.0.0", "paths": {}}', "describes no chat endpoint"),
        (json.dumps(body_for("acme/other")).encode(), "describes other models: acme/other"),
    ],
)
def test_a_refused_document_keeps_the_schema_before(catalogue, aimlapi, document, reason):
    catalogue.add("acme/one")
    catalogue.add("acme/two")
    sync(aimlapi)
    before = Endpoint.objects.values("model", "schema_digest", "imported_at").order_by("pk")
    kept = list(before)
    catalogue.documents["acme/one"] = document

    (refused,) = report(aimlapi)["refused"]
    assert refused["model"] == "acme/one"
    assert reason in refused["reason"]
    assert list(before.all()) == kept


def test_a_new_model_without_a_document_takes_what_all_take(catalogue, aimlapi):
    catalogue.add("acme/one", b"nonsense")
    found = report(aimlapi)
    assert found["added"] == ["acme/one"]
    assert found["refused"][0]["model"] == "acme/one"
    assert Endpoint.objects.get().source == generic.SOURCE
    # A good document replaces it.
    catalogue.documents["acme/one"] = body_for("acme/one")
    assert report(aimlapi)["changed"] == [{"model": "acme/one", "what": ["parameters of chat/completions"]}]
    assert Endpoint.objects.get().source != generic.SOURCE


def test_a_document_may_describe_several_kinds_of_endpoint(catalogue, aimlapi):
    document = body_for("acme/one")
    document["paths"]["/v1/responses"] = document["paths"]["/v1/chat/completions"]
    catalogue.add("acme/one", document)
    sync(aimlapi)
    assert sorted(Endpoint.objects.values_list("kind", flat=True)) == ["chat/completions", "responses"]


def test_two_models_may_share_one_document(catalogue, aimlapi):
    document = body_for("acme/one")
    schema = document["paths"]["/v1/chat/completions"]["post"]["requestBody"]["content"]["application/json"]
    schema["schema"]["properties"]["model"]["enum"].append("acme/two")
    catalogue.add("acme/one", document)
    catalogue.add("acme/two", info={"docsJson": catalogue.document_url("acme/one")})
    assert report(aimlapi)["refused"] == []
    assert Endpoint.objects.count() == 2
    assert len([path for path in catalogue.paths if path.startswith("/docs-json")]) == 1


def test_a_list_that_did_not_change_is_not_read_again(catalogue, aimlapi):
    catalogue.add("acme/one")
    etag = sync(aimlapi).etag
    assert etag
    catalogue.requests.clear()
    assert sync(aimlapi, etag=etag).report is None
    assert catalogue.paths == ["/v1/models?include=all"]


def test_a_dry_run_tells_and_writes_nothing(catalogue, aimlapi):
    catalogue.add("acme/one")
    catalogue.add("acme/two", b"nonsense")
    sync(aimlapi)
    catalogue.add("acme/three")
    del catalogue.models["acme/two"]
    catalogue.documents["acme/one"] = body_for("acme/one", seed={"type": "integer"})

    with CaptureQueriesContext(connection) as queries:
        found = report(aimlapi, dry_run=True)
    assert writes(queries) == []
    assert (found["added"], found["retired"]) == (["acme/three"], ["acme/two"])
    assert found["changed"] == [{"model": "acme/one", "what": ["parameters of chat/completions"]}]


def test_it_tells_how_far_it_is(catalogue, aimlapi):
    for number in range(20):
        catalogue.add(f"acme/{number}")
    told: list[tuple[int, int]] = []
    sync(aimlapi, on_progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 20), (16, 20), (20, 20)]


def test_a_provider_whose_documents_are_all_out_of_reach_is_down(catalogue, aimlapi, monkeypatch):
    monkeypatch.setattr("playground.upstream.model_lists.RETRY_SECONDS", 0)
    for number in range(20):
        catalogue.add(f"acme/{number}")
        catalogue.document_answers[f"acme/{number}"] = lambda handler: handler.send(503, b"{}")
    with pytest.raises(SyncFailed, match="could not be fetched"):
        sync(aimlapi)
    assert not UpstreamModel.objects.exists()


def test_what_we_come_with_and_what_is_listed_do_not_undo_each_other(catalogue, db):
    load_bundled()
    provider = Provider.objects.get(code="aimlapi")
    Provider.objects.filter(pk=provider.pk).update(base_url=catalogue.base_url)
    provider.refresh_from_db()
    for row in provider.models.filter(is_retired=False)[:20]:
        # The live list has a vendor's prefix, and the known id among the aliases.
        listed = f"listed/{row.model_id.replace('/', '-')}"
        catalogue.add(listed, aliases=[row.model_id], info={"name": f"Listed {row.name}"}, capabilities=[])
    models = provider.models.count()

    first = report(provider)
    assert (first["added"], first["refused"]) == ([], [])
    assert len(first["changed"]) == 20
    assert provider.models.count() == models
    load_bundled()
    with CaptureQueriesContext(connection) as queries:
        load_bundled()
    assert writes(queries) == []
    assert not UpstreamModel.objects.filter(name__startswith="Listed", is_retired=True).exists()
    assert UpstreamModel.objects.filter(name__startswith="Listed").count() == 20
    assert report(provider) == {**NOTHING, "models": 20}


# --- providers of a workspace's own ---


@pytest.fixture
def vllm(alice, catalogue, workspace) -> Provider:
    return add_provider(workspace, "Our vLLM", catalogue.base_url, needs_key=False, actor=alice)


def test_an_own_provider_gives_its_list_alone(catalogue, vllm):
    catalogue.models = {"qwen": {"id": "qwen", "object": "model", "info": {"docsJson": catalogue.base_url}}}
    assert report(vllm)["added"] == ["qwen"]
    assert catalogue.paths == ["/v1/models"]
    model = UpstreamModel.objects.get()
    assert (model.name, model.developer) == ("qwen", "Our vLLM")
    assert model.endpoints.get().source == generic.SOURCE
    with CaptureQueriesContext(connection) as queries:
        sync(vllm)
    assert writes(queries) == []


def test_what_was_added_by_hand_is_not_retired(alice, catalogue, vllm):
    add_models(vllm, ["by-hand", "both"], Decimal(5), Decimal(6), actor=alice)
    catalogue.models = {"both": {"id": "both", "pricing": PRICING}, "listed": {"id": "listed"}}
    assert report(vllm)["retired"] == []
    assert UpstreamModel.objects.get(model_id="both").input_price == 5
    catalogue.models = {"listed": {"id": "listed"}}
    assert report(vllm)["retired"] == ["both"]


def test_a_removed_model_stays_away(alice, catalogue, vllm):
    catalogue.models = {"one": {"id": "one"}, "two": {"id": "two"}}
    sync(vllm)
    assert remove_model(vllm, UpstreamModel.objects.get(model_id="one").pk, actor=alice)
    assert report(vllm)["changed"] == []
    assert not UpstreamModel.objects.get(model_id="one").is_enabled
    assert add_models(vllm, ["one"], actor=alice) == 1
    assert UpstreamModel.objects.get(model_id="one").is_enabled


def test_an_imported_schema_stays(catalogue, vllm):
    catalogue.models = {"one": {"id": "one"}}
    sync(vllm)
    Endpoint.objects.update(source="mine.json", request_schema={"type": "object"}, schema_digest="0" * 64)
    assert report(vllm)["changed"] == []
    assert Endpoint.objects.get().source == "mine.json"


def test_models_that_do_not_chat_begin_switched_off(alice, catalogue, vllm):
    catalogue.models = {
        "qwen": {"id": "qwen"},
        "painter": {"id": "painter", "type": "image"},
        "tts-1": {"id": "tts-1"},
    }
    first = report(vllm)
    assert sorted(first["added"]) == ["painter", "qwen", "tts-1"]
    assert first["unsuited"] == [
        {"model": "painter", "purpose": "image"},
        {"model": "tts-1", "purpose": "speech"},
    ]
    usable = models_for(alice.memberships.get()).filter(provider=vllm)
    assert [model.model_id for model in usable] == ["qwen"]
    # The admin decides, and no later list changes that.
    ModelSetting.objects.filter(model__model_id="painter").update(is_enabled=True)
    assert report(vllm) == {**NOTHING, "models": 3}
    assert sorted(usable.values_list("model_id", flat=True)) == ["painter", "qwen"]
    assert usable.get(model_id="painter").endpoints.exists()


def test_a_known_model_is_not_switched_off_by_a_list(alice, catalogue, vllm):
    add_models(vllm, ["tts-1"], actor=alice)
    catalogue.models = {"tts-1": {"id": "tts-1", "type": "audio"}, "qwen": {"id": "qwen"}}
    assert "unsuited" not in report(vllm)
    assert models_for(alice.memberships.get()).filter(model_id="tts-1").exists()


def test_an_odd_id_stops_no_other(catalogue, vllm):
    catalogue.models = {
        str(number): {"id": model_id}
        for number, model_id in enumerate(["通义千问", "a\u202eb", "My Model", 7])
    }
    first = report(vllm)
    assert sorted(first["added"]) == ["My Model", "通义千问"]
    assert [refused["model"] for refused in first["refused"]] == ["a\\u202eb", ""]


def listed(price: str, **facts: Any) -> dict[str, Any]:
    return {"id": "one", "pricing": {"prompt": price, "completion": price}, **facts}


def test_prices_of_a_list_follow_it_and_those_of_an_admin_stay(alice, catalogue, vllm):
    catalogue.models = {"one": listed("0.000001", context_length=4096)}
    sync(vllm)
    model = UpstreamModel.objects.get()
    assert (model.input_price, model.context_length) == (Decimal(2_000_000), 4096)
    assert model.has_listed_price
    catalogue.models = {"one": listed("0.000002", context_length=8192)}
    assert report(vllm)["changed"] == [{"model": "one", "what": ["context length", "price"]}]
    # An admin's price for the workspace is beside the list's.
    ModelSetting.objects.create(workspace=vllm.workspace, model=model, input_price=5, output_price=5)
    catalogue.models = {"one": listed("0.000003", context_length=8192)}
    assert report(vllm)["changed"] == [{"model": "one", "what": ["price"]}]
    (decided,) = as_decided(catalogue_of(vllm.workspace).filter(provider=vllm))
    assert (decided.input_price, UpstreamModel.objects.get().input_price) == (Decimal(5), Decimal(6_000_000))


def test_a_price_of_an_admin_is_kept_and_a_missing_one_is_filled_in(alice, catalogue, vllm):
    add_models(vllm, ["one"], Decimal(7), Decimal(7), actor=alice)
    catalogue.models = {"one": listed("0.000001"), "two": {**listed("0.000001"), "id": "two"}}
    add_models(vllm, ["two"], actor=alice)
    for _ in range(2):
        sync(vllm)
    prices = dict(UpstreamModel.objects.values_list("model_id", "input_price"))
    assert prices == {"one": 7, "two": 2_000_000}


def test_a_list_that_no_longer_states_a_fact_takes_none_away(catalogue, vllm):
    catalogue.models = {"one": listed("0.000001", context_length=4096)}
    sync(vllm)
    catalogue.models = {"one": {"id": "one"}}
    assert report(vllm)["changed"] == []
    assert UpstreamModel.objects.get().context_length == 4096
