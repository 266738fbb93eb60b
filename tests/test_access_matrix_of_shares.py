"""Every address of a conversation, requested by the people whom it is shared with."""

# Fixtures are imported by their names, which the parameters of tests then repeat.
# ruff: noqa: F811
from __future__ import annotations

import pytest

from accounts.models import Group, Membership
from chat.models import Access, Conversation, Share
from tests.chat.conftest import *  # noqa: F403 - the conversation and what it needs
from tests.test_access_matrix import (  # noqa: F401
    IN,
    MATRIX,
    OF_A_CONVERSATION,
    Row,
    library,
    objects,
    outcome,
    people,
    undone,
    url_of,
)

pytestmark = pytest.mark.django_db

# The people with whom a conversation is shared, and as what: their column, and whether they may write.
SHARED_WITH = {
    "a member for reading": ("member", Access.READ, False),
    "a member for writing": ("member", Access.WRITE, True),
    # The role was another one when the conversation was shared.
    "a viewer for writing": ("viewer", Access.WRITE, False),
    "an admin for reading": ("admin", Access.READ, False),
}


def due_to_share(row: Row, column: str, may_write: bool) -> str | int:
    if row.hidden:
        return 404
    is_for_readers = "viewer" in row.allowed or (row.takes_readers and column != "viewer")
    return IN if is_for_readers or (may_write and "member" in row.allowed) else 403


@pytest.mark.parametrize("name", OF_A_CONVERSATION)
def test_a_share_opens_what_it_is_for_and_nobody_else_gets_in(name, objects, people, workspace, client_for):
    row, url = MATRIX[name], url_of(name, objects)
    clients = {column: client_for(people[column]) for column in ("member", "viewer", "admin")}
    found = {}
    for who, (column, access, _) in SHARED_WITH.items():
        for how in ("with one person", "with a group", "with the workspace"):
            with undone():
                _share(how, people[column].memberships.get(), access)
                found[who, how] = outcome(clients[column], row.method, url, row.data)
    due = {who: due_to_share(row, column, write) for who, (column, _, write) in SHARED_WITH.items()}
    assert found == {(who, how): due[who] for who, how in found}

    for how in ("with one person", "with a group"):
        _share(how, people["viewer"].memberships.get(), Access.WRITE)
    assert outcome(clients["admin"], row.method, url) == 404


def _share(how: str, member: Membership, access: str) -> None:
    """Share every conversation with a member, with a group that has the member, or with everybody."""
    if how == "with the workspace":
        Conversation.objects.update(workspace_access=access)
        return
    Conversation.objects.update(workspace_access=Access.NONE)
    group = None
    if how == "with a group":
        group = Group.objects.create(workspace=member.workspace, name="Readers")
        group.members.add(member)
    for each in Conversation.objects.all():
        Share.objects.create(
            conversation=each,
            member=None if group else member,
            group=group,
            can_write=access == Access.WRITE,
        )
