"""The endpoints of a provider that a workspace added, where no document describes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from playground.catalogue import generic
from playground.flows.set_endpoints import set_endpoints
from playground.forms.endpoints import EndpointsForm
from playground.labels import endpoint_label
from playground.views.provider_page import own_provider, show_provider

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest


@require_POST
@login_required
def endpoints(request: AuthenticatedHttpRequest, slug: str, code: str) -> HttpResponse:
    membership, found = own_provider(request, slug, code)
    form = EndpointsForm(request.POST)
    if not form.is_valid():
        return show_provider(request, membership, found, endpoints_form=form)
    kept = set_endpoints(found, form.cleaned_data["kinds"], actor=request.user)
    chosen = [endpoint_label(kind) for kind in generic.more_kinds() if kind in form.cleaned_data["kinds"]]
    more = f"can also be called at {' and '.join(chosen)}" if chosen else "have the usual endpoint only"
    messages.success(request, f"Saved. Models of {found} {more}.")
    for kind, count in kept.items():
        models = ngettext("%d model keeps", "%d models keep", count) % count
        messages.info(
            request,
            f"{models} {endpoint_label(kind)}, since its parameters were imported or edited. "
            "Change that at “Parameters”.",
        )
    return redirect("playground:provider", slug, code)
