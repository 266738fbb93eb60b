"""The settings file as a whole, read again under each environment."""

from __future__ import annotations

import os
import runpy
import stat
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from playground import env
from tests.repository import ROOT


@pytest.fixture
def read(monkeypatch, tmp_path):
    """Read the settings under these variables and no others of the project."""
    for name in list(os.environ):
        if name not in {"PATH", "HOME", "LANG", "TZ"}:
            monkeypatch.delenv(name)

    def read_settings(**variables: str) -> dict[str, Any]:
        for name, value in {"DATA_DIR": str(tmp_path / "data"), **variables}.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "playground" / "settings.py"))

    return read_settings


def test_a_fresh_checkout_serves_this_machine_only(read):
    settings = read()
    assert settings["DEBUG"] is False
    assert settings["HOST"] == "127.0.0.1"
    assert settings["PUBLIC_ORIGIN"] == "http://localhost:8000"
    assert settings["ALLOWED_HOSTS"] == ["127.0.0.1", "[::1]", "localhost"]
    assert "http://127.0.0.1:8000" in settings["ALLOWED_ORIGINS"]
    assert settings["SESSION_COOKIE_SECURE"] is False
    assert "SECURE_PROXY_SSL_HEADER" not in settings


def test_another_port_moves_the_origin_along(read):
    assert read(PORT="9000")["PUBLIC_ORIGIN"] == "http://localhost:9000"


