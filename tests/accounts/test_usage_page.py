from __future__ import annotations

import doctest
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils.timezone import now

from accounts import ledger
from accounts.flows.set_limit import add_limit
from accounts.ledger import Amounts, reports

pytestmark = pytest.mark.django_db

MINE, ALL = "/w/acme/usage/", "/w/acme/usage/all/"


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


@pytest.fixture
def spent(workspace, alice, bob) -> None:
    _run(workspace, bob, 1200, usd=Decimal("0.0006"))
    _run(workspace, bob, 300, "x-ai/grok-4", usd=Decimal("0.00015"))
    _run(workspace, alice, 5000)


def test_it_shows_what_i_used_and_nothing_of_others(client_for, bob, spent):
    answer = client_for(bob).get(MINE)

    text, report = answer.content.decode(), answer.context["report"]
    assert (report.total.credits, report.total.tokens, report.total.runs) == (1500, 60, 2)
    assert report.total.dollars == "0.00075"
    assert [(row.what["model_id"], row.credits) for row in report.by_model] == [
        ("openai/gpt-5", 1200),
        ("x-ai/grok-4", 300),
    ]
    assert [row.credits for row in report.by_day] == [1500]
    assert len(report.recent) == 2
    assert "1,500" in text
    assert "5,000" not in text
    assert "/usage/all/" not in text


def test_its_dollars_are_what_was_reported_and_what_the_other_credits_come_to(client_for, bob, workspace):
    _run(workspace, bob, 8371, usd=Decimal("0.0041855"))
    _run(workspace, bob, 30, "x-ai/grok-4", source="priced")
    _run(workspace, bob, 2, "x-ai/grok-4", source="estimated")

    answer = client_for(bob).get(MINE)

    report = answer.context["report"]
    assert (report.total.credits, report.total.dollars) == (8403, "about 0.0042015")
    assert [row.dollars for row in report.by_day] == ["about 0.0042015"]
    assert [row.dollars for row in report.by_model] == ["0.0041855", "about 0.000016"]
    assert [row.dollars for row in report.recent] == ["about 0.000001", "0.000015", "0.0041855"]
    assert "The cost of 1 of 3 runs is estimated" in answer.content.decode()


def test_a_total_in_which_nothing_is_estimated_does_not_say_about(client_for, bob, workspace):
    _run(workspace, bob, 30, source="priced")

    answer = client_for(bob).get(MINE)

    assert answer.context["report"].total.dollars == "0.000015"
    assert "estimated" not in answer.content.decode()


def test_its_days_begin_with_the_first_run_and_have_no_gaps(client_for, bob, spent, monkeypatch):
    monkeypatch.setattr("accounts.ledger.reports.now", lambda: now() + timedelta(days=3))

    report = client_for(bob).get(MINE).context["report"]

    assert [row.credits for row in report.by_day] == [0, 0, 0, 1500]


def test_it_shows_what_is_left(client_for, alice, bob, workspace, spent):
    add_limit(workspace, bob, "credits", "month", 2000, actor=alice)

    text = client_for(bob).get(MINE).content.decode()

    assert "Your credits this month" in text
    assert "500 of 2,000 left (0.00025 USD)" in text


def test_an_admin_sees_everybody(client_for, ada, spent):
    answer = client_for(ada).get(ALL)

    report = answer.context["report"]
    assert [(row.what.name, row.credits) for row in report.by_member] == [("Alice", 5000), ("Bob", 1500)]
    assert report.total.credits == 6500
    assert [row.share for row in report.by_member] == [1.0, 0.3]
    assert "Bob" in answer.content.decode()


def test_what_somebody_used_who_is_gone_still_counts(client_for, ada, bob, spent):
    bob.delete()

    answer = client_for(ada).get(ALL)

    assert answer.context["report"].total.credits == 6500
    assert "Former member" in answer.content.decode()


def test_another_workspace_does_not_count(client_for, carol, spent):
    assert client_for(carol).get("/w/other/usage/all/").context["report"].total.runs == 0


def test_without_any_runs_it_says_so_calmly(client_for, vera):
    answer = client_for(vera).get(MINE)

    assert answer.status_code == 200
    assert "You have no limits" in answer.content.decode()


def test_the_questions_do_not_grow_with_the_runs(
    client_for, ada, bob, workspace, django_assert_max_num_queries
):
    for _ in range(30):
        _run(workspace, bob, 10)
    client = client_for(ada)

    with django_assert_max_num_queries(10):
        assert len(client.get(ALL).context["report"].recent) == 25


def test_a_role_without_the_right_gets_a_403(client_for, bob, vera):
    assert client_for(bob).get(ALL).status_code == client_for(vera).get(ALL).status_code == 403


def test_a_stranger_gets_a_404(client_for, workspace, carol):
    assert client_for(carol).get(MINE).status_code == client_for(carol).get(ALL).status_code == 404


def test_signed_out_it_asks_to_sign_in(client, workspace):
    assert client.get(MINE).url == f"/sign-in/?next={MINE}"
    assert client.get(ALL).url == f"/sign-in/?next={ALL}"


def test_other_methods_are_refused(client_for, ada):
    assert client_for(ada).post(MINE).status_code == client_for(ada).post(ALL).status_code == 405
