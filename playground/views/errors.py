"""The pages of refused requests and of failures. Django calls these functions: see ``playground.urls``."""

from __future__ import annotations

import sys
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import DisallowedHost
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.views import defaults
from django_htmx.http import HttpResponseClientRedirect

from accounts.factors import SecondFactorRequired
from playground.outages import outage_of

if TYPE_CHECKING:
    from django.http import HttpRequest

# Seconds until another try makes sense.
_RETRY_AFTER = 30


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    template = "wrong_address.html" if isinstance(exception, DisallowedHost) else "400.html"
    return _page(template, HTTPStatus.BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Lead whoever lacks a required second factor to the page where they add one."""
    if not isinstance(exception, SecondFactorRequired):
        return defaults.permission_denied(request, exception)
    page = reverse("accounts:second_factor", args=[exception.workspace.slug])
    if request.headers.get("HX-Request"):
        # The page would otherwise be put into a part of the one that is open.
        return HttpResponseClientRedirect(page)
    return redirect(page)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Tell a form from another address from one on a page that is out of date."""
    template = "wrong_address.html" if "checking failed" in reason else "403_csrf.html"
    return _page(template, HTTPStatus.FORBIDDEN)


def server_error(request: HttpRequest) -> HttpResponse:
    """Explain an outage; an error in the code has a page without details."""
    if outage := outage_of(sys.exc_info()[1]):
        response = _page("unavailable.html", outage.status, outage=outage)
        response["Retry-After"] = str(_RETRY_AFTER)
        return response
    return _page("500.html", HTTPStatus.INTERNAL_SERVER_ERROR)


def _page(template: str, status: HTTPStatus, **context: Any) -> HttpResponse:
    # Without the request: the session and the user that context processors add may be what failed.
    return HttpResponse(render_to_string(template, context), status=status)
