from __future__ import annotations

import asyncio
import json
import threading
import uuid
from datetime import UTC, datetime

import pytest
from asgiref.sync import sync_to_async

from accounts import ledger
from accounts.models import Hold
from chat.flows.build_request import Choice
from chat.flows.delete_conversation import delete_conversation
from chat.flows.rename_conversation import rename_conversation
from chat.flows.send_prompt import send_prompt, start_conversation
from chat.flows.share_with_workspace import share_with_workspace
from chat.live import broadcast, pacing
from chat.live.database_threads import for_reader
from chat.models import Access, Conversation, Run
from chat.relays import background
from chat.sockets import frame_writer, reader
from chat.sockets.news import news
from playground.models import Endpoint
from tests.chat.socket_reader import SocketReader, client_of

pytestmark = [pytest.mark.django_db(transaction=True)]


async def begin(conversation: Conversation, user, endpoint, text: str = "And then?") -> Run:
    run = await sync_to_async(send_prompt)(conversation, user, text, Choice(endpoint, {}), uuid.uuid4())
    background.start(run)
    return run


async def text_of(run: Run) -> str:
    await sync_to_async(run.refresh_from_db)()
    return await sync_to_async(lambda: run.message.text)()


async def test_it_streams_an_answer_and_ends_with_the_stored_one(
    relays, demo, alice, conversation, endpoint, client_for
):
    page = await SocketReader.open(await client_of(client_for, alice), conversation.code)
    await page.hello(head=str(await sync_to_async(lambda: conversation.head.code)()))
    run = await begin(conversation, alice, endpoint)

    await page.read_until(f'id="message-{await sync_to_async(lambda: run.message.code)()}"')
    await page.read_to_end()

    assert await text_of(run)
    assert run.status == Run.Status.FINISHED
    await page.close()


@pytest.mark.parametrize("shown", ["current", "outdated", "unknown"])
async def test_a_title_that_changes_reaches_the_page(
    relays, alice, conversation, client_for, monkeypatch, shown
):
    looked = threading.Event()

    def look(*args):
        found = news(*args)
        looked.set()
        return found

    monkeypatch.setattr(frame_writer, "news", look)
    page = await SocketReader.open(await client_of(client_for, alice), conversation.code)
    head = str(await sync_to_async(lambda: conversation.head.code)())
    known = {"current": {"title": conversation.title}, "outdated": {"title": "An old one"}, "unknown": {}}
    await page.send({"type": "hello", "head": head, "cursors": {}, **known[shown]})
    if shown == "outdated":
        assert conversation.title in (await page.frame())["html"]
    assert await sync_to_async(looked.wait)(10)

    await sync_to_async(rename_conversation)(conversation, alice, "<b>Tides</b>")

    html = (await page.frame())["html"]
    assert f'innerHTML:#title-{conversation.code}">&lt;b&gt;Tides&lt;/b&gt;</div>' in html
    assert f'innerHTML:#row-title-{conversation.code}">&lt;b&gt;' in html
    assert 'id="allowance"' in html
    assert "message-" not in html
    await page.close()


async def test_a_page_that_comes_late_gets_what_it_missed(
    relays, demo, alice, conversation, endpoint, client_for
):
    gate = demo.hold_after(5)
    run = await begin(conversation, alice, endpoint)
    await sync_to_async(gate.reached.wait)(10)

    page = await SocketReader.open(await client_of(client_for, alice), conversation.code)
    head = str(await sync_to_async(lambda: run.message.code)())
    await page.hello(head=head, cursors={str(run.code): ""})
    first = await page.frame()
    gate.release()
    await page.read_to_end()

    assert f"run-{run.code}" in first["html"]
    await page.close()


async def test_the_first_token_waits_for_no_clock(
    relays, demo, alice, conversation, endpoint, client_for, monkeypatch
):
    gate = demo.hold_after(0)
    run = await begin(conversation, alice, endpoint)
    await sync_to_async(gate.reached.wait)(10)
    page = await SocketReader.open(await client_of(client_for, alice), conversation.code)
    monkeypatch.setattr(pacing.frame_clock, "interval", 3600)
    await page.hello(head=str(await sync_to_async(lambda: run.message.code)()), cursors={str(run.code): ""})
    await page.read_until("waiting for the first token")

    gate.release()

    await page.read_until(f'innerHTML:#run-{run.code}-tail"><p')
    await page.close()


async def test_two_pages_are_sent_the_same(relays, demo, alice, conversation, endpoint, client_for):
    head = str(await sync_to_async(lambda: conversation.head.code)())
    pages = [await SocketReader.open(await client_of(client_for, alice), conversation.code) for _ in range(2)]
    gate = demo.hold_after(5)
    for page in pages:
        await page.hello(head=head)
    run = await begin(conversation, alice, endpoint)
    # Both have the answer before it is whole, so that both see it end.
    for page in pages:
        await page.read_until(f'id="run-{run.code}-tail"')
    gate.release()
    for page in pages:
        await page.read_to_end()
    assert pages[0].frames[-1]["html"] == pages[1].frames[-1]["html"]
    for page in pages:
        await page.close()


