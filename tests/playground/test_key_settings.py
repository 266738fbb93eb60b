"""The settings of a key on its page, and what the list of keys says of it."""

from __future__ import annotations

import re
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.utils.timezone import localdate

from accounts import keys
from accounts.flows.change_key import KeySettings, change_key
from accounts.flows.save_key import save_key
from accounts.models import ApiKey, AuditEvent, Group, Membership, Notice
from playground.flows.remind_of_keys import remind_of_keys
from playground.models import Provider

SECRET = "sk-canary-0123456789abcdef"
LIST = "/w/acme/keys/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(vendor, workspace, ada) -> ApiKey:
    return save_key(workspace, "aimlapi", SECRET, member=None, actor=ada, label="Ours")


@pytest.fixture
def research(workspace) -> Group:
    return Group.objects.create(workspace=workspace, name="Research")


def page_of(key: ApiKey) -> str:
    return f"{LIST}{key.code}/"


def membership(user) -> Membership:
    return Membership.objects.get(user=user)


def test_a_second_key_with_a_name_is_given_to_a_group(client_for, ada, bob, workspace, key, research, vendor):
    admin = client_for(ada)
    posted = {"secret": f"{SECRET}-2", "label": "For research"}
    answer = admin.post(f"{LIST}workspace/aimlapi/save/", posted, follow=True)
    assert "AI/ML API, For research: key saved." in answer.content.decode()
    second = ApiKey.objects.get(label="For research")
    last = localdate() + timedelta(days=30)
    changed = {
        "label": "Research",
        "lowest_role": "none",
        "groups": [str(research.code)],
        "people": [str(membership(ada).pk)],
        "model_patterns": "gpt-*\r\n\r\n o1 \r\ngpt-*",
        "expires_on": last.isoformat(),
    }
    assert admin.post(f"{page_of(second)}change/", changed).status_code == 302

    second.refresh_from_db()
    assert (second.label, second.model_patterns, second.expires_on) == ("Research", ["gpt-*", "o1"], last)
    assert (second.lowest_role, [*second.groups.all()], [*second.people.all()]) == (
        "",
        [research],
        [membership(ada)],
    )
    event = AuditEvent.objects.get(action="keys.change")
    assert event.subject == "aimlapi (Research)"
    assert (event.before["for"], event.after["for"]) == ("everybody", f"Research and Ada ({ada.email})")
    assert (event.before["models"], event.after["models"]) == ([], ["gpt-*", "o1"])
    assert SECRET not in str(AuditEvent.objects.values())
    page = admin.get(LIST).content.decode()
    assert "Research and Ada" in page and "gpt-*, o1" in page
    form = admin.get(page_of(second)).context["form"]
    assert (form["lowest_role"].value(), form["model_patterns"].value()) == ("none", "gpt-*\no1")


def test_only_a_member_of_its_group_sees_it_uses_it_and_can_choose_another(
    client_for, ada, bob, workspace, key, research
):
    second = save_key(workspace, "aimlapi", f"{SECRET}-2", member=None, actor=ada, label="Research")
    ApiKey.objects.filter(pk=second.pk).update(lowest_role="", model_patterns=["o1"])
    second.groups.add(research)
    member = client_for(bob)
    assert keys.resolve(workspace, bob, "aimlapi", "o1") == key
    assert ">o1<" not in member.get(LIST).content.decode()
    assert member.post(f"{page_of(second)}prefer/").status_code == 404
    research.members.add(membership(bob))
    assert keys.resolve(workspace, bob, "aimlapi", "o1") == second
    assert ">o1<" in member.get(LIST).content.decode()
    member.post(f"{page_of(key)}prefer/")
    assert keys.resolve(workspace, bob, "aimlapi", "o1") == key
    assert "Usual order" in member.get(LIST).content.decode()
    member.post(f"{page_of(key)}prefer/", {"first": "false"})
    assert keys.resolve(workspace, bob, "aimlapi", "o1") == second


GOOD = {"label": "Ours", "lowest_role": "viewer"}


