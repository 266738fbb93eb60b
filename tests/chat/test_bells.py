"""The bells of open pages change when a notice arrives or is read elsewhere."""

from __future__ import annotations

import json

import pytest
from asgiref.sync import sync_to_async
from django.db import transaction
from django.urls import reverse

from accounts.flows.read_notices import read_notice
from accounts.models import Membership, Notice, NoticeKind
from accounts.notices import tell
from chat.models import Access, Conversation
from tests.chat.socket_reader import SocketReader, client_of

pytestmark = pytest.mark.django_db(transaction=True)


@transaction.atomic
def tell_one(user) -> None:
    tell(Membership.objects.filter(user=user), NoticeKind.LIMIT_NEAR, "Nearly used up.", "/", "See it")


async def opened(client_for, user, conversation, **known: str) -> SocketReader:
    reader = await SocketReader.open(await client_of(client_for, user), conversation.code)
    head = str(await sync_to_async(lambda: conversation.head.code)())
    await reader.send({"type": "hello", "head": head, "cursors": {}, **known})
    return reader


async def test_an_open_page_counts_a_notice_when_it_comes_and_when_it_is_read(
    relays, conversation, alice, bob, client_for
):
    await sync_to_async(Conversation.objects.update)(workspace_access=Access.READ)
    mine = await opened(client_for, alice, conversation, unread="0")
    his = await opened(client_for, bob, conversation, unread="0")

    await sync_to_async(tell_one)(alice)

    frame = await mine.read_until('id="notices-bell"')
    assert 'data-unread="1"' in frame
    assert f'id="message-{conversation.code}' not in frame
    await sync_to_async(lambda: read_notice(Notice.objects.get()))()
    assert 'data-unread="0"' in await mine.read_until('data-unread="0"')
    assert await his.communicator.receive_nothing(0.05)
    for page in (mine, his):
        await page.close()


async def test_a_page_that_missed_it_gets_it_with_its_next_hello(relays, conversation, alice, client_for):
    await sync_to_async(tell_one)(alice)
    page = await opened(client_for, alice, conversation, unread="0")
    assert 'data-unread="1"' in await page.read_until('id="notices-bell"')
    await page.close()
    # A page from before bells were live says nothing, and has none to change.
    old = await opened(client_for, alice, conversation)
    await sync_to_async(tell_one)(alice)
    assert await old.communicator.receive_nothing(0.05)
    await old.close()


def test_a_page_without_sockets_gets_it_with_a_poll(conversation, alice, client_for):
    tell_one(alice)
    state = json.dumps({"head": str(conversation.head.code), "cursors": {}, "unread": "0"})

    answer = client_for(alice).get(reverse("chat:frames", args=[conversation.code]), {"state": state})

    assert 'data-unread=\\"1\\"' in answer.content.decode()
    assert Notice.objects.count() == 1
