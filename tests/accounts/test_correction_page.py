from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts import ledger
from accounts.models import Workspace
from tests.accounts.test_corrections import spend
from tests.accounts.test_usage_page import _exported

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(workspace, bob):
    return spend(workspace, bob, 2000)


def url(name: str, entry, slug: str = "acme") -> str:
    return reverse(f"accounts:{name}", args=[slug, entry.run_code])


def test_an_admin_corrects_a_cost(client_for, ada, entry):
    client = client_for(ada)
    assert "$0.0010" not in client.get(url("correction", entry)).content.decode()
    answer = client.post(url("correct", entry), {"usd": "0.25", "reason": "The invoice <says> so"})
    assert answer.url == url("correction", entry)
    assert ledger.charged(entry).usd == Decimal("0.25")
    assert ledger.charged(entry).credits == 500_000
    page = client.get(url("correction", entry)).content.decode()
    assert "The invoice &lt;says&gt; so" in page and "corrected by Ada" in page
    assert 'It costs <b class="number">$0.25</b> now' in page
    # A double click corrects once.
    client.post(url("correct", entry), {"usd": "0.25", "reason": "The invoice says so"})
    assert "costs $0.25 already" in client.get(url("correction", entry)).content.decode()
    assert ledger.audit() == []


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"usd": "1"},
        {"usd": "1", "reason": "  "},
        {"usd": "-1", "reason": "a"},
        {"usd": "nan", "reason": "a"},
        {"usd": "1e30", "reason": "a"},
        {"usd": "0.0000000001", "reason": "a"},
        {"usd": "1", "reason": "a" * 301},
        {"usd": "1", "reason": "a\x00"},
    ],
)
def test_it_refuses_what_is_no_cost(client_for, ada, entry, posted):
    answer = client_for(ada).post(url("correct", entry), posted)
    assert answer.status_code == 200 and b"errors" in answer.content
    assert ledger.charged(entry).credits == 2000


def test_the_list_and_the_export_have_corrections(client_for, ada, entry):
    client = client_for(ada)
    client.post(url("correct", entry), {"usd": "0.0005", "reason": "Invoice"})
    page = client.get(reverse("accounts:usage_all", args=["acme"])).content.decode()
    assert "-0.000500" in page and page.count(url("correction", entry)) == 2
    head, *lines = _exported(client.get(reverse("accounts:export_usage", args=["acme"])))
    rows = [dict(zip(head, line, strict=True)) for line in lines]
    assert [(row["credits"], row["cost_source"]) for row in rows] == [
        ("2000", "estimated"),
        ("-1000", "correction"),
    ]
    assert Decimal(rows[1]["usd"]) == Decimal("-0.0005")
    assert rows[1]["how"] == "a correction: Invoice"


def test_only_admins_of_the_workspace_may(client_for, client, alice, bob, carol, entry):
    other = Workspace.objects.get(slug="other")
    assert client_for(alice).get(url("correction", entry)).status_code == 200
    assert client_for(bob).get(url("correction", entry)).status_code == 403
    assert client_for(carol).get(url("correction", entry)).status_code == 404
    assert client_for(carol).get(url("correction", entry, other.slug)).status_code == 404
    assert (
        client_for(carol).post(url("correct", entry, other.slug), {"usd": "0", "reason": "a"}).status_code
        == 404
    )
    assert client_for(alice).get(url("correct", entry)).status_code == 405
    assert "sign-in" in client.get(url("correction", entry)).url
    assert ledger.charged(entry).credits == 2000
