"""The comparison of the books with what a provider charges."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from accounts import ledger
from accounts.flows.save_key import save_key
from accounts.ledger import Amounts, Target, booking, outside
from accounts.models import (
    ApiKey,
    ChargeCheck,
    ChargeDifference,
    DaySum,
    LedgerEntry,
    Limit,
    LimitWindow,
    Unit,
)
from accounts.prices import Basis, Origin, Prices
from chat.relays import chores
from playground.flows import check_charges, settle_differences
from playground.models import Provider
from playground.upstream import charges
from tests.playground.scripted_charges import ScriptedCharges

pytestmark = pytest.mark.django_db

SECRET = "sk-canary-0123456789abcdef"
NOON = datetime(2026, 7, 15, 12, tzinfo=UTC)
KINDS = ChargeDifference.Kind
PAGE = "/w/acme/usage/charges/"


@pytest.fixture(autouse=True)
def books(db):
    """Every test ends with books that agree."""
    yield
    assert ledger.audit() == []


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Set the time of the books and of the checks; at first it is noon."""

    def set_to(moment: datetime) -> None:
        for module in (booking, outside, check_charges, settle_differences):
            monkeypatch.setattr(module, "now", lambda: moment)
        monkeypatch.setattr("accounts.ledger.auditing.now", lambda: moment)

    set_to(NOON)
    return set_to


@pytest.fixture
def service(demo_upstream) -> ScriptedCharges:
    script = ScriptedCharges()
    demo_upstream.api.service = script.respond
    return script


@pytest.fixture
def key(vendor, workspace, ada) -> ApiKey:
    key = save_key(workspace, "aimlapi", SECRET, member=None, actor=ada)
    ApiKey.objects.update(created_at=NOON - timedelta(days=30))
    key.refresh_from_db()
    return key


@pytest.fixture
def check(workspace, key, ada, clock) -> ChargeCheck:
    """The check of the key, up to an hour before noon."""
    check = check_charges.switch_check(workspace, key, is_on=True, actor=ada)
    ChargeCheck.objects.update(checked_to=NOON - timedelta(hours=1))
    check.refresh_from_db()
    return check


@pytest.fixture
def run(workspace, bob, key, clock):
    """Book a run with the key some minutes before noon."""

    def book(credits: int, minutes: int = 90, **facts: Any) -> LedgerEntry:
        clock(NOON - timedelta(minutes=minutes))
        code = uuid.uuid4()
        ledger.hold(code, workspace, bob, Amounts(9999, 9), Target("aimlapi", "openai/gpt-5", key))
        prices = Prices(Decimal(1), Decimal(1), origin=Origin.LIST, listed_on=NOON.date())
        entry = ledger.settle(
            code,
            Amounts(credits, 30),
            **{"source": "estimated", "input_tokens": 10, "output_tokens": 20, **facts},
            provider_code="aimlapi",
            model_id="openai/gpt-5",
            basis=Basis(prices).as_json(),
        )
        clock(NOON)
        assert entry is not None
        return entry

    return book


def minutes_ago(minutes: int) -> datetime:
    return NOON - timedelta(minutes=minutes)


def compare(check: ChargeCheck) -> bool:
    check.refresh_from_db()
    span = check_charges.next_span(check)
    assert span is not None
    return check_charges.compare_span(span)


def found() -> list[tuple[str, int, int]]:
    rows = ChargeDifference.objects.order_by("kind", "pk")
    return list(rows.values_list("kind", "booked_credits", "charged_credits"))


# --- what is compared ---


def test_what_agrees_is_no_difference(check, service, run):
    entry, other = run(100), run(200, inference_id="inf-2")
    service.log(minutes_ago(90), 0.00005, run=str(entry.run_code), inference_id="inf-1")
    # The provider may round another way.
    service.log(minutes_ago(89), 0.0001005, inference_id="inf-2")
    assert compare(check) and found() == []
    check.refresh_from_db()
    assert (check.checked_to, check.error) == (NOON - timedelta(minutes=30), "")
    assert other.inference_id == "inf-2"


