"""Sessions are in the database, so they do not depend on Redis."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user
from django.db import connection
from django.http import HttpRequest
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import BrowserSession, User
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


def test_a_session_is_open_until_its_time(client_for, alice):
    key = client_for(alice).session.session_key
    assert _signed_in(key)
    [stored] = BrowserSession.objects.values_list("pk", flat=True)
    assert stored == BrowserSession.digest_of(key) and key not in stored
    for other in (key.upper(), key[:-1], f"{key}0", "", "0" * 32, stored, stored[:32]):
        assert not _signed_in(other)
    BrowserSession.objects.filter(pk=stored).update(expire_date=now())
    assert not _signed_in(key)


def test_a_session_without_its_user_is_nobodys(client_for, alice, bob):
    keys = [client_for(user).session.session_key for user in (alice, bob)]
    alice.delete()
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert [_signed_in(key) for key in keys] == [False, False]


def test_users_are_found_by_key_and_otherwise(alice, bob):
    assert User.objects.get(pk=alice.pk) == alice and User.objects.get(email=bob.email) == bob
    assert User.objects.get(pk=str(alice.pk)).email == alice.email
    others: list[dict[str, Any]] = [{"pk": 0}, {"pk": alice.pk, "name": "Bob"}, {"email": ""}]
    for other in others:
        with pytest.raises(User.DoesNotExist):
            User.objects.get(**other)
    with pytest.raises(User.DoesNotExist):
        User.objects.filter(name="Bob").get(pk=alice.pk)
    with CaptureQueriesContext(connection) as queries:
        found = User.objects.get(pk=alice.pk)
        assert vars(found).keys() == vars(User.objects.filter(pk=alice.pk).get()).keys()
    assert len(queries) == 2
