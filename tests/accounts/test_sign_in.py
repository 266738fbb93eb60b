from __future__ import annotations

from io import StringIO

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core import signing
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts import known_devices
from accounts.flows.invite import invite
from accounts.flows.reset_password import make_reset_code
from accounts.identity_providers import IdentityProvider
from accounts.models import AuditEvent, Role, User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


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


def _guess(times, email="alice@example.org", address="203.0.113.1", client=None, **headers):
    client = client or Client(REMOTE_ADDR=address, **headers)
    return [_sign_in(client, "guess", email) for _ in range(times)]


def _is_refused(answer) -> bool:
    return answer.status_code == 200 and b"Too many failed attempts" in answer.content


def test_it_slows_down_who_guesses(client, alice):
    _guess(5, client=client)

    answer = _sign_in(client)

    assert "_auth_user_id" not in client.session
    assert "too many" in answer.content.decode().lower()


def test_guesses_from_elsewhere_keep_nobody_out(client, alice):
    assert list(map(_is_refused, _guess(7))) == [False] * 5 + [True] * 2

    assert _sign_in(client).status_code == 302
    # Another account is open to the address of the guesses.
    assert not _is_refused(_guess(1, "nobody@example.org")[0])


def test_guesses_from_everywhere_are_slowed_down_but_not_for_a_browser_that_the_member_uses(client, alice):
    assert _sign_in(client).status_code == 302
    client.post("/sign-out/")

    refused = [_is_refused(_guess(1, address=f"203.0.113.{n}")[0]) for n in range(32)]

    assert refused == [False] * 30 + [True] * 2
    assert _is_refused(_sign_in(Client(REMOTE_ADDR="198.51.100.1")))
    assert _sign_in(client).status_code == 302


def test_guesses_beside_the_member_in_one_network_do_not_keep_them_out(client, alice):
    _sign_in(client)
    client.post("/sign-out/")
    _guess(11, address="127.0.0.1")

    assert _sign_in(client).status_code == 302


def test_a_browser_that_the_member_uses_guesses_no_faster(client, alice, bob):
    _sign_in(client)
    client.post("/sign-out/")
    copy = Client(REMOTE_ADDR="203.0.113.9")
    copy.cookies = client.cookies

    assert not any(map(_is_refused, _guess(5, client=client)))
    assert _is_refused(_sign_in(copy))
    # It is known for the accounts that have signed in with it alone.
    assert list(map(_is_refused, _guess(6, "bob@example.org", client=copy))) == [False] * 5 + [True]


def test_people_who_share_a_browser_are_all_known_to_it(client, alice, bob):
    for email in ("alice@example.org", "BOB@example.org"):
        assert _sign_in(client, email=email).status_code == 302
        client.post("/sign-out/")
    for n in range(30):
        _guess(1, address=f"203.0.113.{n}")
        _guess(1, "bob@example.org", address=f"198.51.100.{n}")

    for email in ("Alice@example.org", "bob@example.org"):
        assert _sign_in(client, email=email).status_code == 302
        client.post("/sign-out/")


def test_a_forged_or_old_cookie_is_a_browser_like_any_other(client, alice, monkeypatch):
    _sign_in(client)
    client.post("/sign-out/")
    cookie = client.cookies[known_devices.COOKIE].value
    _guess(5, address="127.0.0.1")

    for value in ("", "x", cookie + "x", signing.dumps(["device", ["alice"]], salt="another")):
        client.cookies[known_devices.COOKIE] = value
        assert _is_refused(_sign_in(client)), value
    client.cookies[known_devices.COOKIE] = cookie
    monkeypatch.setattr(known_devices, "_SECONDS", -1)
    assert _is_refused(_sign_in(client))


def test_the_cookie_of_a_browser_says_nothing_and_is_kept_from_scripts(client, alice, settings):
    settings.SESSION_COOKIE_SECURE = True
    _sign_in(client)

    cookie = client.cookies[known_devices.COOKIE]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")
    assert "alice" not in str(signing.loads(cookie.value, salt=known_devices._SALT))


def test_an_account_that_does_not_exist_is_refused_alike(client, alice):
    for email in ("alice@example.org", "nobody@example.org"):
        refused = [_is_refused(_guess(1, email, address=f"203.0.113.{n}")[0]) for n in range(32)]
        assert refused == [False] * 30 + [True] * 2


