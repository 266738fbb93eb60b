"""The replacement of a model by another one, in all conversations, drafts and settings of a workspace."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Workspace
from chat.flows import replace_model as module
from chat.flows.replace_model import NotReplaceable, plan_replacement, replace_model
from chat.models import ChatDefault, Conversation, Draft, TitleSetting
from playground.models import Endpoint, Provider, UpstreamModel
from playground.parameters.schema.request_schema import digest_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def add(workspace):
    house = Provider.objects.create(code="house", name="House", workspace=workspace, needs_key=False)

    def add(name: str, highest: int | None = 2, **facts: Any) -> UpstreamModel:
        model = UpstreamModel.objects.create(provider=house, model_id=name.lower(), name=name, **facts)
        if highest is not None:
            temperature = {"type": "number", "maximum": highest}
            schema = {"type": "object", "properties": {"temperature": temperature}}
            Endpoint.objects.create(model=model, request_schema=schema, schema_digest=digest_of(schema))
        return model

    return add


@pytest.fixture
def old(add):
    return add("Old", is_retired=True, retired_because="It is gone.", successor="new")


@pytest.fixture
def new(add):
    return add("New", highest=1)


@pytest.fixture
def talk(workspace, alice, old):
    def talk(**given: Any) -> Conversation:
        setting = {"workspace": workspace, "owner": alice, "model": old, "title": "Talk"} | given
        return Conversation.objects.create(**setting)

    return talk


@pytest.fixture
def address(workspace, old):
    return reverse("chat:replace_model", args=[workspace.slug, old.pk])


def test_it_changes_every_setting_of_the_workspace_and_carries_parameters_over(
    workspace, alice, bob, old, new, talk, monkeypatch
):
    monkeypatch.setattr(module, "BATCH", 2)
    cold = [talk(owner=bob, parameters={"temperature": 0.5}) for _ in range(3)]
    hot, other = talk(parameters={"temperature": 1.5, "own": 1}), talk(model=new)
    Draft.objects.create(user=bob, workspace=workspace, model=old)
    TitleSetting.objects.create(workspace=workspace, model=old)
    for member in (None, bob):
        ChatDefault.objects.create(workspace=workspace, member=member, model=old, model_name="Old")
    plan = plan_replacement(workspace, old, new)
    done = replace_model(workspace, old, new, actor=alice)
    assert (done.conversations, done.drafts, done.titles, done.defaults, done.total) == (4, 1, 1, 2, 8)
    assert plan == done
    assert [(each.name, each.count) for each in done.left] == [("temperature", 1)]
    for each in (*cold, hot, other):
        before = each.updated_at
        each.refresh_from_db()
        assert (each.model, each.updated_at) == (new, before)
    assert [each.parameters for each in cold] == [{"temperature": 0.5}] * 3
    # Servers, and not models, define extra parameters, so those stay with the provider.
    assert hot.parameters == {"own": 1}
    assert hot.set_aside["values"] == {"temperature": 1.5}
    assert hot.schema_digest == new.endpoints.get().schema_digest
    assert Draft.objects.get(user=bob).model == new
    assert TitleSetting.objects.get().model == new
    assert set(ChatDefault.objects.values_list("model", "model_name")) == {(new.pk, "New")}
    assert plan_replacement(workspace, old, new).total == 0


def test_it_leaves_other_workspaces_alone_and_finds_deleted_conversations(workspace, alice, old, new, talk):
    other = Workspace.objects.create(name="Other", slug="other")
    elsewhere = talk(workspace=other)
    ChatDefault.objects.create(workspace=other, member=alice, model=old)
    deleted = talk(deleted_at="2026-01-01T00:00Z")
    assert plan_replacement(workspace, old, new).total == 0
    replace_model(workspace, old, new, actor=alice)
    elsewhere.refresh_from_db()
    assert elsewhere.model == ChatDefault.objects.get().model == old
    assert Conversation.with_deleted.get(pk=deleted.pk).model == new


def test_the_number_of_queries_does_not_grow_with_the_conversations(
    workspace, alice, old, new, talk, django_assert_max_num_queries
):
    for number in range(30):
        talk(parameters={"temperature": number / 10})
    with django_assert_max_num_queries(16):
        replace_model(workspace, old, new, actor=alice)


def test_a_model_takes_neither_its_own_place_nor_one_that_it_cannot_fill(workspace, alice, old, add):
    for unfit in (old, add("Bare", highest=None)):
        with pytest.raises(NotReplaceable):
            replace_model(workspace, old, unfit, actor=alice)


def test_the_page_proposes_the_successor_and_lists_what_does_not_fit(client, alice, talk, new, address):
    talk(parameters={"temperature": 1.5})
    client.force_login(alice)
    page = " ".join(client.get(address).content.decode().split())
    assert "Old is set in 1 conversation and 0 new chats." in page
    assert f'<option value="{new.pk}" selected>New</option>' in page
    assert "What New does not accept" in page
    assert "Replace in 1 place</button>" in page


def test_defaults_of_new_chats_are_counted_on_the_page(client, alice, workspace, old, new, address):
    ChatDefault.objects.create(workspace=workspace, model=old)
    client.force_login(alice)
    page = " ".join(client.get(address).content.decode().split())
    assert "Old is set in 0 conversations, 0 new chats and 1 default of new chats." in page
    assert "Replace in 1 place</button>" in page


def test_a_post_replaces_it_and_says_so(client, alice, talk, new, address):
    conversation = talk()
    client.force_login(alice)
    page = client.post(address, {"model": new.pk}, follow=True).content.decode()
    assert "New has taken the place of Old" in page
    conversation.refresh_from_db()
    assert conversation.model == new


@pytest.mark.parametrize("chosen", ["", "0", "999999", "x", "old"])
def test_a_model_that_cannot_be_used_is_refused_at_the_field(client, alice, talk, new, old, address, chosen):
    conversation = talk()
    client.force_login(alice)
    page = client.post(address, {"model": str(old.pk) if chosen == "old" else chosen}).content.decode()
    assert "Choose a model." in page or "Choose another." in page
    conversation.refresh_from_db()
    assert conversation.model == old


def test_nothing_to_replace_is_said(client, alice, new, address):
    client.force_login(alice)
    assert "uses Old for its next prompt" in client.get(address).content.decode()


def test_the_model_page_and_the_list_lead_to_it(client, alice, workspace, old, address):
    client.force_login(alice)
    assert address in client.get(reverse("playground:model", args=[workspace.slug, old.pk])).content.decode()
    listed = client.get(reverse("playground:models", args=[workspace.slug]), {"state": "retired"})
    assert address in listed.content.decode()


def test_members_strangers_and_wrong_methods_are_refused(client, alice, bob, address, new):
    assert client.get(address).status_code == 302
    client.force_login(bob)
    assert client.post(address, {"model": new.pk}).status_code == 403
    client.force_login(alice)
    assert client.put(address).status_code == 405
