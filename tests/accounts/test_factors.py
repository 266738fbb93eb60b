"""Second factors: how they are added, used and removed, what is noted and what is told by mail."""

from __future__ import annotations

import json
import re

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import keys
from accounts.exceptions import VaultError
from accounts.flows import rotate_vault_key
from accounts.flows.reset_password import make_reset_code
from accounts.models import AuditEvent, OutgoingMail
from tests.accounts.factors import code_of, confirm, enter_password, give_app, wrong_code
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

PAGE = "/profile/security/"


@pytest.fixture
def mine(client_for, alice):
    """Alice's browser, in which she has just entered her password again."""
    client = client_for(alice)
    confirm(client)
    AuditEvent.objects.all().delete()
    return client


def told() -> list[str]:
    return [str(event) for event in AuditEvent.objects.order_by("pk")]


def is_signed_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


def secret_on(page: str) -> str:
    return str(re.findall(r'id="app-secret">([A-Z2-7]+)<', page)[0])


def test_an_app_is_added_with_recovery_codes(mine, alice, django_capture_on_commit_callbacks):
    page = mine.get("/profile/security/app/").content.decode()
    assert 'src="data:image/svg+xml;base64,' in page
    secret = secret_on(page)

    wrong = mine.post("/profile/security/app/", {"code": wrong_code(secret)})
    assert "This is not right." in wrong.content.decode()
    assert secret_on(wrong.content.decode()) == secret, "the app that was scanned stays the right one"
    with django_capture_on_commit_callbacks(execute=True):
        answer = mine.post("/profile/security/app/", {"code": code_of(secret)})

    assert answer.url == "/profile/security/codes/"
    codes = mine.get(answer.url).content.decode()
    assert len(re.findall(r"^(?:<pre[^>]*>)?\d{8}$", codes.replace("</pre>", ""), re.MULTILINE)) >= 9
    assert "10 of 10" in codes
    file = mine.get("/profile/security/codes/download/")
    assert file["Content-Disposition"].startswith("attachment") and alice.email in file.content.decode()
    name = f"Alice ({alice.email})"
    assert sorted(told()) == [f"{name} added a second factor", f"{name} made recovery codes"]
    mail = OutgoingMail.objects.get()
    assert "A second factor was added: authenticator app." in mail.text and secret not in mail.text


def test_the_first_factor_signs_out_browsers_that_were_signed_in_without(
    mine, client_for, alice, django_capture_on_commit_callbacks
):
    other = client_for(alice)
    secret = secret_on(mine.get("/profile/security/app/").content.decode())
    with django_capture_on_commit_callbacks(execute=True):
        mine.post("/profile/security/app/", {"code": code_of(secret)})

    assert is_signed_in(mine) and not is_signed_in(other)


def test_a_sign_in_asks_for_the_code_and_goes_where_one_wanted_to_go(client, alice):
    secret = give_app(alice)

    assert enter_password(client, alice, next="/w/acme/people/") == "/sign-in/code/"
    assert not is_signed_in(client)
    page = client.get("/sign-in/code/")
    assert page.status_code == 200
    assert b"Use a passkey" not in page.content, "she has none"
    assert client.post("/sign-in/code/", {"code": wrong_code(secret)}).status_code == 200
    answer = client.post("/sign-in/code/", {"code": code_of(secret)})

    assert answer.url == "/w/acme/people/" and is_signed_in(client)
    failed, signed_in = AuditEvent.objects.order_by("pk")
    assert (str(failed), failed.actor) == (f"Somebody entered a wrong code for Alice ({alice.email})", None)
    assert signed_in.after == {"with": ["password", "authenticator app"]}


@pytest.mark.parametrize("path", ["/sign-in/code/", "/confirm/code/", PAGE, "/profile/security/app/"])
def test_without_a_password_no_page_of_factors_opens(client, path, alice):
    give_app(alice)
    assert client.get(path).status_code == 302
    assert client.post(path, {"code": "000000"}).status_code in {302, 405}
    assert not is_signed_in(client)


def test_clocks_may_differ_by_one_period(alice):
    secret = give_app(alice)
    for periods, lets_in in ((-1, True), (1, True), (-4, False), (4, False)):
        client = Client()
        enter_password(client, alice)
        client.post("/sign-in/code/", {"code": code_of(secret, periods)})
        assert is_signed_in(client) is lets_in, periods


def test_a_code_counts_once_for_as_long_as_it_would_be_accepted(alice):
    secret = give_app(alice)
    code, other = code_of(secret, 1), Client()
    first = Client()
    enter_password(first, alice)
    first.post("/sign-in/code/", {"code": code})
    assert is_signed_in(first)
    # allauth forgets a code after one period, though it is accepted for another one.
    cache.delete(f"allauth.mfa.totp.used?user={alice.pk}&code={code}")

    enter_password(other, alice)
    answer = other.post("/sign-in/code/", {"code": f" {code[:3]} {code[3:]}"})

    assert "was used already" in answer.content.decode() and not is_signed_in(other)


def test_whoever_knows_the_password_cannot_try_all_codes(client, alice):
    secret = give_app(alice)
    enter_password(client, alice)
    for _ in range(5):
        client.post("/sign-in/code/", {"code": wrong_code(secret)})

    answer = client.post("/sign-in/code/", {"code": code_of(secret)})

    assert "Too many failed attempts" in answer.content.decode()
    assert not is_signed_in(client)
    # Another address, or another session, is no way round.
    again = Client(REMOTE_ADDR="203.0.113.7")
    enter_password(again, alice)
    again.post("/sign-in/code/", {"code": code_of(secret)})
    assert not is_signed_in(again)


