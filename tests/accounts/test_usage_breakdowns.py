"""The breakdowns, charts, comparisons and forecasts of the page of usage."""

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

from accounts import ledger
from accounts.flows.add_to_group import add_to_group
from accounts.flows.create_group import create_group
from accounts.ledger import By, Days, Measure, Rest, day_sums, forecasts, spent
from accounts.models import ApiKey, Group, LedgerEntry, Membership, User
from accounts.pages import chart_scale, charts, date_range, outlook

pytestmark = pytest.mark.django_db

MINE, ALL = "/w/acme/usage/", "/w/acme/usage/all/"
# A Wednesday.
TODAY = datetime(2026, 7, 15, 12, 30, tzinfo=UTC)
MODULES = [chart_scale, date_range, forecasts, outlook, spent]


@pytest.fixture(autouse=True)
def today(monkeypatch) -> date:
    for module in ("accounts.ledger.reports", "accounts.pages.date_range"):
        monkeypatch.setattr(f"{module}.now", lambda: TODAY)
    return TODAY.date()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_the_examples_hold(module):
    assert doctest.testmod(module).failed == 0


def spend(workspace, user, days_ago: int = 0, usd: str = "1", **more: Any) -> None:
    entry = LedgerEntry.objects.create(
        run_code=uuid.uuid4(),
        workspace=workspace,
        user=user,
        held_at=TODAY - timedelta(days=days_ago),
        usd=Decimal(usd),
        credits=int(Decimal(usd) * 2_000_000),
        tokens=more.pop("tokens", 30),
        **{"provider_code": "aimlapi", "model_id": "openai/gpt-5", "source": "priced"} | more,
    )
    day_sums.add(entry)


def group_of(workspace, name: str, *users: User) -> Group:
    owner = workspace.memberships.get(role="owner").user
    group = create_group(workspace, name, actor=owner)
    add_to_group(group, list(workspace.memberships.filter(user__in=users)), actor=owner)
    return group


@pytest.mark.parametrize(
    ("by", "found"),
    [
        ("model", [("x-ai/grok-4", 5), ("openai/gpt-5", 3), ("own/llama", 2)]),
        ("provider", [("aimlapi", 8), ("own", 2)]),
        ("day", [("2026-07-15", 3), ("2026-07-14", 5), ("2026-07-13", 0), ("2026-07-12", 2)]),
        ("nonsense", [("Alice", 7), ("Bob", 3)]),
    ],
)
def test_it_is_broken_down(client_for, ada, alice, bob, workspace, by, found):
    spend(workspace, bob, usd="3")
    spend(workspace, alice, 1, usd="5", model_id="x-ai/grok-4")
    spend(workspace, alice, 3, usd="2", model_id="own/llama", provider_code="own")

    answer = client_for(ada).get(ALL, {"by": by})

    rows = answer.context["report"].rows
    names = [getattr(row.what, "name", None) or getattr(row.what, "model_id", str(row.what)) for row in rows]
    assert list(zip(names, [int(row.usd) for row in rows], strict=True)) == found
    chart = answer.context["chart"]
    assert chart.total == "$10.00"
    assert [bar.total for bar in chart.bars][-4:] == [2, 0, 5, 3]
    shown = [choice.label for choice in answer.context["by_choices"] if choice.is_current]
    assert shown == ["Person" if by == "nonsense" else by.capitalize()]


def test_a_member_sees_no_other_people_and_no_groups(client_for, bob, workspace):
    spend(workspace, bob)

    for by in ("person", "group"):
        answer = client_for(bob).get(MINE, {"by": by})
        assert answer.context["report"].by is By.MODEL
        assert [choice.label for choice in answer.context["by_choices"]] == [
            "Model",
            "Provider",
            "Key",
            "Day",
        ]


