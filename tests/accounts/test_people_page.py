from __future__ import annotations

import re

import pytest

from accounts.access import get_membership_for
from accounts.flows.invite import invite
from accounts.models import Invitation, Membership, Role, User

pytestmark = pytest.mark.django_db

INVITATION = {"role": "member", "note": "Dora", "days": "7"}


def _member(user) -> Membership:
    return get_membership_for(user, "acme")


@pytest.fixture
def invitation(alice) -> Invitation:
    return invite(_member(alice).workspace, Role.MEMBER, "Dora", 7, actor=alice)[0]


@pytest.fixture
def posts(alice, bob, invitation):
    """Every URL of the page that changes something, with its data."""
    number = _member(bob).pk
    return {
        "/w/acme/people/invite/": INVITATION,
        f"/w/acme/people/invitations/{invitation.code}/revoke/": {},
        f"/w/acme/people/{number}/role/": {"role": "viewer"},
        f"/w/acme/people/{number}/remove/": {},
    }


def test_everybody_sees_who_is_in(client_for, alice, ada, bob, vera):
    for user in (alice, ada, bob, vera):
        text = client_for(user).get("/w/acme/people/").content.decode()
        assert all(name in text for name in ("Alice", "Ada", "Bob", "vera@example.org"))


def test_only_admins_see_what_they_can_do(client_for, alice, bob, vera, invitation):
    assert "Make a link" in client_for(alice).get("/w/acme/people/").content.decode()
    for user in (bob, vera):
        text = client_for(user).get("/w/acme/people/").content.decode()
        assert "Make a link" not in text
        assert "Dora" not in text
        assert 'name="role"' not in text


def test_an_admin_is_offered_nothing_about_owners(client_for, alice, ada, bob):
    page = client_for(ada).get("/w/acme/people/")
    text = page.content.decode()

    assert f"people/{_member(alice).pk}/" not in text
    assert f"people/{_member(bob).pk}/remove/" in text
    assert Role.OWNER not in page.context["roles"]


def test_roles_are_offered_in_the_order_in_which_they_are_explained(client_for, alice):
    text = client_for(alice).get("/w/acme/people/").content.decode()

    order = ["Viewer", "Member", "Admin", "Owner"]
    assert re.findall(r"<dt>(\w+)</dt>", text) == order
    for name in ("role", "having"):
        select = re.search(rf'<select[^>]*name="{name}".*?</select>', text, re.DOTALL)
        assert select
        found = re.findall(r'<option value="\w+"[^>]*>(\w+)</option>', select[0])
        assert found == order, name
    assert re.search(r'<option value="member" selected>Member</option>', text)


def test_every_row_leads_to_a_limit_for_this_person_for_those_who_may_set_one(
    client_for, alice, ada, bob, vera
):
    for user in (alice, ada):
        text = client_for(user).get("/w/acme/people/").content.decode()
        links = re.findall(r'href="/w/acme/limits/\?member=(\d+)">Limit<span', text)
        assert sorted(links) == sorted(str(each.pk) for each in (alice, ada, bob, vera))
    for user in (bob, vera):
        assert "?member=" not in client_for(user).get("/w/acme/people/").content.decode()


def test_it_shows_a_new_link_once(client_for, client, alice):
    alices = client_for(alice)

    made = alices.post("/w/acme/people/invite/", INVITATION)
    answer = alices.get(made.url)

    found = re.search(r">http://[^/<]+(/join/[\w-]+/)<", answer.content.decode())
    assert found
    assert client.get(found[1]).status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert found[1] not in alices.get(made.url).content.decode()
    assert Invitation.objects.count() == 1
    assert "new_invitation" not in alices.session


def test_open_invitations_are_shown_in_pages(client_for, alice):
    workspace = _member(alice).workspace
    for number in range(25):
        invite(workspace, Role.MEMBER, f"Guest {number:02}", 7, actor=alice)
    client = client_for(alice)

    text = client.get("/w/acme/people/").content.decode()
    last = client.get("/w/acme/people/", {"q": "bob", "invitations": "3"}).content.decode()

    assert "1 to 10 of 25" in text
    assert "Guest 24" in text
    assert "Guest 14" not in text
    assert "Guest 00" in last
    assert "?q=bob&amp;invitations=2#open-heading" in last


def test_it_refuses_a_role_beyond_ones_own(client_for, ada):
    answer = client_for(ada).post("/w/acme/people/invite/", INVITATION | {"role": "owner"})

    assert answer.context["form"].errors
    assert not Invitation.objects.exists()


def test_it_revokes(client_for, alice, invitation):
    answer = client_for(alice).post(f"/w/acme/people/invitations/{invitation.code}/revoke/")

    assert answer.url == "/w/acme/people/"
    invitation.refresh_from_db()
    assert invitation.revoked_at


def test_it_changes_a_role(client_for, alice, bob):
    client_for(alice).post(f"/w/acme/people/{_member(bob).pk}/role/", {"role": "admin"})

    assert _member(bob).role == Role.ADMIN


def test_an_admin_cannot_touch_an_owner(client_for, alice, ada):
    number = _member(alice).pk

    for path, data in (("role", {"role": "member"}), ("remove", {})):
        assert client_for(ada).post(f"/w/acme/people/{number}/{path}/", data).status_code == 403
    assert _member(alice).role == Role.OWNER


