from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from requests import RequestException

from accounts.exceptions import SignInRefused, WhyNotSignedIn
from accounts.flows.unlink_identity import unlink_identity
from accounts.identity_adapter import provider_named, refused
from accounts.passwords import may_use_password

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.identity_providers import IdentityProvider

logger = logging.getLogger(__name__)


@require_POST
@never_cache
def start(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to an identity provider, from the buttons of the sign-in page.

    A page in between leads there, since the policy of this site lets forms end on this site alone.
    """
    provider = provider_named(provider_id)
    # allauth would take scopes and other parameters of the request from here.
    request.GET = QueryDict()
    posted = request.POST.copy()
    posted["process"] = "login"
    request.POST = posted  # type: ignore[assignment]
    response = _asked(request, provider, openid_connect.login)
    if not isinstance(response, HttpResponseRedirect):
        return response
    if urlsplit(response.url).scheme not in {"http", "https"}:
        return refused(request, provider, SignInRefused(WhyNotSignedIn.CONFUSED))
    return render(request, "accounts/continue_to.html", {"provider": provider, "address": response.url})


@require_safe
@never_cache
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Sign in whom an identity provider sends back."""
    return _asked(request, provider_named(provider_id), openid_connect.callback)


@require_POST
@login_required
def unlink(request: AuthenticatedHttpRequest, provider_id: str) -> HttpResponse:
    """Disconnect an identity provider from the user's own account, which keeps a password."""
    provider = provider_named(provider_id)
    user = request.user
    if not user.has_usable_password() or not may_use_password(user.email):
        messages.error(request, "Set a password first. Without one, you could not sign in any more.")
    elif unlink_identity(user, provider.code, provider.name, actor=user):
        messages.success(request, f"You no longer sign in with {provider.name}.")
    return redirect("accounts:profile")


def _asked(request: HttpRequest, provider: IdentityProvider, view: Callable[..., Any]) -> HttpResponse:
    """Run a view of allauth that asks a provider. A provider that answers nonsense gets a page, too."""
    try:
        response: HttpResponse = view(request, provider.code)
    except RequestException as error:
        # allauth catches those of the callback, but not those of the start.
        logger.warning("sign-in with %s failed: %s", provider.code, type(error).__name__)
        return refused(request, provider, SignInRefused(WhyNotSignedIn.DOWN))
    except (AttributeError, ImproperlyConfigured, KeyError, TypeError, ValueError):
        logger.exception("sign-in with %s: the provider cannot be understood", provider.code)
        return refused(request, provider, SignInRefused(WhyNotSignedIn.CONFUSED))
    return response
