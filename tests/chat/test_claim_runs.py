"""The order in which queued runs get places, and the limit on places."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils.timezone import now

from accounts import ledger
from accounts.models import Hold, Membership, Role, User, Workspace
from chat.flows import claim_runs as module
from chat.flows.build_request import Choice
from chat.flows.claim_runs import claim_runs
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.reap_runs import reap_runs
from chat.flows.send_prompt import start_conversation
from chat.flows.stop_run import stop_run
from chat.live.turns import Began, QueuedRun, SharedPlaces, in_turn
from chat.models import QUEUE_LEASE, Run
from playground.flows.set_places import set_places
from playground.upstream.answer import Answer
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

MOST = 100
ALICE, BOB, VERA = 1, 2, 3


@pytest.fixture
def opened(workspace, endpoint):
    """Queued runs of these people, in this order."""

    def make(*people) -> list[Run]:
        return [
            start_conversation(workspace, person, "Hi", Choice(endpoint, {}), uuid.uuid4())
            for person in people
        ]

    return make


@pytest.fixture
def places(alice, workspace, endpoint):
    return lambda number: set_places(workspace, endpoint.model.provider, number, actor=alice)


def end(run: Run) -> None:
    run = Run.objects.select_related("conversation").get(pk=run.pk)
    assert finish_run(run, Outcome(Run.Status.STOPPED, Answer()), fence=run.fence)


def pks(runs) -> set[int]:
    return {run.pk for run in runs}


def queue(*members: int) -> list[QueuedRun]:
    places = SharedPlaces(1, "demo")
    return [QueuedRun(pk, uuid.uuid4(), member, places, now(), now()) for pk, member in enumerate(members)]


@pytest.mark.parametrize(
    ("members", "had", "order"),
    [
        # First come, first served.
        ([ALICE, BOB, VERA], {}, [0, 1, 2]),
        # A second run comes after the first ones of others.
        ([ALICE, ALICE, ALICE, BOB, VERA], {}, [0, 3, 4, 1, 2]),
        ([ALICE, BOB, ALICE, BOB], {}, [0, 1, 2, 3]),
        # Earlier turns of a member count as well.
        ([ALICE, BOB], {ALICE: 1}, [1, 0]),
        ([ALICE, ALICE, BOB, BOB], {ALICE: 2}, [2, 3, 0, 1]),
    ],
)
def test_members_take_turns(members, had, order):
    began = [Began(SharedPlaces(1, "demo"), member, "us", True, count) for member, count in had.items()]
    assert [found.pk for found in in_turn(queue(*members), began)] == order


def test_without_places_set_everybody_begins(opened, alice):
    runs = opened(alice, alice, alice)

    result = claim_runs("us", MOST, [run.pk for run in runs])

    assert pks(result.claimed) == pks(runs)
    assert result.queue_positions == {}


def test_only_as_many_begin_as_there_are_places_and_the_others_know_how_many_are_before_them(
    opened, places, alice
):
    places(2)
    runs = opened(alice, alice, alice, alice)

    result = claim_runs("us", MOST)

    assert pks(result.claimed) == pks(runs[:2])
    assert result.queue_positions == {runs[2].code: 0, runs[3].code: 1}
    assert claim_runs("them", MOST).queue_positions == result.queue_positions, "other processes see the same"


def test_a_place_that_gets_free_goes_to_who_is_next_in_whichever_process_asks(opened, places, alice):
    places(1)
    first, second, third = opened(alice, alice, alice)
    claim_runs("us", MOST)
    end(first)

    result = claim_runs("them", MOST)

    assert pks(result.claimed) == {second.pk}
    assert result.claimed[0].lease_owner == "them"
    assert result.queue_positions == {third.code: 0}


def test_a_member_with_many_does_not_keep_another_one_waiting(opened, places, alice, bob):
    places(1)
    alices = opened(*[alice] * 10)
    [bobs] = opened(bob)
    claim_runs("us", MOST)
    assert claim_runs("us", MOST).queue_positions[bobs.code] == 0
    end(alices[0])

    assert pks(claim_runs("us", MOST).claimed) == {bobs.pk}, "she had a turn while hers were waiting"
    end(bobs)
    assert pks(claim_runs("us", MOST).claimed) == {alices[1].pk}


def test_with_two_places_each_of_two_members_has_one(opened, places, alice, bob):
    places(2)
    alices, [bobs] = opened(*[alice] * 5), opened(bob)

    assert pks(claim_runs("us", MOST).claimed) == {alices[0].pk, bobs.pk}


def test_places_are_of_one_workspace_and_one_provider(opened, places, alice, carol, endpoint):
    places(1)
    mine = opened(alice, alice)
    other = carol.memberships.get().workspace
    theirs = start_conversation(other, carol, "Hi", Choice(endpoint, {}), uuid.uuid4())

    assert pks(claim_runs("us", MOST, [theirs.pk]).claimed) == {mine[0].pk, theirs.pk}


def test_more_or_any_number_of_places_let_more_begin(opened, places, alice):
    places(1)
    runs = opened(*[alice] * 4)
    claim_runs("us", MOST)

    places(3)
    assert pks(claim_runs("us", MOST).claimed) == pks(runs[1:3])
    places(None)
    assert pks(claim_runs("us", MOST, pks(runs)).claimed) == {runs[3].pk}


def test_with_fewer_places_what_runs_goes_on_and_nobody_begins(opened, places, alice):
    places(2)
    runs = opened(alice, alice, alice)
    claim_runs("us", MOST)
    places(1)
    end(runs[0])

    assert claim_runs("us", MOST).claimed == []
    end(runs[1])
    assert pks(claim_runs("us", MOST).claimed) == {runs[2].pk}


def test_a_process_that_has_no_room_leaves_them_in_the_same_queue(opened, alice, bob):
    runs = opened(alice, alice, bob)

    result = claim_runs("us", 1, pks(runs))

    assert pks(result.claimed) == {runs[0].pk}
    assert result.queue_positions == {runs[2].code: 0, runs[1].code: 1}


@pytest.fixture
def mixed(opened, places, workspace, carol, endpoint):
    """Four queued runs of people at limited places, in turns with four of people where there is no limit."""
    places(100)
    other = carol.memberships.get().workspace
    return [run_of_another(team, endpoint) for _ in range(4) for team in (workspace, other)]


def run_of_another(team: Workspace, endpoint) -> Run:
    """Open a run of a new member of that workspace."""
    user = User.objects.create_user(f"{uuid.uuid4().hex}@example.org", PASSWORD)
    Membership.objects.create(workspace=team, user=user, role=Role.MEMBER)
    return start_conversation(team, user, "Hi", Choice(endpoint, {}), uuid.uuid4())


@pytest.mark.parametrize("most", [0, 1, 2, 3, 5, 6, 7, 8, 9])
def test_runs_with_and_without_places_share_the_room_of_a_process(mixed, most):
    claimed = claim_runs("us", most, pks(mixed)).claimed
    assert len(claimed) <= most
    # The workspace that is looked at first leaves the other one at least a quarter.
    assert len(claimed) >= min(most, 8) - 2
    assert len({run.workspace_id for run in claimed}) == min(2, len(claimed))


def test_a_claimed_run_has_a_lease_from_now_on(opened, alice, settings):
    settings.RUN_LEASE_SECONDS = 40
    [run] = opened(alice)
    before = now()

    [claimed] = claim_runs("us", MOST, [run.pk]).claimed

    assert before + timedelta(seconds=40) <= claimed.lease_expires_at <= now() + timedelta(seconds=40)
    assert claimed.started_at is not None
    assert before <= claimed.started_at <= now()
    assert reap_runs() == 0


@pytest.fixture
def meanwhile(monkeypatch):
    """Let something happen between the look at the queue and the claim."""

    def interrupt(happen) -> None:
        renew = module._renew_queued

        def renew_and_more(queue) -> None:
            monkeypatch.setattr(module, "_renew_queued", renew)
            renew(queue)
            happen()

        monkeypatch.setattr(module, "_renew_queued", renew_and_more)

    return interrupt


@pytest.mark.parametrize("limit", [None, 10])
@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ("claimed", {"lease_owner": "them", "fence": 1, "status": Run.Status.RUNNING}),
        ("stopping", {"lease_owner": "", "fence": 0, "status": Run.Status.QUEUED}),
        ("stopped", {"lease_owner": "", "fence": 0, "status": Run.Status.STOPPED}),
        ("ended", {"lease_owner": "them", "fence": 1, "status": Run.Status.STOPPED}),
    ],
)
def test_a_look_that_is_out_of_date_takes_nothing(opened, places, alice, meanwhile, limit, change, kept):
    places(limit)
    first, second = opened(alice, alice)

    def happen() -> None:
        if change in ("claimed", "ended"):
            assert pks(claim_runs("them", 1, [first.pk]).claimed) == {first.pk}
        if change == "ended":
            end(first)
        if change == "stopping":
            Run.objects.filter(pk=first.pk).update(stop_requested=True)
        if change == "stopped":
            stop_run(first, alice)

    meanwhile(happen)
    result = claim_runs("us", MOST, pks([first, second]))

    assert pks(result.claimed) == {second.pk}
    first.refresh_from_db()
    assert {name: getattr(first, name) for name in kept} == kept


def test_nobody_takes_all_places_of_a_process(opened, alice, bob, settings):
    """Bob's prompt begins though no answer of Alice's ends."""
    settings.MAX_STREAMS = 10
    alices = opened(*[alice] * 6)
    claimed = claim_runs("us", 10, pks(alices)).claimed
    assert len(claimed) == 5
    assert claim_runs("us", 5, pks(alices)).claimed == []

    [bobs] = opened(bob)
    result = claim_runs("us", 5, pks([*alices, bobs]))

    assert pks(result.claimed) == {bobs.pk}
    assert list(result.queue_positions.values()) == [0]
    # Another process has places of its own.
    assert len(claim_runs("them", 10, pks(alices)).claimed) == 1


def test_no_workspace_takes_all_places_of_a_process(workspace, carol, endpoint, settings):
    settings.MAX_STREAMS = 4
    ours = [run_of_another(workspace, endpoint) for _ in range(4)]
    assert pks(claim_runs("us", 4, pks(ours)).claimed) == pks(ours[:3])
    assert claim_runs("us", 1, pks(ours)).claimed == []

    theirs = run_of_another(carol.memberships.get().workspace, endpoint)

    assert pks(claim_runs("us", 1, [ours[3].pk, theirs.pk]).claimed) == {theirs.pk}


def test_a_process_with_ample_room_asks_no_more_than_it_needs(opened, alice, django_assert_num_queries):
    run, *_ = opened(alice)
    # The queue, the limits, the claim, the claimed run.
    with django_assert_num_queries(4):
        claim_runs("us", 500, [run.pk])


def test_what_another_process_was_just_asked_for_is_left_to_it_for_a_moment(opened, alice):
    [run] = opened(alice)
    assert claim_runs("us", MOST).claimed == []
    Run.objects.update(created_at=now() - timedelta(seconds=2))
    assert pks(claim_runs("us", MOST).claimed) == {run.pk}


def test_who_stops_while_waiting_is_gone_from_the_queue_and_pays_nothing(opened, places, alice):
    places(1)
    _, second, third = opened(alice, alice, alice)
    claim_runs("us", MOST)

    stop_run(second, second.conversation.owner)

    assert claim_runs("us", MOST).queue_positions == {third.code: 0}
    second.refresh_from_db()
    assert second.status == Run.Status.STOPPED
    assert second.credits is None
    assert Hold.objects.get(run_code=second.code).state == Hold.State.RELEASED
    assert ledger.audit() == []


def test_a_run_of_somebody_who_is_gone_is_taken_over_and_not_ended(opened, places, alice):
    places(1)
    first, second = opened(alice, alice)
    claim_runs("dead", MOST)
    Run.objects.filter(pk=first.pk).update(lease_expires_at=now() - timedelta(seconds=1))

    assert reap_runs() == 1

    assert pks(claim_runs("alive", MOST).claimed) == {second.pk}


def test_who_waits_long_is_kept_as_long_as_anybody_looks(opened, places, alice):
    places(1)
    _, second = opened(alice, alice)
    claim_runs("us", MOST)
    Run.objects.filter(pk=second.pk).update(lease_expires_at=now() + timedelta(seconds=5))

    claim_runs("us", MOST)

    second.refresh_from_db()
    assert second.lease_expires_at > now() + QUEUE_LEASE / 2


def test_never_more_run_than_may_and_nobody_twice_however_many_ask_at_once(workspace, opened, places, alice):
    """Threads claim and end runs, each as a process of its own would, until all have been served."""
    members = [alice]
    for number in range(3):
        user = User.objects.create_user(f"member{number}@example.org", PASSWORD)
        Membership.objects.create(workspace=workspace, user=user, role=Role.MEMBER)
        members.append(user)
    places(3)
    runs = opened(*members * 6)
    ready, most = Barrier(6), []

    def work(owner: str) -> list[int]:
        served: list[int] = []
        try:
            ready.wait(20)
            for _ in range(500):
                claimed = claim_runs(owner, 2).claimed
                # Runs that end meanwhile only lower the count.
                most.append(Run.objects.filter(status=Run.Status.RUNNING).count())
                served += [run.pk for run in claimed]
                for run in claimed:
                    assert finish_run(run, Outcome(Run.Status.STOPPED, Answer()), fence=run.fence)
                if not Run.objects.filter(status__in=Run.LIVE).exists():
                    break
            return served
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        served = [pk for found in pool.map(work, [f"process {n}" for n in range(6)]) for pk in found]

    assert sorted(served) == sorted(pks(runs))
    assert max(most) <= 3
    assert not Hold.objects.filter(state=Hold.State.OPEN).exists()
    assert ledger.audit() == []
