"""Admins take over what people who have left shared with them."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.flows.change_membership import remove_member
from accounts.models import AuditEvent
from chat.flows.change_owner import change_owner
from chat.flows.create_comparison import create_comparison
from chat.flows.save_prompt import PromptFields, add_prompt
from chat.flows.share_with_member import share_with_member
from chat.models import Access, Conversation, OutputSchema, Tool
from chat.pages.items import address_of_item, word_of_item
from chat.prompts.content import PromptContent
from tests.chat.conftest import *  # noqa: F403 - the conversation and what it needs
from tests.chat.experiments import table_of

pytestmark = pytest.mark.django_db

KINDS = ("prompt", "tool", "schema", "table", "conversation", "comparison")


@pytest.fixture
def thing(request, workspace, bob) -> Any:
    """Return a thing of Bob's that everyone in the workspace may read."""
    of = {"workspace": workspace, "created_by": bob, "name": "zebra", "schema": "{}"}
    made: Any = {
        "prompt": lambda: add_prompt(workspace, PromptFields("Zebra", "", PromptContent("Hi")), actor=bob),
        "tool": lambda: Tool.objects.create(**of),
        "schema": lambda: OutputSchema.objects.create(**of),
        "table": lambda: table_of(workspace, bob, [["zebra", "x"]]),
        "conversation": lambda: Conversation.objects.create(workspace=workspace, owner=bob, title="Zebra"),
        "comparison": lambda: create_comparison(workspace, bob, [None, None]),
    }[request.param]()
    type(made)._default_manager.update(workspace_access=Access.READ)
    made.refresh_from_db()
    return made


def url_of(thing: Any) -> str:
    if isinstance(thing, Conversation):
        return reverse("chat:take_over", args=[thing.code])
    return reverse("chat:take_over_item", args=[thing.workspace.slug, word_of_item(thing), thing.code])


def offered_to(client: Any, thing: Any) -> bool:
    """Tell whether the page of a thing, or the menu of its row, offers to take it over."""
    is_chat = isinstance(thing, Conversation)
    page = reverse("chat:menu", args=[thing.code]) if is_chat else address_of_item(thing)
    return url_of(thing) in client.get(page).content.decode()


def leave(user: Any, alice: Any) -> None:
    remove_member(user.memberships.get(), actor=alice)


def asked(client: Any, thing: Any) -> int:
    return int(client.post(url_of(thing)).status_code)


@pytest.mark.parametrize("thing", KINDS, indirect=True)
def test_an_admin_owns_what_somebody_who_left_has_shared(thing, alice, ada, bob, vera, carol, client_for):
    share_with_member(thing, bob, ada.memberships.get(), can_write=False)
    clients = {user.name: client_for(user) for user in (alice, ada, bob, vera, carol)}
    assert {name: asked(client, thing) for name, client in clients.items()} == {
        **dict.fromkeys(("Alice", "Ada", "Bob", "Vera"), 403),
        "Carol": 404,
    }
    assert not offered_to(clients["Ada"], thing)

    leave(bob, alice)

    assert offered_to(clients["Ada"], thing)
    assert not offered_to(clients["Vera"], thing)
    refused = {name: asked(clients[name], thing) for name in ("Bob", "Vera", "Carol")}
    assert refused == {"Bob": 404, "Vera": 403, "Carol": 404}
    assert asked(clients["Ada"], thing) == 302

    stale = thing.owner
    thing.refresh_from_db()
    assert thing.owner == ada
    assert {part.owner_id for part in getattr(thing, "with_columns", [thing])} == {ada.pk}
    # The access of others stays as it is, but an owner needs no share.
    assert thing.workspace_access == Access.READ
    assert not thing.shares.exists()
    event = AuditEvent.objects.get(action="sharing.take_over")
    assert event.actor == ada
    assert event.before["owner"].startswith("Bob") and event.after["owner"].startswith("Ada")
    # It belongs to a member again.
    assert asked(clients["Alice"], thing) == 403
    sharing = url_of(thing).replace("take-over", "share/everyone")
    assert clients["Ada"].post(sharing, {"access": "none"}).status_code == 302
    assert not isinstance(thing, Conversation) or clients["Alice"].get(f"/c/{thing.code}/").status_code == 404

    # A page that was read before.
    if isinstance(thing, Conversation):
        thing.owner = stale
    else:
        thing.created_by = stale
    assert not change_owner(thing, alice.memberships.get())


@pytest.mark.parametrize("thing", KINDS, indirect=True)
def test_what_was_private_stays_so(thing, alice, ada, bob, client_for):
    type(thing)._default_manager.update(workspace_access=Access.NONE)
    leave(bob, alice)
    assert [asked(client_for(user), thing) for user in (alice, ada)] == [404, 404]
    thing.refresh_from_db()
    assert thing.owner == bob
