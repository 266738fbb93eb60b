"""A workspace that is deleted, with open pages and running answers; restored by an owner, or purged."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.apps import apps
from django.http import Http404
from django.urls import reverse
from django.utils.timezone import now

from accounts.exceptions import InvitationUnusable
from accounts.flows.accept_invitation import accept_invitation, find_invitation
from accounts.flows.invite import invite
from accounts.flows.send_outgoing_mail import take_mail
from accounts.flows.sign_in_by_provider import Identity, sign_in_by_provider
from accounts.identity_providers import IdentityProvider
from accounts.models import (
    AuditAction,
    AuditEvent,
    Hold,
    LedgerEntry,
    Membership,
    OutgoingMail,
    Role,
    Workspace,
)
from chat import files
from chat.access import get_conversation_for
from chat.exceptions import NotSendable, WorkspaceGone
from chat.flows.audit_books import audit_books
from chat.flows.build_request import Choice
from chat.flows.check_queued import checked_choice
from chat.flows.delete_workspace import delete_workspace
from chat.flows.purge_workspaces import purge_workspaces
from chat.flows.queue_prompt import queue_prompt
from chat.flows.restore_workspace import restore_workspace
from chat.flows.run_idempotently import Submission
from chat.flows.send_prompt import send_prompt
from chat.flows.share_with_workspace import share_with_workspace
from chat.models import Access, Conversation, QueuedPrompt, Run, Snapshot, StoredFile
from chat.relays import background
from chat.snapshots import hash_of, snapshot_behind
from tests import test_access_matrix as matrix
from tests.chat.socket_reader import SocketReader, client_of

pytestmark = [pytest.mark.django_db(transaction=True)]
objects, people, library = matrix.objects, matrix.people, matrix.library
DELETE = reverse("chat:delete_workspace", args=["acme"])
RESTORE = reverse("chat:restore_workspace", args=["acme"])
GRACE = timedelta(days=14)


async def test_open_pages_are_told_and_the_answer_is_stopped_and_charged(
    relays, demo, alice, bob, conversation, endpoint, client_for
):
    gate = demo.hold_after(5)
    await sync_to_async(share_with_workspace)(conversation, alice, Access.WRITE)
    run = await sync_to_async(send_prompt)(conversation, bob, "And I?", Choice(endpoint, {}), uuid.uuid4())
    background.start(run)
    assert await sync_to_async(gate.reached.wait)(10)
    page = await SocketReader.open(await client_of(client_for, bob), conversation.code)
    await page.hello()
    await page.frame()

    owner = await client_of(client_for, alice)
    response = await sync_to_async(owner.post)(DELETE, {"name": "acme  research"})

    assert response.headers["Location"] == reverse("accounts:profile")
    assert await page.closed_with() == 4410
    gate.release()
    async with asyncio.timeout(20):
        await asyncio.gather(*relays.tasks())
    await run.arefresh_from_db()
    assert run.status == Run.Status.STOPPED
    assert await LedgerEntry.objects.filter(run_code=run.code).aexists()
    assert not await Hold.objects.filter(state=Hold.State.OPEN).aexists()
    # A page without a socket is told, too, and one that comes back.
    client = await client_of(client_for, bob)
    frames = await sync_to_async(client.get)(reverse("chat:frames", args=[conversation.code]))
    assert frames.status_code == 423
    again = await SocketReader.open(client, conversation.code)
    assert await again.closed_with() == 4410


@pytest.fixture
def deleted(conversation, alice, bob, workspace: Workspace) -> Workspace:
    Conversation.objects.update(workspace_access=Access.WRITE)
    delete_workspace(workspace, actor=alice)
    return workspace


def test_nobody_gets_in_until_an_owner_restores_it(deleted, alice, bob, carol, conversation, client_for):
    inside = [reverse("chat:new", args=["acme"]), reverse("chat:conversation", args=[conversation.code])]
    for user in (alice, bob):
        client = client_for(user)
        assert [client.get(url).status_code for url in inside] == [404, 404]
        assert "This workspace was deleted" in client.get(inside[0]).content.decode()
        assert client.post(DELETE, {"name": "Acme Research"}).status_code == 404
        with pytest.raises(Http404):
            get_conversation_for(user, conversation.code)
    assert "was deleted" not in client_for(carol).get(inside[0]).content.decode()
    assert client_for(carol).post(RESTORE).status_code == 404
    assert client_for(bob).post(RESTORE).status_code == 404
    owner = client_for(alice)
    assert RESTORE in owner.get(reverse("accounts:profile")).content.decode()
    assert RESTORE not in client_for(bob).get(reverse("accounts:profile")).content.decode()

    assert owner.post(RESTORE).headers["Location"] == inside[0]

    assert [client_for(bob).get(url).status_code for url in inside] == [200, 200]
    assert owner.post(RESTORE).status_code == 404
    actions = AuditEvent.objects.values_list("action", flat=True)
    assert {AuditAction.DELETE_WORKSPACE, AuditAction.RESTORE_WORKSPACE} <= set(actions)


def test_another_name_deletes_nothing_and_the_question_says_what_goes(alice, conversation, client_for):
    client = client_for(alice)
    page = client.get(DELETE).content.decode()
    assert "1 member, 1" in " ".join(page.split())
    assert "This is not its name" in client.post(DELETE, {"name": "Acme"}).content.decode()
    assert not Workspace.objects.filter(deleted_at__isnull=False).exists()


def test_nothing_is_sent_for_it_any_more(conversation, workspace, alice, bob, endpoint):
    Conversation.objects.update(workspace_access=Access.WRITE)
    queue_prompt(conversation, bob, "Later", Choice(endpoint, {}), Submission.of(uuid.uuid4()), (), {})
    member = Membership.objects.get(user=bob)
    OutgoingMail.objects.create(recipient=member, kind="x", subject="s", text="t", try_until=now() + GRACE)
    invitation, token = invite(workspace, Role.MEMBER, "Dora", 7, actor=alice)
    before = find_invitation(token)

    delete_workspace(workspace, actor=alice)

    assert take_mail() is None
    queued = QueuedPrompt.objects.select_related("conversation", "author").get()
    assert queued.conversation.queue_pause == "stopped"
    with pytest.raises(NotSendable):
        checked_choice(queued)
    for refused in (lambda: find_invitation(token), lambda: accept_invitation(before, actor=alice)):
        with pytest.raises(InvitationUnusable) as why:
            refused()
        assert why.value.why == "closed"
    restore_workspace(workspace, actor=alice)
    assert find_invitation(token) == invitation
    assert checked_choice(queued)[0] == bob


def test_its_public_links_stop(deleted, conversation, client):
    Workspace.objects.update(allows_public_links=True)
    Snapshot.objects.create(
        workspace=deleted,
        conversation=conversation,
        token_hash=hash_of("open"),
        title="Shown",
        expires_at=now() + GRACE,
    )
    assert snapshot_behind("open") is None
    Workspace.objects.update(deleted_at=None)
    assert snapshot_behind("open") is not None


@pytest.mark.parametrize("named", ["acme", ""])
def test_an_identity_provider_lets_nobody_in_any_more(deleted, bob, carol, named):
    provider = IdentityProvider(
        "corp", "Corp", "https://id.example", "id", domains=frozenset({"example.org"}), workspace=named
    )
    for address in ("dora@example.org", bob.email):
        found = sign_in_by_provider(provider, Identity(address, address, is_confirmed=True))
        assert not Membership.objects.filter(user=found.user).exists()


def test_a_run_that_began_at_the_moment_of_the_deletion_is_stopped(deleted, second_run):
    purge_workspaces()
    assert Run.objects.get(pk=second_run.pk).status == Run.Status.STOPPED
    assert Workspace.objects.filter(purged_at=None, slug="acme").exists()


def test_after_its_time_it_is_not_restored(deleted, alice, client_for):
    Workspace.objects.update(deleted_at=now() - GRACE)
    with pytest.raises(WorkspaceGone):
        restore_workspace(deleted, actor=alice)
    page = client_for(alice).post(RESTORE, follow=True).content.decode()
    assert "It cannot be restored any more" in page
    assert not Membership.objects.filter(workspace=deleted).exists()


# These stay: people, the catalogue of the product, and the books.
KEPT = {
    *("accounts.User", "accounts.Workspace", "accounts.LedgerEntry", "accounts.DaySum", "accounts.Hold"),
    *("accounts.Membership", "playground.Provider", "playground.UpstreamModel", "playground.Endpoint"),
    *("chat.LearnedUpTo", "chat.ModelStatistics", "accounts.BrowserSession"),
}


@pytest.mark.parametrize("portion", [1, 200])
def test_a_purge_leaves_nothing_but_the_books(objects, workspace, alice, carol, monkeypatch, portion):
    monkeypatch.setattr("chat.flows.delete_in_portions.PORTION", portion)
    Workspace.objects.filter(slug="acme-deleted").delete()
    entries, paths = LedgerEntry.objects.count(), [file.path for file in StoredFile.objects.all()]
    assert entries
    assert paths
    delete_workspace(workspace, actor=alice)
    purge_workspaces()
    assert Conversation.objects.exists()
    Workspace.objects.filter(pk=workspace.pk).update(deleted_at=now() - GRACE)

    purge_workspaces()
    purge_workspaces()

    workspace.refresh_from_db()
    assert workspace.purged_at
    assert "acme" not in f"{workspace.slug} {workspace.name}".lower()
    left = {
        model._meta.label
        for label in ("accounts", "chat", "playground")
        for model in apps.get_app_config(label).get_models()
        if model._base_manager.exists()
    }
    # Carol's own workspace keeps its events.
    assert not AuditEvent.objects.exclude(workspace__slug="other").exists()
    left.discard("accounts.AuditEvent")
    assert left <= KEPT, left - KEPT
    assert not Membership.with_suspended.exclude(user=carol).exists()
    assert LedgerEntry.objects.count() == entries
    assert not any(files.storage().exists(path) for path in paths)
    assert audit_books() == []
    # The address is free.
    assert not Workspace.objects.filter(slug="acme").exists()


def test_the_ownership_is_handed_over(alice, bob, workspace, client_for):
    client, url = client_for(alice), reverse("chat:transfer_ownership", args=["acme"])
    for address, words in [
        ("alice@example.org", "This is your own address"),
        ("dora@example.org", "Nobody in Acme Research has the address dora@example.org"),
        ("x", "enter the e-mail address of a member"),
    ]:
        assert words in client.post(url, {"email": address}, follow=True).content.decode()
    page = client.post(url, {"email": "BOB@example.org"}, follow=True).content.decode()
    assert "Bob is now an owner, and you are an admin." in page
    roles = dict(Membership.objects.values_list("user__name", "role"))
    assert roles == {"Alice": Role.ADMIN, "Bob": Role.OWNER}
    assert AuditEvent.objects.filter(action=AuditAction.TRANSFER_OWNERSHIP, actor=alice).exists()
    # It was the last thing that she could do as its owner.
    assert client.post(url, {"email": "bob@example.org"}).status_code == 403
