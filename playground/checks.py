"""Settings that contradict each other or would be unsafe stop the start, with one line each.

``playground.env`` decides what a single variable may hold. The checks here compare two of them, or look at
the machine. Errors stop every command; warnings are printed.
"""

from __future__ import annotations

import math
import os
import resource
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register

from accounts import keys
from accounts.exceptions import KeyRingError, VaultError
from accounts.vault import read_ring
from playground.private_files import open_to_others, sqlite_file
from playground.upstream.transport.addresses import parse_allowed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.apps import AppConfig
    from django.core.checks import CheckMessage

# Words of placeholders in examples and templates.
_PLACEHOLDERS = ("change-me", "changeme", "example", "insecure", "placeholder", "secret-key", "your-")
# Secrets with less entropy can be guessed with enough money.
_WEAKEST_BITS = 128


def weakness_of(secret: str) -> str | None:
    """Say what makes a secret guessable, or None.

    >>> weakness_of("change-me-change-me-change-me-change-me")
    'is a placeholder from an example'
    >>> weakness_of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
    'is too easy to guess'
    """
    lowered = secret.lower().replace("_", "-")
    if any(word in lowered for word in _PLACEHOLDERS):
        return "is a placeholder from an example"
    # The upper bound of the entropy of a text with these characters, in these proportions.
    shares = [secret.count(letter) / len(secret) for letter in set(secret)]
    bits = -sum(share * math.log2(share) for share in shares) * len(secret)
    return "is too easy to guess" if bits < _WEAKEST_BITS else None


