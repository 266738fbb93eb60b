from __future__ import annotations

import pytest
from django.test import Client

from accounts.access import get_membership_for
from accounts.flows.invite import invite, revoke_invitation
from accounts.models import Invitation, Role, User

NEW = {"name": "Dora", "email": "dora@example.org", "password": "a long password"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(alice) -> str:
    _, token = invite(get_membership_for(alice, "acme").workspace, Role.MEMBER, "", 7, actor=alice)
    return f"/join/{token}/"


def test_a_new_person_joins_and_is_signed_in(client, link):
    page = client.get(link)
    assert b"Alice" in page.content
    assert b"Acme Research" in page.content

    answer = client.post(link, NEW)

    assert answer.url == "/w/acme/"
    assert b"Welcome to Acme Research." in client.get(answer.url).content
    assert client.get("/profile/").context["user"].email == "dora@example.org"
    assert get_membership_for(User.objects.get(email="dora@example.org"), "acme").role == Role.MEMBER
    client.logout()
    client.post("/sign-in/", {"login": NEW["email"], "password": NEW["password"]})
    assert client.get("/profile/").status_code == 200


def test_the_browser_in_which_a_person_joined_is_known_to_them(client, link):
    client.post(link, NEW)
    client.post("/sign-out/")
    for address in range(6):
        guess = {"login": NEW["email"], "password": "guess"}
        for _ in range(5):
            Client(REMOTE_ADDR=f"203.0.113.{address}").post("/sign-in/", guess)

    client.post("/sign-in/", {"login": NEW["email"], "password": NEW["password"]})

    assert client.get("/profile/").status_code == 200


def test_a_signed_in_person_joins_with_one_click(client_for, carol, link):
    client = client_for(carol)
    assert b"Join as Carol" in client.get(link).content

    assert client.post(link).url == "/w/acme/"
    assert get_membership_for(carol, "acme").role == Role.MEMBER


def test_a_member_is_told_so_and_the_link_stays_open(client_for, ada, link):
    assert client_for(ada).post(link).url == "/w/acme/"

    assert Invitation.objects.get().accepted_at is None
    assert get_membership_for(ada, "acme").role == Role.ADMIN


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"email": "no address"}, "email"),
        ({"email": "Alice@example.org"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "dora@example.org"}, "password"),
    ],
)
def test_it_says_what_is_wrong_at_the_field(client, link, change, field):
    answer = client.post(link, NEW | change)

    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {field}
    assert Invitation.objects.get().accepted_at is None
    assert b"a long password" not in answer.content


def test_an_unknown_link_is_not_found(client):
    answer = client.get("/join/nonsense/")

    assert answer.status_code == 404
    assert b"No such invitation" in answer.content


def test_a_used_link_says_so(client, client_for, carol, link):
    client_for(carol).post(link)

    for answer in (client.get(link), client.post(link, NEW)):
        assert answer.status_code == 410
        assert b"has been used" in answer.content
    assert not User.objects.filter(email=NEW["email"]).exists()


def test_a_revoked_link_says_so(client, link, alice):
    revoke_invitation(Invitation.objects.get(), actor=alice)

    answer = client.get(link)

    assert answer.status_code == 410
    assert b"was revoked" in answer.content


def test_an_old_link_says_so(client, link):
    invitation = Invitation.objects.get()
    Invitation.objects.update(expires_at=invitation.created_at)

    answer = client.get(link)

    assert answer.status_code == 410
    assert b"has expired" in answer.content


def test_it_is_kept_out_of_caches(client, link):
    assert "no-store" in client.get(link)["Cache-Control"]


def test_addresses_are_not_to_be_asked_in_bulk(client, link):
    statuses = {client.post(link, NEW | {"email": "alice@example.org"}).status_code for _ in range(21)}

    assert statuses == {200, 429}


def test_other_methods_are_refused(client, link):
    assert client.delete(link).status_code == 405
