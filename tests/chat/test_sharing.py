"""Reading a conversation and writing in it: its owner, the workspace, and single members."""

from __future__ import annotations

import uuid
from itertools import product

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.flows.change_membership import change_role, remove_member
from accounts.models import Membership, Role
from accounts.permissions import Action
from chat import files
from chat.access import get_conversation_for, visible_conversations, with_sharing
from chat.exceptions import ConversationGone, ShareRefused
from chat.flows.build_request import Choice
from chat.flows.delete_conversation import delete_conversation
from chat.flows.send_prompt import start_conversation
from chat.flows.share_with_member import share_with_member
from chat.flows.share_with_workspace import share_with_workspace
from chat.flows.stop_sharing import stop_sharing
from chat.media import Media
from chat.models import Access, Conversation, Share
from chat.pages.sidebar import conversation_list
from playground.upstream.dialects.shared.transcript import MediaKind

pytestmark = pytest.mark.django_db

NOTHING, READS, WRITES = "nothing", "reads", "writes"
SHARES = {None: Access.NONE, False: Access.READ, True: Access.WRITE}


def can_do(user, conversation: Conversation) -> str:
    try:
        grant = get_conversation_for(user, conversation.code)
    except Http404:
        return NOTHING
    try:
        get_conversation_for(user, conversation.code, Action.SEND)
    except PermissionDenied:
        assert not grant.can_write
        return READS
    assert grant.can_write
    return WRITES


def membership_of(user) -> Membership:
    return Membership.objects.select_related("user", "workspace").get(user=user)


@pytest.fixture
def share(conversation, alice):
    """Share Alice's conversation with somebody."""

    def make(user, *, can_write: bool) -> None:
        share_with_member(conversation, alice, membership_of(user), can_write=can_write)

    return make


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize(("everyone", "can_write"), [*product(Access.values, SHARES)])
def test_the_stronger_access_counts_and_a_viewer_only_reads(
    alice, bob, conversation, everyone, can_write, role
):
    bob.memberships.update(role=role)
    share_with_workspace(conversation, alice, Access(everyone))
    if can_write is not None:
        Share.objects.create(conversation=conversation, member=membership_of(bob), can_write=can_write)

    access = max(everyone, SHARES[can_write], key=Access.values.index)
    expected = {Access.NONE: NOTHING, Access.READ: READS, Access.WRITE: WRITES}[Access(access)]
    if role == Role.VIEWER and expected == WRITES:
        expected = READS
    assert can_do(bob, conversation) == expected
    seen = visible_conversations(bob, conversation.workspace)
    assert list(seen) == ([] if expected == NOTHING else [conversation])
    assert can_do(alice, conversation) == WRITES


def test_strangers_reach_nothing_whatever_is_shared(carol, bob, conversation, alice, share):
    share(bob, can_write=True)
    share_with_workspace(conversation, alice, Access.WRITE)

    assert can_do(carol, conversation) == NOTHING
    assert not visible_conversations(carol, membership_of(carol).workspace).exists()
    # Bob's share in one workspace opens nothing in another.
    other = membership_of(carol).workspace
    Membership.objects.create(workspace=other, user=bob)
    assert not visible_conversations(bob, other).exists()


def test_sharing_with_somebody_twice_is_one_share_and_the_last_one_counts(conversation, bob, share):
    share(bob, can_write=True)
    share(bob, can_write=False)

    assert Share.objects.get().can_write is False
    assert can_do(bob, conversation) == READS


def test_many_shares_make_one_conversation(workspace, alice, ada, bob, vera, conversation, share):
    for person in (ada, bob, vera):
        share(person, can_write=False)
    share_with_workspace(conversation, alice, Access.READ)
    for person in (alice, bob):
        assert visible_conversations(person, workspace).count() == 1


def test_a_viewer_is_not_given_the_right_to_write(conversation, vera, share):
    with pytest.raises(ShareRefused, match=r"Vera is a viewer and can only read\."):
        share(vera, can_write=True)
    assert not Share.objects.exists()
    share(vera, can_write=False)
    assert can_do(vera, conversation) == READS


def test_who_becomes_a_viewer_reads_and_writes_again_as_a_member(alice, bob, conversation, share):
    share(bob, can_write=True)
    change_role(membership_of(bob), Role.VIEWER, actor=alice)
    assert can_do(bob, conversation) == READS
    change_role(membership_of(bob), Role.MEMBER, actor=alice)
    assert can_do(bob, conversation) == WRITES


def test_it_is_not_shared_with_its_owner(alice, conversation, share):
    with pytest.raises(ShareRefused, match="owns"):
        share(alice, can_write=False)


def test_it_is_not_shared_with_a_member_of_another_workspace(carol, share):
    with pytest.raises(ShareRefused, match=r"Carol is no longer in this workspace\."):
        share(carol, can_write=False)


