"""A page that is open when its reader may no longer read: closed within seconds, with the reason."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.models import Authenticator
from asgiref.sync import sync_to_async
from django.urls import reverse

from accounts.flows.change_membership import remove_member
from accounts.flows.set_factor_rule import set_factor_rule
from accounts.models import Membership, User
from chat.access import user_of_session
from chat.flows.share_with_workspace import share_with_workspace
from chat.models import Access
from tests.accounts.factors import give_app
from tests.chat.socket_reader import SocketReader, client_of

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shared(conversation):
    share_with_workspace(conversation, conversation.owner, Access.WRITE)
    return conversation


async def opened(client, conversation) -> SocketReader:
    page = await SocketReader.open(client, conversation.code)
    await page.hello()
    await page.frame()
    return page


async def test_signing_out(relays, alice, conversation, client_for):
    client = await client_of(client_for, alice)
    page = await opened(client, conversation)
    other = await opened(await client_of(client_for, alice), conversation)

    started = time.monotonic()
    await sync_to_async(client.post)(reverse("account_logout"))

    assert await page.closed_with() == 4401
    assert time.monotonic() - started < 10
    # Another session of the same person stays.
    assert await other.communicator.receive_nothing(timeout=1)
    await other.close()


async def test_signing_out_in_the_moment_of_arrival(relays, alice, conversation, client_for, monkeypatch):
    client = await client_of(client_for, alice)

    def ask(session_key: str) -> User | None:
        found = user_of_session(session_key)
        client.logout()
        return found

    monkeypatch.setattr("chat.sockets.reader.user_of_session", ask)
    page = await SocketReader.open(client, conversation.code)
    await page.hello()
    assert await page.closed_with() == 4401


async def test_being_signed_out_from_another_browser(relays, alice, conversation, client_for):
    here, there = await client_of(client_for, alice), await client_of(client_for, alice)
    page, other = await opened(there, conversation), await opened(here, conversation)

    await sync_to_async(here.post)(reverse("accounts:end_other_sessions"))

    assert await page.closed_with() == 4401
    assert await other.communicator.receive_nothing(timeout=1)
    await other.close()


async def test_a_new_password(relays, alice, conversation, client_for):
    page = await opened(await client_of(client_for, alice), conversation)
    alice.set_password("a new correct horse")
    await alice.asave()
    assert await page.closed_with() == 4401


async def test_leaving_the_workspace(relays, alice, bob, shared, client_for):
    page = await opened(await client_of(client_for, bob), shared)
    mine = await opened(await client_of(client_for, alice), shared)
    member = await Membership.objects.select_related("workspace", "user").aget(user=bob)

    await sync_to_async(remove_member)(member, actor=alice)

    assert await page.closed_with() == 4403
    assert await mine.communicator.receive_nothing(timeout=1)
    await mine.close()


async def test_being_deactivated(relays, bob, shared, client_for):
    page = await opened(await client_of(client_for, bob), shared)
    bob.is_active = False
    await bob.asave()
    assert await page.closed_with() == 4401


async def test_a_workspace_that_requires_a_second_factor(relays, alice, bob, shared, workspace, client_for):
    await sync_to_async(give_app)(alice)
    page = await opened(await client_of(client_for, bob), shared)
    mine = await opened(await client_of(client_for, alice), shared)

    await sync_to_async(set_factor_rule)(workspace, True, actor=alice)

    assert await page.closed_with() == 4403
    assert await mine.communicator.receive_nothing(timeout=1)
    await sync_to_async(Authenticator.objects.all().delete)()
    assert await mine.closed_with() == 4403
    again = await SocketReader.open(await client_of(client_for, bob), shared.code)
    assert await again.closed_with() == 4403
