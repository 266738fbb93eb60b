"""Second factors for tests: an authenticator app and its codes, without waiting for the clock."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value

from tests.conftest import PASSWORD

if TYPE_CHECKING:
    from django.test import Client

    from accounts.models import User


def give_app(user: User) -> str:
    """Add an authenticator app and recovery codes for a person; return the secret of the app."""
    secret = str(generate_totp_secret())
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def code_of(secret: str, periods: int = 0) -> str:
    """Return what the app shows now, or so many periods later."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + periods)))


def wrong_code(secret: str) -> str:
    right = {code_of(secret, periods) for periods in range(-3, 4)}
    return next(code for code in map("{:06}".format, range(10)) if code not in right)


def enter_password(client: Client, user: User, **fields: str) -> str:
    """Take the first step of a sign-in; return where it leads."""
    answer = client.post("/sign-in/", {"login": user.email, "password": PASSWORD, **fields})
    return str(answer.headers["Location"])


def confirm(client: Client) -> None:
    """Enter the password again, which changes of factors ask for."""
    client.post("/confirm/", {"password": PASSWORD})