def test_a_person_in_several_groups_counts_in_each_but_once_in_the_total_and_in_the_chart(
    client_for, ada, alice, bob, vera, workspace
):
    design = group_of(workspace, "Design", alice, bob)
    group_of(workspace, "Everybody", ada, alice, bob)
    group_of(workspace, "Nothing yet", ada)
    spend(workspace, alice, usd="4")
    spend(workspace, bob, usd="2")
    spend(workspace, vera, usd="1")
    spend(workspace, None, usd="1")

    answer = client_for(ada).get(ALL, {"by": "group"})

    report, chart = answer.context["report"], answer.context["chart"]
    assert [(str(row.what), row.usd) for row in report.rows] == [
        *(("Design", 6), ("Everybody", 6), ("In no group", 2), ("Nothing yet", 0)),
    ]
    assert report.total.usd == 8
    assert [(stripe.what, stripe.total) for stripe in chart.stripes] == [(design, 6), (Rest.NO_GROUP, 2)]
    assert "counts in each of them" in answer.content.decode()


def test_groups_of_other_workspaces_are_not_shown(client_for, ada, bob, carol, workspace):
    theirs = carol.memberships.get().workspace
    Group.objects.create(workspace=theirs, name="Secret project")
    Membership.objects.create(workspace=theirs, user=bob)
    spend(theirs, bob, usd="99")
    spend(workspace, bob)

    answer = client_for(ada).get(ALL, {"by": "group"})

    assert "Secret project" not in answer.content.decode()
    assert answer.context["report"].total.usd == 1


def test_it_is_broken_down_by_key(client_for, ada, bob, workspace, carol):
    shared = ApiKey.objects.create(workspace=workspace, provider_code="aimlapi", token="x", last4="x7Qa")
    own = ApiKey.objects.create(
        workspace=workspace, member=bob, provider_code="aimlapi", token="x", last4="b0b0"
    )
    gone = [str(uuid.uuid4()), str(uuid.uuid4())]
    for number, code in enumerate([shared.code, own.code, *gone, ""]):
        spend(workspace, bob, number, usd=str(10 - number), key_code=str(code))

    answer = client_for(ada).get(ALL, {"by": "key"})

    report, chart = answer.context["report"], answer.context["chart"]
    assert [(row.what, row.usd) for row in report.rows] == [
        *((Rest.DELETED_KEYS, 8 + 7), (shared, 10), (own, 9), (Rest.NO_KEY, 6)),
    ]
    assert [(stripe.what, stripe.total) for stripe in chart.stripes] == [
        (row.what, row.usd) for row in report.rows
    ]
    text = answer.content.decode()
    assert "aimlapi …x7Qa" in text
    assert "aimlapi (own key of Bob)" in text
    assert "b0b0" not in text
    # A search does not tell the end of somebody's own key either.
    assert client_for(ada).get(ALL, {"by": "key", "q": "b0b0"}).context["page"].paginator.count == 0
    assert client_for(ada).get(ALL, {"by": "key", "q": "own key bob"}).context["page"].paginator.count == 1


def test_its_file_names_keys_and_groups(client_for, ada, alice, bob, workspace):
    own = ApiKey.objects.create(
        workspace=workspace, member=bob, provider_code="aimlapi", token="x", last4="b0b0"
    )
    group_of(workspace, "=Ops", bob)
    group_of(workspace, "Design", bob)
    for code in (own.code, uuid.uuid4(), ""):
        spend(workspace, bob, key_code=str(code))

    answer = client_for(ada).get(f"{ALL}export/", {"range": "today"})

    async def read() -> str:
        return b"".join([piece async for piece in answer.streaming_content]).decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(async_to_sync(read)(), newline="")))

    assert [row["key"] for row in rows] == ["aimlapi (own key of Bob)", "deleted", ""]
    assert {row["groups"] for row in rows} == {"'=Ops; Design"}


