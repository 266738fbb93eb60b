from __future__ import annotations

from decimal import Decimal

import pytest
from django.http import Http404

from accounts.models import Group, Membership, Role
from playground.access import (
    as_decided,
    catalogue_of,
    endpoint_of,
    endpoints_of,
    get_catalogue_model_for,
    get_endpoint_for,
    get_model_for,
    get_provider_for,
    kinds_of,
    listed_models_for,
    models_for,
    usable_model,
    why_unavailable,
)
from playground.models import Endpoint, ModelSetting, Provider, UpstreamModel
from playground.upstream.dialects import registry

MISSING = "The model that was used here is no longer in the catalogue."
CHAT, OTHER = "chat/completions", "responses"


@pytest.fixture
def house(workspace) -> Provider:
    return Provider.objects.create(code="house", name="House", workspace=workspace)


@pytest.fixture
def model(house) -> UpstreamModel:
    model = UpstreamModel.objects.create(
        provider=house, model_id="acme/one", name="One", aliases=["one", "acme/one-latest"], input_price=3
    )
    for kind in (OTHER, CHAT):
        Endpoint.objects.create(model=model, kind=kind, request_schema={}, schema_digest="x")
    return model


@pytest.fixture
def member(workspace, bob) -> Membership:
    return Membership.objects.get(workspace=workspace, user=bob)


@pytest.fixture
def stranger(carol) -> Membership:
    return Membership.objects.get(user=carol)


@pytest.fixture
def both_readable(monkeypatch):
    monkeypatch.setitem(registry.DIALECTS, OTHER, registry.DIALECTS[CHAT])


def endpoint(model: UpstreamModel, kind: str = CHAT) -> Endpoint:
    return model.endpoints.get(kind=kind)


def decide(member: Membership, model: UpstreamModel, **what) -> None:
    ModelSetting.objects.update_or_create(workspace=member.workspace, model=model, defaults=what)


def test_a_workspace_sees_its_own_models(workspace, member, model):
    assert list(models_for(member)) == [model]
    assert get_model_for(member, model.pk) == model
    assert get_model_for(member, "acme/one") == model
    assert get_provider_for(workspace, "house").name == "House"
    assert get_endpoint_for(member, endpoint(model).pk).model == model


def test_another_workspace_sees_nothing_of_them(stranger, model):
    assert list(models_for(stranger)) == []
    assert list(catalogue_of(stranger.workspace)) == []
    for lookup in (
        lambda: get_model_for(stranger, model.pk),
        lambda: get_model_for(stranger, "acme/one"),
        lambda: get_model_for(stranger, "one"),
        lambda: get_catalogue_model_for(stranger, model.pk),
        lambda: get_provider_for(stranger.workspace, "house"),
        lambda: get_endpoint_for(stranger, endpoint(model).pk),
    ):
        with pytest.raises(Http404):
            lookup()


def test_everybody_sees_what_comes_with_the_product(stranger, house, model):
    Provider.objects.filter(pk=house.pk).update(workspace=None)
    assert get_model_for(stranger, "acme/one") == model


@pytest.mark.parametrize("change", [{"is_enabled": False}, {"is_retired": True}])
def test_it_hides_models_that_cannot_be_used(member, model, change):
    UpstreamModel.objects.filter(pk=model.pk).update(**change)
    with pytest.raises(Http404):
        get_model_for(member, model.pk)
    with pytest.raises(Http404):
        get_endpoint_for(member, endpoint(model).pk)
    assert get_catalogue_model_for(member, model.pk) == model


def test_it_hides_the_models_of_a_disabled_provider(member, house, model):
    Provider.objects.filter(pk=house.pk).update(is_enabled=False)
    assert not models_for(member).exists()


def test_a_model_that_is_switched_off_here_is_gone_for_everybody_here(member, model):
    decide(member, model, is_enabled=False)
    for role in Role.values:
        member.role = role
        assert not models_for(member).exists()
        with pytest.raises(Http404):
            get_endpoint_for(member, endpoint(model).pk)


def test_a_model_that_is_not_listed_can_still_be_used(member, model):
    decide(member, model, is_listed=False)
    assert not listed_models_for(member).exists()
    assert get_endpoint_for(member, endpoint(model).pk).model == model


@pytest.mark.parametrize(
    ("lowest", "seen_by"),
    [
        (Role.VIEWER, {"owner", "admin", "member", "viewer"}),
        (Role.MEMBER, {"owner", "admin", "member"}),
        (Role.ADMIN, {"owner", "admin"}),
        (Role.OWNER, {"owner"}),
    ],
)
def test_a_role_sees_what_is_for_it(member, model, lowest, seen_by):
    decide(member, model, lowest_role=lowest)
    seen = set()
    for role in (*Role.values, "nobody knows this role"):
        member.role = role
        if model in models_for(member):
            seen.add(role)
            assert model in listed_models_for(member)
    assert seen == seen_by


def test_what_one_workspace_decides_is_not_seen_in_another(member, stranger, house, model):
    Provider.objects.filter(pk=house.pk).update(workspace=None)
    decide(member, model, is_enabled=False, name="Ours", input_price=1)
    decide(stranger, model, name="Theirs")
    assert get_model_for(stranger, "acme/one").name == "Theirs"
    assert get_model_for(stranger, "acme/one").input_price == 3
    assert [found.name for found in as_decided(catalogue_of(member.workspace))] == ["Ours"]


def test_names_and_prices_are_the_workspaces(member, model):
    decide(member, model, name="House One", output_price=Decimal("7.5"))
    for found in (get_model_for(member, "acme/one"), get_endpoint_for(member, endpoint(model).pk).model):
        assert found.name == "House One"
        assert (found.input_price, found.output_price) == (Decimal(3), Decimal("7.5"))


