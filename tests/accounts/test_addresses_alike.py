"""Addresses that are written like those of others, or look like them."""

from __future__ import annotations

import pytest

from tests.accounts.test_mailed_links import sent
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

ALIKE = [
    "al\u0131ce@example.org",  # a dotless i, whose capital is the I of alice's
    "al\u0456ce@example.org",  # a Cyrillic i
    "\u0430lice@example.org",
    "ali\u0107e@example.org",
    "alice@examp\u013ae.org",
    "alice@\u212axample.org",
    "alice@\uff45xample.org",
    "alice@example.org\u200b",
    "alice@exam\u017fple.org",
    "al\u0130ce@example.org",
]


@pytest.mark.parametrize("address", ALIKE)
def test_an_address_that_looks_like_anothers_opens_nothing(address, alice, client, settings):
    """Some comparisons take it for the same, and the link is mailed to the one that was typed."""
    settings.HAS_MAIL = True
    assert client.post("/forgotten/", {"email": address}).status_code == 200
    signed_in = client.post("/sign-in/", {"login": address, "password": PASSWORD})

    assert signed_in.status_code == 200 and sent() == []
    assert client.get("/profile/").status_code == 302


def test_no_spelling_of_an_address_gives_more_attempts(alice, client):
    """CVE-2026-97764: attempts are counted for the account, however its address is written."""
    for address in (
        "alice@example.org",
        "ALICE@example.org",
        " alice@EXAMPLE.org ",
        "Alice@Example.Org",
        "aLICE@example.org",
    ):
        client.post("/sign-in/", {"login": address, "password": "wrong"})

    answer = client.post("/sign-in/", {"login": "alicE@example.org", "password": PASSWORD})

    assert b"Too many failed attempts" in answer.content
    assert client.get("/profile/").status_code == 302
