from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts.access import get_membership_for
from accounts.exceptions import InvitationUnusable
from accounts.flows.accept_invitation import accept_as_new_person, find_invitation
from accounts.flows.invite import invite
from accounts.models import Membership, Role, User


@pytest.mark.django_db(transaction=True)
def test_one_link_lets_one_of_ten_in(alice, workspace):
    _, token = invite(get_membership_for(alice, "acme").workspace, Role.MEMBER, "", 7, actor=alice)
    start = threading.Barrier(10)

    def join(number: int) -> bool:
        try:
            invitation = find_invitation(token)
            start.wait()
            accept_as_new_person(invitation, f"p{number}@example.org", "P", "a long password")
        except InvitationUnusable:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(10) as pool:
        joined = list(pool.map(join, range(10)))

    assert joined.count(True) == 1
    assert Membership.objects.filter(workspace=workspace).count() == 2
    # The refused ones leave no account without a workspace behind.
    assert User.objects.filter(email__startswith="p").count() == 1
