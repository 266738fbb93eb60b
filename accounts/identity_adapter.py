from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base.constants import AuthError
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404
from django.shortcuts import render
from django.urls import Resolver404, resolve

from accounts.exceptions import InvitationUnusable, SignInRefused, WhyNotSignedIn
from accounts.flows.accept_invitation import find_invitation
from accounts.flows.sign_in_by_provider import Identity, sign_in_by_provider
from accounts.identity_nonce import ProviderWithNonce, has_its_nonce

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

    from accounts.identity_providers import IdentityProvider

logger = logging.getLogger(__name__)

_STATUS = {WhyNotSignedIn.DOWN: 502, WhyNotSignedIn.CONFUSED: 502, WhyNotSignedIn.STALE: 400}


class IdentityAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Sign-in with the identity providers of the settings. allauth speaks OpenID Connect with them."""

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """Return a provider by its code or its kind. Those of OpenID Connect send a nonce."""
        found = super().get_provider(request, provider, client_id)
        return ProviderWithNonce(request, app=found.app) if type(found) is OpenIDConnectProvider else found

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Find the account of the identity, or make it; allauth then signs it in.

        allauth's own ways to find and make accounts are not used: they do not ask who may join.
        """
        provider = provider_named(sociallogin.account.provider)
        claims = sociallogin.account.extra_data
        try:
            refuse_replayed(provider, claims, sociallogin.state)
            identity = read_identity(provider, sociallogin.account.uid, claims)
            is_invited = _is_invited(sociallogin.get_redirect_url(request))
            signed_in = sign_in_by_provider(provider, identity, is_invited=is_invited)
        except SignInRefused as refusal:
            raise ImmediateHttpResponse(refused(request, provider, refusal)) from None
        except IntegrityError:
            # The same person came twice at once, for the first time.
            again = SignInRefused(WhyNotSignedIn.STALE)
            raise ImmediateHttpResponse(refused(request, provider, again)) from None
        # Nothing asks for the claims later, and they may say more than anybody here should know.
        SocialAccount.objects.filter(provider=provider.code, uid=identity.subject).update(extra_data={})
        sociallogin.user = signed_in.user
        if signed_in.lost_password:
            messages.info(
                request,
                f"You sign in with {provider.name} from now on. The password of your account was removed, "
                "since its address had never been confirmed.",
            )

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: Mapping[str, Any] | None = None,
    ) -> None:
        known = provider_named(provider.sub_id)
        if exception is not None:
            # The text of the exception may quote an answer with a token.
            logger.warning("sign-in with %s failed: %s", known.code, type(exception).__name__)
            why = WhyNotSignedIn.DOWN
        elif error == AuthError.CANCELLED:
            why = WhyNotSignedIn.CANCELLED
        elif "state" in (extra_context or {}):
            logger.warning("sign-in with %s: the provider refused", known.code)
            why = WhyNotSignedIn.DENIED
        else:
            why = WhyNotSignedIn.STALE
        raise ImmediateHttpResponse(refused(request, known, SignInRefused(why)))

    def get_requests_session(self) -> Any:
        session = super().get_requests_session()
        # A redirect could take the secret elsewhere.
        session.max_redirects = 0
        # Passwords of a .netrc file would replace the authorization that a request brings along.
        session.auth = _unchanged
        return session


def _unchanged(request: Any) -> Any:
    return request


def provider_named(code: str) -> IdentityProvider:
    """Return the provider of the settings with this id.

    :raises Http404: there is none.
    """
    found = next((provider for provider in settings.IDENTITY_PROVIDERS if provider.code == code), None)
    if found is None:
        raise Http404
    return found


def refuse_replayed(provider: IdentityProvider, answers: Mapping[str, Any], state: Mapping[str, Any]) -> None:
    """Refuse an answer without an ID token, and one whose token was made for another sign-in.

    :raises SignInRefused: it is one of these.
    """
    token = answers.get("id_token")
    if not isinstance(token, dict):
        logger.error("sign-in with %s: the provider sent no ID token", provider.code)
        raise SignInRefused(WhyNotSignedIn.CONFUSED)
    if not has_its_nonce(token, state):
        logger.warning("sign-in with %s: the ID token is of another sign-in", provider.code)
        raise SignInRefused(WhyNotSignedIn.REPLAYED)


def read_identity(provider: IdentityProvider, subject: str, answers: Mapping[str, Any]) -> Identity:
    """Read who signs in from the ID token and the answer of the userinfo endpoint.

    :raises SignInRefused: the two are about different people.
    """
    token, info = (answers.get(name) or {} for name in ("id_token", "userinfo"))
    if token and info and token.get("sub") != info.get("sub"):
        # OpenID Connect Core 5.3.2: such an answer must not be used.
        logger.error("sign-in with %s: the subjects of token and userinfo differ", provider.code)
        raise SignInRefused(WhyNotSignedIn.CONFUSED)
    claims = {**token, **info}
    address = claims.get("email")
    return Identity(
        subject,
        address.strip().lower() if isinstance(address, str) else "",
        # Some providers send the word. The text "false" is true for Python.
        claims.get("email_verified") is True or claims.get("email_verified") == "true",
        claims["name"] if isinstance(claims.get("name"), str) else "",
        provider.values_of(claims),
    )


def refused(request: HttpRequest, provider: IdentityProvider, refusal: SignInRefused) -> HttpResponse:
    context = {"provider": provider, "why": refusal.why.value, "address": refusal.address}
    return render(request, "accounts/not_signed_in.html", context, status=_STATUS.get(refusal.why, 403))


def _is_invited(next_url: str | None) -> bool:
    """Tell whether somebody came from the page of an open invitation, to which they return."""
    try:
        match = resolve((next_url or "").partition("?")[0])
        if match.view_name != "accounts:join":
            return False
        find_invitation(match.kwargs["token"])
    except (Resolver404, InvitationUnusable):
        return False
    return True
