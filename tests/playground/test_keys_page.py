from __future__ import annotations

import pytest

from accounts import keys
from accounts.flows.save_key import save_key
from accounts.models import ApiKey
from playground.models import Provider

PAGE = "/w/acme/keys/"
SECRET = "sk-canary-0123456789abcdef"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def required_key(demo_upstream) -> None:
    demo_upstream.api.required_key = SECRET


@pytest.fixture
def posts(vendor):
    return {f"{PAGE}{whose}/aimlapi/save/": {"secret": SECRET} for whose in ("mine", "workspace")}


def test_it_saves_and_tests_a_key(client_for, ada, vendor, workspace):
    answer = client_for(ada).post(f"{PAGE}workspace/aimlapi/save/", {"secret": f" {SECRET}\n"}, follow=True)

    text = answer.content.decode()
    assert "key saved" in text
    assert "The key works" in text
    key = ApiKey.objects.get()
    assert (key.workspace, key.member, key.created_by) == (workspace, None, ada)
    assert keys.reveal(key) == SECRET


def test_it_saves_a_key_of_ones_own(client_for, bob, vendor):
    client_for(bob).post(f"{PAGE}mine/aimlapi/save/", {"secret": SECRET})

    assert ApiKey.objects.get().member == bob


def test_no_page_shows_a_key_again(client_for, ada, vendor):
    client = client_for(ada)
    saved = client.post(f"{PAGE}workspace/aimlapi/save/", {"secret": SECRET}, follow=True)

    for answer in (saved, client.get(PAGE)):
        assert SECRET not in answer.content.decode()
        assert SECRET[:12] not in answer.content.decode()
    assert "cdef" in saved.content.decode()
    assert "by Ada" in saved.content.decode()
    assert SECRET not in str(dict(client.session))


def test_a_key_that_the_provider_refuses_is_kept_and_said_to_be_refused(client_for, ada, vendor):
    answer = client_for(ada).post(
        f"{PAGE}workspace/aimlapi/save/", {"secret": "sk-other-0123456789"}, follow=True
    )

    messages = [(message.level_tag, message.message) for message in answer.context["messages"]]
    assert [level for level, _ in messages] == ["warning"]
    assert "The key works" not in messages[0][1]
    assert "sk-other" not in messages[0][1]
    assert ApiKey.objects.exists()


def test_it_tests_a_stored_key(client_for, ada, vendor, workspace, demo_upstream):
    key = save_key(workspace, "aimlapi", SECRET, member=None, actor=ada)

    answer = client_for(ada).post(f"{PAGE}{key.code}/test/", follow=True)

    assert "The key works" in answer.content.decode()
    assert demo_upstream.requests[-1].path.endswith("/billing/balance")


@pytest.mark.parametrize("secret", ["", "   ", "two words", "sk-1\r\nX-Evil: 1", "schlüssel-0123456789"])
def test_it_says_what_is_wrong_at_the_field_and_forgets_what_was_pasted(client_for, ada, vendor, secret):
    answer = client_for(ada).post(f"{PAGE}workspace/aimlapi/save/", {"secret": secret})

    assert answer.status_code == 200
    row = answer.context["shared"][0]
    assert set(row.form.errors) == {"secret"}
    assert not answer.context["mine"][0].form.errors
    assert not secret.strip() or secret not in answer.content.decode()
    assert not ApiKey.objects.exists()


def test_it_deletes_the_key_it_says(client_for, ada, vendor, workspace):
    save_key(workspace, "aimlapi", SECRET, member=None, actor=ada)
    own = save_key(workspace, "aimlapi", SECRET, member=ada, actor=ada)

    client_for(ada).post(f"{PAGE}{own.code}/delete/")

    assert ApiKey.objects.get().member is None


def test_a_member_sees_that_there_is_a_shared_key_and_cannot_touch_it(
    client_for, ada, bob, vendor, workspace
):
    shared = save_key(workspace, "aimlapi", SECRET, member=None, actor=ada)
    own = save_key(workspace, "aimlapi", "sk-of-ada-only-98765432wxyz", member=ada, actor=ada)
    client = client_for(bob)

    text = client.get(PAGE).content.decode()

    assert "cdef" in text
    assert "wxyz" not in text, "another's personal key"
    assert f"{PAGE}workspace/" not in text
    assert client.post(f"{PAGE}workspace/aimlapi/save/", {"secret": "x" * 20}).status_code == 403
    for action in ("test", "delete", "change", "replace", "switch", "refresh", "threshold"):
        assert client.post(f"{PAGE}{shared.code}/{action}/", {"secret": "x" * 20}).status_code == 403
        assert client.post(f"{PAGE}{own.code}/{action}/", {"secret": "x" * 20}).status_code == 404
    assert keys.reveal(ApiKey.objects.get(member=None)) == SECRET


def test_a_viewer_has_no_key_of_their_own(client_for, vera, posts):
    client = client_for(vera)

    assert f"{PAGE}mine/" not in client.get(PAGE).content.decode()
    for path, data in posts.items():
        assert client.post(path, data).status_code == 403, path


def test_the_demo_needs_no_key_and_takes_none(client_for, ada, workspace):
    Provider.objects.update_or_create(code="demo", defaults={"name": "Demo", "kind": Provider.Type.DEMO})

    assert client_for(ada).post(f"{PAGE}workspace/demo/save/", {"secret": SECRET}).status_code == 404


def test_a_provider_of_another_workspace_is_not_found(client_for, ada, carol, vendor):
    vendor.workspace = carol.memberships.get().workspace
    vendor.save()
    client = client_for(ada)

    assert client.post(f"{PAGE}workspace/aimlapi/save/", {"secret": SECRET}).status_code == 404
    assert "AI/ML API" not in client.get(PAGE).content.decode()


def test_nobody_elses_keys_can_be_named(client_for, ada, vendor):
    assert client_for(ada).post(f"{PAGE}others/aimlapi/save/", {"secret": SECRET}).status_code == 404


def test_a_stranger_gets_a_404(client_for, workspace, carol, posts):
    client = client_for(carol)
    assert client.get(PAGE).status_code == 404
    for path, data in posts.items():
        assert client.post(path, data).status_code == 404, path
    assert not ApiKey.objects.exists()


def test_signed_out_it_asks_to_sign_in(client, workspace, posts):
    assert client.get(PAGE).url == f"/sign-in/?next={PAGE}"
    for path, data in posts.items():
        assert client.post(path, data).url.startswith("/sign-in/"), path


def test_other_methods_are_refused(client_for, ada, posts):
    client = client_for(ada)
    assert client.post(PAGE).status_code == 405
    for path in posts:
        assert client.get(path).status_code == 405, path