@pytest.mark.parametrize(
    ("posted", "field"),
    [
        ({"label": "x" * 81}, "label"),
        ({"label": "taken"}, "label"),
        ({"lowest_role": "emperor"}, "lowest_role"),
        ({"lowest_role": ""}, "lowest_role"),
        ({"lowest_role": "none"}, "lowest_role"),
        ({"model_patterns": "gpt 5\x00"}, "model_patterns"),
        ({"model_patterns": "\n".join(f"m{n}" for n in range(101))}, "model_patterns"),
        ({"expires_on": "soon"}, "expires_on"),
        ({"expires_on": "2020-01-01"}, "expires_on"),
        ({"groups": ["26f0b7c5-3f5a-4f5e-8c63-5ac35e1a9f4d"]}, "groups"),
        ({"groups": ["x"]}, "groups"),
        ({"people": ["999999"]}, "people"),
        ({"people": ["x"]}, "people"),
    ],
)
def test_errors_are_at_their_fields_and_nothing_is_stored(client_for, ada, key, workspace, posted, field):
    save_key(workspace, "aimlapi", f"{SECRET}-2", member=None, actor=ada, label="Taken")
    answer = client_for(ada).post(f"{page_of(key)}change/", {**GOOD, **posted})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert f'id="key-{field}_error"' in answer.content.decode()
    assert not AuditEvent.objects.filter(action="keys.change").exists()


def test_groups_and_people_of_another_workspace_are_refused(client_for, ada, carol, key):
    theirs = membership(carol)
    group = Group.objects.create(workspace=theirs.workspace, name="Theirs")
    posted = {**GOOD, "lowest_role": "admin", "groups": [str(group.code)], "people": [str(theirs.pk)]}
    answer = client_for(ada).post(f"{page_of(key)}change/", posted)
    assert set(answer.context["form"].errors) == {"groups", "people"}


def test_a_personal_key_has_models_and_a_last_day_and_nobody_else(client_for, bob, ada, vendor, workspace):
    own = save_key(workspace, "aimlapi", SECRET, member=bob, actor=bob)
    client = client_for(bob)
    assert set(client.get(page_of(own)).context["form"].fields) == {"label", "model_patterns", "expires_on"}
    posted = {"label": "Mine", "model_patterns": "o1", "people": [str(membership(ada).pk)]}
    client.post(f"{page_of(own)}change/", posted)
    own.refresh_from_db()
    assert (own.label, own.model_patterns, own.people.count()) == ("Mine", ["o1"], 0)
    assert keys.resolve(workspace, ada, "aimlapi") is None


def test_it_is_disabled_and_enabled(client_for, ada, workspace, key):
    client = client_for(ada)
    page = client.post(f"{page_of(key)}switch/", {"on": "false"}, follow=True).content.decode()
    assert "Ours is disabled." in page and ">disabled</span>" in page
    assert keys.resolve(workspace, ada, "aimlapi") is None
    assert ">disabled</span>" in client.get(LIST).content.decode()
    client.post(f"{page_of(key)}switch/", {"on": "true"})
    client.post(f"{page_of(key)}switch/", {"on": "true"})
    assert keys.resolve(workspace, ada, "aimlapi") == key
    assert AuditEvent.objects.filter(action="keys.switch").count() == 2


def test_its_secret_is_replaced_and_all_else_stays(client_for, ada, workspace, key, demo_upstream, vendor):
    demo_upstream.api.required_key = f"{SECRET}-2"
    client = client_for(ada)
    refused = client.post(f"{page_of(key)}replace/", {"secret": "two words"})
    assert refused.status_code == 200 and refused.context["secret"].errors
    moved = {"secret": f"{SECRET}-2", "base_url": "https://before.example.org/v1"}
    assert "has another address now" in client.post(f"{page_of(key)}replace/", moved).content.decode()
    assert keys.reveal(ApiKey.objects.get()) == SECRET

    page = client.post(f"{page_of(key)}replace/", {"secret": f"{SECRET}-2"}, follow=True).content.decode()

    assert "key replaced. The key works" in page
    assert SECRET not in page
    replaced = ApiKey.objects.get()
    assert (replaced.code, replaced.label, keys.reveal(replaced)) == (key.code, "Ours", f"{SECRET}-2")


