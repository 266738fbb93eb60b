"""The people, models and keys that a limit is for, its units, raises and exemptions, in the ledger."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from accounts import keys, ledger
from accounts.exceptions import LimitReached
from accounts.ledger import Amounts, Target
from accounts.models import (
    ApiKey,
    Group,
    Hold,
    Limit,
    LimitExemption,
    LimitRaise,
    LimitWindow,
    Membership,
    Period,
    Role,
    Unit,
    User,
)

pytestmark = pytest.mark.django_db


def limited(workspace, amount: int = 100, unit: str = Unit.CREDITS, **scope: Any) -> Limit:
    scope = {"period": Period.DAY, **scope}
    return Limit.objects.create(workspace=workspace, unit=unit, amount=amount, **scope)


def group_of(workspace, *people: User) -> Group:
    group = Group.objects.create(workspace=workspace, name=f"Group of {len(people)}")
    group.members.set(Membership.objects.filter(workspace=workspace, user__in=people))
    return group


def key_of(workspace, provider: str, member: User | None = None) -> ApiKey:
    key = ApiKey(workspace=workspace, member=member, provider_code=provider)
    keys.seal(key, "sk-a-key-that-is-long-enough")
    key.save()
    return key


def hold(workspace, user, credits: int = 60, target: Target | None = None, **more: int) -> uuid.UUID:
    code = uuid.uuid4()
    ledger.hold(code, workspace, user, Amounts(credits, 10, **more), target)
    return code


def is_refused(workspace, user, credits: int = 60, target: Target | None = None, **more: int) -> bool:
    try:
        hold(workspace, user, credits, target, **more)
    except LimitReached:
        return True
    return False


def settle(code: uuid.UUID, credits: int = 60, read: int = 4, written: int = 6) -> None:
    held = Hold.objects.get(run_code=code)
    ledger.settle(
        code,
        Amounts(credits, read + written),
        source="priced",
        provider_code=held.provider_code,
        model_id=held.model_id,
        input_tokens=read,
        output_tokens=written,
    )


@pytest.fixture(autouse=True)
def books_agree(db):
    yield
    assert ledger.audit() == []


def test_each_member_has_the_amount_for_themselves(workspace, alice, bob):
    limit = limited(workspace, counts_each=True)

    for person in (alice, bob):
        hold(workspace, person)
        assert is_refused(workspace, person)

    windows = LimitWindow.objects.filter(limit=limit)
    assert {(window.member, window.held) for window in windows} == {(alice, 60), (bob, 60)}


def test_whoever_joins_is_limited_like_each_member(workspace, bob):
    limited(workspace, counts_each=True)
    newcomer = User.objects.create_user("new@example.org", "a long password")
    Membership.objects.create(workspace=workspace, user=newcomer)
    hold(workspace, bob)

    hold(workspace, newcomer)

    assert is_refused(workspace, newcomer)


@pytest.mark.parametrize("counts_each", [True, False])
def test_a_group_binds_its_members_only(workspace, alice, bob, ada, counts_each):
    limited(workspace, group=group_of(workspace, alice, bob), counts_each=counts_each)

    hold(workspace, alice)
    assert is_refused(workspace, alice)
    assert is_refused(workspace, bob) is not counts_each
    hold(workspace, ada, 1000)


@pytest.mark.parametrize("counts_each", [True, False])
def test_a_role_binds_those_who_have_it(workspace, alice, bob, vera, counts_each):
    limited(workspace, role=Role.MEMBER, counts_each=counts_each)
    Membership.objects.filter(user=vera).update(role=Role.MEMBER)

    hold(workspace, bob)
    assert is_refused(workspace, bob)
    assert is_refused(workspace, vera) is not counts_each
    hold(workspace, alice, 1000)


def test_a_run_counts_in_the_group_that_its_person_was_in(workspace, alice, bob):
    group = group_of(workspace, alice)
    limited(workspace, group=group)
    settle(hold(workspace, alice), 90)
    group.members.clear()
    group.members.add(Membership.objects.get(user=bob))

    assert is_refused(workspace, bob)
    assert not is_refused(workspace, bob, 10)
    hold(workspace, alice, 1000)


@pytest.mark.parametrize(
    ("scope", "bound", "free"),
    [
        ({"model_pattern": "gpt-*"}, Target("openai", "GPT-5"), Target("openai", "o1")),
        ({"model_pattern": "*"}, Target("openai", "o1"), None),
        ({"model_pattern": "openai/gpt-5"}, Target("x", "openai/gpt-5"), Target("x", "openai/gpt-5-mini")),
        ({"model_pattern": "[a-z]*"}, Target("x", "[a-z]1"), Target("x", "b")),
        ({"provider_code": "openai"}, Target("openai", "o1"), Target("groq", "o1")),
        ({"provider_code": "x", "model_pattern": "o*"}, Target("x", "o1"), Target("y", "o1")),
        ({"provider_code": "x", "counts_each": True}, Target("x", "o1"), Target("y", "o1")),
    ],
)
def test_a_limit_of_models_counts_these_only(workspace, bob, scope, bound, free):
    limited(workspace, **scope)

    hold(workspace, bob, 60, bound)
    assert is_refused(workspace, bob, 60, bound)
    if free is not None:
        hold(workspace, bob, 1000, free)


def test_a_limit_of_a_key_counts_what_the_key_pays(workspace, alice, bob):
    shared, own = key_of(workspace, "openai"), key_of(workspace, "openai", bob)
    limited(workspace, api_key=shared)

    hold(workspace, alice, 60, Target("openai", "o1", shared))
    assert is_refused(workspace, bob, 60, Target("openai", "o1", shared))
    hold(workspace, bob, 1000, Target("openai", "o1", own))
    hold(workspace, bob, 1000)


@pytest.mark.parametrize(
    ("unit", "amount"),
    [
        (Unit.USD, 119),
        (Unit.CREDITS, 119),
        (Unit.TOKENS, 19),
        (Unit.INPUT_TOKENS, 7),
        (Unit.OUTPUT_TOKENS, 11),
        (Unit.REQUESTS, 1),
        (Unit.CONCURRENT, 1),
    ],
)
def test_every_unit_is_held_settled_and_refused(workspace, bob, unit, amount):
    limit = limited(workspace, amount, unit, period=Period.EVER)
    code = hold(workspace, bob, input_tokens=4, output_tokens=6)

    assert is_refused(workspace, bob, input_tokens=4, output_tokens=6)
    settle(code)

    window = LimitWindow.objects.get(limit=limit)
    used = {
        Unit.USD: 60,
        Unit.CREDITS: 60,
        Unit.TOKENS: 10,
        Unit.INPUT_TOKENS: 4,
        Unit.OUTPUT_TOKENS: 6,
        Unit.REQUESTS: 1,
        Unit.CONCURRENT: 0,
    }[unit]
    assert (window.used, window.held) == (used, 0)
    assert is_refused(workspace, bob, input_tokens=4, output_tokens=6) is (unit != Unit.CONCURRENT)


def test_requests_at_once_are_free_again_when_one_ends(workspace, alice, bob):
    limited(workspace, 2, Unit.CONCURRENT, period=Period.EVER)
    first, _ = hold(workspace, alice), hold(workspace, bob)
    with pytest.raises(LimitReached) as refusal:
        hold(workspace, bob)

    ledger.release(first)

    assert refusal.value.text == (
        "The workspace's limit of 2 requests at once is reached. Send again when one of them has ended."
    )
    hold(workspace, bob)


@pytest.mark.parametrize(
    ("unit", "scope", "words"),
    [
        (Unit.USD, {"counts_each": True}, "Your limit of $0.00005 per day has $0.00002 left."),
        (
            Unit.USD,
            {"model_pattern": "*-5"},
            "The workspace's limit of $0.00005 per day for *-5 has $0.00002 left.",
        ),
        (Unit.CREDITS, {"role": Role.MEMBER}, "Your group's limit of $0.00005 (100 credits) per day has"),
    ],
)
def test_the_refusal_says_whose_limit_it_is(workspace, bob, unit, scope, words):
    limited(workspace, 100, unit, **scope)
    target = Target("openai", "gpt-5")
    hold(workspace, bob, 60, target)

    with pytest.raises(LimitReached) as refusal:
        hold(workspace, bob, 60, target)

    assert words in refusal.value.text


def test_a_soft_limit_refuses_nothing_and_counts(workspace, bob):
    limit = limited(workspace, is_soft=True)

    settle(hold(workspace, bob, 1000), 1000)
    hold(workspace, bob, 1000)

    window = LimitWindow.objects.get(limit=limit)
    assert (window.used, window.held) == (1000, 1000)


def test_a_raise_adds_until_it_ends(workspace, bob, alice):
    limit = limited(workspace, counts_each=True)
    mine = LimitRaise.objects.create(limit=limit, member=bob, amount=50, ends_at=now() + timedelta(hours=1))
    LimitRaise.objects.create(limit=limit, member=alice, amount=900, ends_at=now() + timedelta(hours=1))
    LimitRaise.objects.create(limit=limit, amount=900, ends_at=now())

    hold(workspace, bob, 150)
    assert is_refused(workspace, bob, 1)
    [allowance] = ledger.allowances(workspace, bob)
    assert (allowance.amount, allowance.left) == (150, 0)

    mine.delete()
    [allowance] = ledger.allowances(workspace, bob)
    assert (allowance.amount, allowance.left) == (100, 0)


def test_a_raise_is_there_for_a_running_answer(workspace, bob):
    limit = limited(workspace)
    code = hold(workspace, bob, 100)
    with pytest.raises(LimitReached):
        ledger.extend(code, 10, 1)  # type: ignore[arg-type]

    LimitRaise.objects.create(limit=limit, amount=5, ends_at=now() + timedelta(hours=1))

    assert ledger.extend(code, 10, 1) == 5  # type: ignore[arg-type]


def test_an_exemption_takes_people_out_of_a_limit(workspace, alice, bob, ada):
    limit = limited(workspace)
    settle(hold(workspace, alice), 50)
    for exempt in ({"member": alice}, {"group": group_of(workspace, ada)}):
        LimitExemption.objects.create(limit=limit, **exempt)
    Limit.objects.update(has_exempted=True)

    hold(workspace, alice, 1000)
    hold(workspace, ada, 1000)
    hold(workspace, bob, 50)
    assert is_refused(workspace, bob, 1)
    assert ledger.allowances(workspace, alice) == []


def test_an_exempted_persons_runs_do_not_count_at_the_beginning_of_a_window(workspace, alice, bob):
    settle(hold(workspace, alice), 99)
    limit = limited(workspace, has_exempted=True)
    LimitExemption.objects.create(limit=limit, member=alice)

    hold(workspace, bob, 100)


@pytest.mark.parametrize(
    "scope",
    [
        {},
        {"counts_each": True},
        {"model_pattern": "demo/*"},
        {"provider_code": "demo"},
        {"role": Role.MEMBER},
        {"role": Role.MEMBER, "counts_each": True},
    ],
)
@pytest.mark.parametrize("period", [*Period])
def test_a_limit_that_is_set_later_counts_what_was_before(workspace, alice, bob, scope, period, clock):
    clock(2026, 10, 4, 22, 0, 30)
    target = Target("demo", "demo/plain")
    code = hold(workspace, bob, 60, target)
    settle(hold(workspace, bob, 30, target), 30)
    settle(hold(workspace, alice, 30, Target("x", "y")), 1000)
    workspace.time_zone = "Asia/Kolkata"
    workspace.save()
    limit = limited(workspace, 10**6, period=period, **scope)

    hold(workspace, bob, 7, target)
    settle(code)

    window = LimitWindow.objects.get(limit=limit)
    assert (window.used, window.held) in {(90, 7), (1090, 7)}
    assert (window.used == 1090) is (not scope)
    assert ledger.allowances(workspace, bob)[0].used == window.used


@pytest.mark.parametrize("period", [*Period])
def test_each_period_begins_anew_in_the_workspaces_time_zone(workspace, bob, clock, period):
    workspace.time_zone, workspace.week_starts_on = "America/New_York", 6
    workspace.save()
    # A Sunday at midnight in New York, and the first of a month.
    turn = datetime(2026, 11, 1, 4, tzinfo=UTC)
    limited(workspace, period=period)

    clock(*(turn - timedelta(seconds=1)).timetuple()[:6])
    hold(workspace, bob, 100)
    assert is_refused(workspace, bob, 1)
    clock(*turn.timetuple()[:6])

    assert is_refused(workspace, bob, 100) is (period == Period.EVER)


@pytest.fixture
def clock(monkeypatch):
    def set_to(*parts: int) -> None:
        moment = datetime(*parts).replace(tzinfo=UTC)  # type: ignore[arg-type]
        for module in ("booking", "remaining", "auditing"):
            monkeypatch.setattr(f"accounts.ledger.{module}.now", lambda: moment)

    return set_to
