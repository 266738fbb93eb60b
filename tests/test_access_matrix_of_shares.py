"""Every address of a conversation, requested by the people whom it is shared with."""

# Fixtures are imported by their names, which the parameters of tests then repeat.
# ruff: noqa: F811
from __future__ import annotations

import pytest

from accounts.models import Group
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


@pytest.mark.parametrize("how", ["with one person", "with a group", "with the workspace"])
@pytest.mark.parametrize("name", OF_A_CONVERSATION)
def test_a_share_opens_what_it_is_for(name, how, objects, people, conversation, client_for):
    row, url = MATRIX[name], url_of(name, objects)
    found = {}
    for who, (column, access, _) in SHARED_WITH.items():
        with undone():
            if how == "with one person":
                Conversation.objects.update(workspace_access=Access.NONE)
                member, may_write = people[column].memberships.get(), access == Access.WRITE
                for each in Conversation.objects.all():
                    Share.objects.create(conversation=each, member=member, can_write=may_write)
            elif how == "with a group":
                Conversation.objects.update(workspace_access=Access.NONE)
                group = Group.objects.create(workspace=conversation.workspace, name="Readers")
                group.members.add(people[column].memberships.get())
                for each in Conversation.objects.all():
                    Share.objects.create(conversation=each, group=group, can_write=access == Access.WRITE)
            else:
                Conversation.objects.update(workspace_access=access)
            found[who] = outcome(client_for(people[column]), row.method, url, row.data)
    assert found == {who: due_to_share(row, column, write) for who, (column, _, write) in SHARED_WITH.items()}


@pytest.mark.parametrize("name", OF_A_CONVERSATION)
def test_a_share_with_another_person_opens_nothing(name, objects, people, conversation, client_for):
    Conversation.objects.update(workspace_access=Access.NONE)
    member = people["viewer"].memberships.get()
    group = Group.objects.create(workspace=conversation.workspace, name="Readers")
    group.members.add(member)
    for each in Conversation.objects.all():
        Share.objects.create(conversation=each, member=member, can_write=True)
        Share.objects.create(conversation=each, group=group, can_write=True)

    assert outcome(client_for(people["admin"]), MATRIX[name].method, url_of(name, objects)) == 404
