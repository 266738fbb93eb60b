from __future__ import annotations

import base64
import os
import resource
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from playground import checks

GOOD_SECRET = base64.b64encode(bytes(range(7, 231, 7))).decode()
OTHER_SECRET = base64.b64encode(bytes(range(3, 163, 5))).decode()


def ids(check) -> list[str]:
    return [message.id for message in check(None)]


@pytest.fixture
def public(settings):
    """Settings of a server behind a proxy, at a public address."""
    settings.PUBLIC_ORIGIN = "https://chat.example.com"
    settings.IS_LOCAL, settings.IS_SECURE = False, True
    settings.BEHIND_PROXY, settings.INSECURE_HTTP, settings.DEBUG = True, False, False
    return settings


def test_it_finds_nothing_in_a_fresh_checkout():
    call_command("check", fail_level="WARNING")


def test_it_accepts_https_behind_a_proxy(public):
    assert ids(checks.check_origin) == []


def test_it_refuses_plain_http_for_other_machines(public):
    public.IS_SECURE = False
    assert ids(checks.check_origin) == ["playground.E001"]


def test_it_accepts_plain_http_where_somebody_said_so(public):
    public.IS_SECURE, public.INSECURE_HTTP = False, True
    assert ids(checks.check_origin) == []


def test_it_refuses_debug_for_other_machines(public):
    public.DEBUG = True
    assert ids(checks.check_origin) == ["playground.E002"]


def test_it_warns_of_https_without_a_proxy(public):
    public.BEHIND_PROXY = False
    assert ids(checks.check_origin) == ["playground.W001"]


@pytest.mark.parametrize(
    "secret",
    [
        "x",
        "change_me_change_me_change_me_change_me",
        "django-insecure-" + GOOD_SECRET,
        "ab" * 40,
        "0123456789abcdef",
    ],
)
def test_it_refuses_a_weak_secret(settings, secret):
    settings.SECRET_KEY, settings.VAULT_KEYS = secret, GOOD_SECRET
    assert ids(checks.check_secrets) == ["playground.E003"]


def test_it_judges_every_key_of_the_ring(settings):
    placeholder = "placeholder" * 4
    settings.SECRET_KEY, settings.VAULT_KEYS = GOOD_SECRET, f"new:{OTHER_SECRET},old:{placeholder}"
    assert ids(checks.check_secrets) == ["playground.E003"]


@pytest.mark.parametrize("ring", [f"one:{OTHER_SECRET},one:{OTHER_SECRET}1", f"two words:{OTHER_SECRET}"])
def test_it_refuses_a_ring_that_the_vault_cannot_read(settings, ring):
    settings.SECRET_KEY, settings.VAULT_KEYS = GOOD_SECRET, ring
    assert ids(checks.check_secrets) == ["playground.E009"]


def test_it_refuses_an_empty_ring(settings):
    settings.SECRET_KEY, settings.VAULT_KEYS = GOOD_SECRET, ""
    assert "playground.E009" in ids(checks.check_secrets)


def test_it_does_not_repeat_a_secret(settings):
    settings.SECRET_KEY, settings.VAULT_KEYS = "changeme-canary", "placeholder-canary"
    assert "canary" not in str(checks.check_secrets(None))


def test_it_refuses_one_secret_for_both(settings):
    settings.SECRET_KEY, settings.VAULT_KEYS = GOOD_SECRET, f"one:{GOOD_SECRET}"
    assert ids(checks.check_secrets) == ["playground.E004"]


def test_it_accepts_what_openssl_makes(settings):
    settings.SECRET_KEY, settings.VAULT_KEYS = os.urandom(32).hex(), f"one:{OTHER_SECRET}"
    assert ids(checks.check_secrets) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"HAS_MAIL": False, "EMAIL_FROM": ""}, []),
        ({}, []),
        ({"EMAIL_USE_TLS": False, "EMAIL_USE_SSL": True}, []),
        ({"EMAIL_FROM": ""}, ["playground.E010"]),
        ({"EMAIL_USE_TLS": False}, ["playground.E011"]),
        ({"EMAIL_USE_TLS": False, "EMAIL_HOST_PASSWORD": ""}, ["playground.W006"]),
        ({"EMAIL_USE_TLS": False, "EMAIL_HOST": "127.0.0.1"}, []),
    ],
)
def test_it_looks_at_the_mail_server(settings, changes, found):
    right = {"EMAIL_FROM": "a@example.com", "EMAIL_HOST": "mail.example.com", "EMAIL_HOST_PASSWORD": "canary"}
    for name, value in (
        {"HAS_MAIL": True, "EMAIL_USE_TLS": True, "EMAIL_USE_SSL": False} | right | changes
    ).items():
        setattr(settings, name, value)

    assert ids(checks.check_mail) == found
    assert "canary" not in str(checks.check_mail(None))


def test_it_refuses_a_data_folder_it_cannot_write(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path / "var"
    # A folder without write permission would not do: root may write anywhere.
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    assert ids(checks.check_data_folder) == ["playground.E005"]


def test_it_refuses_a_data_folder_that_is_a_file(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "file"
    settings.DATA_DIR.write_text("")
    assert ids(checks.check_data_folder) == ["playground.E005"]


def test_it_accepts_a_data_folder_that_is_yet_to_be_made(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "a" / "b"
    assert ids(checks.check_data_folder) == []


def test_it_refuses_checkpoints_slower_than_the_lease(settings):
    settings.RUN_LEASE_SECONDS, settings.CHECKPOINT_MILLISECONDS = 3, 1501
    assert ids(checks.check_numbers) == ["playground.E006"]


def test_it_warns_of_more_streams_than_open_files(settings, monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 256))
    settings.MAX_STREAMS = 129
    assert ids(checks.check_numbers) == ["playground.W002"]


def test_it_does_not_warn_where_files_are_not_limited(settings, monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, resource.RLIM_INFINITY))
    settings.MAX_STREAMS = 10_000
    assert ids(checks.check_numbers) == []


@pytest.mark.parametrize(
    "entry", ["example.com", "10.0.0.1/8", "10.0.0.0/8:0", "[::1]:x", "1.2.3.4:70000", "::1:"]
)
def test_it_refuses_what_is_no_network(settings, entry):
    settings.ALLOWED_PRIVATE_UPSTREAMS = ["127.0.0.0/8", entry]
    assert ids(checks.check_upstreams) == ["playground.E007"]


@pytest.mark.parametrize(
    "entry", ["10.0.0.0/8", "127.0.0.1:11434", "192.168.1.0/24:8000", "fd00::/8", "[::1]:11434"]
)
def test_it_accepts_networks(settings, entry):
    settings.ALLOWED_PRIVATE_UPSTREAMS = [entry]
    assert ids(checks.check_upstreams) == []


@pytest.mark.parametrize(
    ("redis", "engine", "expected"),
    [
        ("", "sqlite3", []),
        ("redis://localhost", "postgresql", []),
        ("redis://localhost", "sqlite3", ["playground.W003"]),
        ("", "postgresql", ["playground.W004"]),
        ("http://localhost", "postgresql", ["playground.E008"]),
    ],
)
def test_it_looks_at_database_and_redis_together(settings, monkeypatch, redis, engine, expected):
    settings.REDIS_URL = redis
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", f"django.db.backends.{engine}")
    assert ids(checks.check_backends) == expected


def test_an_error_stops_every_command(public):
    public.IS_SECURE = False
    with pytest.raises(SystemCheckError, match=r"PUBLIC_ORIGIN https://chat\.example\.com is plain http"):
        call_command("check")
