from __future__ import annotations

import csv
import doctest
import io
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from asgiref.sync import async_to_sync

from accounts import time_zones
from accounts.ledger import day_sums, periods
from accounts.ledger.periods import reset_in_words, span_at
from accounts.models import LedgerEntry, Workspace


def test_its_examples_hold():
    assert doctest.testmod(periods).failed == 0
    assert doctest.testmod(time_zones).failed == 0


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


@pytest.mark.django_db
def test_usage_says_which_days_it_has_and_the_file_has_those_of_limits_too(client_for, ada, bob, workspace):
    held_at = datetime(2026, 7, 14, 19, 0, tzinfo=UTC)
    for code in (uuid.uuid4(), uuid.uuid4()):
        entry = LedgerEntry.objects.create(
            run_code=code,
            workspace=workspace,
            user=bob,
            held_at=held_at,
            credits=1,
            tokens=1,
            provider_code="own",
            model_id="own/model",
            source="priced",
        )
        day_sums.add(entry)
    client, address = client_for(ada), "/w/acme/usage/all/"
    days = {"first": "2026-07-14", "last": "2026-07-14"}
    assert "Limits count days in" not in client.get(address, days).content.decode()

    # The zone is half an hour off, and the next day has begun there.
    Workspace.objects.update(time_zone="Asia/Kolkata")
    text = " ".join(client.get(address, days).content.decode().split())
    assert "Days begin at 00:00 UTC. Limits count days in Asia/Kolkata, so their sums can differ." in text

    answer = client.get(f"{address}export/", days)

    async def read() -> str:
        return b"".join([piece async for piece in answer.streaming_content]).decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(async_to_sync(read)(), newline="")))
    found = {(row["day_utc"], row["limit_day"], row["limit_time_zone"]) for row in rows}
    assert found == {("2026-07-14", "2026-07-15", "Asia/Kolkata")} and len(rows) == 2