def test_it_finds_each_kind_of_difference_once(check, service, run):
    dearer, missing = run(100), run(300, minutes=100)
    service.log(minutes_ago(90), 0.001, run=str(dearer.run_code), inference_id="inf-1")
    service.log(minutes_ago(50), 0.002, run=str(uuid.uuid4()), inference_id="inf-2")
    ChargeCheck.objects.update(checked_to=NOON - timedelta(hours=2))
    assert compare(check)
    expected = [(KINDS.COST, 100, 2000), (KINDS.MISSING, 300, 0), (KINDS.UNKNOWN, 0, 4000)]
    assert found() == expected
    check.refresh_from_db()
    assert (check.requests, check.credits) == (2, 6000)
    # The hour before is asked for again, and another process may have been slower.
    ChargeCheck.objects.update(checked_to=NOON - timedelta(hours=2))
    assert compare(check) and found() == expected
    assert ChargeDifference.objects.get(kind=KINDS.MISSING).run_code == missing.run_code


def test_a_run_that_was_listed_a_little_later_is_not_missing(check, service, run):
    entry = run(100, minutes=95)
    ChargeCheck.objects.update(checked_to=NOON - timedelta(hours=3))
    service.log(minutes_ago(40), 0.00005, run=str(entry.run_code))
    assert compare(check) and found() == []


def test_requests_of_a_replaced_key_are_not_asked_for(check, service, run, key):
    run(100)
    ApiKey.objects.filter(pk=key.pk).update(replaced_at=minutes_ago(70))
    check.refresh_from_db()
    assert compare(check) and found() == []
    assert "start=2026-07-15T10%3A50%3A00Z" in service.asked[0]


def test_tries_of_one_run_are_charged_together(check, service, run):
    entry = run(300)
    for number in (1, 2):
        service.log(minutes_ago(90), 0.000075, run=str(entry.run_code), inference_id=f"inf-{number}")
    assert compare(check) and found() == []


def test_runs_of_others_do_not_count(check, service, run, carol):
    entry = run(100)
    other = carol.memberships.get().workspace
    ledger.hold(code := uuid.uuid4(), other, carol, Amounts(1, 1))
    ledger.settle(
        code, Amounts(5, 1), source="priced", provider_code="aimlapi", model_id="m", inference_id="x"
    )
    service.log(minutes_ago(90), 0.00005, run=str(entry.run_code))
    service.log(minutes_ago(50), 0.5, run=str(code), inference_id="x")
    assert compare(check)
    assert found() == [(KINDS.UNKNOWN, 0, 1_000_000)]


def test_a_corrected_run_is_compared_as_it_is_by_now(check, service, run, ada):
    entry = run(100)
    ledger.correct(entry, credits=700, reason="Invoice", actor=ada)
    service.log(minutes_ago(90), 0.00035, run=str(entry.run_code))
    assert compare(check) and found() == []


def test_many_requests_are_read_from_many_pages(check, service, monkeypatch):
    for number in range(250):
        service.log(minutes_ago(45), 0.001, inference_id=f"inf-{number}")
    assert compare(check)
    assert ChargeDifference.objects.count() == 250
    assert len(service.asked) == 3


