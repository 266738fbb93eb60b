"""The page of a person's security: the browsers in which they are signed in."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore as StoreOfDjango
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from accounts.browsers import browser_of
from accounts.flows.end_sessions import open_sessions, purge_sessions
from accounts.models import AuditEvent, BrowserSession
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

PAGE = "/profile/security/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Mobile Safari/604.1"


@pytest.fixture
def here(alice) -> Client:
    return signed_in("192.0.2.1", FIREFOX)


@pytest.fixture
def there(alice) -> Client:
    return signed_in("198.51.100.7", SAFARI)


def signed_in(address: str, agent: str, email: str = "alice@example.org") -> Client:
    client = Client(REMOTE_ADDR=address, HTTP_USER_AGENT=agent)
    client.post("/sign-in/", {"login": email, "password": PASSWORD})
    return client


def session_of(client: Client) -> BrowserSession:
    return BrowserSession.objects.get(pk=BrowserSession.digest_of(client.session.session_key))


def test_it_lists_the_browsers_of_the_person_alone(here, there, bob, alice):
    signed_in("203.0.113.9", FIREFOX, "bob@example.org")

    text = here.get(PAGE).content.decode()

    assert text.index("Firefox on Linux") < text.index("(this one)") < text.index("Safari on iPhone")
    assert "192.0.2.1" in text and "198.51.100.7" in text and "203.0.113.9" not in text
    assert str(session_of(there).code) in text and session_of(there).pk not in text
    assert not AuditEvent.objects.filter(action="sign_ins.end_session").exists()


def test_a_browser_is_signed_out(here, there):
    answer = here.post(f"{PAGE}sessions/{session_of(there).code}/end/", follow=True)

    assert "Safari on iPhone is signed out." in answer.content.decode()
    assert there.get("/profile/").status_code == 302
    event = AuditEvent.objects.get(action="sign_ins.end_session")
    assert event.after == {"browser": "Safari on iPhone", "address": "198.51.100.7"}


def test_all_others_are_signed_out_and_this_one_stays(here, there, alice):
    signed_in("198.51.100.8", SAFARI)

    assert here.post(f"{PAGE}sessions/end-others/").url == PAGE

    assert open_sessions(alice) == [session_of(here)]
    assert here.get(PAGE).content.decode().count("Sign out everywhere else") == 0
    assert there.get("/profile/").status_code == 302


def test_this_one_asks_first(here):
    assert here.post(f"{PAGE}sessions/{session_of(here).code}/end/").url == "/sign-out/"
    assert here.get(PAGE).status_code == 200


def test_a_new_password_leaves_no_other_browser_in_the_list(here, there, alice):
    passwords = {
        "oldpassword": PASSWORD,
        "password1": "another long phrase",
        "password2": "another long phrase",
    }
    assert here.post("/password/", passwords).status_code == 302

    text = here.get(PAGE).content.decode()

    assert "Firefox on Linux" in text and "Safari on iPhone" not in text


def test_a_visit_is_noted_now_and_then(here):
    session = session_of(here)
    before = session.seen_at
    here.get(PAGE)
    assert session_of(here).seen_at == before, "most visits write nothing"

    BrowserSession.objects.update(seen_at=now() - timedelta(hours=1))
    here.get(PAGE, REMOTE_ADDR="192.0.2.99")
    found = session_of(here)
    assert now() - found.seen_at < timedelta(minutes=1)
    assert (found.address, found.browser) == ("192.0.2.99", "Firefox on Linux")


def test_many_browsers_cost_no_more_statements(here, alice):
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert here.get(PAGE).status_code == 200
        return len(queries)

    few = statements()
    mine = session_of(here)
    for number in range(30):
        BrowserSession.objects.create(
            session_key=f"{number:032}",
            session_data=mine.session_data,
            expire_date=mine.expire_date,
            user=alice,
        )
    assert statements() == few


@pytest.mark.parametrize(
    "agent",
    ["", "<script>alert(1)</script>", "\ud800".encode("utf-8", "surrogatepass").decode("latin1"), "x" * 9000],
)
def test_a_browser_shows_nothing_of_what_it_says(agent, alice):
    client = signed_in("192.0.2.1", agent)

    text = client.get(PAGE).content.decode()

    assert "Unknown browser" in text and "alert(1)" not in text and "x" * 300 not in text


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        (SAFARI, "Safari on iPhone"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        ("curl/8.5.0", "curl"),
    ],
)
def test_browsers_have_names(agent, name):
    assert browser_of(agent) == name


def test_sessions_whose_time_is_over_are_deleted(here, there):
    BrowserSession.objects.filter(pk=session_of(there).pk).update(expire_date=now() - timedelta(1))

    purge_sessions()

    assert [*BrowserSession.objects.all()] == [session_of(here)]


def test_sessions_of_earlier_versions_go_on(alice):
    old = StoreOfDjango()
    old["_auth_user_id"], old["_auth_user_backend"] = (
        str(alice.pk),
        "allauth.account.auth_backends.AuthenticationBackend",
    )
    old["_auth_user_hash"] = alice.get_session_auth_hash()
    old.create()
    old.save()
    gone = StoreOfDjango()
    gone["_auth_user_id"] = "999999"
    gone.create()
    gone.save()

    import_module("accounts.migrations.0025_browser_sessions").copy_sessions(apps, None)
    import_module("accounts.migrations.0036_digests_of_session_keys").store_digests(apps, None)

    client = Client()
    client.cookies["sessionid"] = str(old.session_key)
    assert client.get(PAGE).status_code == 200
    assert not Session.objects.exists()
    assert BrowserSession.objects.get(pk=BrowserSession.digest_of(gone.session_key)).user is None