def test_more_rows_than_colours_are_others(client_for, ada, bob, workspace):
    for number in range(9):
        spend(workspace, bob, number, usd=str(10 - number), model_id=f"m-{number}")

    answer = client_for(ada).get(ALL, {"by": "model"})

    chart = answer.context["chart"]
    assert [stripe.colour for stripe in chart.stripes] == [1, 2, 3, 4, 5, 6, 0]
    assert (chart.stripes[-1].what, chart.stripes[-1].total) == (Rest.OTHERS, 4 + 3 + 2)
    assert sum(bar.total for bar in chart.bars) == answer.context["report"].total.usd
    assert "Others" in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "ago", "bars", "is_weekly"),
    [
        ({}, 0, 30, False),
        ({"range": "today"}, 0, 1, False),
        ({"range": "this-month"}, 2, 15, False),
        ({"first": "2026-07-01", "last": "2026-07-31"}, 2, 15, False),
        # Weeks from the first run on: a Friday, four whole weeks, and the days until Wednesday.
        ({"first": "2026-01-01", "last": "2026-07-15"}, 47, 8, True),
        # A long time with runs in its last days only is shown by day.
        ({"first": "2026-01-01", "last": "2026-07-15"}, 5, 6, False),
    ],
)
def test_its_bars_are_days_or_weeks(client_for, bob, workspace, query, ago, bars, is_weekly):
    spend(workspace, bob, ago)

    chart = client_for(bob).get(MINE, query).context["chart"]

    assert (len(chart.bars), chart.is_weekly) == (bars, is_weekly)
    assert chart.bars[0].last < chart.bars[1].first if bars > 1 else chart.is_single


def test_each_bar_leads_to_its_days(client_for, ada, bob, workspace):
    spend(workspace, bob, 2, usd="4")
    client = client_for(ada)

    answer = client.get(ALL, {"by": "model", "show": "runs"})
    link = answer.context["chart"].bars[-3].query

    assert link == "by=model&show=runs&first=2026-07-13&last=2026-07-13"
    assert client.get(f"{ALL}?{link}").context["report"].total.usd == 4


def test_its_text_says_the_main_thing(client_for, ada, bob, workspace):
    spend(workspace, bob, 2, usd="6")
    spend(workspace, bob, 1, usd="4", model_id="x-ai/grok-4")

    text = re.sub(r"\s+", " ", client_for(ada).get(ALL, {"by": "model"}).content.decode())

    assert 'role="img"' in text
    assert "Cost by model, Last 30 days: $10.00, the most on Mon 13 Jul 2026 with $6.00." in text
    assert "openai/gpt-5 has 60 %." in text
    assert '<th scope="row">Tue 14 Jul 2026</th>' in text


def test_where_nothing_costs_anything_it_shows_tokens(client_for, bob, workspace):
    spend(workspace, bob, usd="0", tokens=500)

    answer = client_for(bob).get(MINE)

    assert answer.context["report"].measure is Measure.TOKENS
    assert [stripe.total_in_words for stripe in answer.context["chart"].stripes] == ["500"]
    # Cost can still be chosen: its chart is flat.
    chosen = client_for(bob).get(MINE, {"show": "cost"})
    assert chosen.context["chart"].peak is None
    assert chosen.context["outlook"].forecast is None


def test_a_tiny_amount_beside_a_large_one_can_be_seen(workspace, bob):
    spend(workspace, bob, 1, usd="1000")
    spend(workspace, bob, 0, usd="0.000001")
    days = Days(workspace, date(2026, 7, 14), date(2026, 7, 15))
    series = ledger.series_of(ledger.report(days, By.MODEL))

    chart = charts.chart(series, days.first, days.last, Measure.COST, lambda *_: "")

    assert chart is not None
    # The second rectangle is lower than a pixel would be, but it has some height.
    assert re.findall(r"v(\d+)", chart.stripes[0].path) == ["1000", "8"]


def test_an_admin_looks_at_one_person(client_for, ada, bob, vera, workspace):
    spend(workspace, bob, usd="3")
    spend(workspace, vera, usd="4")
    client = client_for(ada)
    assert f'href="?person={bob.pk}"' in client.get(ALL).content.decode()

    answer = client.get(ALL, {"person": bob.pk, "by": "person"})

    assert answer.context["report"].total.usd == 3
    assert answer.context["report"].by is By.MODEL
    text = answer.content.decode()
    assert "Bob has no limits" in text
    assert "Vera" not in text
    assert f"?by=day&amp;person={bob.pk}#by-heading" in text


