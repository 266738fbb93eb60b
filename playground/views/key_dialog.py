"""The dialog that adds a key beside a prompt, so that nobody has to leave the page for it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_membership_for, require
from accounts.exceptions import KeyRefused
from accounts.flows.save_key import save_key
from accounts.permissions import Action, allows
from playground import clients
from playground.access import get_provider_for
from playground.forms.keys import SecretForm
from playground.models import Provider
from playground.upstream.key_pages import key_page
from playground.views.keys import KEY_ACTIONS

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership

_AUTO_ID = "new-key-%s"


@require_safe
@login_required
def dialog(request: AuthenticatedHttpRequest, slug: str, provider: str) -> HttpResponse:
    membership, found = _target(request, slug, provider)
    page = key_page(found.base_url)
    context = {
        "workspace": membership.workspace,
        "provider": found,
        "key_page": page,
        "host": urlsplit(page or found.base_url).netloc,
        "form": SecretForm(auto_id=_AUTO_ID),
        "can_share": allows(membership.role, Action.MANAGE_KEYS),
    }
    return render(request, "playground/_key_form.html", context)


@sensitive_post_parameters("secret")
@sensitive_variables()
@require_POST
@login_required
def add(request: AuthenticatedHttpRequest, slug: str, provider: str) -> HttpResponse:
    """Test a key and store it. One that does not work is stored only if the user insists."""
    membership, found = _target(request, slug, provider)
    whose = request.POST.get("whose", "mine")
    if whose not in KEY_ACTIONS:
        raise Http404
    require(membership, KEY_ACTIONS[whose])
    form = SecretForm(request.POST, auto_id=_AUTO_ID)
    if not form.is_valid():
        return _refused(request, str(form.errors["secret"][0]))
    if request.POST.get("base_url", found.base_url) != found.base_url:
        text = f"{found} has another address now. Close this, open it again and check where the key goes."
        return _refused(request, text)
    secret = form.cleaned_data["secret"]
    if "anyway" not in request.POST:
        check = clients.check_key(found, secret=secret)
        if not check.ok:
            return _refused(request, check.message, can_keep=True)
    member = request.user if whose == "mine" else None
    try:
        save_key(membership.workspace, found.code, secret, member=member, actor=request.user)
    except KeyRefused as refusal:
        return _refused(request, refusal.text)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _target(request: AuthenticatedHttpRequest, slug: str, code: str) -> tuple[Membership, Provider]:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.OWN_KEY)
    provider = get_provider_for(membership.workspace, code)
    if provider.kind == Provider.Type.DEMO:
        raise Http404
    return membership, provider


def _refused(request: AuthenticatedHttpRequest, text: str, *, can_keep: bool = False) -> HttpResponse:
    """Answer with the error alone: the field keeps what was pasted, and no page holds a key."""
    context = {"text": text, "can_keep": can_keep}
    return render(request, "playground/_key_refused.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
