from __future__ import annotations

import csv
import doctest
import io
import re
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.utils.timezone import now

from accounts import ledger
from accounts.flows.set_limit import add_limit
from accounts.ledger import Amounts, day_sums, export, reports
from accounts.models import LedgerEntry, Limit, Membership, User
from playground.models import Provider

pytestmark = pytest.mark.django_db

MINE, ALL, CSV = "/w/acme/usage/", "/w/acme/usage/all/", "/w/acme/usage/all/export/"
# A Wednesday.
TODAY = datetime(2026, 7, 15, 12, 30, tzinfo=UTC)


@pytest.fixture
def today(monkeypatch) -> datetime:
    for module in ("accounts.ledger.reports", "accounts.pages.date_range"):
        monkeypatch.setattr(f"{module}.now", lambda: TODAY)
    return TODAY


def test_the_examples_hold():
    assert doctest.testmod(reports).failed == 0


def _run(workspace, user, credits, model_id="openai/gpt-5", usd=None, source="reported") -> None:
    code = uuid.uuid4()
    ledger.hold(code, workspace, user, Amounts(credits=credits, tokens=30))
    ledger.settle(
        code,
        Amounts(credits=credits, tokens=30),
        source=source,
        provider_code="aimlapi",
        model_id=model_id,
        usd=usd,
        input_tokens=10,
        output_tokens=20,
    )


def _entry(workspace, user, at: datetime, credits: int = 100, **more: Any) -> LedgerEntry:
    entry = LedgerEntry.objects.create(
        run_code=uuid.uuid4(),
        workspace=workspace,
        user=user,
        held_at=at,
        credits=credits,
        tokens=more.pop("tokens", 30),
        **{"provider_code": "aimlapi", "model_id": "openai/gpt-5", "source": "priced"} | more,
    )
    day_sums.add(entry)
    return entry


@pytest.fixture
def spent(workspace, alice, bob) -> None:
    _run(workspace, bob, 1200, usd=Decimal("0.0006"))
    _run(workspace, bob, 300, "x-ai/grok-4", usd=Decimal("0.00015"))
    _run(workspace, alice, 5000)


def test_it_shows_what_i_used_and_nothing_of_others(client_for, bob, spent):
    answer = client_for(bob).get(MINE)

    text, report = answer.content.decode(), answer.context["report"]
    assert (report.total.credits, report.total.tokens, report.total.runs) == (1500, 60, 2)
    assert report.total.usd == Decimal("0.00075")
    assert [(row.what.model_id, row.credits) for row in report.rows] == [
        ("openai/gpt-5", 1200),
        ("x-ai/grok-4", 300),
    ]
    days = client_for(bob).get(MINE, {"by": "day"}).context["report"]
    assert [row.credits for row in days.rows] == [1500]
    assert len(answer.context["runs"].rows) == 2
    assert "1,500" in text
    assert "5,000" not in text
    assert "/usage/all/" not in text


def test_its_dollars_are_what_was_reported_and_what_the_other_credits_come_to(client_for, bob, workspace):
    _run(workspace, bob, 8371, usd=Decimal("0.0041855"))
    _run(workspace, bob, 30, "x-ai/grok-4", source="priced")
    _run(workspace, bob, 2, "x-ai/grok-4", source="estimated")

    answer = client_for(bob).get(MINE)

    report = answer.context["report"]
    assert (report.total.credits, report.total.usd) == (8403, Decimal("0.0042015"))
    assert report.total.dollars.startswith("about ")
    assert [row.usd for row in report.rows] == [Decimal("0.0041855"), Decimal("0.000016")]
    assert [row.estimates for row in report.rows] == [0, 1]
    assert [row.usd for row in answer.context["runs"].rows] == [
        Decimal("0.000001"),
        Decimal("0.000015"),
        Decimal("0.0041855"),
    ]
    assert "The cost of 1 of 3 runs is estimated" in answer.content.decode()


def test_a_total_in_which_nothing_is_estimated_does_not_say_about(client_for, bob, workspace):
    _run(workspace, bob, 30, source="priced")

    answer = client_for(bob).get(MINE)

    assert answer.context["report"].total.dollars == "0.000015"
    assert "estimated" not in answer.content.decode()


