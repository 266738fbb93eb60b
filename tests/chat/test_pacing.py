from __future__ import annotations

import asyncio

from chat.live.pacing import BYTES_IN_FLIGHT, FRAME_SECONDS, FRAMES_IN_FLIGHT, FrameClock, Outbox


async def may_send_now(outbox: Outbox) -> bool:
    waiting = asyncio.ensure_future(outbox.may_send())
    await asyncio.sleep(0)
    if waiting.done():
        return waiting.result()
    waiting.cancel()
    return False


def fill(outbox: Outbox, size: int, frames: int) -> None:
    for _ in range(frames):
        outbox.sent(outbox.next_number(), size, has_asked=outbox.asks_for_acknowledgement(size))


async def test_it_may_send_until_so_many_frames_are_on_their_way():
    outbox = Outbox()
    fill(outbox, 10, FRAMES_IN_FLIGHT - 1)
    assert await may_send_now(outbox)
    fill(outbox, 10, 1)
    assert not await may_send_now(outbox)


async def test_it_may_not_send_past_so_many_bytes():
    outbox = Outbox()
    fill(outbox, BYTES_IN_FLIGHT, 1)
    assert not await may_send_now(outbox)


def test_one_frame_in_five_asks():
    outbox = Outbox()
    asked = []
    for _ in range(10):
        asked.append(outbox.asks_for_acknowledgement(10))
        outbox.sent(outbox.next_number(), 10, has_asked=asked[-1])
    assert asked == [False, False, False, False, True] * 2


def test_a_big_frame_always_asks():
    assert Outbox().asks_for_acknowledgement(BYTES_IN_FLIGHT)


async def test_an_acknowledgement_covers_what_came_before():
    outbox = Outbox()
    fill(outbox, 10, FRAMES_IN_FLIGHT)
    outbox.acknowledge(FRAMES_IN_FLIGHT)
    assert await may_send_now(outbox)


async def test_nonsense_acknowledges_nothing():
    outbox = Outbox()
    fill(outbox, 10, FRAMES_IN_FLIGHT)
    for nonsense in (None, "4", 0, -1, [4]):
        outbox.acknowledge(nonsense)
    assert not await may_send_now(outbox)


def test_frames_come_less_often_when_they_cost_too_much():
    clock = FrameClock()
    clock._adapt(0.7)
    assert clock.interval == FRAME_SECONDS * 2
    clock._adapt(0.0)
    clock._adapt(0.0)
    clock._adapt(0.0)
    clock._adapt(0.0)
    assert clock.interval == FRAME_SECONDS
