"""A page that is open while its reader may do more or less than before."""

from __future__ import annotations

import asyncio
import re
import uuid
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.urls import reverse

from accounts.flows.change_membership import change_role
from accounts.models import Membership, Role
from chat.flows.build_request import Choice
from chat.flows.send_prompt import send_prompt
from chat.flows.share_with_member import share_with_member
from chat.flows.share_with_workspace import share_with_workspace
from chat.flows.stop_sharing import stop_sharing
from chat.models import Access, Message, Run
from chat.relays import background
from tests.chat.socket_reader import SocketReader, client_of

pytestmark = [pytest.mark.django_db(transaction=True)]

CLOSED, OPEN, HEADER = "composer-closed", 'aria-label="Prompt"', 'id="header-'


@pytest.fixture
def share(conversation, alice):
    """Share Alice's conversation with somebody."""

    @sync_to_async
    def make(user, *, can_write: bool) -> None:
        member = Membership.objects.select_related("user").get(user=user)
        share_with_member(conversation, alice, member, can_write=can_write)

    return make


@pytest.fixture
def opened(client_for, conversation):
    """Open the page of somebody as it is right after it was loaded."""

    async def make(user, access: str | None) -> SocketReader:
        await sync_to_async(conversation.refresh_from_db)()
        head = await Message.objects.aget(pk=conversation.head_id)
        page = await SocketReader.open(await client_of(client_for, user), conversation.code)
        live = [
            str(code)
            async for code in conversation.runs.filter(status__in=Run.LIVE).values_list("code", flat=True)
        ]
        said: dict[str, Any] = {} if access is None else {"access": access}
        await page.send({"type": "hello", "head": str(head.code), "cursors": dict.fromkeys(live, ""), **said})
        return page

    return make


async def test_the_composer_closes_and_opens_while_the_page_is_open(relays, bob, share, opened):
    await share(bob, can_write=True)
    page = await opened(bob, "write shared")

    await share(bob, can_write=False)

    html = (await page.frame())["html"]
    assert (CLOSED in html, OPEN in html, HEADER in html) == (True, False, True)
    # No message can be edited or answered again, and no parameter changed.
    assert "Answer again" not in html
    assert re.search(r'id="parameters-form"\s+disabled', html)
    await share(bob, can_write=True)
    html = (await page.frame())["html"]
    assert (CLOSED in html, OPEN in html, "Answer again" in html) == (False, True, True)
    await page.close()


@pytest.mark.parametrize(("said", "is_told"), [("write shared", True), ("read shared", False), (None, False)])
async def test_a_page_that_comes_back_is_told_what_changed_meanwhile(
    relays, bob, share, opened, said, is_told
):
    await share(bob, can_write=False)
    page = await opened(bob, said)
    if is_told:
        assert CLOSED in (await page.frame())["html"]
    assert await page.communicator.receive_nothing(timeout=0.5)
    await page.close()


async def test_other_pages_of_the_owner_say_that_it_is_shared(relays, alice, conversation, opened):
    page = await opened(alice, "write")
    await sync_to_async(share_with_workspace)(conversation, alice, Access.READ)
    html = (await page.frame())["html"]
    assert "Shared" in html
    # The composer, where something may be typed, stays.
    assert OPEN not in html
    assert "message-" not in html
    await page.close()


async def test_another_role_closes_the_composer_too(relays, alice, bob, share, opened):
    await share(bob, can_write=True)
    page = await opened(bob, "write shared")
    member = await Membership.objects.select_related("workspace", "user").aget(user=bob)
    await sync_to_async(change_role)(member, Role.VIEWER, actor=alice)
    assert "You can read conversations in Acme Research" in (await page.frame())["html"]
    await page.close()


@pytest.fixture
async def gate(demo):
    gate = demo.hold_after(5)
    yield gate
    gate.release()


async def begin(gate, conversation, user, endpoint) -> Run:
    run = await sync_to_async(send_prompt)(conversation, user, "And I?", Choice(endpoint, {}), uuid.uuid4())
    background.start(run)
    assert await sync_to_async(gate.reached.wait)(10)
    return run


async def ended_as(relays, run: Run) -> str:
    async with asyncio.timeout(20):
        await asyncio.gather(*relays.tasks())
    await run.arefresh_from_db()
    return run.status


async def test_an_answer_goes_on_for_who_may_only_read_now_and_can_be_stopped_by_them(
    relays, gate, bob, conversation, endpoint, share, opened, client_for
):
    await share(bob, can_write=True)
    run = await begin(gate, conversation, bob, endpoint)
    page = await opened(bob, "write shared")

    await share(bob, can_write=False)

    assert CLOSED in (seen := await page.read_until(HEADER))
    assert reverse("chat:stop", args=[run.code]) in seen
    gate.release()
    await page.read_until(f'data-answer="{run.code}" data-status="finished"')
    assert f'data-stop="{run.code}"' not in page.frames[-1]["html"]
    assert await ended_as(relays, run) == "finished"
    await page.close()


async def test_who_only_reads_stops_no_answer_of_others(
    relays, gate, alice, bob, conversation, endpoint, share, opened, client_for
):
    await share(bob, can_write=False)
    run = await begin(gate, conversation, alice, endpoint)
    client = await client_of(client_for, bob)
    stop = reverse("chat:stop", args=[run.code])
    page = await sync_to_async(client.get)(reverse("chat:conversation", args=[conversation.code]))
    assert stop not in page.content.decode()
    assert (await sync_to_async(client.post)(stop)).status_code == 403
    gate.release()
    assert await ended_as(relays, run) == "finished"


async def test_nothing_more_arrives_when_the_access_ends_and_the_answer_goes_on(
    relays, gate, alice, bob, conversation, endpoint, share, opened
):
    await share(bob, can_write=True)
    run = await begin(gate, conversation, bob, endpoint)
    page = await opened(bob, "write shared")
    await page.frame()
    member = await Membership.objects.select_related("user").aget(user=bob)

    await sync_to_async(stop_sharing)(conversation, alice, member)

    assert await page.closed_with() == 4403
    gate.release()
    assert await ended_as(relays, run) == "finished"
    assert await page.communicator.receive_nothing(timeout=0.3)


async def test_no_command_of_a_reader_writes(relays, bob, conversation, share, opened):
    await share(bob, can_write=False)
    page = await opened(bob, "read shared")
    code = str(conversation.code)
    for command in ("send", "prompt", "edit", "share", "stop", "rename"):
        await page.send({"type": command, "thread": code, "code": code, "text": "Mine", "access": "write"})
    assert await page.communicator.receive_nothing(timeout=0.5)
    assert await conversation.messages.acount() == 2
    # A page that claims to write is told what it may do, and may do no more.
    claiming = await opened(bob, "write shared")
    assert CLOSED in (await claiming.frame())["html"]
    await page.close()
    await claiming.close()
