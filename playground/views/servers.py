"""Providers that a workspace adds or edits: each submit asks the server for its models once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import keys as stored_keys
from accounts.access import get_membership_for, require
from accounts.flows.save_key import save_key
from accounts.permissions import Action, allows
from playground import clients
from playground.flows.add_listed_models import add_listed_models
from playground.flows.add_provider import AlreadyAdded, add_provider, provider_at
from playground.flows.edit_provider import edit_provider, keys_lost_at
from playground.forms.providers import EditForm, ProviderForm
from playground.models import Provider
from playground.pages.server_trouble import ServerTrouble, keys_at_stake, trouble_with
from playground.upstream.errors.exceptions import UpstreamError
from playground.upstream.server_search import FoundServer
from playground.views.provider_page import edit_form_of, first_usable, own_provider, show_provider

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import ApiKey, Membership


@require_safe
@login_required
def providers(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.READ)
    workspace = membership.workspace
    current = Q(models__is_retired=False, models__is_enabled=True)
    rows = Provider.objects.for_workspace(workspace)
    context = {
        "workspace": workspace,
        "membership": membership,
        "section": "providers",
        "rows": rows.annotate(model_count=Count("models", filter=current)).order_by("name", "pk"),
        "can_manage": allows(membership.role, Action.MANAGE_PROVIDERS),
    }
    return render(request, "playground/providers.html", context)


@sensitive_post_parameters("secret")
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def add(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Show the page for a server's address; add the server that was entered, with its models."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_PROVIDERS)
    if request.method != "POST":
        form = ProviderForm()
        form.fields["base_url"].widget.attrs["autofocus"] = True
        return _new(request, membership, form)
    form = ProviderForm(request.POST)
    if not form.is_valid():
        return _new(request, membership, form)
    if there := provider_at(membership.workspace, form.cleaned_data["base_url"]):
        return _lead_to(request, membership, there)
    server = _ask(request, form)
    if isinstance(server, ServerTrouble):
        return _new(request, membership, form, server)
    try:
        provider = add_provider(
            membership.workspace,
            form.cleaned_data["name"],
            server.base_url,
            needs_key=_has_asked_for_key(request, form),
            actor=request.user,
        )
    except AlreadyAdded as already:
        return _lead_to(request, membership, already.provider)
    _keep(request, membership, provider, form, server, "added")
    return _go_on(request, membership, provider)


def _lead_to(request: AuthenticatedHttpRequest, membership: Membership, there: Provider) -> HttpResponse:
    """Lead to the provider that is at the entered address already."""
    state = "added already" if there.is_enabled else "added already, but switched off"
    messages.info(request, f"{there} at {there.base_url} is {state}.")
    return _go_on(request, membership, there)


def _go_on(request: AuthenticatedHttpRequest, membership: Membership, provider: Provider) -> HttpResponse:
    """Return to the chat with a model of the provider if the user came from there, else show it."""
    slug = membership.workspace.slug
    if request.POST.get("then") == "chat" and (model := first_usable(membership, provider)):
        return redirect(f"{reverse('chat:new', args=[slug])}?model={model}")
    return redirect("playground:provider", slug, provider.code)


def _new(
    request: AuthenticatedHttpRequest,
    membership: Membership,
    form: ProviderForm,
    trouble: ServerTrouble | None = None,
) -> HttpResponse:
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "providers",
        "form": form,
        "trouble": trouble,
        "then": request.POST.get("then") or request.GET.get("then", ""),
    }
    return render(request, "playground/new_provider.html", context)


@sensitive_post_parameters("secret")
@require_POST
@login_required
def edit(request: AuthenticatedHttpRequest, slug: str, code: str) -> HttpResponse:
    """Change name and address. A new address is asked first, without any key that was stored for another."""
    membership, found = own_provider(request, slug, code)
    form = edit_form_of(found, request.POST)
    if not form.is_valid():
        return show_provider(request, membership, found, edit_form=form)
    base_url = form.cleaned_data["base_url"]
    if base_url != found.base_url and (there := provider_at(membership.workspace, base_url, beside=found)):
        return _refuse_address(request, membership, found, form, there)
    server: FoundServer | ServerTrouble = FoundServer(base_url)
    if base_url != found.base_url or form.cleaned_data["secret"]:
        lost = keys_lost_at(found, base_url)
        if lost and request.POST.get("drop_keys") != base_url:
            server = keys_at_stake(found, base_url, lost)
            form.add_error(server.field, server.text)
        else:
            stored = stored_keys.resolve(membership.workspace, request.user, found.code)
            server = _ask(request, form, None if lost else stored)
    if isinstance(server, ServerTrouble):
        return show_provider(request, membership, found, edit_form=form, trouble=server)
    try:
        edit_provider(
            membership.workspace,
            found,
            form.cleaned_data["name"],
            server.base_url,
            needs_key=form.cleaned_data["needs_key"] or _has_asked_for_key(request, form),
            actor=request.user,
        )
    except AlreadyAdded as already:
        return _refuse_address(request, membership, found, form, already.provider)
    _keep(request, membership, found, form, server, "saved")
    return redirect("playground:provider", slug, code)


def _refuse_address(
    request: AuthenticatedHttpRequest,
    membership: Membership,
    found: Provider,
    form: EditForm,
    there: Provider,
) -> HttpResponse:
    form.add_error("base_url", f"{there} has this address already. Enter another one.")
    return show_provider(request, membership, found, edit_form=form)


@sensitive_variables()
def _ask(
    request: AuthenticatedHttpRequest, form: ProviderForm, stored: ApiKey | None = None
) -> FoundServer | ServerTrouble:
    """Ask the server for its models, unless the user said to save this very address anyway."""
    base_url, secret = form.cleaned_data["base_url"], form.cleaned_data["secret"]
    if base_url in (request.POST.get("anyway"), request.POST.get("without_key")):
        return FoundServer(base_url)
    try:
        return clients.find_server(base_url, stored, secret)
    except UpstreamError as error:
        trouble = trouble_with(error, base_url, has_key=bool(secret or stored))
        form.add_error(trouble.field, trouble.text)
        return trouble


def _has_asked_for_key(request: AuthenticatedHttpRequest, form: ProviderForm) -> bool:
    return bool(form.cleaned_data["secret"]) or "without_key" in request.POST


@sensitive_variables()
def _keep(
    request: AuthenticatedHttpRequest,
    membership: Membership,
    provider: Provider,
    form: ProviderForm,
    server: FoundServer,
    done: str,
) -> None:
    """Store the key that was entered and the models that were found, and say what there is now."""
    if secret := form.cleaned_data["secret"]:
        save_key(membership.workspace, provider.code, secret, member=None, actor=request.user)
    done = f"{provider} is {done} at {server.base_url}"
    if not server.is_listed or provider.models.exists():
        end = "." if provider.models.exists() else ". Next, add its models."
        messages.success(request, done + end)
    elif added := add_listed_models(provider, server.listed, actor=request.user):
        messages.success(request, done + ngettext(", with %d model.", ", with %d models.", added) % added)
    elif server.listed["data"]:
        messages.warning(request, f"{done}. None of the models that the server lists is for chat.")
    else:
        messages.warning(
            request, f"{done}. The server lists no models. Load a model on that server, then fetch the list."
        )
