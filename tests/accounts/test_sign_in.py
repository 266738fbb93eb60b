from __future__ import annotations

import pytest
from django.core.cache import cache
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_attempts_yet():
    cache.clear()


def _sign_in(client, password=PASSWORD, email="alice@example.org"):
    return client.post("/sign-in/", {"login": email, "password": password})


def test_it_signs_in_and_out(client, alice):
    assert _sign_in(client, email="Alice@Example.ORG").url == "/"
    assert client.get("/profile/").status_code == 200

    assert client.get("/sign-out/").status_code == 200
    assert client.get("/profile/").status_code == 200, "asking for the page must not sign out"
    client.post("/sign-out/")
    assert client.get("/profile/").status_code == 302


def test_it_goes_where_one_wanted_to_go_but_not_elsewhere(client, alice):
    answer = client.get("/profile/")
    assert answer.url == "/sign-in/?next=/profile/"
    data = {"login": "alice@example.org", "password": PASSWORD, "next": "/profile/"}
    assert client.post("/sign-in/", data).url == "/profile/"

    client.logout()
    data["next"] = "https://evil.example/"
    assert client.post("/sign-in/", data).url == "/"


def test_a_wrong_password_and_an_unknown_address_look_the_same(client, alice):
    wrong = _sign_in(client, "not the password")
    unknown = _sign_in(client, "not the password", "nobody@example.org")

    assert wrong.status_code == unknown.status_code == 200
    assert wrong.context["form"].errors == unknown.context["form"].errors
    assert b'role="alert"' in wrong.content
    assert b"not the password" not in wrong.content


def test_it_slows_down_who_guesses(client, alice):
    for _ in range(5):
        _sign_in(client, "guess")

    answer = _sign_in(client)

    assert "_auth_user_id" not in client.session
    assert "too many" in answer.content.decode().lower()


def test_many_attempts_from_one_address_are_refused_for_a_while(client, alice):
    answers = {_sign_in(client, "guess", f"p{n}@example.org").status_code for n in range(31)}

    assert answers == {200, 429}
    assert b"Try again in a minute" in _sign_in(client, "guess").content


def test_nobody_signs_up(client, db):
    page = client.get("/sign-up/")
    assert page.status_code == 200
    assert b"invitation" in page.content

    client.post("/sign-up/", {"email": "me@example.org", "password1": "a long password"})

    assert not User.objects.exists()


def test_somebody_who_is_switched_off_stays_out(client, alice):
    User.objects.update(is_active=False)

    answer = _sign_in(client)

    assert "_auth_user_id" not in client.session
    assert answer.status_code == 302
    assert b"switched off" in client.get(answer.url).content


def test_switching_off_ends_a_session(client_for, alice):
    client = client_for(alice)
    User.objects.update(is_active=False)

    assert client.get("/profile/").status_code == 302


def test_a_new_password_ends_every_other_session(client, client_for, alice):
    _sign_in(client)
    elsewhere = client_for(alice)
    assert elsewhere.get("/profile/").status_code == 200

    fresh = "a wholly other phrase"
    answer = client.post("/password/", {"oldpassword": PASSWORD, "password1": fresh, "password2": fresh})

    assert answer.url == "/profile/"
    assert client.get("/profile/").status_code == 200
    assert elsewhere.get("/profile/").status_code == 302
    assert User.objects.get().check_password(fresh)


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("wrong", "a wholly other phrase", "a wholly other phrase"),
        (PASSWORD, "short", "short"),
        (PASSWORD, "a wholly other phrase", "a wholly different phrase"),
    ],
)
def test_a_password_is_not_changed_lightly(client_for, alice, old, new, again):
    answer = client_for(alice).post("/password/", {"oldpassword": old, "password1": new, "password2": again})

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert User.objects.get().check_password(PASSWORD)


def test_the_pages_that_we_do_not_want_do_not_exist():
    for name in ("account_email", "account_reset_password", "account_set_password", "account_confirm_email"):
        with pytest.raises(NoReverseMatch):
            reverse(name)


def test_labels_are_not_repeated_inside_the_fields(client, client_for, alice):
    pages = [client.get("/sign-in/"), client_for(alice).get("/password/")]

    for page in pages:
        assert b"placeholder" not in page.content
