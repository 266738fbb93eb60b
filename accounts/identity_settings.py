"""The reader of OIDC_PROVIDERS. It refuses what cannot be used, so a mistyped property stops the start."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from accounts.identity_providers import ROLES, IdentityProvider, domain_of

_CODE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def read_identity_providers(name: str, raw: str) -> tuple[IdentityProvider, ...]:
    """Read the list of providers from a variable: JSON, a list with an object for each.

    :raises ImproperlyConfigured: something in it cannot be used. The message never quotes a secret.
    """
    if not raw:
        return ()
    try:
        described = json.loads(raw)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not JSON.") from error
    if not isinstance(described, list):
        raise ImproperlyConfigured(f"{name} must be a list of providers in square brackets.")
    providers = tuple(_provider(f"{name}[{place}]", each) for place, each in enumerate(described))
    codes = [provider.code for provider in providers]
    if twice := {code for code in codes if codes.count(code) > 1}:
        raise ImproperlyConfigured(f"{name} has two providers with the id {min(twice)!r}.")
    return providers


def _provider(place: str, described: Any) -> IdentityProvider:
    if not isinstance(described, dict):
        raise ImproperlyConfigured(f"{place} must be an object in curly braces.")
    if unknown := sorted(described.keys() - _READERS.keys() - {"client_secret_file"}):
        raise ImproperlyConfigured(f"{place} has {unknown[0]!r}, which is not a property of a provider.")
    if missing := [key for key in ("id", "name", "issuer", "client_id") if not described.get(key)]:
        raise ImproperlyConfigured(f"{place} needs {missing[0]!r}.")
    values = {
        attribute: read(f"{place}.{key}", described[key])
        for key, (attribute, read) in _READERS.items()
        if key in described
    }
    if "client_secret_file" in described:
        if "client_secret" in described:
            raise ImproperlyConfigured(f"{place} has both client_secret and client_secret_file.")
        values["client_secret"] = _file(f"{place}.client_secret_file", described["client_secret_file"])
    return IdentityProvider(**values)


def _text(place: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ImproperlyConfigured(f"{place} must be a text in quotes.")
    return value.strip()


def _code(place: str, value: Any) -> str:
    if not _CODE.fullmatch(_text(place, value)):
        raise ImproperlyConfigured(f"{place} may have small letters, digits and dashes, at most 40.")
    return str(value)


def _issuer(place: str, value: Any) -> str:
    address = _text(place, value).rstrip("/")
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    is_usable = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    if not is_usable or not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise ImproperlyConfigured(
            f"{place} must begin with https://, or with http:// for this machine, and have no query."
        )
    return address


def _file(place: str, value: Any) -> str:
    try:
        return _text(place, Path(_text(place, value)).read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{place} cannot be read: {error}.") from error


def _texts(place: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ImproperlyConfigured(f"{place} must be a list of texts.")
    return tuple(_text(place, each) for each in value)


def _set(place: str, value: Any) -> frozenset[str]:
    return frozenset(_texts(place, value))


def read_domain(place: str, value: str) -> str:
    """Return a domain as :func:`domain_of` does.

    :raises ImproperlyConfigured: it is none: it may have no ``@`` and no ``*``.
    """
    domain = "" if "@" in value else domain_of(f"@{value}")
    if not re.fullmatch(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", domain):
        raise ImproperlyConfigured(f"{place} must have domains like example.com, not {value!r}.")
    return domain


def _domains(place: str, value: Any) -> frozenset[str]:
    return frozenset(read_domain(place, each) for each in _texts(place, value))


def _role(place: str, value: Any) -> str:
    if value not in ROLES:
        raise ImproperlyConfigured(f"{place} must be one of {', '.join(ROLES)}.")
    return str(value)


def _mapping(place: str, value: Any, read: Callable[[str, Any], str]) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ImproperlyConfigured(f"{place} must be an object in curly braces.")
    return {key: read(f"{place}.{key}", each) for key, each in value.items()}


def _roles(place: str, value: Any) -> dict[str, str]:
    return _mapping(place, value, _role)


def _groups(place: str, value: Any) -> dict[str, str]:
    names = _mapping(place, value, _text)
    if too_long := [name for name in names.values() if len(name) > 60]:
        raise ImproperlyConfigured(f"{place} has a name of more than 60 characters: {too_long[0]!r}.")
    return names


_READERS: dict[str, tuple[str, Callable[[str, Any], Any]]] = {
    "id": ("code", _code),
    "name": ("name", _text),
    "issuer": ("issuer", _issuer),
    "client_id": ("client_id", _text),
    "client_secret": ("client_secret", _text),
    "scopes": ("scopes", _texts),
    "domains": ("domains", _domains),
    "join": ("join", _set),
    "claims": ("claims", _texts),
    "workspace": ("workspace", _text),
    "role": ("role", _role),
    "roles": ("roles", _roles),
    "groups": ("groups", _groups),
}
