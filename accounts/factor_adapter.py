from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings

from accounts.browsers import browser_of
from accounts.factor_secrets import open_secret, seal_secret
from accounts.origins import current_agent

if TYPE_CHECKING:
    from accounts.models import User


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors with sealed secrets, and names of the one public address."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This is not right. Try again.",
        "used_code": "This code was used already. Wait until your app shows the next one.",
        "unverified_email": "Confirm your e-mail address first.",
        "cannot_generate_recovery_codes": "Add an authenticator app or a passkey first.",
    }

    def encrypt(self, text: str) -> str:
        return seal_secret(text)

    def decrypt(self, encrypted_text: str) -> str:
        return open_secret(encrypted_text)

    def get_totp_issuer(self) -> str:
        return f"Playground {_host()}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        # A request's own host may be another name of this machine.
        return {"id": _host(), "name": "Playground"}

    def generate_authenticator_name(self, user: User, type: Any) -> str:
        return browser_of(current_agent())


def _host() -> str:
    return str(urlsplit(settings.PUBLIC_ORIGIN).hostname)
