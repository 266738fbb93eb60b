"""The choice among several keys of a provider: who may use which, for which models, and in which order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import localdate, now

from accounts import keys
from accounts.flows.change_key import KeySettings, change_key, prefer_key
from accounts.flows.change_membership import remove_member
from accounts.flows.save_key import save_key
from accounts.models import ApiKey, Group, Membership, User, Workspace

pytestmark = pytest.mark.django_db

# The kinds of keys in the order of their choice for Bob and the model "gpt-5".
IN_ORDER = (
    *("preferred", "own for models", "own", "named", "group for models", "group", "role", "models"),
    *("older", "everybody"),
)


def add(workspace: Workspace, label: str, member: User | None = None, **settings: Any) -> ApiKey:
    actor, _ = User.objects.get_or_create(email="actor@example.org")
    secret = f"sk-{label.replace(' ', '-')}-0123456789abcdef"
    key = save_key(workspace, "aimlapi", secret, member=member, actor=actor)
    change_key(key, KeySettings(label, **settings), actor=actor)
    return key


def membership(user: User) -> Membership:
    return Membership.objects.get(user=user)


@pytest.fixture
def research(workspace, bob) -> Group:
    group = Group.objects.create(workspace=workspace, name="Research")
    group.members.add(membership(bob))
    return group


def add_kind(kind: str, workspace: Workspace, bob: User, research: Group) -> ApiKey:
    member = bob if kind.startswith("own") else None
    settings: dict[str, Any] = {}
    if kind.endswith("models"):
        settings["model_patterns"] = ["o1", "GPT-*"]
    if kind == "named":
        settings |= {"lowest_role": "", "people": [membership(bob)]}
    if kind.startswith("group"):
        settings |= {"lowest_role": "owner", "groups": [research]}
    if kind == "role":
        settings["lowest_role"] = "member"
    key = add(workspace, kind, member, **settings)
    if kind == "preferred":
        prefer_key(key, membership(bob), is_first=True)
    if kind == "older":
        ApiKey.objects.filter(pk=key.pk).update(created_at=now() - timedelta(days=1))
    return key


@pytest.mark.parametrize("is_reversed", [False, True])
def test_they_are_tried_in_one_order(workspace, bob, research, is_reversed):
    for kind in reversed(IN_ORDER) if is_reversed else IN_ORDER:
        add_kind(kind, workspace, bob, research)
    for place, kind in enumerate(IN_ORDER):
        found = keys.resolve(workspace, bob, "aimlapi", "gpt-5")
        assert found is not None and found.label == kind
        fitting = keys.usable_keys(workspace, bob).fitting("aimlapi", "gpt-5")
        assert [key.label for key in fitting] == list(IN_ORDER[place:])
        found.delete()
    assert keys.resolve(workspace, bob, "aimlapi", "gpt-5") is None


@pytest.mark.parametrize(
    ("given", "users"),
    [
        ({"lowest_role": "viewer"}, {"alice", "ada", "bob", "vera"}),
        ({"lowest_role": "member"}, {"alice", "ada", "bob"}),
        ({"lowest_role": "admin"}, {"alice", "ada"}),
        ({"lowest_role": "owner"}, {"alice"}),
        ({"lowest_role": "owner", "groups": True}, {"alice", "bob"}),
        ({"lowest_role": "", "groups": True}, {"bob"}),
        ({"lowest_role": "", "people": True}, {"vera"}),
        ({"lowest_role": ""}, set()),
    ],
)
def test_a_key_is_for_those_it_was_given_to(workspace, alice, ada, bob, vera, carol, research, given, users):
    given = {**given}
    if "groups" in given:
        given["groups"] = [research]
    if "people" in given:
        given["people"] = [membership(vera)]
    key = add(workspace, "Some", **given)
    everybody = {"alice": alice, "ada": ada, "bob": bob, "vera": vera, "carol": carol}
    assert {name for name, user in everybody.items() if keys.resolve(workspace, user, "aimlapi")} == users
    assert {
        name for name, user in everybody.items() if keys.usable_keys(workspace, user).has("aimlapi")
    } == users
    # The server itself has what everybody has.
    assert (keys.resolve(workspace, None, "aimlapi") == key) == ("vera" in users and "alice" in users)


def test_who_leaves_a_group_or_the_workspace_loses_the_key(workspace, bob, vera, alice, research):
    key = add(workspace, "Some", lowest_role="", groups=[research], people=[membership(vera)])
    assert keys.resolve(workspace, vera, "aimlapi") == key
    remove_member(membership(vera), actor=alice)
    assert keys.resolve(workspace, vera, "aimlapi") is None
    assert keys.resolve(workspace, bob, "aimlapi") == key
    research.delete()
    # A key that was for a group alone is for nobody then, and not for everybody.
    assert keys.resolve(workspace, bob, "aimlapi") is None


def test_a_key_for_some_models_is_used_for_these_alone(workspace, bob):
    key = add(workspace, "Some", model_patterns=["openai/gpt-*", "o1"])
    for model, fits in {
        "openai/gpt-5": True,
        "OpenAI/GPT-5": True,
        "o1": True,
        "o12": False,
        "x": False,
    }.items():
        assert (keys.resolve(workspace, bob, "aimlapi", model) == key) == fits, model
    assert keys.usable_keys(workspace, bob).has("aimlapi")
    assert not keys.usable_keys(workspace, bob).has("aimlapi", "x")


@pytest.mark.parametrize(("days", "is_used"), [(-1, False), (0, True), (1, True)])
def test_a_key_is_used_until_its_last_day(workspace, bob, days, is_used):
    key = add(workspace, "Some", expires_on=localdate() + timedelta(days=days))
    assert (keys.resolve(workspace, bob, "aimlapi") == key) == is_used


def test_one_key_of_a_provider_is_preferred_by_each_person(workspace, bob, vera):
    first, second = add(workspace, "First"), add(workspace, "Second")
    assert keys.resolve(workspace, bob, "aimlapi") == first
    for key in (first, second):
        prefer_key(key, membership(bob), is_first=True)
    assert keys.resolve(workspace, bob, "aimlapi") == second
    assert keys.resolve(workspace, vera, "aimlapi") == first
    prefer_key(second, membership(bob), is_first=False)
    assert keys.resolve(workspace, bob, "aimlapi") == first


def test_it_takes_one_query_however_many_keys_there_are(workspace, bob, research, django_assert_num_queries):
    for number in range(5):
        add(workspace, f"Key {number}", groups=[research], lowest_role="owner")
    with django_assert_num_queries(1):
        assert keys.resolve(workspace, bob, "aimlapi", "gpt-5") is not None
    with django_assert_num_queries(1):
        assert len(keys.usable_keys(workspace, bob).fitting("aimlapi", "gpt-5")) == 5
