"""How the places of a process are shared, without a database."""

from __future__ import annotations

import uuid

import pytest
from django.utils.timezone import now
from hypothesis import given
from hypothesis import strategies as st

from chat.live.turns import Began, QueuedRun, Room, SharedPlaces, is_ample

ALICE, BOB, CAROL, DAN = 1, 2, 3, 4
# Alice and Bob are of one workspace, Carol and Dan of another.
WORKSPACE = {ALICE: 1, BOB: 1, CAROL: 2, DAN: 2}


def queue(*members: int) -> list[QueuedRun]:
    return [
        QueuedRun(pk, uuid.uuid4(), member, SharedPlaces(WORKSPACE[member], "demo"), now(), now())
        for pk, member in enumerate(members)
    ]


def running(numbers: dict[int, int], owner: str = "us", *, is_running: bool = True) -> list[Began]:
    return [
        Began(SharedPlaces(WORKSPACE[member], "demo"), member, owner, is_running, number)
        for member, number in numbers.items()
    ]


@pytest.mark.parametrize(
    ("free", "began", "members", "taken"),
    [
        # A person alone has at most half of all places.
        (1, [], [ALICE] * 3, [0]),
        (2, [], [ALICE] * 3, [0]),
        (3, [], [ALICE] * 9, [0, 1]),
        (10, [], [ALICE] * 20, [0, 1, 2, 3, 4]),
        (6, running({ALICE: 4}), [ALICE] * 20, [0]),
        # Runs elsewhere and runs that have ended take no place here.
        (6, running({ALICE: 4}, "them"), [ALICE] * 20, [0, 1, 2]),
        (6, running({ALICE: 4}, is_running=False), [ALICE] * 20, [0, 1, 2]),
        # A run behind those of a person who has their share begins at once.
        (2, running({ALICE: 2}), [ALICE, ALICE, BOB], [2]),
        # A workspace has at most three quarters.
        (4, [], [ALICE, BOB] * 5, [0, 1, 2]),
        (2, running({ALICE: 3, BOB: 3}), [ALICE, BOB], []),
        (2, running({ALICE: 3, BOB: 3}), [BOB, CAROL, DAN], [1]),
        (1, running({ALICE: 3, BOB: 0}), [BOB, CAROL], [1]),
        # A full process takes nothing.
        (0, running({ALICE: 1}), [BOB], []),
        (-1, [], [BOB], []),
    ],
)
def test_shares(free, began, members, taken):
    assert [found.pk for found in Room("us", free, began).take(queue(*members))] == taken


@pytest.mark.parametrize(("most", "taken"), [(None, [0, 1, 2]), (5, [0, 1, 2]), (2, [0, 1]), (0, [])])
def test_at_most_so_many_are_taken(most, taken):
    assert [found.pk for found in Room("us", 100, []).take(queue(ALICE, BOB, CAROL), most)] == taken


@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 40))
def test_where_room_is_ample_all_begin_whoever_they_are(free, waiting, number):
    if is_ample(free, number, waiting):
        room = Room("us", free, running({ALICE: number}))
        assert len(room.take(queue(*[ALICE] * waiting))) == waiting


@given(st.integers(16, 60), st.lists(st.sampled_from([ALICE, BOB]), max_size=200))
def test_another_workspace_always_finds_a_place(free, members):
    room = Room("us", free, [])
    room.take(queue(*members))
    assert len(room.take(queue(CAROL))) == 1
    assert len(room.take(queue(DAN))) == 1
