"""Stop, asked for by a page."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from asgiref.sync import sync_to_async
from django.urls import reverse

from accounts import ledger
from accounts.flows.change_membership import change_role, remove_member
from accounts.models import Role
from chat.flows.build_request import Choice
from chat.flows.send_prompt import send_prompt, start_conversation
from chat.flows.share_with_workspace import share_with_workspace
from chat.models import Access, Conversation, Run
from chat.relays import background
from tests.chat.socket_reader import SocketReader, client_of

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
async def gate(demo):
    gate = demo.hold_after(5)
    yield gate
    gate.release()


@pytest.fixture
async def run(relays, gate, conversation, alice, endpoint) -> Run:
    """A run of Alice's that has got five pieces of its answer."""
    choice = Choice(endpoint, {})
    run = await sync_to_async(send_prompt)(conversation, alice, "And then?", choice, uuid.uuid4())
    background.start(run)
    assert await sync_to_async(gate.reached.wait)(10)
    return run


async def post_stop(client, run: Run) -> int:
    response = await sync_to_async(client.post)(reverse("chat:stop", args=[run.code]))
    return int(response.status_code)


async def test_it_keeps_what_came_and_closes_the_upstream(run, demo, alice, conversation, client_for):
    client = await client_of(client_for, alice)
    page = await SocketReader.open(client, conversation.code)
    await page.hello()

    assert await post_stop(client, run) == 204

    await page.read_until('data-status="stopped"')
    stored = await Run.objects.select_related("answer").aget(pk=run.pk)
    assert stored.status == Run.Status.STOPPED
    assert stored.message.text
    assert await sync_to_async(demo.requests[-1].ended.wait)(10)
    assert demo.requests[-1].disconnected_at is not None
    await page.close()


@pytest.mark.parametrize(("who", "status"), [("vera", 403), ("carol", 404)])
async def test_a_viewer_and_a_stranger_are_refused(run, who, status, request, conversation, client_for):
    """Vera may read the conversation, Carol may not."""
    await Conversation.objects.aupdate(workspace_access=Access.WRITE)
    user = await sync_to_async(request.getfixturevalue)(who)

    assert await post_stop(await client_of(client_for, user), run) == status

    await run.arefresh_from_db()
    assert (run.status, run.stop_requested) == (Run.Status.RUNNING, False)


async def test_another_method_is_refused(run, alice, client_for):
    client = await client_of(client_for, alice)
    response = await sync_to_async(client.get)(reverse("chat:stop", args=[run.code]))
    assert response.status_code == 405


async def test_a_visitor_is_sent_to_sign_in(run, client):
    assert await post_stop(client, run) == 302


@pytest.fixture
async def bobs(relays, gate, conversation, alice, bob, endpoint) -> Run:
    """A run of Bob's in Alice's shared conversation, which has got five pieces of its answer."""
    await sync_to_async(share_with_workspace)(conversation, alice, Access.WRITE)
    run = await sync_to_async(send_prompt)(conversation, bob, "And I?", Choice(endpoint, {}), uuid.uuid4())
    background.start(run)
    assert await sync_to_async(gate.reached.wait)(10)
    return run


def _demote(bob, alice) -> None:
    change_role(bob.memberships.get(), Role.VIEWER, actor=alice)


def _remove(bob, alice) -> None:
    remove_member(bob.memberships.get(), actor=alice)


def _deactivate(bob, alice) -> None:
    bob.is_active = False
    bob.save()


@pytest.mark.parametrize("lose", [_demote, _remove, _deactivate])
async def test_answers_of_a_member_who_may_no_longer_send_end(
    relays, bobs, demo, alice, bob, workspace, endpoint, lose
):
    waiting, mine = await sync_to_async(
        lambda: [
            start_conversation(workspace, person, "Hi", Choice(endpoint, {}), uuid.uuid4())
            for person in (bob, alice)
        ]
    )()

    await sync_to_async(lose)(bob, alice)

    assert await sync_to_async(demo.requests[-1].ended.wait)(10)
    async with asyncio.timeout(20):
        await asyncio.gather(*relays.tasks())
    statuses = dict(await sync_to_async(lambda: list(Run.objects.values_list("pk", "status")))())
    assert (statuses[bobs.pk], statuses[waiting.pk]) == ("stopped", "stopped")
    assert statuses[mine.pk] == "queued"
    assert await sync_to_async(ledger.audit)() == []


async def test_another_role_that_may_send_stops_nothing(relays, bobs, gate, alice, bob):
    await sync_to_async(lambda: change_role(bob.memberships.get(), Role.ADMIN, actor=alice))()
    gate.release()
    async with asyncio.timeout(20):
        await asyncio.gather(*relays.tasks())
    await sync_to_async(bobs.refresh_from_db)()
    assert bobs.status == "finished"


@pytest.mark.parametrize("lose", [_demote, _remove])
async def test_a_run_of_ones_own_can_be_stopped_without_the_right_to_send(
    bobs, alice, bob, client_for, monkeypatch, lose
):
    # The run goes on, as if the change had come while the server could not stop it.
    monkeypatch.setattr("chat.sockets.revoking._stop_runs", lambda *_: None)
    await sync_to_async(lose)(bob, alice)

    assert await post_stop(await client_of(client_for, bob), bobs) == 204

    await sync_to_async(bobs.refresh_from_db)()
    assert bobs.stop_requested
