"""Notices about limits that are nearly or wholly used up."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from accounts import ledger
from accounts.flows.set_limit import change_limit
from accounts.ledger import Amounts
from accounts.models import Group, LedgerEntry, Limit, LimitRaise, LimitWindow, Membership, Notice, Period
from accounts.models import Unit as U

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everybody(alice, ada, bob, vera, carol):
    pass


def limited(workspace, **scope: Any) -> Limit:
    return Limit.objects.create(
        **{"workspace": workspace, "unit": U.REQUESTS, "period": Period.DAY, "amount": 10, **scope}
    )


def hold(workspace, user) -> uuid.UUID:
    code = uuid.uuid4()
    ledger.hold(code, workspace, user, Amounts(100, 10))
    return code


def settle(code: uuid.UUID, credits: int = 100) -> None:
    source = LedgerEntry.Source.REPORTED
    ledger.settle(code, Amounts(credits, 10), source=source, provider_code="demo", model_id="demo/plain")


def use(workspace, user, times: int) -> None:
    for _ in range(times):
        settle(hold(workspace, user))


def told() -> list[tuple[str, str]]:
    """Return who was told what, in order, without the time of the reset."""
    rows = Notice.objects.order_by("pk").values_list("recipient__user__name", "text")
    return [(name, text.partition(" It resets on ")[0]) for name, text in rows]


NEAR = "All members together: 80 % of the limit of 10 requests per day is used."
REACHED = "All members together: the limit of 10 requests per day is used up."


def test_admins_are_told_once_at_each_threshold_of_a_limit_of_many(workspace, bob):
    limited(workspace)
    use(workspace, bob, 7)
    assert told() == []
    use(workspace, bob, 2)
    assert told() == [("Alice", NEAR), ("Ada", NEAR)]
    use(workspace, bob, 1)
    assert told()[2:] == [("Alice", REACHED), ("Ada", REACHED)]
    kinds = Notice.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["limit_near"] * 2 + ["limit_reached"] * 2
    assert Notice.objects.filter(link="/w/acme/limits/").count() == 4


@pytest.mark.parametrize("scope", ["member", "each", "each of a group"])
def test_a_person_is_told_about_their_own_limit(workspace, bob, scope):
    group = Group.objects.create(workspace=workspace, name="Design")
    group.members.set(Membership.objects.filter(user=bob))
    scopes: dict[str, dict[str, Any]] = {
        "member": {"member": bob},
        "each": {"counts_each": True},
        "each of a group": {"counts_each": True, "group": group},
    }
    limited(workspace, **scopes[scope])
    use(workspace, bob, 10)
    assert told() == [
        ("Bob", "You have used 80 % of your limit of 10 requests per day."),
        ("Bob", "You have used up your limit of 10 requests per day."),
    ]


def test_a_limit_that_counts_each_tells_only_who_used_it(workspace, bob, vera):
    limited(workspace, counts_each=True)
    use(workspace, bob, 7)
    use(workspace, vera, 8)
    assert [name for name, _ in told()] == ["Vera"]


def test_a_soft_limit_says_that_nothing_is_refused(workspace, bob):
    limited(workspace, is_soft=True, notify_at=[100])
    limited(workspace, is_soft=True, notify_at=[100], member=bob)
    use(workspace, bob, 12)
    assert sorted(told()) == [
        ("Ada", "All members together: the limit of 10 requests per day is passed. Nothing is refused."),
        ("Alice", "All members together: the limit of 10 requests per day is passed. Nothing is refused."),
        ("Bob", "You have passed your limit of 10 requests per day. Nothing is refused."),
    ]


def test_the_highest_of_several_thresholds_is_told(workspace, bob):
    limited(workspace, unit=U.CREDITS, amount=200, member=bob, notify_at=[50, 60, 90])
    settle(hold(workspace, bob), credits=130)
    assert told() == [("Bob", "You have used 65 % of your limit of $0.0001 (200 credits) per day.")]


def test_what_is_held_does_not_count(workspace, bob):
    limited(workspace)
    open_holds = [hold(workspace, bob) for _ in range(9)]
    settle(open_holds.pop())
    assert told() == []
    for code in open_holds[:6]:
        settle(code)
    ledger.release(open_holds[6])
    assert told() == []
    settle(open_holds[7])
    assert [name for name, _ in told()] == ["Alice", "Ada"]


@pytest.mark.parametrize(
    ("thresholds", "amount"), [([], 10), (["x", None, -5, 0], 10), ([80], 0), ([200], 10)]
)
def test_odd_thresholds_tell_nobody(workspace, bob, thresholds, amount):
    limited(workspace, notify_at=thresholds, amount=amount, is_soft=True)
    use(workspace, bob, 12)
    assert told() == []


def test_the_next_period_tells_again(workspace, bob):
    limited(workspace, notify_at=[80])
    use(workspace, bob, 8)
    LimitWindow.objects.update(starts_at=now() - timedelta(days=1), ends_at=now())
    LedgerEntry.objects.all()._raw_delete("default")
    connection.cursor().execute("DELETE FROM accounts_daysum")
    use(workspace, bob, 8)
    assert len(told()) == 4


def test_a_limit_of_a_minute_is_told_once_a_day(workspace, bob):
    limited(workspace, period=Period.MINUTE, notify_at=[100], is_soft=True)
    for days in (0, 0, 2):
        Notice.objects.update(created_at=now() - timedelta(days=days))
        use(workspace, bob, 10)
        # Another minute begins.
        LimitWindow.objects.update(notified=0)
    assert [name for name, _ in told()] == ["Alice", "Ada"] * 2


def test_another_amount_has_thresholds_of_its_own(workspace, bob, alice):
    limit = limited(workspace, notify_at=[80])
    use(workspace, bob, 8)
    change_limit(limit, 20, actor=alice)
    use(workspace, bob, 7)
    assert len(told()) == 2
    use(workspace, bob, 1)
    assert told()[2:] == [
        (name, "All members together: 80 % of the limit of 20 requests per day is used.")
        for name in ("Alice", "Ada")
    ]


@pytest.mark.parametrize("is_for_bob", [True, False])
def test_a_raise_counts(workspace, bob, is_for_bob):
    limit = limited(workspace, member=bob, notify_at=[80])
    more = {"limit": limit, "amount": 10, "ends_at": now() + timedelta(hours=1)}
    LimitRaise.objects.create(**more, member=bob if is_for_bob else None)
    use(workspace, bob, 15)
    assert told() == []
    use(workspace, bob, 1)
    assert [name for name, _ in told()] == ["Bob"]


def test_a_limit_that_does_not_reset_says_so(workspace, bob):
    limited(workspace, period=Period.EVER, notify_at=[80], member=bob)
    use(workspace, bob, 8)
    assert told()[0][1].endswith("10 requests in total. It does not reset.")


def test_the_reset_is_in_the_time_zone_of_the_workspace(workspace, bob):
    limited(workspace, notify_at=[80], member=bob)
    workspace.time_zone = "Asia/Tokyo"
    workspace.save()
    use(workspace, bob, 8)
    assert Notice.objects.get().text.endswith("00:00 (Asia/Tokyo).")


def test_far_from_a_threshold_it_costs_no_statement(workspace, bob):
    use(workspace, bob, 1)

    def statements() -> int:
        code = hold(workspace, bob)
        with CaptureQueriesContext(
            connection,
        ) as found:
            settle(code)
        return len(found)

    limited(workspace, amount=1000)
    use(workspace, bob, 1)
    far = statements()
    limited(workspace, amount=1000, notify_at=[])
    use(workspace, bob, 1)
    # Parts of several limits are moved by one call of the database.
    assert statements() == far