@pytest.mark.parametrize("who", ["bob", "carol"])
async def test_a_stranger_is_turned_away(relays, who, request, conversation, client_for):
    user = await sync_to_async(request.getfixturevalue)(who)
    page = await SocketReader.open(await client_of(client_for, user), conversation.code)
    assert await page.closed_with() == 4403


async def test_somebody_signed_out_is_turned_away(relays, client, conversation):
    page = await SocketReader.open(client, conversation.code)
    assert await page.closed_with() == 4401


async def test_an_unknown_conversation_is_like_a_strangers(relays, alice, client_for):
    page = await SocketReader.open(await client_of(client_for, alice), uuid.uuid4())
    assert await page.closed_with() == 4403


@pytest.mark.parametrize("origin", [b"https://localhost:8000", b"http://evil.example", b""])
async def test_another_origin_is_refused(relays, alice, conversation, client_for, origin):
    page = await SocketReader.open(await client_of(client_for, alice), conversation.code, origin=origin)
    assert not page.was_accepted


def _conversation_of(carol) -> Conversation:
    endpoint = Endpoint.objects.select_related("model__provider").get(model__model_id="demo/plain")
    workspace = carol.memberships.get().workspace
    return start_conversation(workspace, carol, "Mine", Choice(endpoint, {}), uuid.uuid4()).thread


@pytest.mark.parametrize("nonsense", ["{", "[]", '{"type": 1}', '{"type":"hello","cursors":[1]}', "[" * 9999])
async def test_nonsense_from_the_browser_does_nothing(relays, alice, conversation, client_for, nonsense):
    page = await SocketReader.open(await client_of(client_for, alice), conversation.code)
    await page.communicator.send_to(text_data=nonsense)
    await page.hello(head="")
    assert (await page.frame())["n"] == 1
    await page.close()


async def test_a_closed_session_ends_the_socket(relays, alice, conversation, client_for):
    client = await client_of(client_for, alice)
    page = await SocketReader.open(client, conversation.code)
    await sync_to_async(client.logout)()
    await page.hello()
    assert await page.closed_with() == 4401


async def test_a_page_closes_when_the_conversation_is_no_longer_shared(
    relays, alice, bob, conversation, client_for
):
    await sync_to_async(share_with_workspace)(conversation, alice, Access.WRITE)
    page = await SocketReader.open(await client_of(client_for, bob), conversation.code)
    await page.hello()
    await page.frame()
    await sync_to_async(share_with_workspace)(conversation, alice, Access.NONE)
    assert await page.closed_with() == 4403
    await page.close()


async def test_a_page_says_that_its_conversation_was_deleted(
    relays, alice, bob, carol, conversation, client_for
):
    await sync_to_async(share_with_workspace)(conversation, alice, Access.WRITE)
    pages = [
        await SocketReader.open(await client_of(client_for, person), conversation.code)
        for person in (alice, bob)
    ]
    for page in pages:
        await page.hello()
        await page.frame()
    await sync_to_async(delete_conversation)(conversation, alice)
    for page in pages:
        assert await page.closed_with() == 4404
        await page.close()
    # A page that comes back learns the same. A stranger learns nothing.
    for person, code in ((bob, 4404), (carol, 4403)):
        page = await SocketReader.open(await client_of(client_for, person), conversation.code)
        assert await page.closed_with() == code


async def test_deleting_a_conversation_stops_its_answer(
    relays, demo, alice, conversation, endpoint, client_for
):
    gate = demo.hold_after(3)
    run = await begin(conversation, alice, endpoint)
    await sync_to_async(gate.reached.wait)(10)

    for live in await sync_to_async(delete_conversation)(conversation, alice):
        background.stop(live)

    assert await sync_to_async(demo.requests[-1].ended.wait)(10)
    assert demo.requests[-1].disconnected_at is not None
    assert (await Hold.objects.aget(run_code=run.code)).state != Hold.State.OPEN
    assert await sync_to_async(ledger.audit)() == []


@pytest.mark.parametrize("cursor", ["9" * 9000, "e.1." + "9" * 9000, "e.-1.2", "....", {"a": 1}, None])
async def test_a_cursor_may_claim_anything(relays, demo, alice, conversation, endpoint, client_for, cursor):
    gate = demo.hold_after(3)
    run = await begin(conversation, alice, endpoint)
    await sync_to_async(gate.reached.wait)(10)
    page = await SocketReader.open(await client_of(client_for, alice), conversation.code)
    await page.hello(cursors={str(run.code): cursor})
    await page.read_until(f'id="run-{run.code}-tail"')
    gate.release()
    await page.read_to_end()
    await page.close()


