"""Browsers that have signed in to an account before, known by a signed cookie.

Anybody can enter wrong passwords for an account. These would shut its member out as well, if attempts were
counted by the account alone; so attempts from a browser that the member has used are counted apart.
The cookie gives no access. It names accounts by digests, so it can be read without looking an account up,
and answers to accounts that do not exist are the same.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.core import signing
from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

COOKIE = "known_device"
_SALT = "accounts.known_devices"
# Browsers keep no cookie for longer than 400 days.
_SECONDS = 400 * 24 * 3600
# People who share a browser. The one who signed in longest ago goes first.
_MOST_ACCOUNTS = 8


class _Device(NamedTuple):
    name: str
    accounts: list[str]


def device_for(request: HttpRequest, login: str) -> str | None:
    """Return the name of the browser if it has signed in to the account ``login`` before."""
    device = _read(request)
    return device.name if _digest(login) in device.accounts else None


def remember_device(request: HttpRequest, response: HttpResponse, login: str) -> None:
    """Add to ``response`` the cookie of a browser that has signed in to ``login``."""
    device, digest = _read(request), _digest(login)
    accounts = [digest, *(other for other in device.accounts if other != digest)][:_MOST_ACCOUNTS]
    response.set_cookie(
        COOKIE,
        signing.dumps([device.name, accounts], salt=_SALT),
        max_age=_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> _Device:
    try:
        return _Device(*signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_SECONDS))
    except signing.BadSignature:
        return _Device(secrets.token_urlsafe(12), [])


def _digest(login: str) -> str:
    return salted_hmac(_SALT, login.lower(), algorithm="sha256").hexdigest()[:24]