@register(Tags.security)
def check_origin(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if not settings.IS_SECURE and not settings.IS_LOCAL and not settings.INSECURE_HTTP:
        found.append(
            Error(
                f"PUBLIC_ORIGIN {settings.PUBLIC_ORIGIN} is plain http: passwords could be read on the way.",
                hint="Use https, or set INSECURE_HTTP=true where something else protects the network.",
                id="playground.E001",
            )
        )
    if settings.DEBUG and not settings.IS_LOCAL:
        found.append(
            Error(
                "DEBUG is on for an address that is not this machine: error pages would show code.",
                hint="Unset DEBUG, or set PUBLIC_ORIGIN to localhost.",
                id="playground.E002",
            )
        )
    if settings.IS_SECURE and not settings.BEHIND_PROXY:
        found.append(
            Warning(
                "PUBLIC_ORIGIN is https, but this server speaks plain http and expects no proxy in front.",
                hint="Use a proxy that ends TLS and sets X-Forwarded-Proto, and set BEHIND_PROXY=true.",
                id="playground.W001",
            )
        )
    return found


@register(Tags.security)
def check_secrets(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    keys = [entry.rpartition(":")[2].strip() for entry in settings.VAULT_KEYS.split(",")]
    for name, secrets in (("SECRET_KEY", [settings.SECRET_KEY]), ("VAULT_KEYS", keys)):
        for reason in filter(None, map(weakness_of, secrets)):
            found.append(
                Error(
                    f"{name} {reason}.",
                    hint=f"Leave {name} unset to have one made, or set 32 random bytes in base64.",
                    id="playground.E003",
                )
            )
    if settings.SECRET_KEY in keys:
        found.append(
            Error(
                "SECRET_KEY and VAULT_KEYS are the same: anyone who learns one can read the stored API keys.",
                id="playground.E004",
            )
        )
    try:
        read_ring(settings.VAULT_KEYS)
    except KeyRingError as error:
        found.append(Error(f"VAULT_KEYS cannot be used. {error}", id="playground.E009"))
    return found


@register(Tags.security)
def check_provider_keys(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for code, source in settings.PROVIDER_KEYS.items():
        try:
            keys.from_environment(code)
        except VaultError as error:
            found.append(
                Error(
                    f"PROVIDER_KEYS: the key for {code} cannot be used. {error}",
                    hint=f"Put the key alone into {source.words}, or remove the entry.",
                    id="playground.E014",
                )
            )
    return found


@register(Tags.security)
def check_mail(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if not settings.HAS_MAIL:
        return []
    found: list[CheckMessage] = []
    if not settings.EMAIL_FROM:
        found.append(
            Error(
                "EMAIL_URL is set, but EMAIL_FROM is not: a mail needs a sender.",
                hint="Set EMAIL_FROM to an address that the mail server accepts as a sender.",
                id="playground.E010",
            )
        )
    is_encrypted = settings.EMAIL_USE_SSL or settings.EMAIL_USE_TLS
    if not is_encrypted and settings.EMAIL_HOST not in {"127.0.0.1", "::1", "localhost"}:
        problem = f"EMAIL_URL is smtp://: mail to {settings.EMAIL_HOST} could be read on the way"
        hint = "Use smtp+tls:// or smtps://."
        if settings.EMAIL_HOST_PASSWORD:
            found.append(Error(f"{problem}, and so could the password.", hint=hint, id="playground.E011"))
        else:
            found.append(Warning(f"{problem}, with its links.", hint=hint, id="playground.W006"))
    return found


@register(Tags.security)
def check_sign_in(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if not settings.PASSWORD_SIGN_IN and not settings.IDENTITY_PROVIDERS:
        found.append(
            Error(
                "PASSWORD_SIGN_IN is off, but OIDC_PROVIDERS names nobody to sign in with.",
                hint="Describe an identity provider, or leave passwords on.",
                id="playground.E012",
            )
        )
    if bool(settings.SIGN_UP_DOMAINS) != (settings.SIGN_UP == "DOMAIN"):
        found.append(
            Error(
                "SIGN_UP=DOMAIN and SIGN_UP_DOMAINS go together: one of them is missing.",
                id="playground.E013",
            )
        )
    if settings.SIGN_UP in {"DOMAIN", "OPEN"} and not settings.HAS_MAIL:
        found.append(
            Warning(
                "People may sign up, but EMAIL_URL is not set: the links for new accounts are only printed.",
                id="playground.W007",
            )
        )
    return found


@register(Tags.files)
def check_data_folder(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    folder = settings.DATA_DIR
    # Where the start could not create the folder, its nearest parent decides.
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return [
            Error(
                f"DATA_DIR {folder} cannot be written by this user.",
                hint="Give the user that runs the server this folder, or set DATA_DIR to another one.",
                id="playground.E005",
            )
        ]
    database = sqlite_file(settings.DATABASES["default"])
    return [
        Warning(
            f"Other users of this machine can read {path}, and its permissions cannot be changed.",
            hint="Let it belong to the user that runs the server, with mode 700 for folders, 600 for files.",
            id="playground.W005",
        )
        for path in open_to_others((folder, settings.FILES_DIR), database)
    ]


@register()
def check_numbers(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.CHECKPOINT_MILLISECONDS * 2 > settings.RUN_LEASE_SECONDS * 1000:
        found.append(
            Error(
                "CHECKPOINT_MILLISECONDS must be at most half of RUN_LEASE_SECONDS: "
                "a run that is checkpointed too rarely looks abandoned.",
                id="playground.E006",
            )
        )
    _, open_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Each stream holds a connection, and so does each page that watches it.
    if resource.RLIM_INFINITY != open_files < settings.MAX_STREAMS * 2:
        found.append(
            Warning(
                f"MAX_STREAMS is {settings.MAX_STREAMS}, but this process may open only {open_files} files.",
                hint="Raise the limit (ulimit -n), or lower MAX_STREAMS.",
                id="playground.W002",
            )
        )
    return found


@register()
def check_upstreams(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    return [
        Error(
            f"ALLOWED_PRIVATE_UPSTREAMS has {entry!r}, not a network like 10.0.0.0/8 or 127.0.0.1:11434.",
            id="playground.E007",
        )
        for entry in settings.ALLOWED_PRIVATE_UPSTREAMS
        if not _is_network(entry)
    ]


@register()
def check_backends(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.REDIS_URL and urlsplit(settings.REDIS_URL).scheme not in {"redis", "rediss", "unix"}:
        return [Error("REDIS_URL must start with redis://, rediss:// or unix://.", id="playground.E008")]
    on_sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    if settings.REDIS_URL and on_sqlite:
        return [
            Warning(
                "REDIS_URL is set, but the database is a SQLite file, which other machines cannot share.",
                hint="Set DATABASE_URL to a PostgreSQL database before you start a second server.",
                id="playground.W003",
            )
        ]
    if not settings.REDIS_URL and not on_sqlite:
        return [
            Warning(
                "DATABASE_URL is PostgreSQL, but REDIS_URL is not set: only one server process may use it.",
                hint="Set REDIS_URL before you start a second one; its viewers would not see answers arrive.",
                id="playground.W004",
            )
        ]
    return []


def _is_network(entry: str) -> bool:
    try:
        parse_allowed(entry)
    except ValueError:
        return False
    return True