def test_an_admin_looks_at_nobody_who_has_nothing_to_do_with_the_workspace(
    client_for, ada, bob, carol, workspace
):
    client = client_for(ada)
    for number in (carol.pk, "0", "-1", "9" * 30, "x", "1 OR 1=1"):
        assert client.get(ALL, {"person": number}).status_code == 404, number
    spend(workspace, bob)
    Membership.objects.filter(user=bob).delete()
    assert client.get(ALL, {"person": bob.pk}).status_code == 200
    # Members look at themselves only, under another address.
    assert client_for(carol).get(ALL, {"person": bob.pk}).status_code == 404


@pytest.mark.parametrize(
    ("query", "before", "sentence"),
    [
        ({}, {30: "5"}, "Compared with 17 May to 15 June 2026"),
        ({"range": "this-month"}, {35: "5"}, "Compared with 1 to 15 June 2026"),
        ({"range": "7-days"}, {7: "5"}, "Compared with 2 to 8 July 2026"),
        ({}, {}, "There were no runs on 17 May to 15 June 2026 to compare with."),
        ({"range": "today"}, {1: "5"}, "The whole of 14 July 2026 cost $5.00."),
    ],
)
def test_it_is_compared_with_as_many_days_before(client_for, bob, workspace, query, before, sentence):
    spend(workspace, bob, 0, usd="10")
    for days, usd in before.items():
        spend(workspace, bob, days, usd=usd)

    answer = client_for(bob).get(MINE, query)

    assert sentence in re.sub(r"\s+", " ", answer.content.decode())
    assert answer.context["comparison"].cost == ("2 times as much" if "Compared" in sentence else "")


@pytest.mark.parametrize(
    ("costs", "usd"),
    [
        # On the first days nothing is forecast.
        ({0: "900"}, None),
        ({0: "1", 1: "1", 2: "1"}, None),
        # Three whole days with 2 each; 16 further days, and today's rest is nothing.
        ({0: "5", 1: "2", 2: "2", 3: "2"}, Decimal(5 + 6 + 16 * 2)),
        # A day without runs counts, those before the first run do not.
        ({0: "2", 1: "0", 2: "0", 3: "2", 4: "2"}, Decimal(2 + 4 + 16)),
        # Whole weeks: a working day costs 1 and a weekend nothing, so 12 working days are left.
        ({n: "1" for n in range(60) if (TODAY - timedelta(days=n)).weekday() < 5}, Decimal(11 + 12)),
    ],
)
def test_its_forecast_is_of_the_whole_days_before(client_for, bob, workspace, costs, usd):
    for days, cost in costs.items():
        spend(workspace, bob, days, usd=cost)

    answer = client_for(bob).get(MINE)

    found = answer.context["outlook"].forecast
    assert (found and round(found.usd, 6)) == usd
    sentence = f"At this rate ${usd:.2f} by 31 July." if usd else "At this rate"
    assert (sentence in answer.content.decode()) is (usd is not None)


def test_days_that_are_over_have_no_forecast(client_for, bob, workspace):
    for days in range(20):
        spend(workspace, bob, days)

    assert client_for(bob).get(MINE, {"range": "last-month"}).context["outlook"] is None


def test_on_the_first_of_a_month_the_days_before_are_those_of_the_last_one():
    spent = {date(2026, 6, day): Decimal(3) for day in range(1, 31)} | {date(2026, 7, 1): Decimal("0.01")}

    found = forecasts.forecast(spent, date(2026, 7, 1), date(2026, 7, 1), date(2026, 7, 31))

    assert found is not None
    assert (found.usd, found.days, found.is_by_weekday) == (Decimal(93), 28, True)


def test_a_low_balance_is_said_to_those_who_can_do_something(client_for, ada, bob, workspace):
    workspace.low_keys = ["aimlapi"]
    workspace.save()

    pages = [(ada, ALL), (ada, MINE), (bob, MINE)]
    texts = [" ".join(client_for(user).get(path).content.decode().split()) for user, path in pages]

    assert ["The balance of a provider key is low." in text for text in texts] == [True, True, False]