def test_its_days_begin_with_the_first_run_and_have_no_gaps(client_for, bob, workspace, today):
    _entry(workspace, bob, TODAY - timedelta(days=3))

    report = client_for(bob).get(MINE, {"by": "day"}).context["report"]

    assert [row.credits for row in report.rows] == [0, 0, 0, 100]
    # A month that has not ended shows no days that have not begun.
    month = {"by": "day", "first": "2026-07-01", "last": "2026-07-31"}
    last = client_for(bob).get(MINE, month).context
    assert [row.credits for row in last["report"].rows] == [0, 0, 0, 100]
    assert last["chart"].bars[-1].last == TODAY.date()


def test_it_shows_what_is_left(client_for, alice, bob, workspace, spent):
    add_limit(
        Limit(workspace=workspace, member=bob, unit="credits", period="month", amount=2000), actor=alice
    )

    text = client_for(bob).get(MINE).content.decode()

    assert "Your credits this month" in text
    assert "$0.00025 (500 credits) of $0.001 (2,000 credits) left" in text


def test_an_admin_sees_everybody(client_for, ada, spent):
    answer = client_for(ada).get(ALL)

    report = answer.context["report"]
    assert [(row.what.name, row.credits) for row in report.rows] == [("Alice", 5000), ("Bob", 1500)]
    assert report.total.credits == 6500
    assert [row.share for row in report.rows] == [1.0, 0.3]
    assert "Bob" in answer.content.decode()


def test_what_somebody_used_who_is_gone_still_counts(client_for, ada, bob, spent):
    bob.delete()

    answer = client_for(ada).get(ALL)

    assert answer.context["report"].total.credits == 6500
    assert "Former member" in answer.content.decode()


def test_it_names_the_providers_that_it_knows(client_for, ada, carol, workspace, bob):
    theirs = carol.memberships.get().workspace
    for code, name, owner in [
        ("1270018898-d6773f02", "127.0.0.1:8898 <b>", workspace),
        ("1270018898-00000000", "Carol's box", theirs),
    ]:
        Provider.objects.create(
            code=code, name=name, workspace=owner, kind="openai", base_url="http://127.0.0.1:8898/v1"
        )
        _entry(workspace, bob, now(), provider_code=code)
    _entry(workspace, bob, now(), provider_code="gone-1")

    text = client_for(ada).get(ALL, {"by": "model"}).content.decode()

    shown = re.findall(r'<span class="second line">([^<@]*)</span>', text)
    assert sorted(shown) == ["127.0.0.1:8898 &lt;b&gt;", "1270018898-00000000", "gone-1"]


def test_another_workspace_does_not_count(client_for, carol, spent):
    assert client_for(carol).get("/w/other/usage/all/").context["report"].total.runs == 0


def test_without_any_runs_it_says_so_calmly(client_for, vera):
    answer = client_for(vera).get(MINE)

    assert answer.status_code == 200
    assert "You have no limits" in answer.content.decode()
    assert "There were no runs on these days." in answer.content.decode()


RANGES = {
    "range=today": (date(2026, 7, 15), date(2026, 7, 15)),
    "range=7-days": (date(2026, 7, 9), date(2026, 7, 15)),
    "": (date(2026, 6, 16), date(2026, 7, 15)),
    "range=nonsense": (date(2026, 6, 16), date(2026, 7, 15)),
    "range=this-month": (date(2026, 7, 1), date(2026, 7, 15)),
    "range=last-month": (date(2026, 6, 1), date(2026, 6, 30)),
    "first=2026-02-03&last=2026-02-05": (date(2026, 2, 3), date(2026, 2, 5)),
    "first=2026-07-01": (date(2026, 7, 1), date(2026, 7, 15)),
    "last=2026-07-01": (date(2026, 7, 1), date(2026, 7, 1)),
}


