from __future__ import annotations

import pytest
from django.http import Http404

from accounts.exceptions import LimitExists
from accounts.flows.set_limit import add_limit, change_limit, delete_limit
from accounts.limit_words import in_words
from accounts.models import Limit, Period, Unit


def test_it_sets_one_limit_of_a_kind(workspace, alice, bob):
    add_limit(Limit(workspace=workspace, unit=Unit.CREDITS, period=Period.DAY, amount=500), actor=alice)
    add_limit(
        Limit(workspace=workspace, member=bob, unit=Unit.CREDITS, period=Period.DAY, amount=50), actor=alice
    )

    with pytest.raises(LimitExists) as refusal:
        add_limit(
            Limit(workspace=workspace, member=bob, unit=Unit.CREDITS, period=Period.DAY, amount=70),
            actor=alice,
        )

    assert refusal.value.label == "$0.000025 (50 credits) per day"
    assert Limit.objects.count() == 2


def test_it_changes_and_deletes(workspace, alice):
    limit = add_limit(
        Limit(workspace=workspace, unit=Unit.TOKENS, period=Period.MONTH, amount=500), actor=alice
    )

    change_limit(limit, 700, actor=alice)
    assert Limit.objects.get().amount == 700

    delete_limit(limit, actor=alice)
    assert not Limit.objects.exists()


def test_one_that_was_deleted_meanwhile_is_not_found(workspace, alice):
    limit = add_limit(
        Limit(workspace=workspace, unit=Unit.TOKENS, period=Period.MONTH, amount=500), actor=alice
    )
    delete_limit(Limit.objects.get(), actor=alice)

    with pytest.raises(Http404):
        change_limit(limit, 700, actor=alice)
    delete_limit(limit, actor=alice)

    assert not Limit.objects.exists()


@pytest.mark.parametrize(
    ("amount", "unit", "period", "words"),
    [
        (
            500,
            "credits",
            "day",
            "Bob may use at most $0.00025 (500 credits) per day, counted from 00:00 UTC.",
        ),
        (1, "requests", "ever", "Bob may use at most 1 request in total, counted from the first run."),
        (
            2_000_000,
            "tokens",
            "month",
            "Bob may use at most 2,000,000 tokens per month, counted from the first of the month, UTC.",
        ),
        (0, "credits", "day", "Bob may not use any credits at all."),
    ],
)
def test_a_limit_is_described_in_words(workspace, bob, amount, unit, period, words):
    assert in_words(Limit(workspace=workspace, member=bob, unit=unit, period=period, amount=amount)) == words
