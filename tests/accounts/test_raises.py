"""Raises of limits for a while: members ask, admins answer with one click, and either is told."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from accounts import ledger
from accounts.exceptions import LimitReached
from accounts.flows.raise_limit import proposed_end
from accounts.flows.set_limit import delete_limit
from accounts.ledger import Amounts
from accounts.models import (
    Limit,
    LimitRaise,
    LimitWindow,
    Membership,
    Notice,
    OutgoingMail,
    Period,
    RaiseRequest,
    Unit,
    User,
)
from accounts.pages.raises import proposed

pytestmark = pytest.mark.django_db
USD = 2_000_000


@pytest.fixture(autouse=True)
def everybody(alice, ada, bob, vera, carol):
    pass


@pytest.fixture
def limit(workspace) -> Limit:
    return limited(workspace)


def limited(workspace, **more: Any) -> Limit:
    return Limit.objects.create(
        **{"workspace": workspace, "unit": Unit.USD, "period": Period.DAY, "amount": 5 * USD, **more}
    )


@pytest.fixture
def ask(client_for, bob):
    def post(
        limit: Limit, user: User = bob, note: str = "", needed: object = USD // 5, times: int = 1
    ) -> str:
        data = {"limit": str(limit.code), "needed": str(needed), "ask_note": note}
        answers = [client_for(user).post("/w/acme/limits/ask/", data) for _ in range(times)]
        assert {answer.status_code for answer in answers} == {200}
        return " ".join(answers[-1].content.decode().split())

    return post


def told(user: User) -> list[str]:
    return list(Notice.objects.filter(recipient__user=user).order_by("pk").values_list("text", flat=True))


def may_use(workspace, user, credits: int) -> bool:
    try:
        ledger.hold(uuid.uuid4(), workspace, user, Amounts(credits, 10))
    except LimitReached:
        return False
    return True


def test_a_member_asks_and_the_admins_are_told_by_mail_too(ask, limit, bob, alice, ada):
    answer = ask(limit, note="For the <demo>.")
    assert "You asked the admins" in answer

    text = "Bob asks for more of the limit of $5.00 per day. A prompt needed up to $0.20. “For the <demo>.”"
    assert told(alice) == told(ada) == [text]
    assert told(bob) == []
    assert OutgoingMail.objects.filter(kind="raise_asked").count() == 2
    assert RaiseRequest.objects.get().needed == USD // 5


def test_the_same_is_not_asked_twice_while_nobody_answered(ask, limit, alice):
    ask(limit, times=3)
    assert RaiseRequest.objects.count() == len(told(alice)) == 1

    # After a while admins are told again, of the same request.
    RaiseRequest.objects.update(asked_at=now() - timedelta(hours=13))
    ask(limit, note="Still.")
    assert RaiseRequest.objects.get().note == "Still."
    assert len(told(alice)) == 2


def test_nobody_asks_without_end(ask, workspace, alice):
    for number in range(11):
        answer = ask(limited(workspace, amount=number))
    assert "You have asked often enough today." in answer
    assert RaiseRequest.objects.count() == len(told(alice)) == 10


@pytest.mark.parametrize(
    "data",
    [{}, {"limit": "x", "needed": "1"}, {"limit": str(uuid.uuid4()), "needed": "-1"}, {"needed": "9" * 40}],
)
def test_nonsense_asks_nothing(client_for, bob, limit, data):
    answer = client_for(bob).post("/w/acme/limits/ask/", data)
    assert "Nothing was asked" in answer.content.decode()
    assert not RaiseRequest.objects.exists()


def test_a_limit_that_is_gone_or_another_persons_cannot_be_asked_about(ask, workspace, limit, vera, carol):
    other = Membership.objects.get(user=carol).workspace
    gone = limited(workspace, amount=1)
    gone.delete()
    for each in (gone, limited(other), limited(workspace, member=vera)):
        assert "This limit was removed in the meantime." in ask(each)
    assert not RaiseRequest.objects.exists()


def test_one_click_allows_more_until_the_period_ends(ask, limit, workspace, bob, vera, ada, client_for):
    assert may_use(workspace, bob, 5 * USD) and not may_use(workspace, bob, 1)
    ask(limit, note="For the demo.")
    client = client_for(ada)
    page = client.get("/w/acme/limits/").content.decode()
    asked = RaiseRequest.objects.get()
    assert f'id="request-{asked.code}"' in page and "For the demo." in page
    assert "Allow $0.50 more" in page and "Allow $5.00 more" in page

    answer = client.post(f"/w/acme/limits/requests/{asked.code}/allow/", {"amount": 5 * USD}, follow=True)
    assert "Bob may use $5.00 more until" in answer.content.decode()
    raised = LimitRaise.objects.get()
    assert (raised.member, raised.amount, raised.reason) == (bob, 5 * USD, "For the demo.")
    assert raised.ends_at == LimitWindow.objects.get().ends_at
    # It is for the one who asked.
    assert not may_use(workspace, vera, 1)
    assert may_use(workspace, bob, 5 * USD) and not may_use(workspace, bob, 1)
    (text,) = told(bob)
    assert text.startswith("Ada allows you $5.00 more until ") and text.endswith(": $5.00 per day.")
    assert f"request-{asked.code}" not in client.get("/w/acme/limits/").content.decode()


def test_no_is_an_answer_too_and_one_may_ask_again(ask, limit, bob, ada, client_for):
    ask(limit)
    asked = RaiseRequest.objects.get()
    client_for(ada).post(f"/w/acme/limits/requests/{asked.code}/decline/")
    assert told(bob) == ["Ada does not raise the limit of $5.00 per day for you."]
    assert not LimitRaise.objects.exists()
    ask(limit)
    assert RaiseRequest.objects.filter(state="open").count() == 1


@pytest.mark.parametrize("way", ["allow", "decline"])
def test_a_request_is_answered_once(ask, limit, bob, ada, alice, client_for, way):
    ask(limit)
    url = f"/w/acme/limits/requests/{RaiseRequest.objects.get().code}"
    client_for(ada).post(f"{url}/allow/", {"amount": 5})
    answer = client_for(alice).post(f"{url}/{way}/", {"amount": 5}, follow=True)
    assert "answered in the meantime" in answer.content.decode()
    assert LimitRaise.objects.count() == len(told(bob)) == 1
    # The others have nothing left to answer.
    assert not Membership.objects.filter(user__in=[alice, ada]).exclude(unread=0).exists()


@pytest.mark.parametrize("way", ["allow", "decline"])
def test_a_limit_that_was_removed_meanwhile_is_not_raised(ask, limit, ada, bob, client_for, way):
    ask(limit)
    asked = RaiseRequest.objects.get()
    delete_limit(limit, actor=ada)
    client = client_for(ada)
    assert f"request-{asked.code}" not in client.get("/w/acme/limits/").content.decode()
    answer = client.post(f"/w/acme/limits/requests/{asked.code}/{way}/", {"amount": 5}, follow=True)
    assert "removed in the meantime" in answer.content.decode()
    assert told(bob) == [] and not LimitRaise.objects.exists()


@pytest.mark.parametrize("amount", ["", "0", "-5", "x", "1.5", "9" * 30])
def test_an_absurd_amount_is_not_allowed(ask, limit, ada, client_for, amount):
    ask(limit)
    asked = RaiseRequest.objects.get()
    client_for(ada).post(f"/w/acme/limits/requests/{asked.code}/allow/", {"amount": amount})
    assert not LimitRaise.objects.exists()
    assert RaiseRequest.objects.get().state == "open"


def test_a_request_leaves_with_the_member(ask, limit, bob, ada, client_for):
    ask(limit)
    client_for(bob).post("/w/acme/people/leave/")
    assert not RaiseRequest.objects.exists()
    assert client_for(ada).get("/w/acme/limits/").status_code == 200


@pytest.mark.parametrize(
    ("unit", "amount", "needed", "proposals"),
    [
        (Unit.USD, 5 * USD, USD // 5, [USD // 2, 5 * USD]),
        (Unit.USD, 12 * USD, USD // 5, [2 * USD, 10 * USD, 20 * USD]),
        (Unit.TOKENS, 100_000, 3_000, [10_000, 50_000, 100_000]),
        (Unit.REQUESTS, 5, 1, [1, 2, 5]),
        (Unit.REQUESTS, 0, 1, [1, 2]),
        (Unit.CREDITS, 500, 70_000, [100_000, 400_000, 1_000_000]),
        (Unit.CONCURRENT, 1, 1, [1, 2]),
    ],
)
def test_round_amounts_are_proposed(workspace, unit, amount, needed, proposals):
    assert proposed(limited(workspace, unit=unit, amount=amount), needed) == proposals


@pytest.mark.parametrize(
    ("period", "unit", "least", "most"),
    [
        (Period.MINUTE, Unit.REQUESTS, 0, 1),
        (Period.DAY, Unit.USD, 0, 1),
        (Period.WEEK, Unit.USD, 0, 7),
        (Period.MONTH, Unit.USD, 0, 31),
        (Period.EVER, Unit.USD, 7, 7),
        (Period.EVER, Unit.CONCURRENT, 0, 1),
    ],
)
def test_a_raise_is_proposed_for_as_long_as_the_period(workspace, period, unit, least, most):
    at = now()
    ends_at = proposed_end(limited(workspace, period=period, unit=unit), at)
    assert timedelta(days=least) <= ends_at - at <= timedelta(days=most)


@pytest.mark.parametrize(
    ("unit", "given", "amount"),
    [(Unit.USD, "0.25", USD // 4), (Unit.TOKENS, "5000", 5000), (Unit.CREDITS, "7", 7)],
)
def test_an_admin_raises_a_limit_on_their_own_and_ends_it(
    workspace, ada, bob, client_for, unit, given, amount
):
    limit, client = limited(workspace, unit=unit), client_for(ada)
    url = f"/w/acme/limits/{limit.code}/raise/"
    assert "All members together" in client.get(url).content.decode()
    data = {"amount": given, "until": "hour", "member": "everybody", "reason": "A <demo>"}
    page = client.post(url, data, follow=True).content.decode()
    raised = LimitRaise.objects.get()
    assert (raised.amount, raised.member, raised.created_by) == (amount, None, ada)
    assert timedelta(minutes=59) < raised.ends_at - now() <= timedelta(hours=1)
    assert "Raised for a while" in page and "A &lt;demo&gt;" in page

    page = client.post(f"/w/acme/limits/raises/{raised.code}/end/", follow=True).content.decode()
    assert LimitRaise.objects.get().ends_at <= now()
    assert "Raised for a while" not in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "0"},
        {"amount": "x"},
        {"amount": "1e30"},
        {"amount": "1.5"},
        {"until": "ever"},
        {"member": "0"},
    ],
)
def test_a_raise_that_makes_no_sense_is_refused_at_its_field(workspace, ada, client_for, wrong):
    limit = limited(workspace, unit=Unit.TOKENS)
    data = {"amount": "5", "until": "day", "member": "everybody", **wrong}
    answer = client_for(ada).post(f"/w/acme/limits/{limit.code}/raise/", data)
    assert set(answer.context["form"].errors) == set(wrong)
    assert not LimitRaise.objects.exists()


def test_a_limit_of_one_member_is_raised_for_them(workspace, ada, bob, client_for):
    limit = limited(workspace, member=bob)
    data = {"amount": "5", "until": "period", "member": str(bob.pk)}
    client_for(ada).post(f"/w/acme/limits/{limit.code}/raise/", data)
    assert LimitRaise.objects.get().member == bob
    assert may_use(workspace, bob, 10 * USD)


def test_a_raise_of_another_workspace_is_not_there(workspace, ada, carol, client_for):
    other = Membership.objects.get(user=carol).workspace
    raised = LimitRaise.objects.create(
        limit=limited(other), amount=5, ends_at=now() + timedelta(days=1), created_by=carol
    )
    assert client_for(ada).post(f"/w/acme/limits/raises/{raised.code}/end/").status_code == 404
    assert LimitRaise.objects.get().ends_at > now()
