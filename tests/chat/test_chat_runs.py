"""Links from the runs on the page of everyone's usage to their conversations."""

from __future__ import annotations

import pytest

from accounts.models import Membership
from chat.models import Access, Conversation, Run

pytestmark = pytest.mark.django_db

ALL, MINE = "/w/acme/usage/all/", "/w/acme/usage/"


@pytest.fixture
def link(conversation) -> str:
    return f'href="/c/{conversation.code}/"'


@pytest.mark.parametrize(
    ("visibility", "who", "has_link"),
    [
        (Access.NONE, "alice", True),
        (Access.NONE, "ada", False),
        (Access.WRITE, "ada", True),
    ],
)
def test_a_run_leads_to_its_conversation(
    client_for, request, ada, alice, conversation, link, visibility, who, has_link
):
    Conversation.objects.update(workspace_access=visibility)

    text = client_for(request.getfixturevalue(who)).get(ALL).content.decode()

    assert (link in text) is has_link
    # The run is listed all the same, and says why there is no link.
    assert "demo/plain" in text
    assert (">Private<" in text) is not has_link
    assert (f"/r/{conversation.runs.get().code}/" in text) is has_link


def test_a_member_finds_their_own(client_for, alice, link):
    assert link in client_for(alice).get(MINE).content.decode()


def test_a_run_of_a_deleted_conversation_says_so(client_for, ada, alice, conversation, link):
    client_for(alice).post(f"/c/{conversation.code}/delete/")

    text = client_for(ada).get(ALL).content.decode()

    assert ">Deleted<" in text
    assert link not in text
    Run.objects.all().delete()
    assert ">Deleted<" in client_for(ada).get(ALL).content.decode()


def test_an_admin_who_left_and_came_back_elsewhere_sees_no_link(client_for, carol, conversation, link):
    Conversation.objects.update(workspace_access=Access.WRITE)
    assert Membership.objects.filter(user=carol).count() == 1

    assert link not in client_for(carol).get("/w/other/usage/all/").content.decode()


def test_it_takes_a_fixed_number_of_queries(client_for, ada, conversation, django_assert_max_num_queries):
    client = client_for(ada)

    with django_assert_max_num_queries(12):
        assert "demo/plain" in client.get(ALL).content.decode()
