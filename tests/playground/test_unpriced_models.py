"""The cost of models without a price: the rule of the workspace, its page, and what is free."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import Hold, LedgerEntry, Workspace
from accounts.prices import Basis, Origin
from chat.exceptions import PriceMissing
from chat.flows.build_request import Choice
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.send_prompt import start_conversation
from chat.models import Message, Run
from playground import prices
from playground.access import get_endpoint_for, usable_model
from playground.catalogue.load_bundled import load_bundled
from playground.models import Endpoint, ModelSetting, Provider, UpstreamModel
from playground.prices import prices_of
from playground.pricing import DEFAULT_INPUT_PRICE, DEFAULT_OUTPUT_PRICE
from playground.upstream.answer import Answer
from playground.upstream.events import CostReported, Finished, TextDelta, UsageReported

pytestmark = pytest.mark.django_db

SCHEMA = {"type": "object", "properties": {"model": {"type": "string"}, "messages": {"type": "array"}}}
DEFAULTS = (DEFAULT_INPUT_PRICE, DEFAULT_OUTPUT_PRICE)
PRICE = {"rule": "price", "input": "100000", "output": "3000000"}
PRICES = (Decimal(100_000), Decimal(3_000_000))
FREE = (Decimal(0), Decimal(0))
PUBLIC, OWN = "https://api.example.com/v1", "http://192.168.1.9:8000/v1"


@pytest.fixture
def model(workspace) -> UpstreamModel:
    provider = Provider.objects.create(code="house", name="House", base_url=PUBLIC, workspace=workspace)
    model = UpstreamModel.objects.create(provider=provider, model_id="house/large", name="Large")
    Endpoint.objects.create(model=model, request_schema=SCHEMA, schema_digest="unpriced")
    return model


def decided(membership, model: UpstreamModel) -> UpstreamModel:
    found = usable_model(membership, model.pk)
    assert found is not None
    return found


@pytest.fixture
def alices(alice, workspace):
    return alice.memberships.select_related("workspace", "user").get(workspace=workspace)


def rule(workspace: Workspace, stored: dict[str, str] | None) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(unpriced=stored)


@pytest.mark.parametrize(
    ("stored", "expected", "origin"),
    [
        (None, DEFAULTS, Origin.DEFAULT),
        (PRICE, PRICES, Origin.RULE),
        ({"rule": "count"}, FREE, Origin.UNCOUNTED),
        ({"rule": "refuse"}, DEFAULTS, Origin.DEFAULT),
    ],
)
def test_the_rule_of_the_workspace_holds(workspace, carol, alices, model, stored, expected, origin):
    Workspace.objects.update(unpriced={"rule": "count"})
    rule(workspace, stored)
    found = decided(alices, model)
    assert (prices_of(found).input, prices_of(found).output) == expected
    assert prices_of(found).origin == origin
    assert found.lacks_price == (stored == {"rule": "refuse"})
    if origin != Origin.DEFAULT:
        with pytest.raises(TypeError):
            found.save()


@pytest.mark.parametrize("stored", [None, PRICE, {"rule": "count"}, {"rule": "refuse"}])
@pytest.mark.parametrize("is_setting", [True, False])
def test_a_known_price_stays(workspace, alices, model, stored, is_setting):
    rule(workspace, stored)
    known = {"input_price": 7, "output_price": 9}
    if is_setting:
        ModelSetting.objects.create(workspace=workspace, model=model, **known)
    else:
        UpstreamModel.objects.filter(pk=model.pk).update(**known)
    found = prices_of(decided(alices, model))
    assert found.input == 7 and found.output == 9 and found.origin == Origin.ADMIN


@pytest.mark.parametrize(
    ("base_url", "needs_key", "is_free"),
    [
        (OWN, False, True),
        ("http://localhost:11434/v1", False, True),
        ("http://[fd00::1]:8000/v1", False, True),
        ("http://ollama:11434/v1", False, True),
        ("http://gpu.lan/v1", False, True),
        ("http://100.100.1.2:8000/v1", False, True),
        (OWN, True, False),
        (PUBLIC, False, False),
        ("https://8.8.8.8/v1", False, False),
        ("http://192.168.1.9.example.com/v1", False, False),
        ("", False, False),
    ],
)
@pytest.mark.parametrize("stored", [None, PRICE, {"rule": "refuse"}])
def test_a_server_of_your_own_without_a_key_is_free(
    workspace, alices, model, base_url, needs_key, is_free, stored
):
    rule(workspace, stored)
    Provider.objects.filter(pk=model.provider_id).update(base_url=base_url, needs_key=needs_key)
    found = decided(alices, model)
    assert (prices_of(found).origin == Origin.OWN_SERVER) == is_free
    assert found.lacks_price == (stored == {"rule": "refuse"} and not is_free)
    ModelSetting.objects.create(workspace=workspace, model=model, input_price=7, output_price=9)
    assert prices_of(decided(alices, model)).input == 7


def send(workspace, membership, model: UpstreamModel) -> Run:
    endpoint = get_endpoint_for(membership, Endpoint.objects.get(model=model).pk)
    return start_conversation(workspace, membership.user, "Hello", Choice(endpoint, {}), uuid.uuid4())


def finish(run: Run, *reports: UsageReported | CostReported) -> LedgerEntry:
    answer = Answer()
    for event in (TextDelta("Hi"), Finished("stop"), *reports):
        answer.apply(event)
    assert finish_run(run, Outcome(Run.Status.FINISHED, answer), fence=0)
    return LedgerEntry.objects.get(run_code=run.code)


def counted(read: int, written: int) -> UsageReported:
    return UsageReported(read, written, None, None, {})


def test_a_refused_model_gets_no_prompt(workspace, alices, model):
    rule(workspace, {"rule": "refuse"})
    with pytest.raises(PriceMissing, match="Large has no price"):
        send(workspace, alices, model)
    assert not Run.objects.exists() and not Message.objects.exists() and not Hold.objects.exists()


@pytest.mark.parametrize(
    ("stored", "read", "written", "credits"),
    [
        (None, 8, 11, 8 * 4 + 11 * 16),
        (None, 400_000, 600_000, 400_000 * 4 + 600_000 * 16),
        (PRICE, 8, 11, 34),
        (PRICE, 400_000, 600_000, 40_000 + 1_800_000),
        ({"rule": "count"}, 8, 11, 0),
        ({"rule": "count"}, 400_000, 600_000, 0),
    ],
)
def test_the_counted_tokens_are_charged_and_not_the_hold(
    workspace, alices, model, stored, read, written, credits
):
    rule(workspace, stored)
    run = send(workspace, alices, model)
    hold = Hold.objects.get(run_code=run.code)
    assert bool(hold.credits) == (stored != {"rule": "count"})
    entry = finish(run, counted(read, written))
    assert (entry.credits, entry.tokens, entry.requests) == (credits, read + written, 1)


def test_a_reported_cost_counts_for_them_too(workspace, alices, model):
    rule(workspace, {"rule": "count"})
    entry = finish(send(workspace, alices, model), counted(8, 11), CostReported(500, None))
    assert (entry.credits, entry.source) == (500, LedgerEntry.Source.REPORTED)


def test_a_price_that_changes_during_an_answer_does_not_count_for_it(workspace, alices, model):
    rule(workspace, PRICE)
    run = send(workspace, alices, model)
    rule(workspace, {"rule": "count"})
    UpstreamModel.objects.filter(pk=model.pk).update(input_price=10**9, output_price=10**9)
    ModelSetting.objects.create(workspace=workspace, model=model, input_price=10**9, output_price=10**9)
    entry = finish(run, counted(8, 11))
    assert entry.credits == 34
    kept = Basis.of(entry.basis).prices
    assert kept and (kept.input, kept.output, kept.origin) == (*PRICES, Origin.RULE)


def test_the_demo_is_free_whatever_it_reports(workspace, alices, monkeypatch):
    monkeypatch.setattr(prices, "FREE_KINDS", frozenset({Provider.Type.DEMO}))
    load_bundled("demo")
    model = UpstreamModel.objects.get(model_id="demo/plain")
    run = send(workspace, alices, model)
    assert Hold.objects.get(run_code=run.code).credits == 0
    entry = finish(run, counted(8, 11), CostReported(500, Decimal("0.00025")))
    assert (entry.credits, entry.usd, entry.tokens, entry.source) == (0, None, 19, LedgerEntry.Source.PRICED)
    ModelSetting.objects.create(workspace=workspace, model=model, input_price=10**6, output_price=10**6)
    assert finish(send(workspace, alices, model), counted(8, 11)).credits == 19


# --- the page ---


@pytest.fixture
def page_url(workspace) -> str:
    return reverse("playground:unpriced", args=[workspace.slug])


@pytest.fixture
def set_url(workspace) -> str:
    return reverse("playground:set_unpriced", args=[workspace.slug])


def test_it_names_the_models_that_the_rule_is_for(client_for, ada, workspace, model, page_url):
    free = UpstreamModel.objects.create(
        provider=Provider.objects.create(
            code="own", name="Own", base_url=OWN, needs_key=False, workspace=workspace
        ),
        model_id="own/free",
        name="Gratis",
    )
    page = client_for(ada).get(page_url).content.decode()
    assert reverse("playground:model", args=[workspace.slug, model.pk]) in page
    assert reverse("playground:model", args=[workspace.slug, free.pk]) not in page


def test_its_list_has_pages(client_for, ada, model, page_url):
    many = [
        UpstreamModel(provider=model.provider, model_id=f"many/{number:02}", name=f"Many {number:02}")
        for number in range(55)
    ]
    UpstreamModel.objects.bulk_create(many)
    for made in UpstreamModel.objects.filter(model_id__startswith="many/"):
        Endpoint.objects.create(model=made, request_schema=SCHEMA, schema_digest="unpriced")
    client = client_for(ada)
    first, second = (client.get(f"{page_url}?page={number}").content.decode() for number in (1, 2))
    assert "1 to 50 of 56" in first and "51 to 56 of 56" in second
    assert "Many 01" in first and "Many 54" in second and "Many 54" not in first


@pytest.mark.parametrize(
    ("posted", "stored"),
    [
        ({"rule": "default"}, None),
        ({"rule": "count", "input_price": "3"}, {"rule": "count"}),
        ({"rule": "refuse"}, {"rule": "refuse"}),
        ({"rule": "price", "input_price": "0.05", "output_price": "1.5"}, PRICE),
        ({"rule": "price", "input_price": "0", "output_price": "0"}, {**PRICE, "input": "0", "output": "0"}),
    ],
)
def test_an_admin_sets_the_rule(client_for, ada, workspace, alices, model, set_url, page_url, posted, stored):
    client = client_for(ada)
    assert client.post(set_url, posted).url == page_url
    workspace.refresh_from_db()
    if workspace.unpriced and workspace.unpriced["rule"] == "price":
        found = prices_of(decided(alices, model))
        assert (found.input, found.output) == (Decimal(stored["input"]), Decimal(stored["output"]))
    else:
        assert workspace.unpriced == stored
    page = client.get(page_url).content.decode()
    assert f'value="{posted["rule"]}" required id="id_rule' in page and "checked" in page
    assert "Saved. For models without a price" in page


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"rule": "steal"},
        {"rule": "price"},
        {"rule": "price", "input_price": "1"},
        {"rule": "price", "input_price": "-1", "output_price": "1"},
        {"rule": "price", "input_price": "nan", "output_price": "1"},
        {"rule": "price", "input_price": "1e30", "output_price": "1"},
    ],
)
def test_it_refuses_what_is_no_rule(client_for, ada, workspace, set_url, posted):
    answer = client_for(ada).post(set_url, posted)
    assert answer.status_code == 200 and b"errors" in answer.content
    workspace.refresh_from_db()
    assert workspace.unpriced is None


def test_only_admins_may_see_or_set_it(client_for, client, alice, bob, carol, page_url, set_url):
    assert client_for(alice).get(page_url).status_code == 200
    assert client_for(bob).get(page_url).status_code == 403
    assert client_for(bob).post(set_url, {"rule": "count"}).status_code == 403
    assert client_for(carol).get(page_url).status_code == 404
    assert client_for(alice).get(set_url).status_code == 405
    assert "sign-in" in client.get(page_url).url


def test_the_list_of_models_says_which_rule_holds(client_for, ada, workspace, model):
    rule(workspace, {"rule": "refuse"})
    page = client_for(ada).get(reverse("playground:models", args=[workspace.slug])).content.decode()
    assert "1 model has no price: no prompts are sent to them." in " ".join(page.split())