def test_a_span_with_too_many_requests_is_halved(check, service, monkeypatch):
    monkeypatch.setattr(charges, "MOST_PAGES", 1)
    monkeypatch.setattr("playground.flows.store_charges.OVERLAP", timedelta(0))
    for number in range(150):
        service.log(minutes_ago(35 + number // 10), 0.001, inference_id=f"inf-{number}")
    while check_charges.next_span(check):
        assert compare(check)
        check.refresh_from_db()
    assert ChargeDifference.objects.count() == 150
    assert (check.requests, check.checked_to) == (150, minutes_ago(30))


def test_a_key_that_may_not_list_requests_may_see_the_account(check, service, run):
    service.hidden = "/logs"
    entry = run(100, inference_id="inf-1")
    run(300, inference_id="inf-3")
    service.move(minutes_ago(90), 0.001, "inf-1")
    service.move(minutes_ago(80), 0.002, "inf-2")
    assert compare(check)
    # Other keys have charges in this list too, so a run that it lacks may be of one of those.
    assert found() == [(KINDS.COST, 100, 2000), (KINDS.UNKNOWN, 0, 4000)]
    assert ChargeDifference.objects.get(kind=KINDS.COST).run_code == entry.run_code


@pytest.mark.parametrize(
    "odd",
    [
        {"cost": None},
        {"cost": {"usd": -1, "credits": -1}},
        {"cost": {"usd": 1e30, "credits": 10**30}},
        {"cost": {"usd": "nan", "credits": 1}},
        {"created": "yesterday"},
        {"created": 5},
        {"inference_id": None},
        {"inference_id": ""},
        {"inference_id": ["a"]},
    ],
)
def test_rows_that_cannot_be_read_are_left_out(check, service, run, odd):
    entry = run(100)
    service.log(minutes_ago(90), 0.00005, run=str(entry.run_code))
    service.log(minutes_ago(50), 0.5, **{"inference_id": "odd", **odd})
    # Another run may be in the row that could not be read.
    run(300, minutes=100)
    ChargeCheck.objects.update(checked_to=NOON - timedelta(hours=2))
    assert compare(check) and found() == []
    check.refresh_from_db()
    assert "1 row that could not be read" in check.note


@pytest.mark.parametrize(
    ("spend", "words"),
    [(None, ""), (0.00005, ""), (0.00011, ""), (0.5, "own sum of a day was $0.50, but its list"), (-1, "")],
)
def test_the_list_should_add_up_to_the_providers_sum(client_for, ada, check, service, run, spend, words):
    entry = run(100)
    service.log(minutes_ago(90), 0.00005, run=str(entry.run_code))
    service.spend = spend
    assert compare(check) and found() == []
    check.refresh_from_db()
    assert words in check.note and bool(check.note) == bool(words)
    assert words in client_for(ada).get(PAGE).content.decode()


# --- refusals ---


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([(401, b'{"error": {"message": "Bad key"}}')], "did not accept the API key"),
        ([(403, b"{}"), (403, b"{}")], "may not list its charges"),
        ([(404, b"{}"), (404, b"<html>")], "no list of charges"),
        ([(429, b"{}")], "too many requests"),
        ([(500, b"<html>oops</html>")], "."),
        ([(200, b"<html>a page</html>")], "."),
        ([(200, b"[1]")], "."),
        ([(200, b'{"data": 5}')], "no list of charges"),
        ([(0, b'{"data": [')], "."),
    ],
)
def test_a_refusal_is_explained_and_loses_nothing(client_for, ada, check, service, run, answers, words):
    entry = run(100)
    service.log(minutes_ago(90), 0.001, run=str(entry.run_code))
    service.refusals = list(answers)
    client = client_for(ada)
    assert not compare(check)
    check.refresh_from_db()
    assert words in check.error and SECRET not in check.error
    assert check.checked_to == NOON - timedelta(hours=1) and check.failures == 1
    page = client.get(PAGE).content.decode()
    assert "Nothing is lost" in page
    assert compare(check) and found() == [(KINDS.COST, 100, 2000)]
    assert "Nothing is lost" not in client.get(PAGE).content.decode()


def test_it_is_asked_less_often_while_it_refuses(check, service, clock):
    asked = []
    service.refusals = [(500, b"{}")] * 100
    for minutes in range(0, 60 * 24, 30):
        clock(NOON + timedelta(minutes=minutes))
        for span in check_charges.due_spans():
            assert not check_charges.compare_span(span)
            asked.append(minutes)
    assert asked == [0, 150, 420, 930]
    assert check_charges.due_spans() == []


# --- the schedule ---


@pytest.mark.django_db(transaction=True)
def test_the_chore_compares_what_is_due(check, service, run):
    entry = run(100)
    service.log(minutes_ago(90), 0.001, run=str(entry.run_code))
    asyncio.run(chores.compare_charges())
    assert found() == [(KINDS.COST, 100, 2000)]
    asyncio.run(chores.compare_charges())
    assert len(service.asked) == 1


def test_only_keys_that_were_switched_on_are_asked(workspace, key, ada, service, vendor):
    assert check_charges.due_spans() == []
    check = check_charges.switch_check(workspace, key, is_on=True, actor=ada)
    assert check.checked_to == NOON - timedelta(days=7)
    assert [span.ends_at for span in check_charges.due_spans()] == [NOON - timedelta(days=6)]
    # Another process has taken it.
    check_charges.switch_check(workspace, key, is_on=False, actor=ada)
    ChargeCheck.objects.update(asked_at=None)
    assert check_charges.due_spans() == []
    Provider.objects.filter(pk=vendor.pk).update(kind=Provider.Type.OPENAI)
    check_charges.switch_check(workspace, key, is_on=True, actor=ada)
    assert check_charges.due_spans() == []


# --- decisions ---


@pytest.fixture
def differences(check, service, run) -> dict[str, ChargeDifference]:
    dearer, missing = run(100), run(300, minutes=100)
    service.log(
        minutes_ago(90),
        0.001,
        run=str(dearer.run_code),
        inference_id="inf-1",
        tokens={"input": 11, "output": 22, "total": 33},
    )
    service.log(minutes_ago(50), 0.002, inference_id="inf-2")
    ChargeCheck.objects.update(checked_to=NOON - timedelta(hours=2))
    assert compare(check)
    assert missing.credits == 300
    return {each.kind: each for each in ChargeDifference.objects.all()}


