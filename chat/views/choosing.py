"""Choosing from the library beside the parameters, and saving from them: parts of a configured chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render

from accounts.permissions import Action, allows
from chat.exceptions import EntryRefused, NameTaken
from chat.flows.import_definitions import import_definitions
from chat.flows.select_model import select_model
from chat.flows.take_from_library import take_choice, take_schema, take_tools, tools_in
from chat.library_access import ENTRIES, visible_items
from chat.models import OutputSchema, Tool
from chat.pages.composer import Composer, composer_fields, composer_for, offer_of
from chat.pages.importing import summary
from chat.pages.library import found_in
from chat.tool_schemas.importing import DefinitionsRefused, read_definitions
from chat.views.composing import posted_endpoint
from playground.parameters.form.parameter_form import parameter_form

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from chat.models import ComposerSetting, LibraryEntry
    from playground.models import Endpoint
    from playground.parameters.form.parameter_form import ParameterForm


def use_library(
    request: AuthenticatedHttpRequest, setting: ComposerSetting, membership: Membership
) -> HttpResponse:
    """Answer a button of the library beside a parameter: show, take, keep or choice."""
    endpoint = posted_endpoint(request, setting, membership)
    if endpoint is None:
        raise Http404
    form = parameter_form(endpoint, request.POST)
    name, word = request.POST.get("parameter", ""), request.POST.get("kind", "")
    action = request.POST["library"]
    if name not in form.fields or (word not in ENTRIES and action != "choice"):
        raise Http404
    if action == "show":
        return _dialog(request, membership, form, name, word)
    if action == "keep":
        return _keep(request, membership, form, name, word)
    composer = Composer(endpoint, form, offer=offer_of(setting, endpoint, setting.parameters))
    if form.is_valid():
        try:
            parameters = _taken(request, membership, endpoint, form, name, word)
        except EntryRefused as refusal:
            return _dialog(request, membership, form, name, word, error=str(refusal))
        select_model(setting, request.user, endpoint, parameters)
        composer = composer_for(setting, membership)
    context = {"configure_url": request.path, **composer_fields(membership, composer)}
    return render(request, "chat/_parameters_renewed.html", context)


def _taken(
    request: AuthenticatedHttpRequest,
    membership: Membership,
    endpoint: Endpoint,
    form: ParameterForm,
    name: str,
    word: str,
) -> dict[str, object]:
    if request.POST["library"] == "choice":
        return take_choice(endpoint, name, form.parameters, request.POST.get("tool", ""))
    entries = {str(each.code): each for each in visible_items(ENTRIES[word], membership)}
    codes = [code for code in request.POST.getlist("entry") if code in entries]
    chosen: list[LibraryEntry] = [entries[code] for code in dict.fromkeys(codes)]
    if word == "schema":
        found = next((each for each in chosen if isinstance(each, OutputSchema)), None)
        if found is None:
            raise EntryRefused("Choose a schema.")
        return take_schema(endpoint, name, form.parameters, found)
    ticked = [each for each in chosen if isinstance(each, Tool)]
    shown = [entries[code].name for code in request.POST.getlist("shown") if code in entries]
    unticked = set(shown) - {each.name for each in ticked}
    # A tool that is there already may have been changed in this chat, so its copy stays.
    there = set(tools_in(form.parameters.get(name)))
    fresh = [each for each in ticked if each.name not in there]
    return take_tools(endpoint, name, form.parameters, fresh, unticked)


def _keep(
    request: AuthenticatedHttpRequest, membership: Membership, form: ParameterForm, name: str, word: str
) -> HttpResponse:
    """Save the tools or the schema of a parameter in the library."""
    if not allows(membership.role, Action.EDIT_LIBRARY):
        raise PermissionDenied
    value = form.value_of(name) if form.is_valid() else None
    try:
        found = read_definitions({"tools" if word == "tool" else "response_format": value} if value else {})
        said = summary(import_definitions(membership, found, actor=request.user))
    except DefinitionsRefused as refusal:
        said = str(refusal) if value else "There is nothing to save here yet, or a value is wrong."
    except NameTaken:
        said = "Somebody changed the library meanwhile. Try again."
    return render(request, "chat/_library_kept.html", {"said": said, "workspace": membership.workspace})


def _dialog(
    request: AuthenticatedHttpRequest,
    membership: Membership,
    form: ParameterForm,
    name: str,
    word: str,
    error: str = "",
) -> HttpResponse:
    context = {
        "workspace": membership.workspace,
        "can_edit": allows(membership.role, Action.EDIT_LIBRARY),
        "configure_url": request.path,
        "name": name,
        "word": word,
        "error": error,
        "entries": found_in(membership, ENTRIES.get(word, Tool)),
        "there": set(tools_in(form.parameters.get(name))),
    }
    response = render(request, "chat/_library_choice.html", context)
    # A refusal comes in place of new parameters, and belongs in the dialog.
    response["HX-Retarget"], response["HX-Reswap"] = "#library-dialog-body", "innerHTML"
    return response
