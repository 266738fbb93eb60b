"""The picker's list of models: permissions, order and number of queries."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.flows.delete_key import delete_key
from accounts.flows.save_key import save_key
from accounts.models import Membership, Role
from playground.models import Endpoint, FavouriteModel, ModelSetting, Provider, UpstreamModel
from playground.pages.picker import picker_context
from playground.upstream.dialects import registry

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(workspace) -> Provider:
    return Provider.objects.create(code="house", name="House", workspace=workspace, needs_key=False)


@pytest.fixture
def add(house):
    def add(model_id: str, kind: str = "chat/completions", **facts) -> UpstreamModel:
        model = UpstreamModel.objects.create(
            model_id=model_id, **{"provider": house, "name": model_id, "developer": "Acme", **facts}
        )
        Endpoint.objects.create(model=model, kind=kind, request_schema={}, schema_digest="x")
        return model

    return add


@pytest.fixture
def member(workspace, bob) -> Membership:
    return Membership.objects.select_related("user", "workspace").get(workspace=workspace, user=bob)


def rows(member, recent=()):
    return [row for section in picker_context(member, recent)["sections"] for row in section.rows]


def labels(member, recent=()) -> dict[str, list[str]]:
    return {
        section.label: [row.name for row in section.rows]
        for section in picker_context(member, recent)["sections"]
    }


def test_a_row_says_what_a_model_costs_takes_and_can_do(add, member):
    add(
        "acme/one",
        name="One",
        aliases=["one-latest"],
        context_length=262144,
        output_max=32768,
        capabilities=["tools", "vision"],
        input_price=Decimal(400_000),
        output_price=Decimal(3_000_000),
    )
    (row,) = rows(member)
    assert row.facts == "House · Acme · 256k context · 32k out"
    assert (row.price, row.credits) == ("$0.20 / $1.50", "400k / 3M credits")
    assert row.can == ("vision", "tools")
    assert row.words == "acme/one\none-latest"


def test_what_needs_a_key_says_so_until_there_is_one(add, house, workspace, member, alice, carol):
    Provider.objects.filter(pk=house.pk).update(needs_key=True)
    add("locked")
    free = Provider.objects.create(code="free", name="Free", workspace=workspace, needs_key=False)
    add("ready", provider=free)

    def said() -> dict[str, str]:
        return {row.name: row.facts for row in rows(member)}

    def facets() -> list[str]:
        return [facet.code for facet in picker_context(member, ())["facets"]]

    assert said() == {"locked": "House · needs a key · Acme", "ready": "Free · Acme"}
    assert facets()[0] == "keys"
    save_key(workspace, "house", "sk-somebody-elses-key-0001", member=carol, actor=carol)
    assert said()["locked"] == "House · needs a key · Acme"
    shared = save_key(workspace, "house", "sk-the-workspaces-key-0001", member=None, actor=alice)
    assert said()["locked"] == "House · Acme"
    assert "keys" not in facets()
    delete_key(shared, actor=alice)
    save_key(workspace, "house", "sk-a-key-of-ones-own-0001", member=member.user, actor=member.user)
    assert said()["locked"] == "House · Acme"


@pytest.mark.parametrize(
    ("is_own", "name", "developer", "needs_key", "said"),
    [
        (True, "127.0.0.1:8898", "Qwen", False, "127.0.0.1:8898 · Qwen"),
        (True, "127.0.0.1:8898", "Qwen", True, "127.0.0.1:8898 · needs a key · Qwen"),
        (True, "House", "House", False, "House"),
        (False, "AI/ML API", "Anthropic", False, "Anthropic through AI/ML API"),
        (False, "AI/ML API", "Anthropic", True, "Anthropic · needs an AI/ML API key"),
        (False, "Needy", "Anthropic", True, "Anthropic · needs a Needy key"),
        (False, "Needy" * 16, "Anthropic", True, f"Anthropic · needs a {'Needy' * 5}Need… key"),
        (False, "AI/ML API", "", True, "AI/ML API · needs a key"),
        (False, "Built-in demo", "Built-in demo", False, "Built-in demo"),
    ],
)
def test_a_row_says_who_serves_the_model(
    add, house, workspace, member, is_own, name, developer, needs_key, said
):
    Provider.objects.filter(pk=house.pk).update(
        name=name, needs_key=needs_key, workspace=workspace if is_own else None
    )
    add("one", developer=developer)
    (row,) = rows(member)
    assert (row.facts, row.provider) == (said, name)


@pytest.mark.parametrize(
    ("is_own", "facts", "said"),
    [
        (True, {"context_length": 32768}, "127.0.0.1:8898 · 32k"),
        (True, {"developer": ""}, "127.0.0.1:8898"),
        (False, {"context_length": 32768}, "Acme · 32k"),
        (False, {"developer": "", "context_length": 32768}, "32k"),
    ],
)
def test_the_button_names_a_server_of_the_workspace(
    add, house, workspace, client_for, bob, is_own, facts, said
):
    owner = workspace if is_own else None
    Provider.objects.filter(pk=house.pk).update(name="127.0.0.1:8898", workspace=owner)
    add("one", **facts)
    page = client_for(bob).get(reverse("chat:new", args=[workspace.slug])).content.decode()
    (about,) = re.findall(r'<span class="picker-about truncate">(.*?)</span>', page, re.DOTALL)
    assert " ".join(about.split()) == said


@pytest.mark.parametrize(
    ("prices", "said"), [((0, 0), "free"), ((None, None), "price unknown"), ((5, None), "price unknown")]
)
def test_free_is_not_the_same_as_not_known(add, member, prices, said):
    add("one", input_price=prices[0], output_price=prices[1])
    assert (rows(member)[0].price, rows(member)[0].credits) == (said, "")


def test_favourites_come_first_then_the_last_used_and_each_model_once(add, member, carol):
    models = [add(name, position=place) for place, name in enumerate("abcdefgh")]
    FavouriteModel.objects.create(user=member.user, model=models[4])
    FavouriteModel.objects.create(user=carol, model=models[0])
    recent = [models[number].pk for number in (4, 3, 1)] + [999_999]
    assert labels(member, recent) == {
        "Favourites": ["e"],
        "Recently used": ["d", "b"],
        "All others": ["a", "c", "f", "g", "h"],
    }
    FavouriteModel.objects.all().delete()
    assert labels(member) == {"All models": list("abcdefgh")}


def test_it_lists_what_the_role_may_use_and_admins_list(add, workspace, member):
    for name, decided in (
        ("all", {}),
        ("off", {"is_enabled": False}),
        ("hidden", {"is_listed": False}),
        ("admins", {"lowest_role": Role.ADMIN}),
    ):
        ModelSetting.objects.create(workspace=workspace, model=add(name), **decided)
    assert [row.name for row in rows(member)] == ["all"]
    member.role = Role.ADMIN
    assert [row.name for row in rows(member)] == ["admins", "all"]


def test_it_lists_nothing_that_cannot_be_called(monkeypatch, add, member):
    # A dialect that is deleted and put back would be the last one for the tests after this.
    others = {kind: each for kind, each in registry.DIALECTS.items() if kind != "messages"}
    monkeypatch.setattr(registry, "DIALECTS", others)
    add("silent", kind="messages")
    assert rows(member) == []


def test_names_and_prices_are_the_workspaces(add, workspace, member):
    ModelSetting.objects.create(
        workspace=workspace, model=add("one"), name="Ours", input_price=0, output_price=0
    )
    assert [(row.name, row.price) for row in rows(member)] == [("Ours", "free")]


def test_what_cannot_part_the_list_is_not_asked(add, member):
    add("one")
    codes = [facet.code for facet in picker_context(member, ())["facets"]]
    assert "by" not in codes
    assert "at" not in codes
    assert "from" not in codes
    add("two", developer="Other")
    other = Provider.objects.create(code="free", name="free", needs_key=False)
    add("three", provider=other)
    facets = {facet.code: facet.options for facet in picker_context(member, ())["facets"]}
    assert facets["by"] == [("Acme", "Acme"), ("Other", "Other")]
    assert facets["from"] == [("free", "free"), ("House", "House")]


def test_the_number_of_queries_does_not_grow_with_the_catalogue(
    add, client_for, bob, workspace, django_assert_max_num_queries
):
    for number in range(60):
        ModelSetting.objects.create(workspace=workspace, model=add(f"m{number}"), name=f"Model {number}")
    client = client_for(bob)
    with django_assert_max_num_queries(10):
        page = client.get(reverse("chat:picker", args=[workspace.slug])).content.decode()
    assert page.count('class="picker-row"') == 60


def test_the_page_itself_knows_one_model_however_many_there_are(
    add, client_for, bob, workspace, django_assert_max_num_queries
):
    for number in range(60):
        add(f"m{number}", name=f"Model {number}")
    client = client_for(bob)
    with django_assert_max_num_queries(20):
        page = client.get(reverse("chat:new", args=[workspace.slug])).content.decode()
    assert len(re.findall(r"Model \d+", page)) < 5
    assert reverse("chat:picker", args=[workspace.slug]) in page


def test_a_browser_that_has_the_list_is_told_so(add, client_for, bob, workspace):
    model = add("one")
    client = client_for(bob)
    url = reverse("chat:picker", args=[workspace.slug])
    first = client.get(url)
    assert first["Cache-Control"] == "private, no-cache"
    again = client.get(url, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    FavouriteModel.objects.create(user=bob, model=model)
    assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_words_of_a_catalogue_are_text(add, client_for, bob, workspace):
    add("one", name="<script>alert(1)</script>", developer='"><img src=x>', aliases=['" onclick="x'])
    Provider.objects.update(name="'\"><script>x")
    page = client_for(bob).get(reverse("chat:picker", args=[workspace.slug])).content.decode()
    assert "<script>" not in page
    assert "<img" not in page
    assert '" onclick' not in page