def test_the_same_key_twice_is_refused_at_the_field(client_for, ada, key):
    answer = client_for(ada).post(f"{LIST}workspace/aimlapi/save/", {"secret": SECRET})
    assert "This key is stored already: Ours." in answer.content.decode()
    assert SECRET not in answer.content.decode()
    assert ApiKey.objects.count() == 1


def test_fifty_keys_take_as_many_queries_as_one(client_for, ada, key, workspace, django_assert_num_queries):
    client = client_for(ada)
    client.get(LIST)
    with django_assert_num_queries(8):
        client.get(LIST)
    for number in range(50):
        more = save_key(workspace, "aimlapi", f"{SECRET}-{number}", member=None, actor=ada)
        more.people.add(membership(ada))
    with django_assert_num_queries(8):
        assert client.get(LIST).content.decode().count('visually-hidden">, ') >= 39


def test_sixty_keys_have_pages_and_are_found_by_what_they_are_for(client_for, ada, key, workspace):
    group = Group.objects.create(workspace=workspace, name="Résumé readers")
    for number in range(60):
        label, secret = f"Key {number:02}", f"{SECRET}-{number}"
        more = save_key(workspace, "aimlapi", secret, member=None, actor=ada, label=label)
    more.groups.add(group)
    ApiKey.objects.filter(pk=more.pk).update(lowest_role="owner")
    # Another provider sorts after all of them.
    Provider.objects.create(code="zebra", name="Zebra", base_url="https://zebra.example/v1")
    client = client_for(ada)

    def names(query: str = "") -> list[str]:
        shared = client.get(f"{LIST}{query}").content.decode().partition('id="mine-heading"')[0]
        return re.findall(r'<a href="/w/acme/keys/[0-9a-f-]{36}/">([^<]+)</a>', shared)

    assert len(names()) == 40 and "1 to 40 of 6" in client.get(LIST).content.decode()
    assert names("?page=2")[-1] == "Key 59"
    assert names("?q=key+17") == ["Key 17"]
    assert names("?q=resume") == ["Key 59"]
    assert names("?q=nothing") == []
    page = client.get(f"{LIST}?provider=zebra").content.decode().partition('id="mine-heading"')[0]
    assert "zebra.example" in page and "41 to" in page


def test_keys_from_before_they_had_names_get_those_of_their_providers(workspace, ada, vendor):
    for provider, label in (("aimlapi", ""), ("aimlapi", "Kept"), ("gone", "")):
        secret = f"{SECRET}-{provider}{label}"
        save_key(workspace, provider, secret, member=None, actor=ada, label=label)
    import_module("playground.migrations.0012_labels_of_keys").name_keys(apps, None)
    assert list(ApiKey.objects.order_by("pk").values_list("label", flat=True)) == ["AI/ML API", "Kept", ""]


def test_admins_and_owners_of_keys_are_reminded_of_their_last_day_once_each_time(
    key, workspace, ada, alice, bob, vendor
):
    own = save_key(workspace, "aimlapi", SECRET, member=bob, actor=bob, label="Mine")
    disabled = save_key(workspace, "aimlapi", f"{SECRET}-3", member=None, actor=ada, label="Off")
    ApiKey.objects.filter(pk=disabled.pk).update(is_enabled=False)
    told = dict.fromkeys((15, 14, 3, 2, 0, -1, -2), 0)
    for days in told:
        ApiKey.objects.update(expires_on=localdate() + timedelta(days=days))
        for _ in range(2):
            remind_of_keys()
        told[days] = Notice.objects.count()
    # Two admins and the owner of the own key, each time.
    assert told == {15: 0, 14: 3, 3: 3, 2: 6, 0: 6, -1: 9, -2: 9}
    of_bob = Notice.objects.filter(recipient__user=bob).order_by("pk")
    assert [notice.text.partition(" expires ")[0] for notice in of_bob][:2] == ["Your key “Mine”"] * 2
    assert "has expired" in of_bob[2].text and of_bob[2].link == page_of(own)
    assert set(Notice.objects.filter(link=page_of(key)).values_list("recipient__user", flat=True)) == {
        ada.pk,
        alice.pk,
    }
    # A new secret and another last day begin anew.
    change_key(key, KeySettings("Ours", expires_on=localdate()), actor=ada)
    remind_of_keys()
    assert Notice.objects.count() == 11
