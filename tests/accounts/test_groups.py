from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from accounts.exceptions import GroupExists
from accounts.flows.add_to_group import add_to_group
from accounts.flows.change_membership import remove_member
from accounts.flows.create_group import create_group
from accounts.flows.delete_group import delete_group
from accounts.flows.remove_from_group import remove_from_group
from accounts.flows.rename_group import rename_group
from accounts.models import Group, Membership

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(workspace, alice) -> Group:
    return create_group(workspace, "Design", actor=alice)


def members(group: Group) -> set[str]:
    return set(group.members.values_list("user__name", flat=True))


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("Design", "DESIGN"),
        ("Équipe", "e\u0301quipe"),
        ("Straße", "STRASSE"),
        ("Team 1", "Team １"),
        ("Team 1", "Team\u00a01"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("\ufdfa" * 60, "\ufdfa" * 60),
    ],
)
def test_a_name_is_taken_whatever_its_case_and_form(workspace, alice, one, same):
    create_group(workspace, one, actor=alice)

    with pytest.raises(GroupExists) as refusal:
        create_group(workspace, same, actor=alice)
    assert refusal.value.name == one
    with pytest.raises(IntegrityError), transaction.atomic():
        Group.objects.create(workspace=workspace, name=same)


def test_accents_distinguish_names(workspace, alice):
    for name in ("Ban", "Bán", "Bản"):
        create_group(workspace, name, actor=alice)
    assert workspace.groups.count() == 3


def test_other_workspaces_have_names_of_their_own(workspace, alice, carol, group):
    other = carol.memberships.get().workspace
    assert create_group(other, "design", actor=carol).workspace == other


def test_a_group_is_renamed_and_may_only_change_its_case(workspace, alice, group):
    create_group(workspace, "Sales", actor=alice)

    with pytest.raises(GroupExists):
        rename_group(group, "SALES", actor=alice)
    assert rename_group(group, "DESIGN", actor=alice).name == "DESIGN"
    rename_group(group, "Research", actor=alice)
    assert create_group(workspace, "Design", actor=alice)


def test_members_are_added_once_and_removed_once(alice, bob, vera, group):
    bobs, veras = bob.memberships.get(), vera.memberships.get()

    assert set(add_to_group(group, [bobs, veras], actor=alice)) == {bobs, veras}
    assert add_to_group(group, [bobs], actor=alice) == []
    assert members(group) == {"Bob", "Vera"}
    assert remove_from_group(group, bobs, actor=alice)
    assert not remove_from_group(group, bobs, actor=alice)
    assert members(group) == {"Vera"}


def test_members_of_another_workspace_are_left_out(alice, bob, carol, group):
    added = add_to_group(group, [bob.memberships.get(), carol.memberships.get()], actor=alice)

    assert [member.user for member in added] == [bob]
    assert members(group) == {"Bob"}


def test_who_leaves_the_workspace_leaves_its_groups(alice, bob, vera, group):
    add_to_group(group, [bob.memberships.get(), vera.memberships.get()], actor=alice)

    remove_member(bob.memberships.get(), actor=alice)
    assert members(group) == {"Vera"}
    vera.delete()
    assert members(group) == set()


def test_who_comes_back_is_in_no_group(workspace, alice, bob, group):
    add_to_group(group, [bob.memberships.get()], actor=alice)
    remove_member(bob.memberships.get(), actor=bob)
    Membership.objects.create(workspace=workspace, user=bob)

    assert members(group) == set()


def test_a_member_who_has_just_left_is_not_added(alice, bob, group):
    bobs = bob.memberships.get()
    remove_member(bobs, actor=bob)
    gone = Membership(pk=bobs.pk or 10**6, workspace=group.workspace, user=bob)

    assert add_to_group(group, [gone], actor=alice) == []


def test_a_deleted_group_leaves_its_members_alone(alice, bob, group):
    add_to_group(group, [bob.memberships.get()], actor=alice)
    delete_group(group, actor=alice)

    assert bob.memberships.get().groups.count() == 0
    again = Group(pk=10**6, code=group.code, workspace=group.workspace, name="Design")
    for change in (
        lambda: add_to_group(again, [bob.memberships.get()], actor=alice),
        lambda: rename_group(again, "New", actor=alice),
    ):
        with pytest.raises(Http404):
            change()
    assert not Group.objects.exists()


def test_a_group_outlives_who_created_it(workspace, ada, group):
    made = create_group(workspace, "Ada's", actor=ada)
    ada.delete()

    made.refresh_from_db()
    assert made.created_by is None


def test_a_workspace_without_history_is_deleted_with_its_groups(workspace, alice, bob, group):
    add_to_group(group, [bob.memberships.get()], actor=alice)
    workspace.delete()
    assert not Group.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_one_of_ten_groups_of_a_name_is_created(workspace, alice):
    start = threading.Barrier(10)

    def create(number: int) -> bool:
        try:
            start.wait()
            create_group(workspace, "Design" if number % 2 else "DESIGN", actor=alice)
        except GroupExists:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(create, range(10))).count(True) == 1
    assert Group.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_member_who_is_added_and_removed_at_once_breaks_nothing(workspace, alice, bob, group):
    start = threading.Barrier(3)
    bobs = bob.memberships.get()

    def at_once(change) -> None:
        try:
            start.wait()
            change()
        except Http404:
            # The group is deleted already.
            pass
        finally:
            connection.close()

    changes = [
        lambda: add_to_group(group, [bobs], actor=alice),
        lambda: delete_group(group, actor=alice),
        lambda: remove_member(bobs, actor=alice),
    ]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(at_once, changes))
    assert not Group.objects.exists()
    assert not bob.memberships.exists()