def test_a_recovery_code_signs_in_once(alice):
    give_app(alice)
    codes = Authenticator.objects.get(user=alice, type="recovery_codes").wrap().get_unused_codes()
    found = []
    for _ in range(2):
        client = Client()
        enter_password(client, alice)
        client.post("/sign-in/code/", {"code": codes[0]})
        found.append(is_signed_in(client))

    assert found == [True, False]
    used = AuditEvent.objects.get(action="sign_ins.use_code")
    assert used.after == {"left": 9}
    assert AuditEvent.objects.get(action="sign_ins.sign_in").after == {"with": ["password", "recovery code"]}
    assert "9 are left" in OutgoingMail.objects.get().text


def test_new_codes_end_the_old_ones(mine, alice, django_capture_on_commit_callbacks):
    give_app(alice)
    row = Authenticator.objects.filter(user=alice, type="recovery_codes")
    old = row.get().wrap().get_unused_codes()

    with django_capture_on_commit_callbacks(execute=True):
        assert mine.post("/profile/security/codes/make/").url == "/profile/security/codes/"

    assert not set(old) & set(row.get().wrap().get_unused_codes())
    assert told()[-1].endswith("made recovery codes")


CHANGES = ["app/", "app/remove/", "codes/make/", "passkeys/add/"]


@pytest.mark.parametrize("path", [*CHANGES, "codes/", "codes/download/"])
def test_changes_of_factors_ask_who_it_is(path, client_for, alice):
    client = client_for(alice)
    if path != "app/":
        give_app(alice)

    assert client.get(f"{PAGE}{path}").url.startswith("/confirm/")
    if path in CHANGES:
        assert client.post(f"{PAGE}{path}", {"code": "1"}).url.startswith("/confirm/")


def test_an_app_is_removed_with_the_codes(mine, alice):
    give_app(alice)

    assert mine.get("/profile/security/app/remove/").status_code == 200
    assert mine.post("/profile/security/app/remove/").url == PAGE

    assert not Authenticator.objects.filter(user=alice).exists()
    assert told() == [f"Alice ({alice.email}) removed a second factor"]
    assert enter_password(Client(), alice) == "/"


def test_a_link_for_a_new_password_is_no_way_round(client, alice):
    give_app(alice)

    answer = client.post(f"/reset/{make_reset_code(alice)}/", {"password": "another long phrase"})

    assert answer.url == "/sign-in/code/"
    assert not is_signed_in(client)
    alice.refresh_from_db()
    assert alice.check_password("another long phrase")


def test_another_persons_factors_are_not_found(mine, client_for, alice, bob):
    passkey = Authenticator.objects.create(
        user=bob, type="webauthn", data={"name": "Bob's", "credential": {}}
    )
    for verb in ("rename", "remove"):
        assert mine.get(f"{PAGE}passkeys/{passkey.pk}/{verb}/").status_code == 404
        assert mine.post(f"{PAGE}passkeys/{passkey.pk}/{verb}/", {"name": "Mine"}).status_code == 404
    assert Authenticator.objects.get(pk=passkey.pk).data["name"] == "Bob's"


def test_secrets_are_sealed(alice, settings):
    secret = give_app(alice)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        stored = str(cursor.fetchall())
    assert secret not in stored and "v1." in stored
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    assert not any(code in stored for code in codes)

    settings.VAULT_KEYS = "other:" + "x9" * 20
    with pytest.raises(VaultError):
        Authenticator.objects.get(type="totp").wrap().validate_code(code_of(secret))


def test_a_rotation_seals_them_again(alice, settings):
    secret = give_app(alice)
    before = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    old = settings.VAULT_KEYS
    ring = old if ":" in old else f"1:{old}"
    settings.VAULT_KEYS = f"New:{'n2' * 20},{ring}"

    assert sum(step.done for step in rotate_vault_key.rotate_vault_key()) == 2

    settings.VAULT_KEYS = f"New:{'n2' * 20}"
    assert rotate_vault_key.secrets_by_key() == {keys.vault().current_key_id: 2}
    assert Authenticator.objects.get(type="totp").wrap().validate_code(code_of(secret))
    assert Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes() == before


HOSTILE = [
    *("", "x", "5", "[]", "null", "{}", '{"id": 5}', '{"response": []}', "[" * 2000),
    json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": "/w"}}),
    '{"id": "\\ud800", "rawId": "\\u0000"}',
    json.dumps(
        {
            "id": "AA",
            "rawId": "AA",
            "type": "public-key",
            "response": {
                "clientDataJSON": "e30",
                "attestationObject": "oA",
                "authenticatorData": "AA",
                "signature": "AA",
                "userHandle": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ",
            },
            "clientExtensionResults": {},
        }
    ),
]


@pytest.mark.parametrize("credential", HOSTILE)
def test_whatever_is_sent_as_a_passkey_is_refused(credential, mine, client, alice, bob):
    give_app(bob)
    enter_password(client, bob)
    anonymous = Client()
    anonymous.get("/sign-in/passkey/", HTTP_ACCEPT="application/json")
    mine.get(f"{PAGE}passkeys/add/")

    for browser, path in (
        (mine, f"{PAGE}passkeys/add/"),
        (mine, "/confirm/passkey/"),
        (client, "/sign-in/code/"),
        (anonymous, "/sign-in/passkey/"),
    ):
        answer = browser.post(path, {"credential": credential, "name": "x" * 500})
        assert answer.status_code in {200, 302}, path
    assert not Authenticator.objects.filter(user=alice).exists()
    assert not is_signed_in(client) and not is_signed_in(anonymous)


def test_the_page_names_the_factors(mine, alice):
    assert "You have none yet." in mine.get(PAGE).content.decode()
    give_app(alice)
    text = mine.get(PAGE).content.decode()
    assert "10 left" in text and reverse("mfa_deactivate_totp") in text and PASSWORD not in text
