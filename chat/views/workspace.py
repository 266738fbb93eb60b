from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_membership_for, one_after_the_other, require
from accounts.exceptions import ChangedMeanwhile
from accounts.flows.edit_workspace import edit_workspace
from accounts.forms.workspace import EditWorkspaceForm
from accounts.pages.security import factor_rule
from accounts.permissions import Action, allows
from chat.flows.choose_title_model import choose_title_model
from chat.flows.set_chat_default import set_chat_default
from chat.forms.ending_workspaces import TransferForm
from chat.forms.workspace import DefaultsForm, TitlesForm
from chat.pages.chat_defaults import default_choice
from chat.pages.model_choice import ready_models
from chat.pages.workspace import title_models
from playground.parameters.form.body import BodyInvalid
from playground.upstream.dialects import TranscriptRefused

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from chat.pages.workspace import TitleModels

NO_DEFAULT = "None: the model that each member used last"


@require_safe
@login_required
def settings(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    return _page(request, _admin(request, slug))


@require_POST
@login_required
def edit(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Change the name and the icon. A form that another admin has made outdated is shown again."""
    membership = _admin(request, slug)
    form = EditWorkspaceForm(request.POST)
    if not form.is_valid():
        return _page(request, membership, name=form)
    workspace = membership.workspace
    try:
        edit_workspace(workspace, form.fields_of_workspace, actor=request.user, seen=form.seen)
    except ChangedMeanwhile as refusal:
        form = form.over(workspace)
        form.add_error(None, f"{refusal.text} Now it is named “{workspace}”. Save again to replace that.")
        return _page(request, membership, name=form)
    messages.success(request, f"Saved. The workspace is named {workspace}.")
    return redirect("chat:workspace", slug)


@require_POST
@login_required
@one_after_the_other
def new_chats(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Set the model and the system prompt with which the new chats of all members begin."""
    membership = _admin(request, slug)
    form = DefaultsForm(default_choice(membership, ready_models(membership), None), NO_DEFAULT, request.POST)
    if not form.is_valid():
        return _page(request, membership, defaults=form)
    set_chat_default(membership.workspace, None, **form.cleaned_data, actor=request.user)
    messages.success(request, f"The defaults of new chats in {membership.workspace} are saved.")
    return redirect("chat:workspace", slug)


@require_POST
@login_required
@one_after_the_other
def titles(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = _admin(request, slug)
    form = _titles_form(title_models(membership, ready_models(membership)), request.POST)
    if not form.is_valid():
        [problem] = form.errors["model"].as_data()[:1]
        gone = "this model can't be used here any more. Choose another."
        refused = problem.message if problem.code == "changed" else gone
        messages.error(request, f"Nothing was changed: {refused}")
        return redirect("chat:workspace", slug)
    model = form.cleaned_data["model"]
    try:
        choose_title_model(membership.workspace, model, actor=request.user)
    except (BodyInvalid, TranscriptRefused) as refusal:
        messages.error(request, f"{model.name} can't write titles. {refusal} Choose another model.")
    else:
        maker = f"{model.name} now makes" if model else "The first words of the prompt now make"
        messages.success(request, f"{maker} the titles.")
    return redirect("chat:workspace", slug)


def _admin(request: AuthenticatedHttpRequest, slug: str) -> Membership:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_WORKSPACE)
    return membership


def _titles_form(models: TitleModels, data: QueryDict | None = None) -> TitlesForm:
    return TitlesForm(models, data, initial={"model": str(models.chosen.pk) if models.chosen else ""})


def _page(
    request: AuthenticatedHttpRequest,
    membership: Membership,
    name: EditWorkspaceForm | None = None,
    defaults: DefaultsForm | None = None,
) -> HttpResponse:
    """Show the page; ``name`` or ``defaults`` is a form that was refused."""
    ready = ready_models(membership)
    models = title_models(membership, ready)
    defaults = defaults or DefaultsForm(default_choice(membership, ready, None), NO_DEFAULT)
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "workspace",
        "name_form": name or EditWorkspaceForm.showing(membership.workspace),
        "defaults_form": defaults,
        "transfer_form": TransferForm() if allows(membership.role, Action.MANAGE_OWNERS) else None,
        "titles_form": _titles_form(models),
        "models": models,
        **factor_rule(membership),
    }
    return render(request, "chat/workspace.html", context)