def test_a_public_origin_is_the_only_host_and_origin(read):
    settings = read(PUBLIC_ORIGIN="https://chat.example.com/")
    assert settings["ALLOWED_HOSTS"] == ["chat.example.com"]
    assert settings["ALLOWED_ORIGINS"] == ["https://chat.example.com"]
    assert settings["SESSION_COOKIE_SECURE"] is settings["CSRF_COOKIE_SECURE"] is True
    assert settings["SECURE_HSTS_SECONDS"] > 0
    assert "wss://chat.example.com" in settings["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["connect-src"]


@pytest.mark.parametrize(
    ("written", "as_browsers_send_it", "host"),
    [
        ("HTTPS://Chat.Example.COM", "https://chat.example.com", "chat.example.com"),
        ("https://chat.example.com:443", "https://chat.example.com", "chat.example.com"),
        ("http://chat.example.com:80", "http://chat.example.com", "chat.example.com"),
        ("http://chat.example.com:443", "http://chat.example.com:443", "chat.example.com"),
        ("https://chat.example.com:8443", "https://chat.example.com:8443", "chat.example.com"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443", "[2001:db8::1]"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(read, written, as_browsers_send_it, host):
    settings = read(PUBLIC_ORIGIN=written)
    assert settings["PUBLIC_ORIGIN"] == as_browsers_send_it
    assert settings["ALLOWED_ORIGINS"] == [as_browsers_send_it]
    assert settings["ALLOWED_HOSTS"] == [host]


def test_https_on_this_machine_is_an_origin_too(read):
    settings = read(PUBLIC_ORIGIN="https://localhost:8443")
    assert settings["IS_LOCAL"] and settings["IS_SECURE"]
    assert "https://127.0.0.1:8443" in settings["ALLOWED_ORIGINS"]


@pytest.mark.parametrize(
    "origin",
    [
        "chat.example.com",
        "ftp://chat.example.com",
        "https://",
        "https://chat.example.com/app",
        "https://chat.example.com?x=1",
        "https://user:canary@chat.example.com",
        "https://chat.example.com:port",
        "https://chat.example.com:99999",
        "https://[::1",
        "*",
    ],
)
def test_it_refuses_what_is_no_origin(read, origin):
    with pytest.raises(ImproperlyConfigured, match="PUBLIC_ORIGIN") as refusal:
        read(PUBLIC_ORIGIN=origin)
    assert "canary" not in str(refusal.value)


def test_headers_of_a_proxy_are_believed_only_behind_one(read):
    settings = read(PUBLIC_ORIGIN="https://chat.example.com", BEHIND_PROXY="true")
    assert settings["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    assert settings["ALLAUTH_TRUSTED_PROXY_COUNT"] == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "maybe"),
        ("BEHIND_PROXY", "2"),
        ("INSECURE_HTTP", "nope"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "eighty"),
        ("MAX_STREAMS", "0"),
        ("MAX_STREAMS", "1e3"),
        ("RUN_LEASE_SECONDS", "-1"),
        ("CHECKPOINT_MILLISECONDS", "1"),
        ("MAX_PROMPT_CHARACTERS", "lots"),
        ("LOG_LEVEL", "LOUD"),
        ("DATABASE_URL", "mysql://user:canary@db/chat"),
        ("DATABASE_URL", "postgresql://user:canary@db:port/chat"),
        ("DATABASE_URL", "canary"),
    ],
)
def test_it_refuses_what_it_cannot_read(read, name, value):
    with pytest.raises(ImproperlyConfigured, match=name) as refusal:
        read(**{name: value})
    assert "canary" not in str(refusal.value)


@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_variable_means_its_default(read, value):
    names = (
        "DEBUG",
        "PORT",
        "MAX_STREAMS",
        "REDIS_URL",
        "DATABASE_URL",
        "HOST",
        "LOG_LEVEL",
        "PUBLIC_ORIGIN",
    )
    settings = read(**dict.fromkeys(names, value))
    assert settings["HOST"] == "127.0.0.1"
    assert settings["DATABASES"]["default"]["ENGINE"].endswith("sqlite3")
    assert (settings["DEBUG"], settings["PORT"], settings["MAX_STREAMS"]) == (False, 8000, 500)
    assert settings["CACHES"]["default"]["BACKEND"].endswith("LocMemCache")


def test_sqlite_queues_its_writers(read):
    database = read()["DATABASES"]["default"]
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in database["OPTIONS"]["init_command"]


def test_postgresql_and_redis_take_over(read):
    settings = read(DATABASE_URL="postgresql://app:pw@db:5432/chat", REDIS_URL="redis://cache:6379/1")
    assert settings["DATABASES"]["default"]["ENGINE"] == "django.db.backends.postgresql"
    assert "transaction_mode" not in settings["DATABASES"]["default"].get("OPTIONS", {})
    assert settings["CACHES"]["default"]["LOCATION"] == "redis://cache:6379/1"


def test_without_a_mail_server_mails_are_printed(read):
    settings = read(EMAIL_URL=" ")
    assert settings["HAS_MAIL"] is False
    assert settings["EMAIL_BACKEND"].endswith("console.EmailBackend")


@pytest.mark.parametrize(
    ("url", "host", "port", "user", "password", "tls", "starttls"),
    [
        ("smtp://localhost", "localhost", 25, "", "", False, False),
        ("smtp+tls://me:p%40ss%2F@mail.example.com", "mail.example.com", 587, "me", "p@ss/", False, True),
        (
            "smtps://me%40example.com:pw@[2001:db8::1]",
            "2001:db8::1",
            465,
            "me@example.com",
            "pw",
            True,
            False,
        ),
        ("SMTP+TLS://me:p:@ss@Mail.Example.com:2525/", "mail.example.com", 2525, "me", "p:@ss", False, True),
    ],
)
def test_a_mail_server_is_read(read, url, host, port, user, password, tls, starttls):
    settings = read(EMAIL_URL=url, EMAIL_FROM="Playground <playground@example.com>")
    assert settings["HAS_MAIL"] and settings["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
    assert (settings["EMAIL_HOST"], settings["EMAIL_PORT"]) == (host, port)
    assert (settings["EMAIL_HOST_USER"], settings["EMAIL_HOST_PASSWORD"]) == (user, password)
    assert (settings["EMAIL_USE_SSL"], settings["EMAIL_USE_TLS"]) == (tls, starttls)
    assert settings["DEFAULT_FROM_EMAIL"] == "Playground <playground@example.com>"
    assert password == "" or password not in repr(settings["_mail"])


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com",
        "http://mail.example.com",
        "smtp://",
        "smtp+tls://user:canary@",
        "smtp+tls://user:canary@host:port",
        "smtp+tls://user:canary@host:0",
        "smtp+tls://user:canary@host:99999",
        "smtp+tls://user:canary/with/slashes@host",
        "smtp+tls://user:canary#1@host",
        "smtp+tls://user:canary@host?tls=1",
        "smtp+tls://user:canary@two hosts",
        "smtp+tls://user:canary@[::1",
        "smtp+tls://user@host",
        "smtp+tls://:canary@host",
    ],
)
def test_it_refuses_what_is_no_mail_server(read, url):
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL") as refusal:
        read(EMAIL_URL=url)
    trace = "".join(traceback.format_exception(refusal.value)[-3:])
    assert "canary" not in str(refusal.value) and "canary" not in trace


@pytest.mark.parametrize(
    "sender", ["playground", "a@b@c", "Bob <bob>", "a@example.org\nBcc: eve@example.org"]
)
def test_it_refuses_what_is_no_sender(read, sender):
    with pytest.raises(ImproperlyConfigured, match="EMAIL_FROM"):
        read(EMAIL_FROM=sender)


def test_the_longest_prompt_fits_into_a_form(read):
    # A character has up to four bytes in UTF-8, each written as %XX.
    assert read(MAX_PROMPT_CHARACTERS="10000000")["DATA_UPLOAD_MAX_MEMORY_SIZE"] > 12 * 10_000_000


def test_secrets_are_made_once_and_are_the_owners_alone(read, tmp_path):
    first, second = read(), read()
    assert first["SECRET_KEY"] == second["SECRET_KEY"]
    assert first["VAULT_KEYS"] == second["VAULT_KEYS"] != first["SECRET_KEY"]
    folder = tmp_path / "data" / "secrets"
    assert sorted(path.name for path in folder.iterdir()) == ["secret_key", "vault_keys"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_secret_can_be_given(read):
    assert read(SECRET_KEY="given")["SECRET_KEY"] == "given"


def test_a_secret_can_stand_in_a_file(read, tmp_path):
    file = tmp_path / "secret"
    file.write_text("from a file\n")
    assert read(SECRET_KEY_FILE=str(file))["SECRET_KEY"] == "from a file"


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe"])
def test_it_refuses_a_secret_file_without_a_secret(read, tmp_path, content):
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ImproperlyConfigured, match="VAULT_KEYS_FILE"):
        read(VAULT_KEYS_FILE=str(file))


def test_it_says_when_no_secret_can_be_kept(read, tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is not set, and none can be kept"):
        read()


def test_processes_that_start_at_once_agree_on_a_secret(monkeypatch, tmp_path):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    for attempt in range(20):
        folder = tmp_path / str(attempt)
        with ThreadPoolExecutor(8) as pool:
            read = list(pool.map(lambda folder: env.secret("SECRET_KEY", folder), [folder] * 8))
        assert len(set(read)) == 1
        assert [path.name for path in folder.iterdir()] == ["secret_key"]
