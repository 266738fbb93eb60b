"""The dialog that adds a key beside a prompt."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from accounts import keys
from accounts.models import ApiKey
from playground.flows.add_provider import add_provider
from playground.models import Provider

SECRET = "sk-canary-0123456789abcdef"
FORM, ADD = "/w/acme/keys/aimlapi/dialog/", "/w/acme/keys/aimlapi/add/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def aimlapi(demo_upstream, settings) -> Provider:
    """A provider that requires ``SECRET``: the built-in demo at the address of a real provider."""
    demo_upstream.api.required_key = SECRET
    settings.ALLOWED_PRIVATE_UPSTREAMS = [urlsplit(demo_upstream.base_url).netloc]
    provider, _ = Provider.objects.update_or_create(
        code="aimlapi",
        defaults={"name": "AI/ML API", "kind": Provider.Type.AIMLAPI, "base_url": demo_upstream.base_url},
    )
    return provider


def text_of(answer):
    return answer.content.decode()


def test_it_asks_who_uses_the_key_only_those_who_may_share_one(client_for, ada, bob):
    assert "Everyone who can write in Acme" in text_of(client_for(ada).get(FORM))
    member = text_of(client_for(bob).get(FORM))
    assert "Everyone who can write" not in member
    assert "Only your own answers use it." in member


def test_it_says_where_a_key_comes_from(client_for, bob, workspace, alice, aimlapi):
    Provider.objects.filter(pk=aimlapi.pk).update(base_url="https://api.aimlapi.com/v1")
    assert 'href="https://aimlapi.com/app/keys"' in text_of(client_for(bob).get(FORM))

    local = add_provider(workspace, "<b>Lab", "http://10.0.0.5:8000/v1", needs_key=True, actor=alice)
    page = text_of(client_for(bob).get(f"/w/acme/keys/{local.code}/dialog/"))
    assert "administrator of <b>10.0.0.5:8000</b> gave you" in page
    assert "&lt;b&gt;Lab" in page


@pytest.mark.parametrize("whose", ["mine", "workspace"])
def test_a_key_that_works_is_stored(client_for, ada, whose):
    answer = client_for(ada).post(ADD, {"secret": f" {SECRET}\n", "whose": whose})

    assert answer.status_code == 204
    key = ApiKey.objects.get()
    assert keys.reveal(key) == SECRET
    assert (key.member, key.created_by) == (ada if whose == "mine" else None, ada)


@pytest.mark.parametrize("secret", ["", "  ", "two words", "sk-1\r\nX-Evil: 1"])
def test_what_cannot_be_a_key_is_refused_at_the_field(client_for, bob, secret, demo_upstream):
    answer = client_for(bob).post(ADD, {"secret": secret})

    assert answer.status_code == 422
    assert 'class="errors"' in text_of(answer)
    assert "data-key-untested" not in text_of(answer)
    assert not ApiKey.objects.exists()
    assert not demo_upstream.requests


def test_a_key_that_does_not_work_is_stored_only_if_somebody_insists(client_for, bob):
    wrong = {"secret": "sk-wrong-0123456789abcdef"}
    answer = client_for(bob).post(ADD, wrong)

    assert answer.status_code == 422
    assert "data-key-untested" in text_of(answer)
    assert "sk-wrong" not in text_of(answer)
    assert not ApiKey.objects.exists()

    assert client_for(bob).post(ADD, {**wrong, "anyway": "1"}).status_code == 204
    assert ApiKey.objects.get().member == bob


def test_a_key_is_not_sent_to_another_address_than_the_page_named(client_for, bob, demo_upstream):
    answer = client_for(bob).post(ADD, {"secret": SECRET, "base_url": "https://elsewhere.example.org/v1"})

    assert answer.status_code == 422
    assert "has another address now" in text_of(answer)
    assert not demo_upstream.requests
    assert not ApiKey.objects.exists()


def test_members_share_no_key_and_viewers_add_none(client_for, bob, vera, carol, aimlapi):
    shared = {"secret": SECRET, "whose": "workspace"}
    assert client_for(bob).post(ADD, shared).status_code == 403
    assert client_for(bob).post(ADD, {**shared, "whose": "nobody"}).status_code == 404
    assert client_for(vera).post(ADD, {"secret": SECRET}).status_code == 403
    assert client_for(vera).get(FORM).status_code == 403
    assert client_for(carol).get(FORM).status_code == 404
    assert not ApiKey.objects.exists()


def test_the_demo_needs_no_key(client_for, bob):
    Provider.objects.update_or_create(code="demo", defaults={"name": "Demo", "kind": Provider.Type.DEMO})
    assert client_for(bob).get("/w/acme/keys/demo/dialog/").status_code == 404
    assert client_for(bob).post("/w/acme/keys/demo/add/", {"secret": SECRET}).status_code == 404


HERE = "/w/acme/?model=7"
HOSTILE = [
    "//evil.example.org/",
    "https://evil.example.org/",
    "javascript:alert(1)",
    "/\\evil.example.org",
    "w/acme/",
]


def test_the_page_of_keys_leads_back_to_where_the_key_was_missing(client_for, ada):
    page = text_of(client_for(ada).get("/w/acme/keys/", {"provider": "aimlapi", "next": HERE}))
    assert f'href="{HERE}">Back to your chat' in page
    assert page.count(f'name="next" value="{HERE}"') == 2
    assert page.count('<details class="confirm" open>') == 1

    save = "/w/acme/keys/mine/aimlapi/save/"
    wrong = client_for(ada).post(save, {"secret": "sk-wrong-0123456789abcdef", "next": HERE})
    assert wrong.url == "/w/acme/keys/?provider=aimlapi&next=%2Fw%2Facme%2F%3Fmodel%3D7"
    assert client_for(ada).post(save, {"secret": SECRET, "next": HERE}).url == HERE


@pytest.mark.parametrize("place", HOSTILE)
def test_it_leads_nowhere_else(client_for, ada, place):
    assert "Back to your chat" not in text_of(client_for(ada).get("/w/acme/keys/", {"next": place}))
    answer = client_for(ada).post("/w/acme/keys/mine/aimlapi/save/", {"secret": SECRET, "next": place})
    assert answer.url == "/w/acme/keys/"