def test_the_page_explains_each_difference(client_for, ada, differences):
    page = " ".join(client_for(ada).get(PAGE).content.decode().split())
    for words in (
        "Another cost",
        "estimated: its tokens at the vendor’s list price of 15 July 2026.",
        "The provider counted 11 tokens in and 22 out, we 10 and 20.",
        "Not asked here",
        "We have no run with its id.",
        "Not charged",
        "The provider lists no request with its id.",
        "2 requests, charged $0.003",
    ):
        assert words in page, words


@pytest.mark.parametrize("at_once", [True, False])
def test_one_click_corrects(client_for, ada, workspace, differences, at_once):
    limit = Limit.objects.create(workspace=workspace, unit=Unit.CREDITS, period="day", amount=10**9)
    ledger.hold(uuid.uuid4(), workspace, ada, Amounts(0, 0))
    client = client_for(ada)
    for kind, difference in differences.items():
        url = f"{PAGE}{kind}/settle-all/" if at_once else f"{PAGE}{difference.code}/settle/"
        assert client.post(url, {"correct": "true"}).url == PAGE
    assert LimitWindow.objects.get(limit=limit).used == 2000 + 0 + 4000
    assert sum(DaySum.objects.values_list("credits", flat=True)) == 6000
    dearer = LedgerEntry.objects.get(run_code=differences["cost"].run_code, number=1)
    assert (dearer.reason, dearer.corrected_by) == ("The provider charged this (request inf-1)", ada)
    assert ledger.charged(dearer).output_tokens == 22
    booked = LedgerEntry.objects.get(purpose="outside")
    assert (booked.credits, booked.user, booked.held_at) == (4000, None, minutes_ago(50))
    assert set(ChargeDifference.objects.values_list("state", "decided_by")) == {("corrected", ada.pk)}
    assert "There are no open differences." in client.get(PAGE).content.decode()
    # A second click changes nothing.
    for difference in differences.values():
        client.post(f"{PAGE}{difference.code}/settle/", {"correct": "true"})
    assert LedgerEntry.objects.count() == 5


def test_what_is_ignored_stays_in_the_books(client_for, ada, check, differences):
    client = client_for(ada)
    for kind in differences:
        client.post(f"{PAGE}{kind}/settle-all/", {"correct": "false"})
    assert LedgerEntry.objects.count() == 2
    ChargeCheck.objects.update(checked_to=NOON - timedelta(hours=2))
    assert compare(check)
    assert "There are no open differences." in client.get(PAGE).content.decode()


def test_compare_now_asks_until_everything_is_compared(key, client_for, ada, check, service, clock):
    ChargeCheck.objects.update(checked_to=NOON - timedelta(days=3))
    client = client_for(ada)
    page = client.post(f"{PAGE}{key.code}/compare/", follow=True).content.decode()
    assert "The charges were compared." in page and len(service.asked) == 3
    assert (
        "Everything was compared already."
        in client.post(f"{PAGE}{key.code}/compare/", follow=True).content.decode()
    )


def test_it_is_switched_on_and_off(client_for, ada, key, service):
    client = client_for(ada)
    assert "Compare the" in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}{key.code}/compare/").status_code == 404
    assert (
        "are compared every hour"
        in client.post(f"{PAGE}{key.code}/switch/", {"on": "true"}, follow=True).content.decode()
    )
    assert "Stop comparing" in client.get(PAGE).content.decode()
    client.post(f"{PAGE}{key.code}/switch/", {"on": "false"})
    assert not ChargeCheck.objects.get().is_on


def test_without_a_key_the_page_says_what_to_do(client_for, ada):
    page = client_for(ada).get(PAGE).content.decode()
    assert reverse("playground:keys", args=["acme"]) in page and "add its key for the workspace" in page


def test_only_admins_of_the_workspace_decide(client_for, bob, carol, differences):
    difference = differences["cost"]
    for user, status in ((bob, 403), (carol, 404)):
        client = client_for(user)
        assert client.get(PAGE).status_code == status
        assert client.post(f"{PAGE}{difference.code}/settle/", {"correct": "true"}).status_code == status
    theirs = f"/w/other/usage/charges/{difference.code}/settle/"
    assert client_for(carol).post(theirs, {"correct": "true"}).status_code == 404
    assert LedgerEntry.objects.count() == 2
