"""The page of a key: its balance, the threshold of the warning, and who sees them."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from django.utils.timezone import now

from accounts import balances
from accounts.flows.replace_key import replace_key
from accounts.flows.save_key import save_key
from accounts.models import ApiKey, Workspace
from chat.relays import chores
from playground.flows import refresh_balances
from playground.models import Provider
from playground.upstream import account
from playground.upstream.account import read_balance

SECRET = "sk-canary-0123456789abcdef"
LOW = "The balance is low."

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(vendor, workspace, ada) -> ApiKey:
    return save_key(workspace, "aimlapi", SECRET, member=None, actor=ada)


@pytest.fixture
def page_of(key) -> str:
    return f"/w/acme/keys/{key.code}/"


def low_keys(workspace: Workspace) -> list[str]:
    return Workspace.objects.values_list("low_keys", flat=True).get(pk=workspace.pk) or []


def test_it_shows_what_the_provider_said(client_for, ada, key, page_of):
    client = client_for(ada)
    assert "The balance was not asked yet." in client.get(page_of).content.decode()
    page = client.post(f"{page_of}refresh/", follow=True).content.decode()
    for words in ("$5.00", "10,000,000 credits", "The demo never runs out", "<dd>off</dd>", "cdef", "by Ada"):
        assert words in page
    assert SECRET not in page and SECRET[:12] not in page
    assert LOW not in page


def test_a_threshold_warns_admins_wherever_they_are(client_for, ada, bob, key, workspace, page_of):
    client = client_for(ada)
    client.post(f"{page_of}refresh/")
    assert low_keys(workspace) == []
    page = client.post(f"{page_of}threshold/", {"threshold": "7.50"}, follow=True).content.decode()
    assert LOW in page and "You are warned below $7.50." in page and 'value="7.5"' in page
    assert low_keys(workspace) == ["aimlapi"]
    assert "low balance" in client.get("/w/acme/keys/").content.decode()
    warning = "a provider key is low."
    assert warning in client.get("/w/acme/").content.decode()
    # Members can do nothing about it.
    assert warning not in client_for(bob).get("/w/acme/").content.decode()
    client.post(f"{page_of}threshold/", {"threshold": ""})
    assert low_keys(workspace) == []
    assert ApiKey.objects.get(pk=key.pk).low_threshold is None


@pytest.mark.parametrize("amount", ["-1", "much", "1e999", "NaN", "99999999999"])
def test_an_amount_that_is_none_is_refused_at_its_field(amount, client_for, ada, key, page_of):
    answer = client_for(ada).post(f"{page_of}threshold/", {"threshold": amount})
    assert answer.status_code == 200
    assert answer.context["low"].errors
    assert ApiKey.objects.get(pk=key.pk).low_threshold is None


def test_a_provider_without_balances_says_so(client_for, ada, key, vendor, page_of):
    Provider.objects.filter(pk=vendor.pk).update(kind=Provider.Type.OPENAI)
    page = client_for(ada).get(page_of).content.decode()
    assert "has no address where a balance can be asked" in page
    assert "Refresh" not in page


def test_the_page_of_ones_own_key_is_for_oneself(client_for, ada, bob, vendor, workspace, page_of):
    own = save_key(workspace, "aimlapi", SECRET, member=bob, actor=bob)
    mine = f"/w/acme/keys/{own.code}/"
    assert client_for(bob).get(mine).status_code == 200
    # No page leads to that of another person.
    assert client_for(ada).get(mine).status_code == 404
    assert client_for(bob).get(page_of).status_code == 403


@pytest.mark.parametrize("action", ["", "refresh/", "threshold/", "change/", "replace/", "switch/"])
def test_strangers_and_visitors_see_nothing(action, client_for, carol, client, key, page_of):
    method = "get" if not action else "post"
    assert getattr(client_for(carol), method)(f"{page_of}{action}").status_code == 404
    assert "/sign-in/" in getattr(client, method)(f"{page_of}{action}")["Location"]
    wrong = "post" if not action else "get"
    assert getattr(client_for(carol), wrong)(f"{page_of}{action}").status_code == 405


def test_a_replaced_key_has_no_balance_of_the_one_before(key, workspace, ada):
    balances.store_balance(key, {"credits": 1, "is_low": True})
    assert low_keys(workspace) == ["aimlapi"]
    replace_key(key, SECRET[::-1], actor=ada)
    assert ApiKey.objects.get(pk=key.pk).balance is None
    assert low_keys(workspace) == []


def test_keys_in_use_are_asked_now_and_then(key, demo_upstream):
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=now())
    [(provider, due)] = refresh_balances.due_keys()
    assert (provider.code, due.pk) == ("aimlapi", key.pk)
    # Another process asks at the same moment, and a later answer uses the key again.
    assert refresh_balances.due_keys() == []
    long_ago = now() - refresh_balances.EVERY - timedelta(seconds=5)
    ApiKey.objects.filter(pk=key.pk).update(balance_asked_at=long_ago)
    assert len(refresh_balances.due_keys()) == 1
    # A key that nobody used since is left alone.
    ApiKey.objects.filter(pk=key.pk).update(balance_asked_at=long_ago, last_used_at=long_ago - timedelta(1))
    assert refresh_balances.due_keys() == []


@pytest.mark.django_db(transaction=True)
def test_the_chore_keeps_the_balance(key):
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=now())
    asyncio.run(chores.refresh_balances())
    assert (ApiKey.objects.get(pk=key.pk).balance or {})["credits"] == 10_000_000


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ({"lowBalanceThreshold": 10_000, "autoDebitStatus": "disabled"}, (10_000, False)),
        ({"lowBalanceThreshold": "many", "autoDebitStatus": "enabled"}, (None, True)),
        ({"lowBalanceThreshold": -1, "autoDebitStatus": None}, (None, None)),
        ({"lowBalanceThreshold": True, "autoDebitStatus": ""}, (None, None)),
    ],
)
def test_a_report_may_lack_anything_but_the_balance(report, expected):
    balance = read_balance({"balance": 5, **report})
    assert (balance.low_threshold, balance.auto_top_up) == expected


def test_the_words_of_a_report_are_bounded():
    balance = read_balance({"balance": 5, "statusExplanation": "x\0" * 5_000, "lastUpdated": 7})
    assert len(balance.explanation) == account.LONGEST_WORDS and "\0" not in balance.explanation
    assert balance.updated_at == ""
