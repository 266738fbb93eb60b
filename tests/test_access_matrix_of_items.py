"""Every address of prompts, tools and test tables, requested by the people whom they are shared with."""

# Fixtures are imported by their names, which the parameters of tests then repeat.
# ruff: noqa: F811
from __future__ import annotations

import pytest

from accounts.flows.change_membership import remove_member
from accounts.models import Group
from chat.library_access import ITEMS, SHARES
from chat.models import Access
from tests.chat.conftest import *  # noqa: F403 - the conversation and what it needs
from tests.objects_of_urls import OBJECT_OF
from tests.test_access_matrix import (  # noqa: F401
    IN,
    MATRIX,
    Row,
    library,
    objects,
    outcome,
    people,
    undone,
    url_of,
)

pytestmark = pytest.mark.django_db

OF_AN_ITEM = [
    name for name in MATRIX if OBJECT_OF.get(name) in ("stored", "item", "tool", "table", "case", "trial")
]
# A prompt that one may read may be used in a chat of one's own, and every item copied.
_USED_BY_READERS = {"chat:use_prompt", "chat:fill_prompt", "chat:copy_item"}
# The column of a person, what they are given, and whether they may write with it.
SHARED_WITH = {
    "a member for reading": ("member", Access.READ, False),
    "a member for writing": ("member", Access.WRITE, True),
    # The role was another one when the item was shared.
    "a viewer for writing": ("viewer", Access.WRITE, False),
    "an admin for reading": ("admin", Access.READ, False),
}


def due_to_share(name: str, row: Row, column: str, may_write: bool) -> str | int:
    if "viewer" in row.allowed or (name in _USED_BY_READERS and column != "viewer"):
        return IN
    return IN if may_write and "member" in row.allowed else 403


def make_private() -> None:
    for kind in ITEMS.values():
        kind._default_manager.update(workspace_access=Access.NONE)


def share_all(access: str, **holder: object) -> None:
    for kind, shares in SHARES.items():
        for item in kind._default_manager.all():
            shares._default_manager.create(item=item, can_write=access == Access.WRITE, **holder)


@pytest.mark.parametrize("name", OF_AN_ITEM)
def test_a_share_opens_what_it_is_for_and_nobody_else_gets_in(name, objects, people, workspace, client_for):
    row, url = MATRIX[name], url_of(name, objects)
    found = {}
    for who, (column, access, _) in SHARED_WITH.items():
        member = people[column].memberships.get()
        for how in ("with one person", "with a group", "with the workspace"):
            with undone():
                make_private()
                if how == "with one person":
                    share_all(access, member=member)
                elif how == "with a group":
                    group = Group.objects.create(workspace=workspace, name="Readers")
                    group.members.add(member)
                    share_all(access, group=group)
                else:
                    for kind in ITEMS.values():
                        kind._default_manager.update(workspace_access=access)
                found[who, how] = outcome(client_for(people[column]), row.method, url, row.data)
    due = {(who, how): due_to_share(name, row, *_of(who)) for who, how in found}
    assert found == due

    # Bob has lost what others keep; then he is removed, and his share with him.
    make_private()
    viewer, bob = (people[column].memberships.get() for column in ("viewer", "member"))
    share_all(Access.WRITE, member=viewer)
    others = [outcome(client_for(people[who]), row.method, url, row.data) for who in ("admin", "member")]
    assert others == [404, 404]
    share_all(Access.WRITE, member=bob)
    client = client_for(people["member"])
    remove_member(bob, actor=people["owner"])
    assert outcome(client, row.method, url, row.data) == 404


def _of(who: str) -> tuple[str, bool]:
    column, _, may_write = SHARED_WITH[who]
    return column, may_write
