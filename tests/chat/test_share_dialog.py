"""The dialog in which the owner shares a conversation."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from accounts.models import Membership, Role, User
from chat.flows.share_with_workspace import share_with_workspace
from chat.models import Access, Conversation, Share

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def member_of(user) -> Membership:
    return Membership.objects.get(user=user)


@pytest.fixture
def url_of(conversation):
    return lambda name: reverse(f"chat:{name}", args=[conversation.code])


@pytest.fixture
def post(alice, client_for, url_of):
    """Post to an address of Alice's conversation, as the dialog does."""
    client = client_for(alice)

    def send(name: str, user=None, *, at: str = "/", **data):
        person = {"person": member_of(user).pk} if user else {}
        headers = {**HTMX, "HX-Current-URL": f"http://testserver{at}"}
        return client.post(url_of(name), {**person, **data}, headers=headers)

    return send


def rows_of(html: str) -> list[str]:
    return re.findall(r'id="share-person-\d+".*?<bdi>(.*?)</bdi>', html, re.DOTALL)


def test_it_shows_who_has_access(alice, bob, vera, conversation, url_of, client_for):
    Share.objects.create(conversation=conversation, member=member_of(bob), can_write=True)
    Share.objects.create(conversation=conversation, member=member_of(vera), can_write=True)
    share_with_workspace(conversation, alice, Access.READ)

    html = client_for(alice).get(url_of("share"), headers=HTMX).content.decode()

    assert rows_of(html) == ["Bob", "Vera"]
    assert '<option value="read" selected>Can read</option>' in html
    assert '<option value="write" selected>Can write</option>' in html
    # A viewer has no choice, whatever the share says.
    assert "Viewer, can only read" in html
    assert f'id="share-access-{member_of(vera).pk}"' not in html
    assert f"http://testserver/c/{conversation.code}/" in html
    assert "<html" not in html


def test_its_address_opened_alone_leads_to_the_conversation(alice, conversation, url_of, client_for):
    client = client_for(alice)
    for name, data in (("share_with_everyone", {"access": "read"}), ("share", None)):
        address = url_of(name)
        response = client.get(address) if data is None else client.post(address, data)
        assert (response.status_code, response.url) == (302, f"/c/{conversation.code}/")
    assert Conversation.objects.get().workspace_access == Access.READ


@pytest.mark.parametrize("access", Access.values)
def test_everyone_gets_the_access_that_is_chosen(post, alice, conversation, access):
    html = post("share_with_everyone", access=access, at=f"/c/{conversation.code}/?x=1").content.decode()

    assert Conversation.objects.get().workspace_access == access
    words = {"none": "Only the people on the list", "read": "can read it now", "write": "can write in it now"}
    assert "Saved. " in html
    assert words[access] in html
    # The header says so at once.
    header = html.split(f'id="header-{conversation.code}"')[1]
    assert ("Shared" in header.split("data-opens")[1][:400]) is (access != Access.NONE)


def test_the_header_of_another_open_conversation_stays(post, bob, conversation):
    html = post("share_with_person", bob, access="read", at="/w/acme/").content.decode()
    assert 'id="header-' not in html
    assert 'id="sidebar-list"' in html


def test_a_person_is_added_changed_and_removed(post, bob, conversation):
    html = post("share_with_person", bob, access="read").content.decode()
    assert "Saved. Bob can read it now." in html
    assert rows_of(html) == ["Bob"]
    # A person with a share is not found again.
    assert 'role="option"' not in html

    html = post("share_with_person", bob, access="write", keeps_row="yes").content.decode()
    assert "Saved. Bob can write in it now." in html
    # The row stays as it is, so that the focus and other changes under way do too.
    assert rows_of(html) == []
    assert Share.objects.get().can_write

    for _ in range(2):
        html = post("share_with_person", bob, access="none").content.decode()
        assert "Saved. Bob no longer has access." in html
        assert rows_of(html) == []
    assert not Share.objects.exists()


def test_it_says_who_can_do_more_than_their_row_says(post, alice, bob, conversation):
    post("share_with_person", bob, access="read")
    html = post("share_with_everyone", access="write").content.decode()
    assert "Everyone in Acme Research can write\n" in html
    html = post("share_with_person", bob, access="none").content.decode()
    assert "Bob is off the list. Everyone in Acme Research can still write in it." in html


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("share_with_everyone", {}),
        ("share_with_everyone", {"access": "own"}),
        ("share_with_person", {"access": "read"}),
        ("share_with_person", {"access": "read", "person": "x"}),
        ("share_with_person", {"access": "read", "person": "-1"}),
        ("share_with_person", {"access": "read", "person": "9" * 40}),
    ],
)
def test_nonsense_changes_nothing_and_says_so(post, bob, name, data):
    response = post(name, **data)
    assert response.status_code == 422
    assert b"is-wrong" in response.content
    assert Conversation.objects.get().workspace_access == Access.NONE
    assert not Share.objects.exists()


