"""The export of one's own data, and the deletion of one's own account."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils.timezone import now

from accounts.addresses import confirm_address
from accounts.flows.save_key import save_key
from accounts.models import ApiKey, AuditEvent, LedgerEntry, Membership, Role, User
from chat.flows.save_prompt import PromptFields, add_prompt
from chat.models import Access, Conversation
from chat.prompts.content import PromptContent
from tests.chat.conftest import *  # noqa: F403 - the conversation and what it needs
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

KEY = "sk-canary-0123456789abcdef"


async def _content(response) -> bytes:
    return b"".join([piece async for piece in response.streaming_content])


@pytest.fixture
def archive(sure):
    from asgiref.sync import async_to_sync

    def exported(user) -> zipfile.ZipFile:
        response = sure(user).get("/profile/export/")
        assert response["Content-Type"] == "application/zip"
        return zipfile.ZipFile(io.BytesIO(async_to_sync(_content)(response)))

    return exported


def test_the_archive_has_what_is_ones_own_and_nothing_else(archive, conversation, workspace, alice, bob):
    add_prompt(workspace, PromptFields("Own", "", PromptContent(system="Be brief.")), actor=alice)
    add_prompt(workspace, PromptFields("Other", "", PromptContent(system="Be long.")), actor=bob)
    save_key(workspace, "demo", KEY, member=alice, actor=alice)
    other = Conversation.objects.create(workspace=workspace, owner=bob, title="Not hers")

    found = archive(alice)

    assert found.testzip() is None
    names = found.namelist()
    assert f"conversations/{conversation.code}.json" in names
    assert f"conversations/{other.code}.json" not in names
    assert [json.loads(found.read(name))["prompts"][0]["name"] for name in names if "prompts/" in name] == [
        "Own"
    ]
    profile = json.loads(found.read("profile.json"))
    assert profile["address"] == "alice@example.org"
    assert [each["role"] for each in profile["workspaces"]] == ["owner"]
    assert [key["provider"] for key in profile["keys"]] == ["demo"]
    assert all(KEY.encode() not in found.read(name) for name in names)
    assert AuditEvent.objects.filter(action="exports.account", actor=alice).count() == 1


def test_an_account_is_deleted_and_what_others_need_stays(sure, conversation, workspace, alice, bob):
    Membership.objects.filter(user=bob).update(role=Role.OWNER)
    shared = Conversation.objects.create(
        workspace=workspace, owner=alice, title="Shared", workspace_access=Access.READ
    )
    entry = LedgerEntry.objects.create(
        workspace=workspace,
        user=alice,
        run_code=shared.code,
        credits=5,
        tokens=7,
        source="reported",
        held_at=now(),
    )
    save_key(workspace, "demo", KEY, member=alice, actor=alice)
    SocialAccount.objects.create(user=alice, provider="corp", uid="alice")
    confirm_address(alice)
    elsewhere, client = sure(alice), sure(alice)
    assert b"cannot be undone" in client.get("/profile/delete/").content
    client.post("/profile/delete/", {"address": "other@example.org"})
    assert User.objects.filter(email="alice@example.org").exists()

    gone = client.post("/profile/delete/", {"address": "Alice@example.org"})
    assert gone["Location"] == "/sign-in/"

    alice.refresh_from_db()
    assert alice.display_name == "A former member"
    assert not alice.is_active and not alice.has_usable_password()
    assert "alice" not in alice.email
    for each in (client, elsewhere):
        assert each.get("/profile/").status_code == 302
    assert Client().post("/sign-in/", {"login": "alice@example.org", "password": PASSWORD}).status_code == 200
    assert list(Conversation.objects.filter(owner=alice)) == [shared]
    entry.refresh_from_db()
    assert entry.user == alice
    assert b"Alice" not in sure(bob).get(f"/c/{shared.code}/").content
    for model in (ApiKey, SocialAccount, EmailAddress):
        assert not model.objects.exists()
    assert not Membership.objects.filter(user=alice).exists()
    actions = AuditEvent.objects.filter(actor=alice).values_list("action", flat=True)
    assert {"sign_ins.delete_account", "people.leave"} <= set(actions)
    # The address is free for another account.
    User.objects.create_user("alice@example.org", PASSWORD)


def test_the_only_owner_is_told_what_to_do_first(sure, alice, workspace):
    client = sure(alice)
    page = client.get("/profile/delete/")
    assert b"only owner" in page.content and b"/w/acme/people/" in page.content

    assert b"only owner" in client.post("/profile/delete/", {"address": "alice@example.org"}).content

    alice.refresh_from_db()
    assert alice.is_active and Membership.objects.filter(user=alice).exists()


@pytest.mark.parametrize("page", ["/profile/export/", "/profile/delete/"])
def test_both_ask_for_the_password_again(client_for, bob, page):
    assert client_for(bob).get(page)["Location"].startswith("/confirm/")
    assert Client().get(page)["Location"].startswith("/sign-in/")
