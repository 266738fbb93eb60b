from __future__ import annotations

import doctest
from datetime import UTC, datetime, timedelta, timezone

import pytest

from accounts.ledger import periods
from accounts.ledger.periods import reset_in_words, span_at


def test_its_examples_hold():
    assert doctest.testmod(periods).failed == 0


def test_a_day_is_a_day_in_utc_in_every_time_zone():
    tokyo = timezone(timedelta(hours=9))

    assert span_at("day", datetime(2026, 5, 2, 3, 0, tzinfo=tokyo)).starts_at == datetime(
        2026, 5, 1, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=1), "at 00:00 UTC (in 1 min)"),
        (timedelta(minutes=59, seconds=30), "at 00:00 UTC (in 1 h)"),
        (timedelta(hours=24), "at 00:00 UTC (in 24 h)"),
        (timedelta(hours=36), "on 1 June, 00:00 UTC (in 2 days)"),
        (timedelta(hours=26), "on 1 June, 00:00 UTC (in 1 day)"),
    ],
)
def test_it_says_when_in_words(before, words):
    resets_at = datetime(2026, 6, 1, tzinfo=UTC)

    assert reset_in_words(resets_at, resets_at - before) == words


def test_what_never_resets_has_no_words():
    assert reset_in_words(None, datetime(2026, 6, 1, tzinfo=UTC)) == ""
