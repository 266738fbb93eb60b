"""Limits that can never be reached, in the list, in the preview and after a raise."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.limit_overlaps import Allowed, is_stricter, remark_on, remark_on_new
from accounts.models import Group, Limit

pytestmark = pytest.mark.django_db

PAGE = "/w/acme/limits/"
DAY = {"unit": "requests", "period": "day"}


def limit(workspace, amount: int, **scope: Any) -> Limit:
    return Limit.objects.create(workspace=workspace, amount=amount, **(DAY | scope))


@pytest.mark.parametrize(
    ("strict", "other", "is_so"),
    [
        # The same period.
        ({"amount": 5}, {"amount": 6}, True),
        ({"amount": 5}, {"amount": 5}, False),
        ({"amount": 6}, {"amount": 5}, False),
        ({"amount": 5}, {"amount": 6, "is_soft": True}, True),
        ({"amount": 5, "is_soft": True}, {"amount": 6}, False),
        ({"amount": 0}, {"amount": 1}, True),
        # Dollars count credits.
        ({"amount": 5, "unit": "usd"}, {"amount": 6, "unit": "credits"}, True),
        ({"amount": 5, "unit": "tokens"}, {"amount": 6, "unit": "credits"}, False),
        ({"amount": 5, "unit": "tokens"}, {"amount": 6, "unit": "output_tokens"}, False),
        ({"amount": 5, "unit": "concurrent", "period": "ever"}, {"amount": 6, "period": "ever"}, False),
        # A shorter period bounds a longer one, and a longer period all shorter ones.
        ({"amount": 5}, {"amount": 156, "period": "month"}, True),
        ({"amount": 5}, {"amount": 155, "period": "month"}, False),
        ({"amount": 5}, {"amount": 36, "period": "week"}, True),
        ({"amount": 5, "period": "hour"}, {"amount": 126}, True),
        ({"amount": 5, "period": "hour"}, {"amount": 120}, False),
        ({"amount": 5}, {"amount": 10**9, "period": "ever"}, False),
        ({"amount": 5, "period": "ever"}, {"amount": 6, "period": "minute"}, True),
        ({"amount": 5, "period": "month"}, {"amount": 6}, True),
        ({"amount": 5, "period": "month"}, {"amount": 10, "period": "week"}, False),
        ({"amount": 5, "period": "month"}, {"amount": 11, "period": "week"}, True),
        # Subjects.
        ({"amount": 5, "counts_each": True}, {"amount": 6, "member": "bob"}, True),
        ({"amount": 5, "counts_each": True}, {"amount": 6}, False),
        ({"amount": 5, "counts_each": True}, {"amount": 6, "group": "design", "counts_each": True}, True),
        ({"amount": 5, "counts_each": True}, {"amount": 6, "group": "design"}, False),
        ({"amount": 5}, {"amount": 6, "member": "bob"}, True),
        ({"amount": 5, "member": "bob"}, {"amount": 6, "counts_each": True}, False),
        ({"amount": 5, "group": "design"}, {"amount": 6, "group": "design", "counts_each": True}, True),
        ({"amount": 5, "role": "member"}, {"amount": 6, "member": "bob"}, False),
        ({"amount": 5, "counts_each": True, "has_exempted": True}, {"amount": 6, "member": "bob"}, False),
        # Models.
        ({"amount": 5}, {"amount": 6, "model_pattern": "gpt-*"}, True),
        ({"amount": 5, "model_pattern": "gpt-*"}, {"amount": 6}, False),
        ({"amount": 5, "provider_code": "demo"}, {"amount": 6, "provider_code": "demo"}, True),
    ],
)
def test_a_limit_is_never_reached_where_another_counts_all_of_it(workspace, bob, strict, other, is_so):
    named = {"bob": bob, "design": Group.objects.create(workspace=workspace, name="Design")}
    one, two = (
        Limit(
            workspace=workspace,
            **{name: named.get(str(value), value) for name, value in (DAY | each).items()},
        )
        for each in (strict, other)
    )
    assert is_stricter(Allowed(one, one.amount), Allowed(two, two.amount)) is is_so
    assert not is_stricter(Allowed(two, two.amount), Allowed(one, one.amount)) or not is_so


def test_the_sentence_names_the_one_that_counts(workspace, bob):
    mine, each = limit(workspace, 20, member=bob), limit(workspace, 5, counts_each=True)
    strict, other = Allowed(each, 5), Allowed(mine, 20)
    counts = "Never reached: the limit of 5 requests per day (Each member) is stricter, so that one counts."
    assert remark_on(other, [strict, other]) == counts == remark_on_new(other, [strict])
    assert remark_on(strict, [strict, other]) == ""
    new = "This is stricter than the limit of 20 requests per day (Bob), so this one counts."
    assert remark_on_new(strict, [other]) == new


def test_the_list_the_preview_and_a_raise_say_it_and_refuse_nothing(client_for, ada, bob, workspace):
    client = client_for(ada)
    limit(workspace, 5, counts_each=True)
    new = DAY | {"subject": str(bob.pk), "amount": "20"}
    sentence = "the limit of 5 requests per day (Each member) is stricter, so that one counts."

    assert sentence in client.get(f"{PAGE}preview/", new).content.decode()
    assert sentence not in client.get(f"{PAGE}preview/", new | {"amount": "5"}).content.decode()
    answer = client.post(f"{PAGE}add/", new, follow=True).content.decode()
    # After the change, and in the row.
    assert answer.count(sentence) == 2
    mine = Limit.objects.get(member=bob)
    client.post(f"{PAGE}{mine.code}/change/", {"amount": "5"})
    assert sentence not in client.get(PAGE).content.decode()

    data = {"amount": "3", "until": "hour", "member": str(bob.pk)}
    answer = client.post(f"{PAGE}{mine.code}/raise/", data, follow=True).content.decode()
    assert sentence in answer


@pytest.mark.parametrize(
    ("unit", "amount"),
    [
        *(("requests", amount) for amount in ("-1", "1.5", "1e30", "NaN", "Infinity", "x", "9" * 400)),
        *(("tokens", amount) for amount in ("-0.1", "0.1", "1e16")),
        *(("usd", amount) for amount in ("-0.01", "0.0000001", "1e30", "1e15", "1.00000001")),
    ],
)
def test_an_absurd_amount_is_refused_at_its_field(client_for, ada, workspace, unit, amount):
    data = {"subject": "everybody", "amount": amount, "unit": unit, "period": "day"}
    answer = client_for(ada).post(f"{PAGE}add/", data)
    assert set(answer.context["form"].errors) == {"amount"}
    assert not Limit.objects.exists()