@pytest.mark.parametrize("query", RANGES)
def test_it_reports_the_days_of_its_address(client_for, ada, bob, workspace, today, query):
    first, last = RANGES[query]
    for day in (first, last):
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        _entry(workspace, bob, start - timedelta(microseconds=1), 10_000_000)
        _entry(workspace, bob, start, 1)
        _entry(workspace, bob, start + timedelta(hours=23, minutes=59, seconds=59), 1)
        _entry(workspace, bob, start + timedelta(days=1), 10_000_000)
    inside = [entry.credits for entry in LedgerEntry.objects.all() if first <= entry.held_at.date() <= last]
    assert len(inside) in (2, 4, 5, 6)

    for _ in range(2):
        answer = client_for(ada).get(f"{ALL}?{query}")
        assert answer.context["report"].total.runs == len(inside)
        assert answer.context["report"].total.credits == sum(inside)
    mine = client_for(bob).get(f"{MINE}?{query}").context["report"]
    assert mine.total.runs == len(inside)
    assert "errors" not in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("first=2026-07-15&last=2026-07-01", "The first day is after the last day"),
        ("first=2026-02-30&last=2026-03-01", "That isn&#x27;t a date"),
        ("first=<script>&last=2026-03-01", "That isn&#x27;t a date"),
        ("first=2020-01-01&last=2026-03-01", "Choose 366 days at most"),
        ("first=9999-12-30&last=9999-12-31", "too far in the future"),
        ("first=0001-01-01&last=0001-01-02", ""),
    ],
)
def test_a_range_that_cannot_be_is_said_at_the_dates(client_for, ada, today, query, error):
    answer = client_for(ada).get(f"{ALL}?{query}")

    text = answer.content.decode()
    assert answer.status_code == 200
    assert (error in text) if error else ("range-error" not in text)
    assert "<script>&" not in text
    assert bool(answer.context["days"].error) is bool(error)


def test_a_preset_stays_one_in_the_links(client_for, ada, spent):
    text = client_for(ada).get(ALL, {"range": "today"}).content.decode()

    assert f'{CSV}?range=today"' in text
    assert f'{MINE}?range=today"' in text
    assert 'name="range" value="today"' in text


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, ["Alice", "Bob", "Vera"]),
        ({"show": "tokens"}, ["Vera", "Alice", "Bob"]),
        ({"show": "runs"}, ["Bob", "Alice", "Vera"]),
        ({"sort": "name"}, ["Alice", "Bob", "Vera"]),
        ({"q": "BÓB@"}, ["Bob"]),
        ({"q": "nobody"}, []),
        ({"sort": "<", "page": "7"}, ["Alice", "Bob", "Vera"]),
    ],
)
def test_it_finds_who_spent_most(client_for, ada, alice, bob, vera, workspace, given, found):
    _entry(workspace, alice, now(), 300)
    _entry(workspace, bob, now(), 100)
    _entry(workspace, bob, now(), 100, tokens=-0)
    _entry(workspace, vera, now(), 50, tokens=999)

    page = client_for(ada).get(ALL, given).context["page"]

    assert [row.what.name for row in page] == found


def test_200_people_are_shown_in_pages(client_for, ada, workspace):
    users = User.objects.bulk_create(User(email=f"m{n}@example.org", name=f"M {n:03}") for n in range(200))
    Membership.objects.bulk_create(Membership(workspace=workspace, user=user) for user in users)
    for user in users:
        _entry(workspace, user, now(), user.pk)

    text = client_for(ada).get(ALL, {"q": "m", "page": "2", "range": "today"}).content.decode()

    assert "26 to 50 of 200" in text
    assert "?q=m&amp;range=today&amp;page=3" in text


