"""Times in the reader's zone, which comes from a cookie."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from accounts.models import Membership
from accounts.time_zones import COOKIE
from chat.models import Conversation
from tests.chat.conftest import *  # noqa: F403 - the conversation and what it needs

pytestmark = pytest.mark.django_db

JOINED = datetime(2026, 3, 1, 23, 30, 5, tzinfo=UTC)


@pytest.fixture
def since(alice, client_for):
    """Return the time at which Alice joined as the page of people shows it, by her cookie."""
    Membership.objects.filter(user=alice).update(created_at=JOINED)

    def read(zone: str | None) -> str:
        client = client_for(alice)
        if zone is not None:
            client.cookies[COOKIE] = zone
        [found] = re.findall(
            r'data-label="Since"[^>]*>(?s:(<time.*?</time>))', client.get("/w/acme/people/").content.decode()
        )
        return str(found)

    return read


@pytest.mark.parametrize(
    ("zone", "text", "exact"),
    [
        ("Asia/Tokyo", "2 Mar 2026", "2026-03-02 08:30:05 +09:00 (Asia/Tokyo)"),
        ("America/St_Johns", "1 Mar 2026", "2026-03-01 20:00:05 -03:30 (America/St_Johns)"),
        ("UTC", "1 Mar 2026", "2026-03-01 23:30:05 UTC"),
        (None, "1 Mar 2026", "2026-03-01 23:30:05 UTC"),
        ("", "1 Mar 2026", "2026-03-01 23:30:05 UTC"),
        ("../../etc/passwd", "1 Mar 2026", "2026-03-01 23:30:05 UTC"),
        ("Europe/<script>", "1 Mar 2026", "2026-03-01 23:30:05 UTC"),
        ("x" * 4000, "1 Mar 2026", "2026-03-01 23:30:05 UTC"),
    ],
)
def test_a_time_is_in_the_readers_zone_and_exact_on_hover_and_focus(since, zone, text, exact):
    shown = since(zone)

    assert f">{text}</time>" in shown
    assert f'title="{exact}"' in shown
    assert 'datetime="2026-03-01T23:30:05Z"' in shown
    assert 'tabindex="0"' in shown


def test_a_time_without_a_known_zone_says_that_it_is_utc(conversation, alice, client_for):
    client = client_for(alice)
    address = f"/c/{conversation.code}/"
    conversation.messages.update(created_at=JOINED)
    assert "1 Mar, 23:30 UTC</time>" in client.get(address).content.decode()

    client.cookies[COOKIE] = "Asia/Tokyo"

    assert "2 Mar, 08:30</time>" in client.get(address).content.decode()


def test_one_page_leaves_its_zone_to_no_other(since):
    since("Asia/Tokyo")

    assert "UTC" in since(None)


def test_the_days_of_the_sidebar_are_the_readers(conversation, alice, client_for, monkeypatch):
    Conversation.objects.update(updated_at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2026, 3, 2, 0, 30, tzinfo=UTC))
    client = client_for(alice)

    def headings() -> list[str]:
        return re.findall(r'sidebar-heading">(\w+)<', client.get("/w/acme/search/").content.decode())

    assert headings() == ["Yesterday"]
    client.cookies[COOKIE] = "Asia/Tokyo"
    assert headings() == ["Today"]