def test_somebody_who_is_not_in_the_workspace_is_not_added(post, carol, bob):
    ours = Membership.objects.filter(user=bob)
    gone = ours.get().pk
    ours.delete()
    for response in (
        post("share_with_person", carol, access="read"),
        post("share_with_person", person=gone, access="write"),
    ):
        assert response.status_code == 422
        assert b"This person is no longer in the workspace." in response.content
    assert not Share.objects.exists()


def test_a_viewer_is_not_given_more_than_reading(post, vera):
    response = post("share_with_person", vera, access="write")
    assert response.status_code == 422
    assert b"Vera is a viewer and can only read." in response.content
    assert not Share.objects.exists()


def test_who_it_is_shared_with_cannot_share_it_on(alice, ada, bob, conversation, url_of, client_for):
    Share.objects.create(conversation=conversation, member=member_of(bob), can_write=True)
    client = client_for(bob)
    assert client.get(url_of("share"), headers=HTMX).status_code == 403
    assert client.get(url_of("people_to_share_with"), headers=HTMX).status_code == 403
    data = {"person": member_of(ada).pk, "access": "write"}
    assert client.post(url_of("share_with_person"), data, headers=HTMX).status_code == 403
    assert Share.objects.count() == 1


@pytest.fixture
def crowd(workspace):
    """Two hundred members, in a workspace that has others already."""
    users = User.objects.bulk_create(
        User(email=f"person{n}@example.org", name=name, password="!")
        for n, name in enumerate(["Éloïse <b>Ünal</b>", *(f"Person {n:03}" for n in range(199))])
    )
    Membership.objects.bulk_create(Membership(workspace=workspace, user=user) for user in users)


@pytest.mark.parametrize("words", ["eloise", "ELOÏSE unal", "person0@example", "ünal éloise"])
def test_people_are_found_by_name_and_address(alice, crowd, url_of, client_for, words):
    html = client_for(alice).get(url_of("people_to_share_with"), {"q": words}, headers=HTMX).content.decode()
    assert html.count('role="option"') == 1
    assert "Éloïse &lt;b&gt;Ünal&lt;/b&gt;" in html


def test_a_search_shows_a_few_and_counts_the_rest(
    alice, bob, crowd, conversation, url_of, client_for, django_assert_max_num_queries
):
    Share.objects.create(conversation=conversation, member=member_of(bob))
    client = client_for(alice)
    html = client.get(url_of("people_to_share_with"), headers=HTMX).content.decode()
    assert html.count('role="option"') == 8
    assert "192 more." in html
    nobody = client.get(url_of("people_to_share_with"), {"q": "Bob"}, headers=HTMX).content.decode()
    assert "Nobody matches who isn’t on the list already." in nobody
    Share.objects.bulk_create(
        Share(conversation=conversation, member=member)
        for member in Membership.objects.exclude(user__in=[alice, bob])[:100]
    )
    with django_assert_max_num_queries(10):
        html = client.get(url_of("share"), headers=HTMX).content.decode()
    assert len(rows_of(html)) == 101


@pytest.mark.parametrize(("role", "words"), [(Role.OWNER, "Invite somebody"), (Role.MEMBER, "Ask an admin")])
def test_who_is_alone_is_told_what_to_do(alice, url_of, client_for, role, words):
    alice.memberships.update(role=role)
    html = client_for(alice).get(url_of("share"), headers=HTMX).content.decode()
    assert "You are the only person in Acme Research." in html
    assert words in html
    assert "share-find" not in html


def test_viewers_are_marked_before_they_are_added(alice, vera, url_of, client_for):
    html = client_for(alice).get(url_of("people_to_share_with"), headers=HTMX).content.decode()
    assert "vera@example.org, a viewer, can only read" in html


@pytest.mark.parametrize(
    ("who", "everyone", "sentence"),
    [
        ("bob", Access.READ, "Alice</bdi> decides who can write in it."),
        ("vera", Access.READ, "You can read conversations in Acme Research, but not write in them."),
        ("vera", Access.WRITE, "You can read conversations in Acme Research, but not write in them."),
    ],
)
def test_readers_find_a_sentence_in_place_of_the_composer(
    request, alice, conversation, client_for, who, everyone, sentence
):
    share_with_workspace(conversation, alice, everyone)
    html = client_for(request.getfixturevalue(who)).get(f"/c/{conversation.code}/").content.decode()
    assert sentence in html
    assert 'name="text"' not in re.sub("(?s)<template.*?</template>", "", html)
    for button in ("chat:regenerate", "data-edit ", "data-rename", "data-share="):
        assert button not in html
    assert re.search(r'id="parameters-form"\s+disabled', html)
