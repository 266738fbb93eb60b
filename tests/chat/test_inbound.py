"""Limits on what a person's sockets send: the allowance that they share, and what it leaves alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from asgiref.sync import sync_to_async

from chat.flows.share_with_workspace import share_with_workspace
from chat.live import inbound
from chat.live.inbound import TOO_MANY, Allowance
from chat.models import Access
from tests.chat.socket_reader import SocketReader, client_of
from tests.chat.test_consumer import begin

if TYPE_CHECKING:
    from chat.models import Run

pytestmark = [pytest.mark.django_db(transaction=True)]

AT_ONCE = 6


@pytest.fixture
def small(monkeypatch):
    """An allowance of a few commands, none of which come back."""
    monkeypatch.setattr(inbound, "COMMANDS_AT_ONCE", AT_ONCE)
    monkeypatch.setattr(inbound, "COMMANDS_PER_SECOND", 0)


@pytest.mark.parametrize(
    ("uses", "allowed"),
    [
        # Seconds since the one before, and the amount.
        ([(0, 1)] * 4, [True, True, True, False]),
        ([(0, 3), (0.5, 1), (0.5, 1), (0, 1)], [True, True, True, False]),
        # Never more than at once, however long nothing was used.
        ([(1000, 3), (0, 1)], [True, False]),
        # A use that is too large costs nothing.
        ([(0, 4), (0, 3)], [False, True]),
    ],
)
def test_an_allowance_comes_back_at_its_rate(monkeypatch, uses, allowed):
    moment = 50.0
    monkeypatch.setattr("chat.live.inbound.time.monotonic", lambda: moment)
    allowance = Allowance(3, per_second=2)
    found = []
    for seconds, amount in uses:
        moment += seconds
        found.append(allowance.take(amount))
    assert found == allowed


def test_people_whose_allowance_is_whole_are_forgotten(monkeypatch):
    monkeypatch.setattr(inbound, "_MOST_PEOPLE", 2)
    used = inbound.allowance_of(1)
    used.take(100)
    inbound.allowance_of(2)

    inbound.allowance_of(3)

    assert set(inbound._people) == {1, 3}
    assert inbound.allowance_of(1) is used


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"type": "nothing"}',
        '{"type": "hello"}',
        '{"type": "ack", "n": 9}',
        '{"type": "ack", "n": -1}',
        "x" * 40_000,
        json.dumps({"type": "hello", "padding": "x" * 16_000}),
    ],
)
async def test_one_command_too_many_closes_the_socket(relays, small, alice, conversation, client_for, text):
    page = await SocketReader.open(await client_of(client_for, alice), conversation.code)
    for _ in range(AT_ONCE):
        await page.communicator.send_to(text_data=text)
    assert await page.closed_with() == TOO_MANY
    # Commands after the close do nothing.
    await page.hello()
    assert await page.communicator.receive_nothing(timeout=0.2)
    await page.close()


async def test_bytes_are_commands_too(relays, small, alice, conversation, client_for):
    page = await SocketReader.open(await client_of(client_for, alice), conversation.code)
    for _ in range(AT_ONCE):
        await page.communicator.send_to(bytes_data=b"\0")
    assert await page.closed_with() == TOO_MANY
    await page.close()


async def test_all_sockets_of_a_person_share_the_allowance_and_nobody_else_does(
    relays, small, alice, bob, conversation, client_for
):
    await sync_to_async(share_with_workspace)(conversation, alice, Access.WRITE)
    quiet = await SocketReader.open(await client_of(client_for, alice), conversation.code)
    await quiet.hello()
    await quiet.frame()
    loud = await SocketReader.open(await client_of(client_for, alice), conversation.code)
    for _ in range(AT_ONCE):
        await loud.send({})
    assert await loud.closed_with() == TOO_MANY

    # The open page stays and still gets its frames; a further socket does not.
    assert await quiet.communicator.receive_nothing(timeout=0.2)
    further = await SocketReader.open(await client_of(client_for, alice), conversation.code)
    assert await further.closed_with() == TOO_MANY
    others = await SocketReader.open(await client_of(client_for, bob), conversation.code)
    await others.hello()
    await others.frame()
    for page in (quiet, loud, further, others):
        await page.close()


def _answer_code(run: Run) -> str:
    return str(run.message.code)


async def test_answers_to_frames_cost_nothing(
    relays, small, demo, alice, conversation, endpoint, client_for, monkeypatch
):
    monkeypatch.setattr("chat.live.pacing.FRAMES_PER_ACKNOWLEDGEMENT", 1)
    page = await SocketReader.open(await client_of(client_for, alice), conversation.code)
    await page.hello(head=str(await sync_to_async(lambda: conversation.head.code)()))
    acknowledged = 0
    while acknowledged <= 2 * AT_ONCE:
        gate = demo.hold_after(3)
        run = await begin(conversation, alice, endpoint)
        gate.release()
        page.frames.clear()
        await page.read_to_end(await sync_to_async(_answer_code)(run))
        acknowledged += sum(frame["ack"] for frame in page.frames)
    await page.close()