async def test_a_cursor_for_a_strangers_run_gets_nothing_of_it(
    relays, demo, alice, carol, conversation, endpoint, client_for
):
    gate = demo.hold_after(3)
    run = await begin(conversation, alice, endpoint)
    await sync_to_async(gate.reached.wait)(10)
    theirs = await sync_to_async(_conversation_of)(carol)
    page = await SocketReader.open(await client_of(client_for, carol), theirs.code)
    await page.hello(cursors={str(run.code): ""})
    first = await page.frame()
    gate.release()
    assert str(run.code) not in first["html"]
    assert await page.communicator.receive_nothing(timeout=0.5)
    await page.close()


@pytest.mark.parametrize("n", [-1, 10**30, 1.5, True, "1", None, [1]])
async def test_an_acknowledgement_out_of_range_changes_nothing(relays, alice, conversation, client_for, n):
    page = await SocketReader.open(await client_of(client_for, alice), conversation.code)
    await page.send({"type": "ack", "n": n})
    await page.hello()
    await page.send({"type": "ack", "n": n})
    await page.hello()
    assert (await page.frame())["n"] == 1
    assert await page.communicator.receive_nothing(timeout=0.3)
    await page.close()


async def test_an_error_while_reading_a_command_leaves_nothing_behind(
    relays, alice, conversation, client_for, monkeypatch
):
    without = set(broadcast._watchers)
    page = await SocketReader.open(await client_of(client_for, alice), conversation.code)
    await page.hello()
    await page.frame()
    # The topics are the conversation, its reader and the reader's notices.
    assert len(broadcast._watchers) == len(without) + 3
    before = asyncio.all_tasks()

    monkeypatch.setattr(pacing.Outbox, "acknowledge", lambda *_: 1 / 0)
    await page.send({"type": "ack", "n": 1})
    with pytest.raises(ZeroDivisionError):
        await page.communicator.wait(timeout=60)
    await asyncio.sleep(0)

    assert set(broadcast._watchers) == without
    assert not broadcast.has_pages()
    assert not asyncio.all_tasks() - before
    assert not [task for task in asyncio.all_tasks() if "_write" in repr(task.get_coro())]


async def test_a_page_in_full_flow_does_not_stand_behind_those_who_come(
    relays, demo, alice, conversation, endpoint, client_for, monkeypatch
):
    # It is asked again and again whether it may still read.
    monkeypatch.setattr(reader, "RECHECK_SECONDS", 0.05)
    gate = demo.hold_after(5)
    run = await begin(conversation, alice, endpoint)
    await sync_to_async(gate.reached.wait)(10)
    page = await SocketReader.open(await client_of(client_for, alice), conversation.code)
    await page.hello(head=str(await sync_to_async(lambda: run.message.code)()), cursors={str(run.code): ""})
    await page.read_until(f"run-{run.code}-tail")

    crowd = threading.Event()
    waiting = [asyncio.create_task(for_reader(lambda: crowd.wait(30))) for _ in range(20)]
    try:
        further = demo.hold_after(9)
        gate.release()
        await sync_to_async(further.reached.wait)(10)
        await page.frame()
        further.release()
        await page.read_to_end()
        assert not any(task.done() for task in waiting)
    finally:
        further.release()
        crowd.set()
        await asyncio.gather(*waiting)
    await page.close()


async def test_a_ping_is_answered_before_and_after_the_hello(relays, alice, conversation, client_for):
    page = await SocketReader.open(await client_of(client_for, alice), conversation.code)
    await page.send({"type": "ping"})
    assert json.loads(await page.communicator.receive_from(timeout=10)) == {"type": "pong"}

    await page.hello()
    await page.frame()
    await page.send({"type": "ping"})
    assert json.loads(await page.communicator.receive_from(timeout=10)) == {"type": "pong"}
    await page.close()


async def test_a_new_title_reaches_a_page_that_shows_another(relays, alice, conversation, client_for):
    page = await SocketReader.open(await client_of(client_for, alice), conversation.code)
    head = str(await sync_to_async(lambda: conversation.head.code)())
    await page.send({"type": "hello", "head": head, "cursors": {}, "title": conversation.title})
    await sync_to_async(rename_conversation)(conversation, alice, "Another title")

    assert f"#title-{conversation.code}" in await page.read_until("Another title")
    await page.close()


async def test_times_in_frames_are_in_the_readers_zone(relays, alice, conversation, client_for):
    moment = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    await sync_to_async(conversation.messages.update)(created_at=moment)
    client = await client_of(client_for, alice)
    page = await SocketReader.open(client, conversation.code, time_zone="Asia/Tokyo")
    await page.hello()

    assert "2 Mar, 08:30</time>" in (await page.frame())["html"]
    await page.close()
