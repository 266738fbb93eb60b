from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.access import current_membership, get_membership_for, require
from accounts.models import Membership, Role
from accounts.permissions import ROLES, Action, allows


def test_it_finds_a_membership_in_one_query(alice, django_assert_num_queries):
    with django_assert_num_queries(1):
        membership = get_membership_for(alice, "acme")
        assert (membership.user, membership.workspace.name, membership.role) == (
            alice,
            "Acme Research",
            Role.OWNER,
        )


def test_a_stranger_cannot_tell_it_from_nothing(alice, carol):
    for slug in ("acme", "nowhere"):
        with pytest.raises(Http404) as answer:
            get_membership_for(carol, slug)
        assert answer.value.args == ()


def test_require_refuses_what_the_role_does_not_allow(alice, vera):
    require(get_membership_for(alice, "acme"), Action.MANAGE_OWNERS)
    with pytest.raises(PermissionDenied):
        require(get_membership_for(vera, "acme"), Action.SEND)


@pytest.mark.django_db
def test_a_person_starts_where_they_joined_first(alice, carol):
    Membership.objects.create(user=alice, workspace=carol.memberships.get().workspace, role=Role.VIEWER)

    membership = current_membership(alice)

    assert membership is not None
    assert membership.workspace.slug == "acme"


def test_a_person_without_a_workspace_has_nowhere_to_start(alice):
    alice.memberships.all().delete()

    assert current_membership(alice) is None


def test_every_action_has_its_roles():
    assert set(ROLES) == set(Action)
    # An owner can do everything, and a role that nobody knows nothing.
    assert all(allows(Role.OWNER, action) for action in Action)
    assert not any(allows("", action) for action in Action)


def test_a_viewer_only_reads():
    assert {action for action in Action if allows(Role.VIEWER, action)} == {Action.READ}


def test_a_member_manages_only_the_library():
    assert {action for action in Action if allows(Role.MEMBER, action)} == {
        Action.READ,
        Action.SEND,
        Action.OWN_KEY,
        Action.EDIT_LIBRARY,
    }
