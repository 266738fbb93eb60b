"""Sign-in with an identity provider that runs as a program of its own: who is let in, and what goes wrong."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.test import Client

from accounts.addresses import confirm_address, is_confirmed
from accounts.exceptions import SignInRefused
from accounts.factors import has_factor
from accounts.flows.invite import invite
from accounts.identity_adapter import provider_named, read_identity
from accounts.identity_providers import for_allauth
from accounts.identity_settings import read_identity_providers
from accounts.models import AuditEvent, Group, Membership, Role, User
from tests.accounts.factors import give_app
from tests.conftest import PASSWORD
from tests.identity_provider import SECRET, identity_server

pytestmark = pytest.mark.django_db

START, CALLBACK = "/sign-in/with/corp/", "/sign-in/with/corp/callback/"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with identity_server(tmp_path_factory.mktemp("provider")) as server:
        server.sends_back_to("http://testserver")
        yield server


@pytest.fixture
def corp(server, settings):
    """Set the provider up; call it again with other properties to change them."""
    cache.clear()
    # The provider shares a busy machine with the tests, and whoever takes five seconds counts as down.
    settings.SOCIALACCOUNT_REQUESTS_TIMEOUT = 120

    def set_up(**other):
        described = server.described(**{"domains": ["example.org"], **other})
        providers = read_identity_providers("OIDC_PROVIDERS", json.dumps([described]))
        settings.IDENTITY_PROVIDERS, settings.SOCIALACCOUNT_PROVIDERS = providers, for_allauth(providers)

    set_up()
    return set_up


@pytest.fixture
def dora(server, workspace):
    """A person who is known to the provider alone."""
    server.says("dora", email="Dora@Example.org", email_verified=True, name="Dora D.")


def sign_in(server, name: str, client: Client | None = None, **data: str):
    """Sign in as somebody from the button of the sign-in page on; return the last answer."""
    client = client or Client()
    page = client.post(START, data)
    assert page.status_code == 200, page.content
    back = urlsplit(server.visit(page.context["address"], name))
    assert back.path == CALLBACK
    return client.get(f"{back.path}?{back.query}")


def why(answer):
    return answer.context["why"]


def test_a_new_person_gets_an_account_and_joins(server, corp, dora, workspace):
    client = Client()
    assert b"Sign in with Corp" in client.get("/sign-in/").content

    answer = sign_in(server, "dora", client)

    assert answer.url == "/"
    member = Membership.objects.get(user__email="dora@example.org")
    assert (member.workspace, member.role, member.user.name) == (workspace, Role.MEMBER, "Dora D.")
    assert is_confirmed(member.user) and not member.user.has_usable_password()
    assert client.get("/profile/").context["user"] == member.user
    # The claims are not needed later.
    assert SocialAccount.objects.get().extra_data == {}
    actions = set(AuditEvent.objects.filter(actor=member.user).values_list("action", flat=True))
    assert {"people.join", "sign_ins.link", "sign_ins.sign_in"} <= actions


def test_a_name_that_could_be_taken_for_another_is_left_out(server, corp, workspace):
    server.says("eve", email="eve@example.org", email_verified=True, name="\u0410lice")
    sign_in(server, "eve")
    assert User.objects.get(email="eve@example.org").display_name == "eve"


def test_the_same_person_comes_back_under_another_address_and_joins_no_second_time(server, corp, dora):
    sign_in(server, "dora")
    Membership.objects.get(user__email="dora@example.org").delete()
    server.says("dora", email="married@example.org", email_verified=False)

    assert sign_in(server, "dora").headers["Location"] == "/"
    assert User.objects.filter(email__in=["dora@example.org", "married@example.org"]).count() == 1
    assert not Membership.objects.filter(user__email="dora@example.org").exists(), "somebody had removed them"


def test_the_request_has_state_a_proof_key_and_no_scopes_of_the_visitor(server, corp, dora):
    answer = Client().post(f"{START}?scope=admin&auth_params=prompt%3Dnone", {"next": "/profile/"})

    sent = parse_qs(urlsplit(answer.context["address"]).query)
    assert sent["code_challenge_method"] == ["S256"] and sent["code_challenge"] and sent["state"]
    assert set(sent["scope"][0].split()) == {"openid", "profile", "email"}
    assert len(sent["nonce"][0]) >= 32 and sent["nonce"] != [nonce_in(Client().post(START))]
    assert "prompt" not in sent and SECRET not in answer.content.decode()
    assert Client().get(START).status_code == 405


@pytest.mark.parametrize(
    ("next_page", "goes_to"),
    [
        ("/profile/", "/profile/"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
    ],
)
def test_it_goes_on_where_one_wanted_to_go_but_not_elsewhere(server, corp, dora, next_page, goes_to):
    assert sign_in(server, "dora", next=next_page).url == goes_to


def test_a_sign_in_of_another_browser_is_refused(server, corp, dora):
    """A visitor who follows a stranger's link must not end up in the stranger's account."""
    begun = Client().post(START)
    back = urlsplit(server.visit(begun.context["address"], "dora"))
    victim = Client()
    victim.post(START)

    answer = victim.get(f"{back.path}?{back.query}")

    assert (answer.status_code, why(answer)) == (400, "stale")
    assert victim.get("/profile/").status_code == 302


def test_an_answer_counts_once(server, corp, dora):
    client = Client()
    back = urlsplit(server.visit(client.post(START).context["address"], "dora"))
    assert client.get(f"{back.path}?{back.query}")["Location"] == "/"

    assert why(client.get(f"{back.path}?{back.query}")) == "stale"


def test_a_code_without_the_proof_key_of_its_browser_is_refused(server, corp, dora):
    """A stolen code is worth nothing: its proof key is in another session."""
    stolen = parse_qs(urlsplit(server.visit(Client().post(START).context["address"], "dora")).query)["code"][
        0
    ]
    client = Client()
    state = parse_qs(urlsplit(client.post(START).context["address"]).query)["state"][0]

    answer = client.get(CALLBACK, {"code": stolen, "state": state})

    assert (answer.status_code, why(answer)) == (502, "down")
    assert not User.objects.filter(email="dora@example.org").exists()


def nonce_in(page):
    return parse_qs(urlsplit(page.context["address"]).query)["nonce"][0]


def test_an_id_token_of_another_sign_in_is_refused(server, corp, dora):
    """A provider could let somebody bring a stolen token into a sign-in of their own."""
    seen = nonce_in(Client().post(START))
    for nonce in (seen, "", None, ["x"], 7, "ü\ud800"):
        server.tokens("dora", nonce=nonce)
        client = Client()
        answer = sign_in(server, "dora", client)
        assert (answer.status_code, why(answer)) == (403, "replayed"), nonce
        assert b"belongs to another sign-in" in answer.content
        assert client.get("/profile/").status_code == 302
    assert not User.objects.filter(email="dora@example.org").exists()

    server.tokens("dora")
    assert sign_in(server, "dora").url == "/"


@pytest.mark.parametrize(
    "claims", [{"aud": "another client"}, {"aud": None}, {"iss": "https://evil.example"}, {"exp": 1}]
)
def test_an_id_token_for_somebody_else_or_of_somebody_else_is_refused(server, corp, dora, claims):
    server.tokens("dora", **claims)
    client = Client()
    assert sign_in(server, "dora", client).status_code == 502
    assert client.get("/profile/").status_code == 302
    assert not User.objects.filter(email="dora@example.org").exists()


@pytest.mark.parametrize("verified", [False, None, "false", "no", 1, ["true"]])
def test_an_address_that_the_provider_did_not_confirm_opens_nothing(server, corp, alice, verified):
    server.says("eve", email="alice@example.org", email_verified=verified)

    answer = sign_in(server, "eve")

    assert (answer.status_code, why(answer)) == (403, "unconfirmed")
    assert not SocialAccount.objects.exists()
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


@pytest.mark.parametrize(
    "address", ["", None, "not an address", "a@b@example.org", "x@example.org\r\nBcc: y"]
)
def test_a_provider_that_names_no_address_is_explained(server, corp, workspace, address):
    server.says("nameless", email=address, email_verified=True)
    assert why(sign_in(server, "nameless")) == "unconfirmed"


@pytest.mark.parametrize(
    "address", ["d@example.org.evil.test", "d@evil-example.org", "d@sub.example.org", "example.org@evil.test"]
)
def test_a_domain_is_compared_as_a_whole(server, corp, workspace, address):
    server.says("eve", email=address, email_verified=True)
    answer = sign_in(server, "eve")
    assert (answer.status_code, why(answer)) == (403, "not_admitted")
    assert not User.objects.filter(email=address).exists()


def test_an_account_with_a_confirmed_address_is_linked_and_keeps_its_password(server, corp, alice):
    confirm_address(alice)
    server.says("alice", email="alice@example.org", email_verified="true")

    assert sign_in(server, "alice").url == "/"

    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
    assert SocialAccount.objects.get().user == alice
    assert Membership.objects.get(user=alice).role == Role.OWNER


def test_an_account_whose_address_nobody_confirmed_loses_its_password_factors_and_sessions(
    server, corp, client_for, bob
):
    """An account could have been made with the address of another, to share it with them later."""
    elsewhere = client_for(bob)
    give_app(bob)
    server.says("bob", email="bob@example.org", email_verified=True)
    client = Client()

    sign_in(server, "bob", client)

    bob.refresh_from_db()
    assert not bob.has_usable_password() and is_confirmed(bob)
    assert not has_factor(bob), "a passkey of somebody else would still sign in"
    assert elsewhere.get("/profile/").status_code == 302
    assert b"was removed" in client.get("/profile/").content
    assert AuditEvent.objects.filter(action="sign_ins.remove_password").count() == 1


def test_another_subject_with_the_same_address_is_refused(server, corp, dora):
    sign_in(server, "dora")
    server.says("dora", sub="made anew", email="dora@example.org", email_verified=True)

    answer = sign_in(server, "dora")

    assert (answer.status_code, why(answer)) == (403, "other_identity")
    assert SocialAccount.objects.get().uid == "dora"


def test_an_account_that_is_switched_off_stays_so(server, corp, dora):
    sign_in(server, "dora")
    User.objects.filter(email="dora@example.org").update(is_active=False)
    client = Client()
    assert why(sign_in(server, "dora", client)) == "switched_off"
    assert client.get("/profile/").status_code == 302


def test_somebody_with_an_invitation_signs_in_and_accepts_it(server, corp, workspace, alice):
    server.says("guest", email="guest@partner.test", email_verified=True)
    _, token = invite(workspace, Role.VIEWER, "a guest", 7, actor=alice)
    page = f"/join/{token}/"
    assert b"Sign in with Corp" in Client().get(page).content
    client = Client()

    assert sign_in(server, "guest", client, next=page).url == page
    client.post(page)

    assert Membership.objects.get(user__email="guest@partner.test").role == Role.VIEWER
    # A used invitation admits nobody else.
    server.says("other", email="other@partner.test", email_verified=True)
    assert why(sign_in(server, "other", next=page)) == "not_admitted"


def test_claims_set_the_role_and_the_groups_at_each_sign_in(server, corp, dora, workspace, ada):
    corp(
        claims=["groups", "realm.roles"],
        roles={"bosses": "admin"},
        groups={"lab": "Laboratory", "ops": "Operations"},
    )
    mine = Group.objects.create(workspace=workspace, name="By hand")
    operations = Group.objects.create(workspace=workspace, name="operations")
    said = {"email": "dora@example.org", "email_verified": True}
    server.says("dora", groups=["lab"], realm={"roles": ["bosses"]}, **said)
    sign_in(server, "dora")
    dora = Membership.objects.get(user__email="dora@example.org")
    mine.members.add(dora)
    assert (dora.role, names(dora)) == (Role.ADMIN, ["By hand", "Laboratory"])

    server.says("dora", groups=["ops", "unknown"], **said)
    sign_in(server, "dora")

    dora.refresh_from_db()
    assert (dora.role, names(dora)) == (Role.MEMBER, ["By hand", "operations"])
    assert operations.members.get() == dora
    changed = AuditEvent.objects.get(action="people.change_role")
    assert (changed.actor, changed.before, changed.after) == (
        None,
        {"role": "admin"},
        {"role": "member", "by": "Corp"},
    )
    before = AuditEvent.objects.exclude(action__startswith="sign_ins").count()
    sign_in(server, "dora")
    assert AuditEvent.objects.exclude(action__startswith="sign_ins").count() == before


def names(member: Membership) -> list[str]:
    return sorted(member.groups.values_list("name", flat=True))


def test_the_last_owner_stays_one_whatever_the_claims_say(server, corp, alice):
    confirm_address(alice)
    corp(roles={"guests": "viewer"})
    server.says("alice", email="alice@example.org", email_verified=True, groups=["guests"])
    sign_in(server, "alice")
    assert Membership.objects.get(user=alice).role == Role.OWNER


def test_a_provider_that_is_down_is_said_so(server, corp, dora, closed_port):
    down = f"http://127.0.0.1:{closed_port}"
    corp(issuer=down)
    answer = Client().post(START)
    assert (answer.status_code, why(answer)) == (502, "down")

    corp()
    client = Client()
    back = urlsplit(server.visit(client.post(START).context["address"], "dora"))
    corp(issuer=down)
    answer = client.get(f"{back.path}?{back.query}")
    assert (answer.status_code, why(answer)) == (502, "down")
    assert client.get("/profile/").status_code == 302


@pytest.mark.parametrize(
    ("error", "reason"), [("access_denied", "cancelled"), ("server_error", "denied"), ("<b>x</b>", "denied")]
)
def test_a_refusal_of_the_provider_is_explained(corp, workspace, error, reason):
    client = Client()
    state = parse_qs(urlsplit(client.post(START).context["address"]).query)["state"][0]
    answer = client.get(CALLBACK, {"error": error, "state": state})
    assert why(answer) == reason and b"<b>x" not in answer.content


def test_userinfo_about_another_person_than_the_token_is_refused(corp, workspace):
    with pytest.raises(SignInRefused):
        read_identity(provider_named("corp"), "a", {"id_token": {"sub": "a"}, "userinfo": {"sub": "b"}})


def test_claims_of_other_kinds_than_promised_are_no_failure_of_ours(server, corp, workspace, caplog):
    server.says("nameless", email=7, email_verified=True)
    answer = sign_in(server, "nameless")
    assert (answer.status_code, why(answer)) == (502, "confused")


def test_an_unknown_provider_is_not_found(corp, client):
    assert client.post("/sign-in/with/other/").status_code == 404
    assert client.get("/sign-in/with/other/callback/").status_code == 404


def test_no_address_is_left_unconfirmed_in_the_table(server, corp, dora):
    sign_in(server, "dora")
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("dora@example.org", True)]


def test_an_account_without_a_password_is_deleted_after_a_fresh_sign_in_only(server, corp, dora):
    client, page = Client(), "/profile/delete/"
    sign_in(server, "dora", client)
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    for answer in (client.get(page), client.post(page, {"address": "dora@example.org"})):
        assert b"sign in once more" in answer.content and b"Delete my account" not in answer.content
    assert User.objects.filter(email="dora@example.org").exists()

    assert sign_in(server, "dora", client, next=page).url == page
    assert client.post(page, {"address": "dora@example.org"}).status_code == 302
    assert not User.objects.filter(email="dora@example.org").exists()


def test_people_without_a_password_are_offered_to_set_one(server, corp, dora):
    client = Client()
    sign_in(server, "dora", client)
    page = client.get("/profile/security/").content.decode()
    assert "Set a password" in page and "Change password" not in page