def test_a_model_as_one_workspace_sees_it_is_never_saved(member, model):
    decide(member, model, name="House One")
    with pytest.raises(TypeError):
        get_model_for(member, "acme/one").save()
    assert UpstreamModel.objects.get(pk=model.pk).name == "One"


def test_another_name_finds_the_model_and_the_exact_id_wins(member, house, model):
    assert get_model_for(member, "one") == model
    assert get_model_for(member, "acme/one-latest") == model
    exact = UpstreamModel.objects.create(provider=house, model_id="one", name="Exactly", position=9999)
    assert get_model_for(member, "one") == exact


@pytest.mark.parametrize("code", ["", "gone", "0", "-1", "9" * 30, "٣", "1 OR 1=1", "one\x00"])
def test_it_bears_any_id(member, model, code):
    with pytest.raises(Http404):
        get_model_for(member, code)


@pytest.mark.parametrize("pk", [0, -1, 2**70])
def test_it_bears_any_number(member, pk):
    with pytest.raises(Http404):
        get_endpoint_for(member, pk)
    with pytest.raises(Http404):
        get_catalogue_model_for(member, pk)


def test_it_takes_the_endpoint_that_was_asked_for_or_the_first(both_readable, model):
    asked, other = endpoint_of(model, OTHER), endpoint_of(model, "messages")
    assert asked and asked.kind == OTHER
    assert other and other.kind == CHAT
    Endpoint.objects.all().delete()
    assert endpoint_of(UpstreamModel.objects.get(), OTHER) is None


def test_an_endpoint_whose_answers_cannot_be_read_is_not_offered(monkeypatch, member, model):
    # A dialect that is deleted and put back would be the last one for the tests after this.
    others = {kind: each for kind, each in registry.DIALECTS.items() if kind != OTHER}
    monkeypatch.setattr(registry, "DIALECTS", others)
    assert [found.kind for found in endpoints_of(model)] == [CHAT]
    asked = endpoint_of(model, OTHER)
    assert asked and asked.kind == CHAT
    with pytest.raises(Http404):
        get_endpoint_for(member, endpoint(model, OTHER).pk)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"is_retired": True, "retired_because": "Two is newer."}, "One is retired. Two is newer."),
        ({"is_enabled": False}, "One was removed from House."),
    ],
)
def test_it_says_why_the_catalogue_lacks_a_model(member, model, change, reason):
    UpstreamModel.objects.filter(pk=model.pk).update(**change)
    assert why_unavailable(member, model) == reason


def test_it_says_why_a_workspace_lacks_a_model(member, house, model):
    assert why_unavailable(member, model) == ""
    decide(member, model, is_enabled=False, name="Uno")
    assert why_unavailable(member, model) == "Uno is switched off in Acme Research."
    decide(member, model, is_enabled=True, lowest_role=Role.ADMIN)
    assert "for admins and owners" in why_unavailable(member, model)
    Provider.objects.filter(pk=house.pk).update(is_enabled=False)
    assert "its provider, House, is switched off" in why_unavailable(member, model)


def test_it_says_nothing_of_another_workspaces_model(stranger, model):
    assert why_unavailable(stranger, model) == MISSING


def test_many_models_take_as_many_queries_as_one(member, house, model, django_assert_num_queries):
    for number in range(20):
        another = UpstreamModel.objects.create(provider=house, model_id=f"m{number}", name=f"M{number}")
        Endpoint.objects.create(model=another, request_schema={}, schema_digest="x")
        decide(member, another, name=f"Ours {number}")
    with django_assert_num_queries(2):
        models = listed_models_for(member)
        kinds = kinds_of(models)
        assert {found.name for found in as_decided(models)} == {"One", *(f"Ours {n}" for n in range(20))}
    assert len(kinds) == 21
    assert CHAT in kinds[model.pk]


def test_the_endpoints_of_a_model_are_asked_for_once_and_without_their_schemas(
    both_readable, model, django_assert_num_queries
):
    with django_assert_num_queries(1):
        assert [found.kind for found in endpoints_of(model)] == [CHAT, OTHER]
        one = endpoint_of(model, OTHER)
        assert one and one.get_deferred_fields() == {"request_schema"}


@pytest.fixture
def research(workspace) -> Group:
    return Group.objects.create(workspace=workspace, name="Design")


@pytest.mark.parametrize(
    ("lowest", "seen_by"),
    [("", set()), (Role.ADMIN, {"owner", "admin"})],
)
def test_a_group_sees_what_is_for_it_whatever_its_members_roles(member, model, research, lowest, seen_by):
    decide(member, model, lowest_role=lowest)
    found = ModelSetting.objects.get()
    found.groups.add(research)
    roles = [*Role.values, "nobody knows this role"]

    def seeing() -> set[str]:
        return {role for role in roles if model in models_for(as_role(member, role))}

    assert seeing() == seen_by
    as_role(member, Role.MEMBER)
    assert usable_model(member, model.pk) is None
    with pytest.raises(Http404):
        get_endpoint_for(member, endpoint(model).pk)
    said = why_unavailable(member, model)
    assert "and some groups." in said or "is for some groups." in said
    assert "Design" not in said and "Ask an admin" in said

    research.members.add(member)
    assert seeing() == set(roles)
    assert usable_model(member, model.pk) == model
    assert why_unavailable(member, model) == ""
    # Without the group nobody gets in by it.
    research.delete()
    assert seeing() == seen_by


def as_role(member: Membership, role: str) -> Membership:
    member.role = role
    return member
