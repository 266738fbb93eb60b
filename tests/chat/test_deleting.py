"""The addresses that delete a conversation and take that back, and what they show."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import Role
from chat.flows.purge_conversations import RESTORABLE_FOR, purge_conversations
from chat.models import Access, Conversation

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def addresses(conversation):
    return {name: reverse(f"chat:{name}", args=[conversation.code]) for name in ("delete", "restore")}


def test_a_row_goes_at_once_and_a_toast_offers_to_undo(
    conversation, second_run, addresses, alice, client_for
):
    client, shown = client_for(alice), {"current": str(second_run.thread.code)}
    Conversation.objects.filter(pk=conversation.pk).update(title="<b>Bold</b>")
    html = client.post(addresses["delete"], shown, headers=HTMX).content.decode()
    assert f'data-undo="{addresses["restore"]}"' in html
    assert "&lt;b&gt;Bold&lt;/b&gt;" in html
    assert f"row-{conversation.code}" not in html
    assert f"row-{second_run.thread.code}" in html

    html = client.post(addresses["restore"], shown, headers=HTMX).content.decode()
    assert f"row-{conversation.code}" in html
    assert "data-undo" not in html


def test_the_open_conversation_gives_way_to_a_new_chat_with_the_toast(
    conversation, addresses, alice, client_for
):
    client = client_for(alice)
    for data in ({}, {"current": str(conversation.code)}):
        response = client.post(addresses["delete"], data, headers=HTMX)
        new = response.headers["HX-Redirect"]
        assert new == f"/w/acme/?deleted={conversation.code}"
        assert f'data-undo="{addresses["restore"]}"' in client.get(new).content.decode()
        back = client.post(addresses["restore"], headers=HTMX)
        assert back.headers["HX-Redirect"] == f"/c/{conversation.code}/"
        # Once it is back, the address of the new chat offers nothing.
        assert "data-undo" not in client.get(new).content.decode()


def test_it_works_without_scripts(conversation, addresses, alice, client_for):
    client = client_for(alice)
    assert client.post(addresses["delete"]).url == f"/w/acme/?deleted={conversation.code}"
    assert client.post(addresses["restore"]).url == f"/c/{conversation.code}/"
    assert Conversation.objects.get() == conversation


def test_undoing_twice_is_undoing_once_and_too_late_is_not_found(addresses, alice, client_for):
    client = client_for(alice)
    client.post(addresses["delete"])
    for _ in range(2):
        assert client.post(addresses["restore"]).status_code == 302
    client.post(addresses["delete"])
    assert client.post(addresses["delete"]).status_code == 404
    Conversation.with_deleted.update(deleted_at=now() - 2 * RESTORABLE_FOR)
    purge_conversations()
    assert client.post(addresses["restore"]).status_code == 404


@pytest.mark.parametrize(("who", "status"), [("bob", 404), ("ada", 404), ("vera", 404), ("carol", 404)])
def test_only_its_owner_can_undo_it_or_learn_of_it(
    conversation, addresses, alice, client_for, request, who, status
):
    Conversation.objects.update(workspace_access=Access.WRITE)
    client_for(alice).post(addresses["delete"])
    person = client_for(request.getfixturevalue(who))
    assert person.post(addresses["restore"]).status_code == status
    if who != "carol":
        page = person.get(reverse("chat:new", args=["acme"]), {"deleted": conversation.code})
        assert "data-undo" not in page.content.decode()
    assert not Conversation.objects.exists()


def test_an_owner_who_may_no_longer_write_cannot_undo_it(addresses, alice, client_for):
    client = client_for(alice)
    client.post(addresses["delete"])
    alice.memberships.update(role=Role.VIEWER)
    assert client.post(addresses["restore"]).status_code == 403


@pytest.mark.parametrize("deleted", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_an_address_that_names_nothing_deleted_shows_a_new_chat(alice, endpoint, client_for, deleted):
    page = client_for(alice).get(reverse("chat:new", args=["acme"]), {"deleted": deleted})
    assert page.status_code == 200
    assert "data-undo" not in page.content.decode()