def test_behind_a_proxy_the_visitor_is_counted_and_not_the_proxy(alice, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def is_refused(forwarded: str) -> bool:
        return _is_refused(_guess(1, address="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)[0])

    # The visitor may have sent a list of their own, to which the proxy appends.
    assert [is_refused(f"192.0.2.{n}, 203.0.113.1") for n in range(6)] == [False] * 5 + [True]
    assert not is_refused("203.0.113.1, 203.0.113.2")


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
    for name in ("account_email", "account_reset_password", "account_confirm_email"):
        with pytest.raises(NoReverseMatch):
            reverse(name)


def test_labels_are_not_repeated_inside_the_fields(client, client_for, alice):
    pages = [client.get("/sign-in/"), client_for(alice).get("/password/")]

    for page in pages:
        assert b"placeholder" not in page.content


def test_without_passwords_the_admin_of_the_settings_has_one(client, settings, alice, bob, ada):
    settings.PASSWORD_SIGN_IN, settings.ADMIN_EMAIL = False, "Alice@example.org"
    page = client.get("/sign-in/").content
    assert b"<summary>Sign in with a password</summary>" in page and b"Forgot" not in page

    right, wrong = (_sign_in(client, password, "bob@example.org") for password in (PASSWORD, "a guess"))
    assert right.status_code == wrong.status_code == 200
    assert right.context["form"].errors == wrong.context["form"].errors
    link = f"/reset/{make_reset_code(bob)}/"
    assert client.get(link).status_code == client.post(link, {"password": PASSWORD}).status_code == 410
    client.force_login(ada)
    assert client.get(f"/w/acme/people/{bob.memberships.get().pk}/link/").status_code == 302
    assert b"Change password" not in client.get("/profile/").content
    assert client.get("/password/set/").status_code == 404
    client.logout()

    assert _sign_in(client).url == "/"


def test_an_invitation_without_passwords_leads_to_the_providers(client, settings, workspace, alice):
    settings.PASSWORD_SIGN_IN = False
    settings.IDENTITY_PROVIDERS = (IdentityProvider("corp", "Corp", "https://id.example.com", "c"),)
    _, token = invite(workspace, Role.MEMBER, "", 7, actor=alice)

    page = client.get(f"/join/{token}/").content.decode()

    assert "Sign in with Corp" in page and f'name="next" value="/join/{token}/"' in page
    assert 'type="password"' not in page
    fields = {"name": "Eve", "email": "eve@example.org", "password": "a long passphrase"}
    client.post(f"/join/{token}/", fields)
    assert not User.objects.filter(email="eve@example.org").exists()


def test_a_person_without_a_password_sets_one_and_then_leaves_the_provider(client_for, settings, bob):
    settings.IDENTITY_PROVIDERS = (IdentityProvider("corp", "Corp", "https://id.example.com", "c"),)
    bob.set_unusable_password()
    bob.save()
    SocialAccount.objects.create(user=bob, provider="corp", uid="bob")
    client = client_for(bob)
    assert client.get("/password/").url == "/password/set/"
    client.post("/profile/identities/corp/unlink/")
    assert SocialAccount.objects.exists(), "nothing would be left to sign in with"

    new = {"password1": "a long passphrase", "password2": "a long passphrase"}
    assert client.post("/password/set/", new).url == "/profile/"
    assert b"Disconnect Corp" in client.get("/profile/").content
    client.post("/profile/identities/corp/unlink/")

    assert not SocialAccount.objects.exists()
    assert _sign_in(Client(), new["password1"], "bob@example.org").url == "/"
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"sign_ins.change_password", "sign_ins.unlink"} <= actions


def test_the_command_forgets_an_identity(bob):
    SocialAccount.objects.create(user=bob, provider="corp", uid="bob")
    call_command("unlink_identity", "Bob@example.org", stdout=(said := StringIO()))
    assert said.getvalue() == "Forgot corp for bob@example.org.\n"
    for address in ("bob@example.org", "nobody@example.org"):
        with pytest.raises(CommandError):
            call_command("unlink_identity", address)