def test_its_runs_come_in_portions_and_none_is_lost_or_repeated(client_for, ada, bob, workspace):
    at = now()
    # Many at the same moment: the key alone tells them apart.
    entries = {_entry(workspace, bob, at - timedelta(seconds=n // 20), 10).pk for n in range(60)}
    client, seen, after = client_for(ada), [], ""

    for _ in range(3):
        runs = client.get(ALL, {"after": after, "range": "today"} if after else {}).context["runs"]
        seen += [row.what.pk for row in runs.rows]
        after = str(runs.next)

    assert after == "None"
    assert (len(seen), set(seen)) == (60, entries)
    other = client.get(ALL, {"after": "9" * 30}).context["runs"]
    assert len(other.rows) == 25
    assert "Earlier runs" in client.get(ALL).content.decode()


def test_the_questions_do_not_grow_with_the_runs(
    client_for, ada, bob, workspace, django_assert_max_num_queries
):
    for _ in range(30):
        _run(workspace, bob, 10)
    client = client_for(ada)

    with django_assert_max_num_queries(20):
        assert len(client.get(ALL).context["runs"].rows) == 25


@pytest.mark.parametrize("days", [0, 1, 5])
def test_an_entry_that_comes_late_counts(client_for, ada, bob, workspace, today, days):
    client, code = client_for(ada), uuid.uuid4()
    held = ledger.hold(code, workspace, bob, Amounts(credits=5, tokens=5))
    type(held).objects.filter(pk=held.pk).update(created_at=TODAY - timedelta(days=days))
    assert client.get(ALL).context["report"].total.credits == 0

    ledger.settle(
        code, Amounts(credits=5, tokens=5), source="priced", provider_code="demo", model_id="demo/plain"
    )

    assert client.get(ALL).context["report"].total.credits == 5


def _exported(response) -> list[list[str]]:
    async def read() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])

    content = async_to_sync(read)()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_it_exports_every_run_of_the_range(client_for, ada, bob, workspace, today):
    entry = _entry(
        workspace,
        bob,
        datetime(2026, 7, 1, 0, 0, 1, 5, tzinfo=UTC),
        8403,
        usd=Decimal("0.000000001"),
        input_tokens=10,
        output_tokens=20,
    )
    _entry(workspace, None, datetime(2026, 7, 31, 23, 59, tzinfo=UTC), 3)
    _entry(workspace, bob, datetime(2026, 8, 1, tzinfo=UTC))

    answer = client_for(ada).get(CSV, {"first": "2026-07-01", "last": "2026-07-31"})

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == ('attachment; filename="usage-acme-2026-07-01-to-2026-07-31.csv"')
    head, *rows = _exported(answer)
    assert tuple(head) == export.COLUMNS
    assert rows[0] == [
        *("2026-07-01T00:00:01.000005+00:00", str(entry.run_code), "Bob", "bob@example.org"),
        *("aimlapi", "openai/gpt-5", "10", "20", "30", "0.000000001", "8403", "priced", ""),
        *("", "", "0", "0", "0", "", "", "", "", ""),
        *("2026-07-01", "2026-07-01", "UTC"),
    ]
    assert [(row[2], row[9], row[10]) for row in rows[1:]] == [("", "0.0000015", "3")]


@pytest.mark.parametrize("name", ["=1+1", "+49", "-2", "@SUM(A1)", "\t=1", 'a"b,c', "Zoë\u202e"])
def test_a_name_is_never_a_formula(client_for, ada, bob, workspace, name):
    User.objects.filter(pk=bob.pk).update(name=name)
    _entry(workspace, bob, now(), model_id="=HYPERLINK(1)")

    _, row = _exported(client_for(ada).get(CSV))

    assert row[2] == (name if name[0].isalpha() else f"'{name}")
    assert row[5] == "'=HYPERLINK(1)"


def test_the_export_comes_in_portions(client_for, ada, bob, workspace, monkeypatch):
    monkeypatch.setattr(export, "_PORTION", 4)
    at = now()
    entries = [_entry(workspace, bob, at - timedelta(seconds=n // 6)) for n in range(17)]

    answer = client_for(ada).get(CSV)

    _, *rows = _exported(answer)
    assert sorted(row[1] for row in rows) == sorted(str(entry.run_code) for entry in entries)
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)


def test_a_role_without_the_right_gets_a_403(client_for, bob, vera):
    for user in (bob, vera):
        assert client_for(user).get(ALL).status_code == client_for(user).get(CSV).status_code == 403


def test_a_stranger_gets_a_404(client_for, workspace, carol):
    assert client_for(carol).get(MINE).status_code == client_for(carol).get(ALL).status_code == 404
    assert client_for(carol).get(CSV).status_code == 404


def test_signed_out_it_asks_to_sign_in(client, workspace):
    for path in (MINE, ALL, CSV):
        assert client.get(path).url == f"/sign-in/?next={path}"


def test_other_methods_are_refused(client_for, ada):
    for path in (MINE, ALL, CSV):
        assert client_for(ada).post(path).status_code == 405


def test_the_fullest_limits_stand_first_and_many_are_folded(client_for, bob, alice, workspace):
    _run(workspace, bob, 1)
    page = client_for(bob).get(MINE).content.decode()
    assert "more limit" not in page
    kinds = [(unit, period) for unit in ("tokens", "requests") for period in ("day", "week", "month", "ever")]
    for unit, period in kinds:
        fullest = (unit, period) == ("requests", "ever")
        limit = Limit(
            workspace=workspace, member=bob, unit=unit, period=period, amount=2 if fullest else 10**6
        )
        add_limit(limit, actor=alice)

    page = client_for(bob).get(MINE)

    first, *_ = shown = page.context["allowances"]
    assert (first.limit.unit, first.limit.period) == ("requests", "ever") and len(shown) == 8
    assert "2 more limits" in page.content.decode()
