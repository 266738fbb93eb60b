"""Sessions are in the database, so they do not depend on Redis."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from accounts.sessions import SessionStore

pytestmark = pytest.mark.django_db


@pytest.fixture
def redis_away(closed_port):
    location = f"redis://127.0.0.1:{closed_port}/0"
    return {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": location}}


def _signed_in(session_key: str) -> bool:
    request = HttpRequest()
    request.session = SessionStore(session_key)
    return isinstance(get_user(request), User)


def test_pages_go_on_without_redis(client_for, alice, settings, redis_away):
    before = client_for(alice)
    settings.CACHES = redis_away

    assert before.get("/profile/").status_code == 200
    assert client_for(alice).get("/profile/").status_code == 200
    assert before.get(reverse("chat:new", args=["acme"])).status_code == 200


def test_a_session_that_ended_while_redis_was_away_stays_ended(client_for, alice, settings, redis_away):
    client = client_for(alice)
    assert client.get("/profile/").status_code == 200
    key = client.session.session_key
    assert _signed_in(key)

    with_redis, settings.CACHES = settings.CACHES, redis_away
    assert client.post(reverse("account_logout")).status_code == 302
    settings.CACHES = with_redis

    assert not _signed_in(key)
    client.cookies["sessionid"] = key
    assert client.get("/profile/").status_code == 302
