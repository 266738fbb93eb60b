from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404

from accounts.access import get_membership_for
from accounts.exceptions import InvitationUnusable, MembershipRefused, WhyUnusable
from accounts.flows.accept_invitation import find_invitation
from accounts.flows.change_membership import change_role, remove_member
from accounts.flows.invite import invite
from accounts.flows.save_key import save_key
from accounts.models import ApiKey, Invitation, Membership, Role, User


def _in_acme(user: User) -> Membership:
    return get_membership_for(user, "acme")


def test_an_owner_changes_any_role(alice, ada, bob):
    change_role(_in_acme(bob), Role.OWNER, actor=alice)
    change_role(_in_acme(ada), Role.VIEWER, actor=alice)

    assert (_in_acme(bob).role, _in_acme(ada).role) == (Role.OWNER, Role.VIEWER)


def test_an_admin_changes_all_but_owners(alice, ada, bob):
    change_role(_in_acme(bob), Role.ADMIN, actor=ada)

    with pytest.raises(PermissionDenied):
        change_role(_in_acme(alice), Role.MEMBER, actor=ada)
    with pytest.raises(PermissionDenied):
        change_role(_in_acme(ada), Role.OWNER, actor=ada)
    with pytest.raises(PermissionDenied):
        remove_member(_in_acme(alice), actor=ada)


def test_a_member_changes_nobody(alice, bob, vera):
    with pytest.raises(PermissionDenied):
        change_role(_in_acme(vera), Role.MEMBER, actor=bob)
    with pytest.raises(PermissionDenied):
        remove_member(_in_acme(vera), actor=bob)


def test_a_role_nobody_knows_is_refused(alice, bob):
    with pytest.raises(PermissionDenied):
        change_role(_in_acme(bob), "emperor", actor=alice)


def test_the_last_owner_stays(alice, ada):
    with pytest.raises(MembershipRefused, match="only owner"):
        change_role(_in_acme(alice), Role.ADMIN, actor=alice)
    with pytest.raises(MembershipRefused):
        remove_member(_in_acme(alice), actor=alice)


def test_of_two_owners_one_may_go(alice, ada):
    change_role(_in_acme(ada), Role.OWNER, actor=alice)

    remove_member(_in_acme(alice), actor=alice)

    with pytest.raises(Http404):
        _in_acme(alice)


def test_everybody_may_leave(bob, alice):
    remove_member(_in_acme(bob), actor=bob)

    assert not bob.memberships.exists()


def test_who_goes_takes_their_own_key_and_invitations_along(alice, ada, workspace):
    save_key(workspace, "aimlapi", "sk-of-ada-0123456789", member=ada, actor=ada)
    save_key(workspace, "aimlapi", "sk-of-all-0123456789", member=None, actor=ada)
    _, token = invite(_in_acme(ada).workspace, Role.ADMIN, "", 7, actor=ada)

    remove_member(_in_acme(ada), actor=alice)

    assert ApiKey.objects.get().member is None
    with pytest.raises(InvitationUnusable):
        find_invitation(token)


def test_who_may_no_longer_invite_has_no_open_invitations(alice, ada):
    _, token = invite(_in_acme(ada).workspace, Role.ADMIN, "", 7, actor=ada)

    change_role(_in_acme(ada), Role.MEMBER, actor=alice)

    with pytest.raises(InvitationUnusable):
        find_invitation(token)


def test_a_demoted_owner_keeps_the_links_that_an_admin_could_give(alice, ada):
    change_role(_in_acme(ada), Role.OWNER, actor=alice)
    _, as_owner = invite(_in_acme(ada).workspace, Role.OWNER, "", 7, actor=ada)
    _, as_admin = invite(_in_acme(ada).workspace, Role.ADMIN, "", 7, actor=ada)
    _, of_alice = invite(_in_acme(alice).workspace, Role.OWNER, "", 7, actor=alice)

    change_role(_in_acme(ada), Role.ADMIN, actor=alice)

    with pytest.raises(InvitationUnusable) as refusal:
        find_invitation(as_owner)
    assert refusal.value.why == WhyUnusable.REVOKED
    assert find_invitation(as_admin).role == Role.ADMIN
    assert find_invitation(of_alice).role == Role.OWNER


def test_a_lost_role_permits_nothing_more(alice, ada, bob):
    change_role(_in_acme(ada), Role.OWNER, actor=alice)
    # Ada's request began while she was an owner: its view read the memberships before.
    of_alice, of_bob = _in_acme(alice), _in_acme(bob)
    change_role(_in_acme(ada), Role.VIEWER, actor=alice)

    with pytest.raises(PermissionDenied):
        change_role(of_alice, Role.VIEWER, actor=ada)
    with pytest.raises(PermissionDenied):
        remove_member(of_bob, actor=ada)
    with pytest.raises(PermissionDenied):
        invite(of_bob.workspace, Role.MEMBER, "", 7, actor=ada)

    assert (_in_acme(alice).role, _in_acme(bob).role) == (Role.OWNER, Role.MEMBER)
    assert not Invitation.objects.exists()
    # Leaving is open to every role.
    remove_member(_in_acme(ada), actor=ada)
    assert not ada.memberships.exists()


def test_a_removed_actor_gets_a_404(alice, ada, bob):
    of_bob = _in_acme(bob)
    remove_member(_in_acme(ada), actor=alice)

    with pytest.raises(Http404):
        change_role(of_bob, Role.VIEWER, actor=ada)
    with pytest.raises(Http404):
        invite(of_bob.workspace, Role.MEMBER, "", 7, actor=ada)

    assert _in_acme(bob).role == Role.MEMBER


@pytest.mark.django_db(transaction=True)
def test_two_owners_cannot_both_step_down(alice, ada):
    change_role(_in_acme(ada), Role.OWNER, actor=alice)
    start = threading.Barrier(2)

    def step_down(user: User) -> bool:
        try:
            membership = _in_acme(user)
            start.wait()
            change_role(membership, Role.MEMBER, actor=user)
        except MembershipRefused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(step_down, (alice, ada))) == [False, True]
    assert Membership.objects.filter(role=Role.OWNER).count() == 1