def test_it_is_not_shared_with_a_member_who_was_just_removed(alice, bob, conversation):
    member = membership_of(bob)
    remove_member(membership_of(bob), actor=alice)
    with pytest.raises(ShareRefused, match=r"Bob is no longer in this workspace\."):
        share_with_member(conversation, alice, member, can_write=True)


def test_a_deleted_conversation_is_not_shared(alice, bob, conversation, share):
    delete_conversation(conversation, alice)
    with pytest.raises(ConversationGone):
        share(bob, can_write=True)


def test_a_share_ends_with_the_membership_and_does_not_come_back(workspace, alice, bob, conversation, share):
    share(bob, can_write=True)
    remove_member(membership_of(bob), actor=alice)
    assert can_do(bob, conversation) == NOTHING
    Membership.objects.create(workspace=workspace, user=bob)
    assert can_do(bob, conversation) == NOTHING
    assert not Share.objects.exists()


def test_what_is_no_longer_shared_with_one_member_may_be_shared_with_all(alice, bob, conversation, share):
    share(bob, can_write=True)
    share_with_workspace(conversation, alice, Access.READ)
    stop_sharing(conversation, alice, membership_of(bob))
    assert can_do(bob, conversation) == READS
    share_with_workspace(conversation, alice, Access.NONE)
    assert can_do(bob, conversation) == NOTHING


@pytest.mark.parametrize(("everyone", "with_bob"), [*product((Access.NONE, Access.READ), (False, True))])
def test_it_says_whether_it_is_shared(workspace, alice, bob, conversation, share, everyone, with_bob):
    share_with_workspace(conversation, alice, everyone)
    if with_bob:
        share(bob, can_write=False)
    is_shared = everyone == Access.READ or with_bob

    assert get_conversation_for(alice, conversation.code).is_shared is is_shared
    seen = with_sharing(visible_conversations(alice, workspace)).filter(is_shared=is_shared)  # type: ignore[misc]
    assert seen.count() == 1
    rows = [row for group in conversation_list(membership_of(alice)).groups for row in group.rows]
    assert [row.is_shared for row in rows] == [is_shared]


def test_the_sidebar_takes_as_many_queries_for_many_shares(
    workspace, alice, bob, endpoint, conversation, share, django_assert_num_queries
):
    member = membership_of(bob)
    for count in (1, 6):
        for _ in range(count):
            run = start_conversation(workspace, alice, "Hi", Choice(endpoint, {}), uuid.uuid4())
            share_with_member(run.thread, alice, member, can_write=False)
        with django_assert_num_queries(1):
            groups = conversation_list(member).groups
        rows = [row for group in groups for row in group.rows]
        assert {row.owner_name for row in rows} == {"Alice"}
        assert len(rows) in (1, 7)


def test_a_reader_takes_a_prompt_into_a_chat_of_their_own(conversation, bob, vera, share, client_for):
    address = f"/w/acme/?from={conversation.head.code}"
    assert client_for(bob).get(address).status_code == 404
    share(bob, can_write=False)
    share(vera, can_write=False)
    assert b"Say hello" in client_for(bob).get(address).content
    assert client_for(vera).get(address).status_code == 403
    Share.objects.all().delete()
    assert client_for(bob).get(address).status_code == 404


@pytest.mark.parametrize(("who", "status"), [("bob", 403), ("carol", 404)])
def test_no_file_gets_into_a_conversation_that_its_uploader_may_not_write_in(
    request, conversation, share, bob, client_for, who, status
):
    share(bob, can_write=False)
    user = request.getfixturevalue(who)
    text = Media(MediaKind.FILE, "text/plain", "notes.txt", b"words")
    file = files.keep(text, membership_of(user).workspace, uploader=user)
    data = {"text": "Look", "attachments": [str(file.code)], "idempotency_key": str(uuid.uuid4())}
    prompt = conversation.messages.get(role="user")

    for address in (f"/c/{conversation.code}/send/", f"/m/{prompt.code}/edit/"):
        assert client_for(user).post(address, data).status_code == status

    file.refresh_from_db()
    assert file.message is None
    assert conversation.messages.count() == 2


def test_every_change_is_checked_anew_after_the_right_to_write_has_ended(
    alice, bob, conversation, share, client_for
):
    share(bob, can_write=True)
    client = client_for(bob)
    rename = f"/c/{conversation.code}/rename/"
    assert client.post(rename, {"title": "By Bob"}).status_code == 302
    share(bob, can_write=False)
    assert client.post(rename, {"title": "Again"}).status_code == 403
    stop_sharing(conversation, alice, membership_of(bob))
    assert client.post(rename, {"title": "Again"}).status_code == 404
    conversation.refresh_from_db()
    assert conversation.title == "By Bob"
