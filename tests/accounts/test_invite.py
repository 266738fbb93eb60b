from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.utils.timezone import now

from accounts.access import get_membership_for
from accounts.exceptions import InvitationUnusable, WhyUnusable
from accounts.flows.accept_invitation import (
    accept_as_new_person,
    accept_invitation,
    find_invitation,
)
from accounts.flows.invite import invite, revoke_invitation, roles_to_give
from accounts.models import Invitation, Membership, Role, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def invited(alice):
    """An invitation for a member, and its token."""
    return invite(get_membership_for(alice, "acme").workspace, Role.MEMBER, "for Dora", 7, actor=alice)


def test_it_keeps_only_a_hash_of_the_token(invited):
    invitation, token = invited

    stored = Invitation.objects.filter(pk=invitation.pk).values().get()

    assert token not in str(stored)
    assert find_invitation(token) == invitation


def test_nobody_gives_more_than_they_may(alice, ada, bob, vera):
    roles = {user.name: roles_to_give(get_membership_for(user, "acme")) for user in (alice, ada, bob, vera)}

    assert Role.OWNER in roles["Alice"]
    assert set(roles["Ada"]) == {Role.MEMBER, Role.VIEWER, Role.ADMIN}
    assert roles["Bob"] == roles["Vera"] == []
    with pytest.raises(PermissionDenied):
        invite(get_membership_for(ada, "acme").workspace, Role.OWNER, "", 7, actor=ada)
    with pytest.raises(PermissionDenied):
        invite(get_membership_for(bob, "acme").workspace, Role.MEMBER, "", 7, actor=bob)


def test_a_new_person_joins(invited, workspace):
    invitation, token = invited

    user = accept_as_new_person(find_invitation(token), "Dora@Example.org", "Dora", "a long password")

    assert user.email == "dora@example.org"
    assert user.check_password("a long password")
    assert user.memberships.get().role == Role.MEMBER
    invitation.refresh_from_db()
    assert invitation.accepted_by == user


def test_a_signed_in_person_joins(invited, carol, workspace):
    accept_invitation(find_invitation(invited[1]), actor=carol)

    assert Membership.objects.get(workspace=workspace, user=carol).role == Role.MEMBER


def test_it_works_once(invited, carol, bob):
    invitation, token = invited
    accept_invitation(find_invitation(token), actor=carol)

    with pytest.raises(InvitationUnusable) as refusal:
        find_invitation(token)
    assert refusal.value.why == WhyUnusable.USED
    with pytest.raises(InvitationUnusable):
        accept_as_new_person(invitation, "late@example.org", "Late", "a long password")
    assert not User.objects.filter(email="late@example.org").exists()


def test_a_member_keeps_their_role_and_the_link_stays_open(invited, ada):
    invitation, token = invited

    assert accept_invitation(find_invitation(token), actor=ada).role == Role.ADMIN
    assert find_invitation(token) == invitation


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"expires_at": F("created_at") - timedelta(seconds=1)}, WhyUnusable.EXPIRED),
        ({"revoked_at": F("created_at")}, WhyUnusable.REVOKED),
    ],
)
def test_it_says_why_a_link_no_longer_works(invited, carol, change, why):
    invitation, token = invited
    Invitation.objects.filter(pk=invitation.pk).update(**change)

    with pytest.raises(InvitationUnusable) as refusal:
        find_invitation(token)
    assert refusal.value.why == why
    # It is also refused if the link becomes unusable between opening the page and joining.
    with pytest.raises(InvitationUnusable):
        accept_invitation(invitation, actor=carol)


def test_a_made_up_link_is_unknown(db):
    with pytest.raises(InvitationUnusable) as refusal:
        find_invitation("nonsense")

    assert refusal.value.why == WhyUnusable.UNKNOWN


def test_it_is_revoked_once_and_not_after_use(invited, alice, carol):
    invitation, _ = invited
    assert revoke_invitation(invitation, actor=alice)
    assert not revoke_invitation(invitation, actor=alice)

    used, other = invite(get_membership_for(alice, "acme").workspace, Role.MEMBER, "", 1, actor=alice)
    accept_invitation(find_invitation(other), actor=carol)
    assert not revoke_invitation(used, actor=alice)
    assert used.expires_at <= now() + timedelta(days=1)
