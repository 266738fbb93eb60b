"""Keys that are made with a cap at their provider."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest

from accounts import keys
from accounts.flows.change_membership import remove_member
from accounts.flows.replace_key import replace_key
from accounts.flows.save_key import save_key
from accounts.models import ApiKey, CappedKey, Membership, Workspace
from playground.flows import make_capped_key as making
from playground.models import Provider
from playground.upstream.errors.exceptions import FailureKind, UpstreamError
from playground.upstream.managed_keys import Cap, KeyManager, ManagedKey, is_unsure
from playground.upstream.transport.addresses import parse_allowed
from playground.upstream.transport.client import UpstreamClient
from tests.playground.scripted_keys import MANAGEMENT_KEY, SECRETS, ScriptedKeys

pytestmark = pytest.mark.django_db

PAGE = "/w/acme/capped-keys/aimlapi/"
FORM = {"owner": "workspace", "name": "Acme", "cap_usd": "25", "period": "month"}
HTML = b"<html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>"


@pytest.fixture
def service(demo_upstream) -> ScriptedKeys:
    script = ScriptedKeys()
    demo_upstream.api.service = script.respond
    return script


@pytest.fixture
def aimlapi(demo_upstream, settings) -> Provider:
    settings.ALLOWED_PRIVATE_UPSTREAMS = [urlsplit(demo_upstream.base_url).netloc]
    facts = {"name": "AI/ML API", "kind": Provider.Type.AIMLAPI, "base_url": demo_upstream.base_url}
    provider, _ = Provider.objects.update_or_create(code="aimlapi", defaults=facts)
    return provider


@pytest.fixture
def admin(client_for, ada, aimlapi, service, workspace):
    return client_for(ada)


def post(client: Any, url: str, **fields: Any) -> tuple[list[str], str]:
    """Return the messages and the page that follow a form with the management key."""
    answer = client.post(url, {"management_key": MANAGEMENT_KEY, **fields}, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]], answer.content.decode()


def make(client: Any, **fields: Any) -> tuple[list[str], str]:
    return post(client, f"{PAGE}make/", **{**FORM, **fields})


def url_of(capped: CappedKey, verb: str) -> str:
    return f"/w/acme/capped-keys/{capped.code}/{verb}/"


# --- making ---


def test_a_key_with_a_cap_is_made_and_stored(admin, service, workspace, ada):
    said, page = make(admin)
    assert said == ["The key Acme is made and stored, with a cap of $25.00 a month."]
    assert service.asked == [
        ("POST", "", {"name": "Acme", "limit": {"threshold": 25.0, "retention": "month"}})
    ]
    key, capped = ApiKey.objects.get(), CappedKey.objects.get()
    assert (key.workspace, key.member, key.created_by, keys.reveal(key)) == (workspace, None, ada, SECRETS[0])
    assert (capped.api_key, capped.prefix, capped.cap_usd, capped.period) == (
        key,
        "00000001",
        Decimal(25),
        "month",
    )
    assert "$25.00 a month" in page and "00000001…" in page


def test_a_members_key_is_their_own(admin, bob, workspace):
    make(admin, owner=str(Membership.objects.get(user=bob).pk), period="no_reset")
    assert ApiKey.objects.get().member == CappedKey.objects.get().member == bob
    found = keys.resolve(workspace, bob, "aimlapi")
    assert found is not None and keys.reveal(found) == SECRETS[0]


def test_no_page_session_or_log_has_a_secret(admin, service, caplog):
    caplog.set_level("DEBUG")
    texts = [make(admin)[1], make(admin)[1], admin.get(PAGE).content.decode()]
    service.refuse("POST", 401, f'{{"message": "No such key: {MANAGEMENT_KEY}"}}'.encode())
    texts += [make(admin, may_replace="on")[1], post(admin, f"{PAGE}refresh/")[1]]
    texts += [post(admin, f"{PAGE}make/", owner="nobody")[1], str(dict(admin.session)), caplog.text]
    for text in texts:
        assert not any(secret in text for secret in (MANAGEMENT_KEY, *SECRETS))
        assert "c4n4ry" not in text
    stored = [
        *ApiKey.objects.values_list("token", flat=True),
        *CappedKey.objects.values_list("name", flat=True),
    ]
    assert not any(MANAGEMENT_KEY in text or "c4n4ry" in text for text in stored)


def test_a_key_that_is_stored_is_replaced_only_if_that_was_chosen(admin, service, workspace, ada):
    save_key(workspace, "aimlapi", "an-earlier-key-0123456789", member=None, actor=ada)
    assert "already has a key" in make(admin)[0][0]
    assert service.asked == []
    make(admin, may_replace="on")
    make(admin, may_replace="on")
    # The first one still exists at the provider, so it stays in the list.
    assert list(CappedKey.objects.order_by("pk").values_list("prefix", "api_key__last4")) == [
        ("00000001", None),
        ("00000002", "ef01"),
    ]
    assert keys.reveal(ApiKey.objects.get()) == SECRETS[1]


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, b"{}", "did not accept the management key"),
        (403, b"{}", "does not let this key manage keys. Nothing was changed."),
        (404, b"{}", "no management of keys at its address. Nothing was changed."),
        (404, HTML, "no management of keys at its address. Nothing was changed."),
        (429, b"{}", "too many requests. Try again in a minute. Nothing was changed."),
        (400, b'{"message": "The name is taken"}', "The name is taken. Nothing was changed."),
        (500, b"{}", "It may have made the key “Acme”"),
        (502, HTML, "It may have made the key “Acme”"),
        (200, HTML, "could not be understood. It may have made the key “Acme”"),
        (200, b'{"data": []}', "could not be understood. It may have made the key “Acme”"),
        (
            200,
            b'{"data": {"prefix": "../../x", "key": "c4n4ry0123456789abcdef"}}',
            "It may have made the key",
        ),
        (
            200,
            b'{"data": {"prefix": "00000001", "key": "c4n4ry01',
            "could not be understood. It may have made",
        ),
        (0, b'{"data": {"prefix": "00000001", "key": "c4n4ry01', "It may have made the key “Acme”"),
    ],
)
def test_a_refusal_is_explained_and_stores_nothing(status, body, said, admin, service):
    service.refuse("POST", status, body)
    messages, page = make(admin)
    assert len(messages) == 1 and said in messages[0]
    assert "c4n4ry" not in page
    assert not ApiKey.objects.exists() and not CappedKey.objects.exists()
    # All but the management key is still in the form.
    assert 'value="Acme"' in page and 'value="25"' in page


def test_a_provider_that_does_not_answer_in_time_may_have_made_the_key(admin, service, monkeypatch):
    error = UpstreamError(FailureKind.TIMEOUT_TOTAL, "The provider took too long.")

    async def late(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(UpstreamClient, "fetch_json", late)
    assert make(admin)[0] == [
        "The provider took too long. It may have made the key “Acme”: look on its site before you try again, "
        "and delete it there."
    ]


@pytest.mark.parametrize(
    ("instead", "said"),
    [
        ({"limit": None}, "made a key without this cap"),
        ({"limit": {"threshold": 26, "retention": "month"}}, "made a key without this cap"),
        ({"limit": {"threshold": 25, "retention": "day"}}, "made a key without this cap"),
        ({"disabled": True}, "made a key without this cap"),
        ({"key": None}, "did not tell its secret"),
        ({"key": "two\nlines of a secret key"}, "did not tell its secret"),
    ],
)
@pytest.mark.parametrize("can_delete", [True, False])
def test_a_key_that_is_not_what_was_asked_for_is_deleted_again_or_named(
    instead, said, can_delete, admin, service
):
    service.instead = instead
    if not can_delete:
        service.refuse("DELETE", 500)
    (message,), _ = make(admin)
    assert said in message
    assert (
        "deleted at the provider again" if can_delete else "delete “Acme”, which begins with 00000001"
    ) in message
    assert bool(service.keys) is not can_delete
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("can_delete", [True, False])
def test_a_key_that_cannot_be_stored_is_deleted_again_or_named(
    can_delete, admin, service, monkeypatch, caplog
):
    def broken(*args: Any, **_: Any) -> None:
        raise RuntimeError(f"no room for {args}")

    monkeypatch.setattr(making, "save_key", broken)
    if not can_delete:
        service.refuse("DELETE", 429)
    (message,), _ = make(admin)
    assert "could not be stored here" in message
    assert bool(service.keys) is not can_delete and ("00000001" in message) is not can_delete
    assert "RuntimeError" in caplog.text and "c4n4ry" not in caplog.text


def test_who_left_meanwhile_gets_no_key(admin, service, bob, alice, workspace, monkeypatch):
    member = Membership.objects.get(user=bob)
    made = KeyManager.make_key

    def leave(*args: Any) -> Any:
        remove_member(member, actor=alice)
        return made(*args)

    monkeypatch.setattr(KeyManager, "make_key", leave)
    (message,), _ = make(admin, owner=str(member.pk))
    assert "can no longer have a key" in message and service.keys == {}


@pytest.mark.parametrize(
    "wrong",
    [
        *({"cap_usd": value} for value in ("0", "-1", "NaN", "1e9", "0.001", "")),
        *({"period": "year"}, {"owner": "0"}, {"name": ""}, {"name": "x" * 101}),
        *({"management_key": ""}, {"management_key": "two words"}, {"base_url": "https://other.example"}),
    ],
)
def test_a_wrong_entry_asks_nobody(wrong, admin, service):
    messages, page = make(admin, **wrong)
    assert messages == [] and 'class="errors"' in page
    assert service.asked == []


# --- what happens with it later ---


@pytest.fixture
def capped(admin) -> CappedKey:
    make(admin)
    return CappedKey.objects.get()


def test_the_cap_is_changed_and_the_key_disabled(admin, service, capped):
    said, page = post(admin, url_of(capped, "change"), cap_usd="7.5", period="day", is_disabled="on")
    assert said == ["Acme is changed at AI/ML API."]
    limit = {"threshold": 7.5, "retention": "day"}
    assert service.asked[-1] == ("PATCH", "00000001", {"limit": limit, "disabled": True})
    assert "$7.50 a day" in page and ">disabled<" in page


def test_it_shows_the_cap_that_the_provider_reports(admin, service, capped):
    body = b'{"data": {"prefix": "00000001", "name": "Acme", "disabled": false, "limit": null}}'
    service.refuse("PATCH", 200, body)
    said, page = post(admin, url_of(capped, "change"), cap_usd="7.5", period="day")
    assert said == ["AI/ML API reports something else than you asked for: see Acme."]
    assert "no cap" in page


def test_caps_and_use_are_asked(admin, service, capped):
    service.keys["00000001"] |= {"monthly_usage": 3.25, "name": "Renamed"}
    service.keys["other001"] = {"prefix": "other001", "monthly_usage": 1}
    service.keys["hostile"] = {"prefix": "a/b", "monthly_usage": 1}
    said, page = post(admin, f"{PAGE}refresh/")
    assert said == ["Caps and use are up to date. The account has 1 more key, not made on this page."]
    assert "3.25" in page and "Renamed" in page


def test_it_is_deleted_at_the_provider_and_here(admin, service, capped):
    assert post(admin, url_of(capped, "delete"))[0] == ["Acme is deleted, at AI/ML API and here."]
    assert service.keys == {}
    assert not ApiKey.objects.exists() and not CappedKey.objects.exists()


def test_deleting_it_keeps_a_key_that_replaced_it(admin, service, capped, workspace, ada):
    replace_key(ApiKey.objects.get(), "another-key-0123456789abc", actor=ada)
    post(admin, url_of(capped, "delete"))
    assert keys.reveal(ApiKey.objects.get()) == "another-key-0123456789abc"
    assert service.keys == {} and not CappedKey.objects.exists()


@pytest.mark.parametrize("verb", ["change", "delete"])
@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "Nothing was changed"), (404, "does not know this key"), (500, "may have done it all the same")],
)
def test_a_key_that_is_not_changed_stays(verb, status, said, admin, service, capped):
    service.refuse("PATCH", status)
    service.refuse("DELETE", status)
    (message,), _ = post(admin, url_of(capped, verb), cap_usd="1", period="day")
    assert said in message
    capped.refresh_from_db()
    assert (capped.cap_usd, capped.api_key_id) == (25, ApiKey.objects.get().pk)


def test_the_keys_page_says_that_the_provider_keeps_it(admin, service, capped, client_for, bob):
    page = f"/w/acme/keys/{ApiKey.objects.get().code}/"
    text = admin.get(page).content.decode()
    assert "It still exists at AI/ML API, and whoever has it can use it up to its cap." in text
    assert f'href="{PAGE}?q=00000001#caps-heading"' in text
    # The page behind the link deletes it at the provider.
    assert f'action="{url_of(capped, "delete")}"' in admin.get(f"{PAGE}?q=00000001").content.decode()

    answer = admin.post(f"{page}delete/", follow=True)

    said = [str(message) for message in answer.context["messages"]]
    assert said[0] == "The key Acme for AI/ML API is deleted here."
    assert said[1].startswith("AI/ML API still has the key Acme (00000001…).")
    assert service.asked[-1][0] == "POST"
    assert not ApiKey.objects.exists() and CappedKey.objects.get() == capped


def test_a_member_is_told_who_can_delete_their_key_at_the_provider(admin, bob, client_for):
    make(admin, owner=str(Membership.objects.get(user=bob).pk))
    text = client_for(bob).get(f"/w/acme/keys/{ApiKey.objects.get().code}/").content.decode()
    assert "An admin can delete it there." in text and "capped-keys" not in text


def test_many_keys_are_shown_in_pages_and_found(admin, workspace, bob):
    CappedKey.objects.bulk_create(
        CappedKey(workspace=workspace, provider_code="aimlapi", prefix=f"{n:08}", name=f"Key {n}")
        for n in range(45)
    )
    CappedKey.objects.filter(name="Key 7").update(member=bob)

    def names(query: str) -> list[str]:
        return [row.key.name for row in admin.get(f"{PAGE}?{query}").context["rows"]]

    assert names("") == [f"Key {n}" for n in range(44, 34, -1)]
    assert names("page=5") == [f"Key {n}" for n in range(4, -1, -1)]
    assert names("q=bob") == names("q=00000007") == ["Key 7"]
    assert "No key matches." in admin.get(f"{PAGE}?q=nobody").content.decode()
    # A form that was refused is shown, whatever page its key is on.
    last = CappedKey.objects.get(name="Key 0")
    assert "Paste the management key." in admin.post(url_of(last, "delete")).content.decode()


def test_a_key_that_the_account_lost_can_leave_the_list(admin, service, capped):
    assert "still exists" in post(admin, url_of(capped, "forget"))[0][0]
    service.keys.clear()
    said, page = post(admin, f"{PAGE}refresh/")
    assert said[1] == "The account does not have 1 of the keys below."
    assert "not in the account" in page
    post(admin, url_of(capped, "forget"))
    assert not CappedKey.objects.exists()
    # It may be of another account: the secret stays until somebody deletes it on Keys.
    assert ApiKey.objects.exists()


def test_a_key_of_a_person_who_left_stays_in_the_list(admin, bob, alice, workspace):
    member = Membership.objects.get(user=bob)
    make(admin, owner=str(member.pk))
    remove_member(member, actor=alice)
    assert not ApiKey.objects.exists()
    assert "not used here" in admin.get(PAGE).content.decode()


# --- who may ---


def test_others_see_nothing_of_it(client_for, bob, carol, capped):
    for person, status in ((bob, 403), (carol, 404)):
        client = client_for(person)
        assert client.get(PAGE).status_code == status
        for verb in ("change", "delete", "forget"):
            assert client.post(url_of(capped, verb)).status_code == status
    assert "capped-keys" not in client_for(bob).get("/w/acme/keys/").content.decode()


def test_another_workspaces_key_is_not_found(admin, service, capped, ada):
    other = Workspace.objects.create(name="Other", slug="other")
    Membership.objects.create(workspace=other, user=ada, role="owner")
    for verb in ("change", "delete", "forget"):
        url = f"/w/other/capped-keys/{capped.code}/{verb}/"
        assert admin.post(url, {"management_key": MANAGEMENT_KEY}).status_code == 404
    assert [method for method, *_ in service.asked] == ["POST"]
    assert "Acme" not in admin.get("/w/other/capped-keys/aimlapi/").content.decode()


def test_only_a_provider_that_makes_keys_has_the_page(admin, aimlapi):
    Provider.objects.update(kind=Provider.Type.OPENAI)
    assert admin.get(PAGE).status_code == 404
    assert "capped-keys" not in admin.get("/w/acme/keys/").content.decode()


# --- the client ---


def test_the_client_reads_what_it_can(service, aimlapi, demo_upstream):
    allowed = (parse_allowed(urlsplit(demo_upstream.base_url).netloc),)
    manager = KeyManager(demo_upstream.base_url, lambda: MANAGEMENT_KEY, allowed)
    odd = {"prefix": "odd00001", "name": 5, "disabled": "yes", "limit": {"threshold": -1, "retention": "day"}}
    service.keys["odd"] = {**odd, "monthly_usage": True}
    service.keys["big"] = {"prefix": "big00001", "name": "x" * 500, "monthly_usage": 1e300}
    assert manager.list_keys() == [
        ManagedKey("odd00001", "", None, None, is_disabled=False),
        ManagedKey("big00001", "x" * 100, None, None, is_disabled=False),
    ]
    with pytest.raises(UpstreamError) as refusal:
        manager.delete_key("../v1/keys")
    assert refusal.value.kind == "malformed"
    assert MANAGEMENT_KEY not in repr(manager) and Cap(Decimal(1), "day").as_json()["threshold"] == 1.0
    assert is_unsure(refusal.value)
