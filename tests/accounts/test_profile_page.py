from __future__ import annotations

import pytest

from accounts.models import User

pytestmark = pytest.mark.django_db


def test_it_shows_who_and_where_i_am(client_for, bob):
    text = client_for(bob).get("/profile/").content.decode()

    assert "bob@example.org" in text
    assert "Acme Research" in text
    assert "/password/" in text
    assert "/sign-out/" in text


def test_it_changes_the_name_and_nothing_else(client_for, bob):
    answer = client_for(bob).post(
        "/profile/", {"name": "Robert", "email": "x@example.org", "is_staff": "on", "is_superuser": "on"}
    )

    assert answer.url == "/profile/"
    found = User.objects.get(pk=bob.pk)
    assert (found.name, found.email, found.is_staff, found.is_superuser) == (
        "Robert",
        "bob@example.org",
        False,
        False,
    )


def test_a_name_must_be_there(client_for, bob):
    answer = client_for(bob).post("/profile/", {"name": "  "})

    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {"name"}


def test_a_name_that_could_be_taken_for_anothers_is_refused_with_its_letters(client_for, bob):
    answer = client_for(bob).post("/profile/", {"name": "\u0410lice"})

    assert "“А” is Cyrillic and “l” is Latin." in answer.content.decode()
    bob.refresh_from_db()
    assert bob.name == "Bob"


def test_a_name_is_escaped_everywhere(client_for, bob):
    client = client_for(bob)

    client.post("/profile/", {"name": "<script>alert(1)</script>"})

    assert b"<script>alert(1)" not in client.get("/w/acme/people/").content


def test_signed_out_it_asks_to_sign_in(client, db):
    assert client.get("/profile/").url == "/sign-in/?next=/profile/"
    assert client.post("/profile/", {"name": "X"}).url == "/sign-in/?next=/profile/"


def test_other_methods_are_refused(client_for, bob):
    assert client_for(bob).delete("/profile/").status_code == 405
