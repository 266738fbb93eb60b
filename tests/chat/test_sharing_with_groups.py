"""Sharing with a group: whoever is in it has access, for as long as they are, and sees what is shared."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.flows.add_to_group import add_to_group
from accounts.flows.change_membership import change_role, remove_member
from accounts.flows.delete_group import delete_group
from accounts.flows.remove_from_group import remove_from_group
from accounts.models import AuditEvent, Group, Membership, Role
from chat.access import visible_conversations
from chat.exceptions import ShareRefused
from chat.flows.add_column import add_column
from chat.flows.create_comparison import create_comparison
from chat.flows.share_with_group import share_with_group
from chat.flows.share_with_member import share_with_member
from chat.flows.stop_sharing import stop_sharing
from chat.models import Share
from chat.pages.sidebar import conversation_list
from tests.chat.socket_reader import SocketReader, client_of
from tests.chat.test_sharing import NOTHING, READS, WRITES, can_do, membership_of

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def design(workspace) -> Group:
    return Group.objects.create(workspace=workspace, name="Design")


@pytest.fixture
def join(design, alice):
    return lambda user: add_to_group(design, [membership_of(user)], actor=alice)


def test_whoever_is_in_the_group_has_access_for_as_long_as_they_are(
    workspace, alice, bob, vera, ada, conversation, design, join
):
    join(bob)
    share_with_group(conversation, alice, design, can_write=True)
    join(vera)
    found = {user: can_do(user, conversation) for user in (bob, vera, ada)}
    assert found == {bob: WRITES, vera: READS, ada: NOTHING}
    assert list(visible_conversations(bob, workspace)) == [conversation]
    [listed] = [row for group in conversation_list(membership_of(bob)).groups for row in group.rows]
    assert (listed.is_shared, listed.owner_name) == (True, "Alice")

    change_role(membership_of(bob), Role.VIEWER, actor=alice)
    assert can_do(bob, conversation) == READS
    remove_from_group(design, membership_of(bob), actor=alice)
    assert can_do(bob, conversation) == NOTHING
    assert not visible_conversations(bob, workspace).exists()
    remove_member(membership_of(vera), actor=alice)
    assert can_do(vera, conversation) == NOTHING
    delete_group(design, actor=alice)
    assert not Share.objects.exists()


def test_the_widest_access_counts_and_each_ends_alone(alice, bob, conversation, design, join):
    join(bob)
    share_with_group(conversation, alice, design, can_write=True)
    share_with_member(conversation, alice, membership_of(bob), can_write=False)
    assert can_do(bob, conversation) == WRITES
    share_with_group(conversation, alice, design, can_write=False)
    assert can_do(bob, conversation) == READS
    stop_sharing(conversation, alice, membership_of(bob))
    assert can_do(bob, conversation) == READS
    stop_sharing(conversation, alice, design)
    assert can_do(bob, conversation) == NOTHING
    events = AuditEvent.objects.filter(action__startswith="sharing").order_by("pk")
    said = [event.after.get("with") or event.before.get("with") for event in events]
    assert said == ["Design", "Bob (bob@example.org)", "Design", "Bob (bob@example.org)", "Design"]


def test_all_columns_of_a_comparison_are_shared_also_later_ones(workspace, alice, bob, design, join):
    join(bob)
    entry = create_comparison(workspace, alice, [None, None])
    share_with_group(entry, alice, design, can_write=False)
    added = add_column(entry, alice, None)
    assert {can_do(bob, each) for each in (entry, added, *entry.columns.all())} == {READS}
    stop_sharing(entry, alice, design)
    assert {can_do(bob, each) for each in (entry, added, *entry.columns.all())} == {NOTHING}


def test_no_group_of_another_workspace_and_none_that_is_gone(alice, carol, conversation, design):
    home = membership_of(carol).workspace
    elsewhere = Group.objects.create(workspace=home, name="Elsewhere")
    elsewhere.members.add(membership_of(carol))
    with pytest.raises(ShareRefused, match="The group Elsewhere was deleted"):
        share_with_group(conversation, alice, elsewhere, can_write=False)
    Group.objects.filter(pk=design.pk).delete()
    with pytest.raises(ShareRefused, match="The group Design was deleted"):
        share_with_group(conversation, alice, design, can_write=False)
    assert can_do(carol, conversation) == NOTHING


def test_a_share_has_one_holder(bob, conversation, design):
    for holders in ({}, {"member": membership_of(bob), "group": design}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Share.objects.create(conversation=conversation, **holders)


@pytest.fixture
def post(alice, client_for, conversation):
    client = client_for(alice)

    def send(**data):
        return client.post(reverse("chat:share_with_group", args=[conversation.code]), data, headers=HTMX)

    return send


def test_the_dialog_adds_changes_and_removes_a_group(
    alice, bob, conversation, design, join, post, client_for
):
    join(bob)
    html = post(group=design.code, access="read").content.decode()
    assert "Saved. Design can read it now." in html
    assert "Group of 1 member" in html
    html = post(group=design.code, access="write", keeps_row="yes").content.decode()
    assert "Saved. Design can write in it now." in html
    assert f'id="share-note-group-{design.pk}"' in html
    # A person's row says that the group allows them more.
    share_with_member(conversation, alice, membership_of(bob), can_write=False)
    shown = client_for(alice).get(reverse("chat:share", args=[conversation.code]), headers=HTMX)
    assert b"Can write as a member of a group" in shown.content
    data = {"person": membership_of(bob).pk, "access": "none"}
    address = reverse("chat:share_with_person", args=[conversation.code])
    html = client_for(alice).post(address, data, headers=HTMX).content.decode()
    assert "Bob is off the list, but can still write in it as a member of a group." in html
    assert "Saved. Design no longer has access." in post(group=design.code, access="none").content.decode()
    assert can_do(bob, conversation) == NOTHING


def test_members_share_with_the_groups_that_they_see(alice, conversation, design, join, post, client_for):
    find = reverse("chat:people_to_share_with", args=[conversation.code])
    Membership.objects.filter(user=alice).update(role=Role.MEMBER)
    assert b"Design" not in client_for(alice).get(find, headers=HTMX).content
    for nonsense in (design.code, "00000000-0000-4000-8000-000000000000"):
        response = post(group=nonsense, access="read")
        assert response.status_code == 422
        assert b"This group is no longer in the workspace." in response.content
    assert post(group="x", access="read").status_code == 422
    assert not Share.objects.exists()

    design.members.add(membership_of(alice))
    assert b"Design" in client_for(alice).get(find, {"q": "desi"}, headers=HTMX).content
    assert post(group=design.code, access="read").status_code == 200
    # It stays in reach on the list, also for an owner who has left it.
    design.members.clear()
    assert post(group=design.code, access="none").status_code == 200
    assert not Share.objects.exists()


def test_the_dialog_takes_as_many_queries_for_many_groups(
    alice, workspace, conversation, client_for, django_assert_max_num_queries
):
    for number in range(30):
        group = Group.objects.create(workspace=workspace, name=f"Group {number}")
        Share.objects.create(conversation=conversation, group=group, can_write=number % 2 == 0)
    client = client_for(alice)
    with django_assert_max_num_queries(13):
        html = client.get(reverse("chat:share", args=[conversation.code]), headers=HTMX).content.decode()
    assert html.count("Group of 0 members") == 30


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["remove", "delete", "role"])
async def test_an_open_page_closes_or_changes_when_the_group_does(
    relays, alice, bob, ada, conversation, design, join, client_for, way
):
    for user in (bob, ada):
        await sync_to_async(join)(user)
    await sync_to_async(share_with_group)(conversation, alice, design, can_write=True)
    page = await SocketReader.open(await client_of(client_for, bob), conversation.code)
    await page.send({"type": "hello", "head": "", "access": "write shared", "cursors": {}})
    await page.frame()
    if way == "role":
        member = await sync_to_async(membership_of)(bob)
        await sync_to_async(change_role)(member, Role.VIEWER, actor=alice)
        assert "composer-closed" in (await page.frame())["html"]
        await page.close()
        return
    if way == "remove":
        member = await sync_to_async(membership_of)(bob)
        await sync_to_async(remove_from_group)(design, member, actor=alice)
    else:
        await sync_to_async(delete_group)(design, actor=alice)
    assert await page.closed_with() == 4403