def test_the_last_owner_stays_and_is_told_why(client_for, alice):
    client = client_for(alice)

    answer = client.post(f"/w/acme/people/{_member(alice).pk}/role/", {"role": "member"}, follow=True)

    assert "only owner" in answer.content.decode()
    answer = client.post("/w/acme/people/leave/", follow=True)
    assert "only owner" in answer.content.decode()
    assert _member(alice).role == Role.OWNER


def test_it_removes(client_for, alice, bob):
    client_for(alice).post(f"/w/acme/people/{_member(bob).pk}/remove/")

    assert not bob.memberships.exists()


def test_a_member_may_leave(client_for, alice, bob):
    assert client_for(bob).post("/w/acme/people/leave/").url == "/profile/"

    assert not bob.memberships.exists()


def test_a_member_of_another_workspace_is_not_found(client_for, alice, carol):
    number = carol.memberships.get().pk

    for path, data in (("role", {"role": "member"}), ("remove", {})):
        assert client_for(alice).post(f"/w/acme/people/{number}/{path}/", data).status_code == 404
    assert carol.memberships.exists()


def test_an_invitation_of_another_workspace_is_not_found(client_for, alice, carol):
    other, _ = invite(carol.memberships.get().workspace, Role.MEMBER, "", 7, actor=carol)

    assert client_for(alice).post(f"/w/acme/people/invitations/{other.code}/revoke/").status_code == 404


def test_a_role_without_the_right_gets_a_403(client_for, bob, vera, posts):
    for user in (bob, vera):
        for path, data in posts.items():
            assert client_for(user).post(path, data).status_code == 403, path
    assert _member(bob).role == Role.MEMBER


def test_a_stranger_gets_a_404(client_for, carol, posts):
    client = client_for(carol)
    assert client.get("/w/acme/people/").status_code == 404
    for path, data in [*posts.items(), ("/w/acme/people/leave/", {})]:
        assert client.post(path, data).status_code == 404, path


def test_signed_out_it_asks_to_sign_in(client, posts):
    assert client.get("/w/acme/people/").url == "/sign-in/?next=/w/acme/people/"
    for path, data in posts.items():
        assert client.post(path, data).url.startswith("/sign-in/"), path


def test_other_methods_are_refused(client_for, alice, posts):
    client = client_for(alice)
    assert client.post("/w/acme/people/").status_code == 405
    for path in posts:
        assert client.get(path).status_code == 405, path


def test_two_hundred_members_cost_no_more_questions_than_two(
    client_for, alice, django_assert_max_num_queries
):
    people = User.objects.bulk_create(User(email=f"p{n}@example.org", password="!") for n in range(200))
    Membership.objects.bulk_create(
        Membership(workspace=_member(alice).workspace, user=user) for user in people
    )
    client = client_for(alice)

    with django_assert_max_num_queries(10):
        assert client.get("/w/acme/people/").status_code == 200


@pytest.fixture
def crowd(workspace) -> list[Membership]:
    """Two hundred members."""
    users = User.objects.bulk_create(
        User(email=f"person{number:03}@example.org", name=f"Person {number:03}") for number in range(200)
    )
    return Membership.objects.bulk_create(Membership(workspace=workspace, user=user) for user in users)


def _names(answer) -> list[str]:
    return [row.member.user.name for row in answer.context["page"]]


def test_two_hundred_members_come_in_pages(client_for, alice, crowd, django_assert_max_num_queries):
    client = client_for(alice)

    with django_assert_max_num_queries(12):
        first = client.get("/w/acme/people/")

    assert _names(first)[:2] == ["Alice", "Person 000"]
    assert (len(_names(first)), first.context["found"]) == (30, 201)
    assert _names(client.get("/w/acme/people/?page=7"))[-1] == "Person 199"
    assert _names(client.get("/w/acme/people/?page=99"))[-1] == "Person 199"
    assert len(_names(client.get("/w/acme/people/?page=%00"))) == 30


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=PERSON+007", ["Person 007"]),
        ("q=007@", ["Person 007"]),
        ("q=199+person", ["Person 199"]),
        ("q=nobody+at+all", []),
        ("q=PÉRSON+007", ["Person 007"]),
        ("q=alicè", ["Alice"]),
        ("having=owner", ["Alice"]),
        ("having=owner&q=person", []),
        ("having=nonsense", []),
        ("q=person00&sort=name", [f"Person 00{number}" for number in range(10)]),
        ("q=%27%22%3C", []),
    ],
)
def test_members_are_found(client_for, alice, crowd, query, names):
    assert _names(client_for(alice).get(f"/w/acme/people/?{query}")) == names


def test_the_newest_members_come_first_if_asked(client_for, alice, bob, vera):
    assert _names(client_for(alice).get("/w/acme/people/?sort=newest")) == ["Vera", "Bob", "Alice"]


def test_a_change_returns_to_the_same_part_of_the_list(client_for, alice, bob):
    data = {"role": "viewer", "q": "bob", "having": "member", "page": "1", "sort": "name"}

    answer = client_for(alice).post(f"/w/acme/people/{_member(bob).pk}/role/", data)

    assert answer.url == "/w/acme/people/?q=bob&having=member&sort=name&page=1"
