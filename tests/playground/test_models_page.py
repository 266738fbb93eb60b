"""The pages on which admins decide about models: switched on, for which roles, names and prices."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import AuditEvent, Group, Membership, Workspace
from playground.access import models_for
from playground.models import Endpoint, ModelSetting, Provider, RefusedParameter, UpstreamModel

pytestmark = pytest.mark.django_db

SCHEMA = {
    "type": "object",
    "properties": {
        "model": {"type": "string"},
        "temperature": {"type": "number"},
        "seed": {"type": "integer"},
    },
}


@pytest.fixture
def house(workspace) -> Provider:
    return Provider.objects.create(code="house", name="House", workspace=workspace)


@pytest.fixture
def add(house) -> Callable[..., UpstreamModel]:
    def add(model_id: str, **facts) -> UpstreamModel:
        defaults = {"name": model_id.title(), "developer": "Acme"}
        model = UpstreamModel.objects.create(provider=house, model_id=model_id, **{**defaults, **facts})
        Endpoint.objects.create(model=model, request_schema=SCHEMA, schema_digest=f"models-page-{model_id}")
        return model

    return add


@pytest.fixture
def admin(client_for, ada):
    return client_for(ada)


@pytest.fixture
def models_url(workspace) -> str:
    return reverse("playground:models", args=[workspace.slug])


@pytest.fixture
def bulk_url(workspace) -> str:
    return reverse("playground:set_models", args=[workspace.slug])


def setting(model: UpstreamModel) -> ModelSetting:
    return ModelSetting.objects.get(model=model)


def found(response) -> list[str]:
    return [row.name for row in response.context["page"]]


def test_it_finds_by_words_and_by_every_filter_at_once(admin, add, models_url, workspace):
    add("one", capabilities=["vision"], aliases=["uno"])
    add("two", developer="Other", capabilities=["tools"])
    add("three", capabilities=["tools"])
    ModelSetting.objects.create(workspace=workspace, model=add("four"), is_enabled=False)
    add("five", is_retired=True)
    for query, names in {
        "": ["Four", "One", "Three", "Two"],
        "q=UNO": ["One"],
        "q=acme+t": ["Three"],
        "developer=Other": ["Two"],
        "can=tools&developer=Acme": ["Three"],
        "state=off": ["Four"],
        "state=retired": ["Five"],
        "state=on&can=vision": ["One"],
        "provider=house&q=o": ["Four", "One", "Two"],
        "provider=nowhere": [],
        "state=\x00&can=<b>&page=9999": [],
    }.items():
        assert found(admin.get(f"{models_url}?{query}")) == names, query


def test_it_sorts_what_it_finds(admin, add, models_url):
    add("b", output_price=5, context_length=None)
    add("c", output_price=None, context_length=8000)
    add("a", output_price=1, context_length=4000)
    for sort, names in {
        "name": ["A", "B", "C"],
        "price": ["A", "B", "C"],
        "context": ["C", "A", "B"],
    }.items():
        response = admin.get(models_url, {"sort": sort})
        assert found(response) == names, sort
        assert f"sort={sort}" in response.context["filters"].query


def test_it_changes_what_is_ticked_and_nothing_else(admin, add, bulk_url):
    one, two = add("one"), add("two")
    response = admin.post(bulk_url, {"scope": "ticked", "change": "off", "model": [one.pk]})
    assert response.status_code == 302
    assert not setting(one).is_enabled
    assert not ModelSetting.objects.filter(model=two).exists()


def test_it_changes_all_that_is_found_on_whichever_page(admin, add, bulk_url, ada):
    for number in range(60):
        add(f"many-{number}")
    other = add("other", developer="Else")
    response = admin.post(bulk_url, {"scope": "found", "change": "admin", "developer": "Acme"}, follow=True)
    assert "60 models" in response.content.decode()
    assert response.context["filters"].developer == "Acme"
    assert ModelSetting.objects.filter(lowest_role="admin").count() == 60
    assert not ModelSetting.objects.filter(model=other).exists()


@pytest.mark.parametrize(
    ("change", "decided"),
    [
        ("on", {"is_enabled": True}),
        ("off", {"is_enabled": False}),
        ("list", {"is_listed": True}),
        ("hide", {"is_listed": False}),
        ("viewer", {"lowest_role": "viewer"}),
        ("owner", {"lowest_role": "owner"}),
    ],
)
def test_a_bulk_change_keeps_what_was_decided_before(admin, add, bulk_url, workspace, change, decided):
    model = add("one")
    before = {"name": "Ours", "input_price": Decimal(5), "is_enabled": False, "is_listed": False}
    ModelSetting.objects.create(workspace=workspace, model=model, **before)
    admin.post(bulk_url, {"scope": "ticked", "change": change, "model": [model.pk]})
    after = setting(model)
    assert {name: getattr(after, name) for name in {**before, **decided}} == {**before, **decided}


def test_a_rows_own_button_switches_that_row_alone(admin, add, bulk_url):
    one, two = add("one"), add("two")
    # The button belongs to the form of the bulk change, so the request contains its fields.
    posted = {"off": one.pk, "model": [two.pk], "scope": "found", "change": "owner"}
    admin.post(bulk_url, posted)
    assert not setting(one).is_enabled
    assert setting(one).lowest_role == "viewer"
    assert not ModelSetting.objects.filter(model=two).exists()
    admin.post(bulk_url, {"on": one.pk})
    assert setting(one).is_enabled


@pytest.mark.parametrize(
    "posted",
    [
        {"scope": "ticked", "change": "off"},
        {"scope": "ticked", "change": "off", "model": ["999999", "x", ""]},
        {"scope": "everything", "change": "off", "model": ["1"]},
        {"scope": "found", "change": "delete"},
        {"off": "999999"},
    ],
)
def test_it_says_what_is_missing_and_changes_nothing(admin, add, bulk_url, posted):
    add("one")
    response = admin.post(bulk_url, posted)
    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()
    assert not ModelSetting.objects.exists()


def test_the_models_of_another_workspace_are_neither_shown_nor_changed(
    admin, add, bulk_url, models_url, carol
):
    theirs = Provider.objects.create(
        code="theirs", name="Theirs", workspace=carol.memberships.get().workspace
    )
    secret = UpstreamModel.objects.create(provider=theirs, model_id="secret", name="Secret")
    add("one")
    assert found(admin.get(models_url)) == ["One"]
    admin.post(bulk_url, {"scope": "ticked", "change": "off", "model": [secret.pk]})
    admin.post(bulk_url, {"scope": "found", "change": "off"})
    assert not ModelSetting.objects.filter(model=secret).exists()


def test_what_another_workspace_decided_does_not_show(admin, add, house, models_url, carol):
    model = add("one", input_price=2_000_000, output_price=4_000_000)
    Provider.objects.filter(pk=house.pk).update(workspace=None)
    elsewhere = carol.memberships.get().workspace
    ModelSetting.objects.create(
        workspace=elsewhere, model=model, name="Their name", is_enabled=False, input_price=0, output_price=0
    )
    page = admin.get(models_url).content.decode()
    assert "Their name" not in page
    assert "$1.00 / $2.00" in page


def test_the_head_of_the_column_names_what_its_prices_are_for(admin, add, models_url):
    add("one", input_price=2_000_000, output_price=4_000_000)
    page = admin.get(models_url).content.decode()
    assert "USD per million, in / out" in page
    assert ">$1.00 / $2.00</td>" in page


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("5000000", "2.5"),
        ("0", "0"),
        ("150000", "0.075"),
        ("0.0001", "0.00000000005"),
        ("123456789.1234", "61.7283945617"),
    ],
)
def test_a_price_is_shown_in_dollars_and_saving_it_again_changes_nothing(
    admin, one, one_url, set_url, workspace, stored, shown
):
    ModelSetting.objects.create(
        workspace=workspace, model=one, input_price=Decimal(stored), output_price=Decimal(stored)
    )
    boxes = admin.get(one_url).context["form"]
    value = boxes["input_price"].value()
    assert value == shown
    assert admin.post(set_url, {**AS_IT_IS, "input_price": value, "output_price": value}).status_code == 302
    assert ModelSetting.objects.get().input_price == Decimal(stored)


def test_the_number_of_queries_does_not_grow_with_the_catalogue(
    admin, add, models_url, workspace, django_assert_max_num_queries
):
    for number in range(70):
        ModelSetting.objects.create(
            workspace=workspace, model=add(f"m{number:02}"), name=f"Model {number:02}"
        )
    with django_assert_max_num_queries(8):
        response = admin.get(f"{models_url}?q=model&page=2")
    assert found(response)[0] == "Model 50"
    assert response.content.decode().count("Tick Model") == 20


def test_bulk_changes_take_as_many_queries_for_many_as_for_one(
    admin, add, bulk_url, django_assert_max_num_queries
):
    for number in range(70):
        add(f"m{number}")
    with django_assert_max_num_queries(12):
        admin.post(bulk_url, {"scope": "found", "change": "hide"})
    assert ModelSetting.objects.filter(is_listed=False).count() == 70


# The page of a model.


@pytest.fixture
def one(add):
    return add("one", aliases=["uno"], input_price=Decimal(400_000), output_price=None)


@pytest.fixture
def one_url(workspace, one) -> str:
    return reverse("playground:model", args=[workspace.slug, one.pk])


@pytest.fixture
def set_url(workspace, one) -> str:
    return reverse("playground:set_model", args=[workspace.slug, one.pk])


AS_IT_IS = {"is_enabled": "on", "is_listed": "on", "lowest_role": "viewer"}


def test_it_shows_the_facts_and_the_endpoints(admin, one, one_url, workspace, house):
    endpoint = one.endpoints.get()
    RefusedParameter.objects.create(workspace=workspace, endpoint=endpoint, name="seed")
    theirs = Workspace.objects.create(slug="other", name="Other")
    RefusedParameter.objects.create(workspace=theirs, endpoint=endpoint, name="top_p")
    page = admin.get(one_url).content.decode()
    assert "uno" in page
    assert "$0.20" in page
    assert "(400k credits)" in page
    assert "bundled" in page
    assert "refused by the provider: seed" in page
    assert "top_p" not in page
    assert reverse("playground:schema", args=[workspace.slug, house.code, one.pk]) in page
    (row,) = admin.get(one_url).context["endpoints"]
    assert (row.controls, row.is_readable) == (2, True)


def test_it_says_why_a_model_is_retired(admin, one, one_url):
    UpstreamModel.objects.update(is_retired=True, retired_because="Two took its place.")
    assert "Two took its place." in admin.get(one_url).content.decode()


def test_it_keeps_name_price_and_role(admin, one, one_url, set_url, workspace, bob):
    posted = {
        **AS_IT_IS,
        "name": "House One",
        "input_price": "0.00005",
        "output_price": "0",
        "lowest_role": "admin",
    }
    assert admin.post(set_url, posted).status_code == 302
    kept = setting(one)
    assert (kept.name, kept.input_price, kept.output_price) == ("House One", Decimal(100), Decimal(0))
    assert not models_for(Membership.objects.get(workspace=workspace, user=bob)).exists()
    page = admin.get(one_url).content.decode()
    assert "<h1>House One" in page
    assert 'value="0.00005"' in page
    # An empty field keeps the catalogue's value.
    assert 'placeholder="0.2"' in page


def test_an_empty_field_gives_the_catalogues_back(admin, one, set_url):
    admin.post(set_url, {**AS_IT_IS, "name": "House One", "input_price": "5", "output_price": "6"})
    admin.post(set_url, AS_IT_IS)
    kept = setting(one)
    assert (kept.name, kept.input_price, kept.output_price) == ("", None, None)


@pytest.mark.parametrize(
    ("posted", "field"),
    [
        ({"input_price": "-1", "output_price": "1"}, "input_price"),
        ({"input_price": "dear", "output_price": "1"}, "input_price"),
        ({"input_price": "NaN", "output_price": "1"}, "input_price"),
        ({"output_price": "1e99", "input_price": "1"}, "output_price"),
        ({"input_price": "5"}, "output_price"),
        ({"name": "x" * 121}, "name"),
        ({"lowest_role": "emperor"}, "lowest_role"),
        ({"lowest_role": "none"}, "lowest_role"),
        ({"lowest_role": ""}, "lowest_role"),
        ({"groups": ["26f0b7c5-3f5a-4f5e-8c63-5ac35e1a9f4d"]}, "groups"),
        ({"groups": ["no code"], "lowest_role": "admin"}, "groups"),
    ],
)
def test_errors_are_at_their_fields_and_nothing_is_stored(admin, one, set_url, posted, field):
    response = admin.post(set_url, {**AS_IT_IS, **posted})
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert f'id="id_{field}_error"' in response.content.decode()
    assert not ModelSetting.objects.exists()


@pytest.fixture
def groups(workspace) -> list[Group]:
    return [Group.objects.create(workspace=workspace, name=name) for name in ("Design", "Research")]


def names(model: UpstreamModel) -> list[str]:
    return [group.name for group in setting(model).groups.order_by("name_key")]


def test_it_keeps_the_groups_and_says_whose_the_model_is(
    admin, one, one_url, set_url, models_url, groups, bob, workspace
):
    posted = {**AS_IT_IS, "lowest_role": "none", "groups": [str(groups[1].code)]}
    assert admin.post(set_url, posted).status_code == 302
    assert names(one) == ["Research"]
    boxes = admin.get(one_url).context["form"]["groups"]
    assert [box.data["label"] for box in boxes if box.data["selected"]] == ["Research"]
    page = admin.get(models_url, {"state": "limited"})
    assert found(page) == ["One"] and "for Research<" in page.content.decode()
    member = Membership.objects.get(workspace=workspace, user=bob)
    assert not models_for(member).exists()
    groups[1].members.add(member)
    assert models_for(member).exists()
    event = AuditEvent.objects.filter(action="models.set").latest("pk")
    assert (event.before["groups"], event.after["groups"]) == ([], ["Research"])


def test_everybody_and_a_group_is_a_contradiction(admin, one, set_url, groups):
    response = admin.post(set_url, {**AS_IT_IS, "groups": [str(groups[0].code)]})
    assert list(response.context["form"].errors) == ["groups"]


def test_a_group_of_another_workspace_is_none(admin, one, set_url, carol):
    theirs = Group.objects.create(workspace=carol.memberships.get().workspace, name="Theirs")
    posted = {**AS_IT_IS, "lowest_role": "admin", "groups": [str(theirs.code)]}
    assert list(admin.post(set_url, posted).context["form"].errors) == ["groups"]


def test_a_bulk_change_gives_models_to_a_group(admin, add, bulk_url, groups, django_assert_max_num_queries):
    models = [add(f"m{number}") for number in range(70)]
    design, research = (str(group.code) for group in groups)
    # Far fewer than the models, on each database.
    with django_assert_max_num_queries(25):
        response = admin.post(bulk_url, {"scope": "found", "change": f"only:{design}"}, follow=True)
    assert "70 models are for Design only." in response.content.decode()
    assert {(setting(model).lowest_role, *names(model)) for model in models} == {("", "Design")}
    pressed = {"scope": "ticked", "model": [models[0].pk]}
    admin.post(bulk_url, {**pressed, "change": f"also:{research}"})
    admin.post(bulk_url, {**pressed, "change": f"also:{research}"})
    assert (setting(models[0]).lowest_role, names(models[0])) == ("", ["Design", "Research"])
    admin.post(bulk_url, {**pressed, "change": "admin"})
    assert (setting(models[0]).lowest_role, names(models[0])) == ("admin", [])
    admin.post(bulk_url, {**pressed, "change": f"only:{design}"})
    assert (setting(models[0]).lowest_role, names(models[0])) == ("", ["Design"])
