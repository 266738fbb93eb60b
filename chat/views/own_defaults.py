"""The page where members set with what their own new chats begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.flows.set_chat_default import set_chat_default
from chat.forms.workspace import DefaultsForm
from chat.pages.chat_defaults import default_choice
from chat.pages.model_choice import ready_models

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from chat.pages.chat_defaults import DefaultChoice


@require_safe
@login_required
def new_chats(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = _writer(request, slug)
    own, shared = _choices(membership)
    return _page(request, membership, shared, DefaultsForm(own, _none(shared, membership)))


@require_POST
@login_required
def save(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = _writer(request, slug)
    own, shared = _choices(membership)
    form = DefaultsForm(own, _none(shared, membership), request.POST)
    if not form.is_valid():
        return _page(request, membership, shared, form)
    set_chat_default(membership.workspace, request.user, **form.cleaned_data, actor=request.user)
    messages.success(request, f"The defaults of your new chats in {membership.workspace} are saved.")
    return redirect("chat:own_defaults", slug)


def _writer(request: AuthenticatedHttpRequest, slug: str) -> Membership:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SEND)
    return membership


def _choices(membership: Membership) -> tuple[DefaultChoice, DefaultChoice]:
    """Return the default of the member and that of the workspace."""
    ready = ready_models(membership)
    own, shared = (default_choice(membership, ready, each) for each in (membership.user, None))
    return own, shared


def _none(shared: DefaultChoice, membership: Membership) -> str:
    """Name the choice of no model by what comes next."""
    if shared.chosen is None or shared.trouble:
        return "None: the model that you used last"
    return f"The default of {membership.workspace}: {shared.chosen.name}"


def _page(
    request: AuthenticatedHttpRequest, membership: Membership, shared: DefaultChoice, form: DefaultsForm
) -> HttpResponse:
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "new_chats",
        "shared": shared,
        "form": form,
    }
    return render(request, "chat/own_defaults.html", context)
