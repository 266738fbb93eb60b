"""A socket that serves several conversations of one page."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from chat.flows.build_request import Choice
from chat.flows.send_prompt import send_prompt, start_conversation
from chat.flows.share_with_workspace import share_with_workspace
from chat.live import broadcast
from chat.models import Access, Conversation, Run
from chat.relays import background
from chat.sockets.protocol import MOST_THREADS
from tests.chat.socket_reader import SocketReader, client_of

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def second(second_run) -> Conversation:
    """Another conversation of Alice's, whose first answer has not begun."""
    conversation: Conversation = second_run.conversation
    return conversation


@pytest.fixture
def foreign(carol, endpoint) -> Conversation:
    """A conversation of another workspace."""
    workspace = carol.memberships.get().workspace
    return start_conversation(workspace, carol, "Mine", Choice(endpoint, {}), uuid.uuid4()).thread


@sync_to_async
def state_of(conversation: Conversation) -> dict[str, Any]:
    """Return what a page has of a conversation right after it was loaded."""
    conversation.refresh_from_db()
    assert conversation.head is not None
    live = conversation.runs.filter(status__in=Run.LIVE)
    return {
        "code": str(conversation.code),
        "head": str(conversation.head.code),
        "cursors": {str(run.code): "" for run in live},
    }


@sync_to_async
def prompt(conversation: Conversation, user, endpoint) -> Run:
    run = send_prompt(conversation, user, "And then?", Choice(endpoint, {}), uuid.uuid4())
    background.start(run)
    return run


async def read_until_finished(page: SocketReader, *runs: Run) -> None:
    """Read frames until the page has the stored answer of each of these runs."""
    missing = {f'data-answer="{run.code}" data-status="finished"' for run in runs}
    while missing:
        frame = await page.frame()
        missing = {mark for mark in missing if mark not in frame["html"]}


async def test_one_socket_streams_two_answers_and_each_frame_names_its_thread(
    relays, demo, alice, conversation, second, second_run, endpoint, client_for
):
    page = await SocketReader.open(await client_of(client_for, alice))
    await page.hello_threads(await state_of(conversation), await state_of(second))
    runs = [await prompt(conversation, alice, endpoint), second_run]
    background.start(second_run)

    await read_until_finished(page, *runs)

    for run, own in zip(runs, (conversation, second), strict=True):
        frames = [frame for frame in page.frames if str(run.code) in frame["html"]]
        assert {frame["thread"] for frame in frames} == {str(own.code)}
        cursors = [frame["cursors"] for frame in page.frames if frame["thread"] == str(own.code)]
        assert {code for known in cursors for code in known} <= {str(run.code)}
        assert frames[-1]["head"] == (await state_of(own))["head"]
    assert [frame["n"] for frame in page.frames] == list(range(1, len(page.frames) + 1))
    await page.close()


async def test_a_page_comes_back_to_both_threads_where_it_was(
    relays, demo, alice, conversation, second, second_run, endpoint, client_for
):
    gate = demo.hold_after(5)
    run = await prompt(conversation, alice, endpoint)
    assert await sync_to_async(gate.reached.wait)(10)
    background.start(second_run)
    states = [await state_of(conversation), await state_of(second)]
    page = await SocketReader.open(await client_of(client_for, alice))
    await page.hello_threads(*states)
    await page.read_until(f"#run-{run.code}-tail")
    await page.close()
    known = {frame["thread"]: frame for frame in page.frames}

    back = await SocketReader.open(await client_of(client_for, alice))
    for state in states:
        if frame := known.get(state["code"]):
            state |= {"head": frame["head"], "cursors": frame["cursors"]}
    await back.hello_threads(*states)
    gate.release()

    await read_until_finished(back, run)
    assert not any("data-append" in frame["html"] for frame in back.frames), "a turn comes once"
    await back.close()


async def test_the_conversation_in_the_address_is_served_if_the_list_names_it(
    relays, alice, conversation, second, client_for
):
    page = await SocketReader.open(await client_of(client_for, alice), conversation.code)
    await page.hello_threads({"code": str(second.code)})

    assert (await page.frame())["thread"] == str(second.code)
    assert await page.communicator.receive_nothing(timeout=0.3)
    await page.close()


@pytest.mark.parametrize("address", ["own", "none"])
async def test_a_foreign_conversation_in_the_list_is_refused(
    relays, alice, conversation, foreign, client_for, address
):
    without = set(broadcast._watchers)
    code = conversation.code if address == "own" else None
    page = await SocketReader.open(await client_of(client_for, alice), code)
    await page.hello_threads({"code": str(conversation.code)}, {"code": str(foreign.code)})

    # No frame comes before the refusal, neither of the one nor of the other.
    message = await page.communicator.receive_output(timeout=10)
    assert (message["type"], message["code"]) == ("websocket.close", 4403)
    await page.hello_threads({"code": str(foreign.code)})
    assert await page.communicator.receive_nothing(timeout=0.3)
    await page.close()
    assert set(broadcast._watchers) == without


async def test_one_thread_goes_on_when_another_is_no_longer_shared_and_the_last_closes_the_socket(
    relays, demo, alice, bob, conversation, second, endpoint, client_for
):
    for shared in (conversation, second):
        await sync_to_async(share_with_workspace)(shared, alice, Access.WRITE)
    page = await SocketReader.open(await client_of(client_for, bob))
    await page.hello_threads({"code": str(conversation.code)}, {"code": str(second.code)})
    await page.frame()

    await sync_to_async(share_with_workspace)(second, alice, Access.NONE)
    await read_until_finished(page, await prompt(conversation, alice, endpoint))

    await sync_to_async(share_with_workspace)(conversation, alice, Access.NONE)
    assert await page.closed_with() == 4403
    await page.close()


async def test_somebody_signed_out_is_turned_away_from_a_page_of_threads(relays, client):
    page = await SocketReader.open(client)
    assert await page.closed_with() == 4401


@pytest.mark.parametrize(
    "threads",
    [
        pytest.param([], id="none"),
        pytest.param([{"code": 1}, "x", None, [], {}], id="nonsense"),
        pytest.param([{"code": str(uuid.uuid4())}] * (MOST_THREADS + 1), id="too many"),
    ],
)
async def test_a_list_without_threads_is_ignored(relays, alice, conversation, client_for, threads):
    page = await SocketReader.open(await client_of(client_for, alice))
    await page.send({"type": "hello", "threads": threads})
    await page.send({"type": "hello"})
    assert await page.communicator.receive_nothing(timeout=0.2)

    await page.hello_threads({"code": str(conversation.code)})

    assert (await page.frame())["n"] == 1
    await page.close()
