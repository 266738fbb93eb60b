from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.urls import reverse

from accounts.known_devices import device_for, remember_device
from accounts.passwords import may_use_password

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from accounts.models import User


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closed sign-up: accounts are created by ``accounts.flows.accept_invitation`` alone.

    Wrong passwords are counted so that nobody can keep a member out by entering them: by the address that
    they come from together with the account, and slowly by the account alone. Attempts from a browser that
    has signed in to the account before count for this browser alone. The settings have the rates.
    """

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": (
            "Too many failed attempts. Wait a few minutes, or sign in with a browser that you have used for "
            "this account before."
        ),
        "passwords_are_off": (
            "Only the person who set up this server signs in with a password. Use one of the buttons above."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:profile")

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count an attempt; allauth takes it back if the password was right.

        :raises ValidationError: there were too many. The account need not exist.
        """
        login = str(credentials.get("email") or "").lower()
        if not may_use_password(login):
            raise self.validation_error("passwords_are_off")
        if device := device_for(request, login):
            counts = {"login_failed_device": f"{device} {login}"}
        else:
            counts = {
                "login_failed": f"{ratelimit.get_ip(request)} {login}",
                "login_failed_account": login,
            }
        counted = ratelimit.RateLimitUsage([])
        for action, key in counts.items():
            usage = ratelimit.consume(request, app="allauth.account", action=action, key=key)
            if usage is None:
                raise self.validation_error("too_many_login_attempts")
            counted.usage.extend(usage.usage)
        self._login_failed_rl_usage = counted

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **options)
        remember_device(request, response, user.email)
        return response
