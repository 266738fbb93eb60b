"""Changes of the model and its parameters, which are stored as soon as they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.shortcuts import render

from chat.flows.select_model import select_model
from chat.flows.switch_model import switch_model
from chat.flows.use_offered_settings import use_offered_settings
from chat.pages.composer import Composer, composer_fields, composer_for, offer_of, tool_names
from chat.views.composing import posted_endpoint
from playground.access import endpoint_of, get_model_for
from playground.carrying import Choices, carry_to
from playground.parameters.form.feedback import feedback_on
from playground.parameters.form.parameter_form import parameter_form
from playground.parameters.form.parts import part_html
from playground.parameters.known.warnings import refusal_warnings

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from chat.models import ComposerSetting, Draft
    from playground.models import Endpoint


def turn_parameters(
    request: AuthenticatedHttpRequest, setting: ComposerSetting, membership: Membership
) -> HttpResponse:
    """Store the changed parameters if they are valid, and answer with the feedback on them."""
    endpoint = posted_endpoint(request, setting, membership)
    if endpoint is None:
        raise Http404
    if "part" in request.POST:
        return form_part(endpoint, request.POST["part"])
    form = parameter_form(endpoint, request.POST)
    form.refusals = refusal_warnings(membership.workspace, endpoint)
    if form.is_valid():
        # After a reset of everything, no value of an earlier model should come back either.
        select_model(
            setting,
            request.user,
            endpoint,
            form.parameters,
            set_aside=None if form.parameters else {},
            sending=form.sending.chosen,
        )
    choices = (form[name] for name, field in form.fields.items() if field.library == "choice")
    context = {
        "form": form,
        "feedback": feedback_on(form, request.POST),
        "choice": next(choices, None),
        "tool_names": tool_names(form),
        "configure_url": request.path,
    }
    return render(request, "playground/_parameter_feedback.html", context)


def form_part(endpoint: Endpoint, name: str) -> HttpResponse:
    """Answer with a large part of the form that the page needs only now."""
    html = part_html(parameter_form(endpoint).request_schema.specs, name)
    if html is None:
        raise Http404
    return HttpResponse(html)


def dismiss_notice(
    request: AuthenticatedHttpRequest, setting: ComposerSetting, membership: Membership
) -> HttpResponse:
    """Store the setting as the form shows it, since the user has read the notice about its changes."""
    composer = composer_for(setting, membership)
    if composer.endpoint is not None and composer.form is not None:
        select_model(setting, request.user, composer.endpoint, composer.form.parameters)
    return HttpResponse()


def answer_offer(request: AuthenticatedHttpRequest, draft: Draft, membership: Membership) -> HttpResponse:
    """Add the parameters of the last chat to those that the page has now, or dismiss them."""
    if request.POST["offer"] != "use":
        draft.store({"last_chat": {}})
        return HttpResponse()
    endpoint = posted_endpoint(request, draft, membership)
    if endpoint is None:
        raise Http404
    form = parameter_form(endpoint, request.POST)
    if form.is_valid():
        use_offered_settings(draft, endpoint, form.parameters)
        composer = composer_for(draft, membership)
    else:
        # A wrong value is shown at its field first.
        composer = Composer(endpoint, form, offer=offer_of(draft, endpoint, draft.parameters))
    context = {"configure_url": request.path, **composer_fields(membership, composer)}
    return render(request, "chat/_parameters_renewed.html", context)


def preview_model(setting: ComposerSetting, membership: Membership, code: str) -> None:
    """Set the composer to the model of a link. Nothing is stored until something is sent or changed."""
    model = get_model_for(membership, code)
    endpoint = endpoint_of(model, setting.endpoint_kind)
    if endpoint is None:
        raise Http404
    if not setting.is_for(endpoint):
        carried = carry_to(endpoint, Choices(setting.parameters, setting.endpoint_kind))
        setting.take(endpoint, carried.kept)


def pick_model(
    request: AuthenticatedHttpRequest, setting: ComposerSetting, membership: Membership
) -> Composer:
    """Switch to the posted ``model``, and carry over the values that its schema accepts."""
    model = get_model_for(membership, request.POST["model"])
    endpoint = endpoint_of(model, request.POST.get("kind", setting.endpoint_kind))
    if endpoint is None:
        raise Http404
    _take_posted(request, setting, membership)
    switch_model(setting, request.user, endpoint)
    composer = composer_for(setting, membership)
    composer.prompt_text = request.POST.get("text", "")
    return composer


def _take_posted(request: AuthenticatedHttpRequest, setting: ComposerSetting, membership: Membership) -> None:
    """Start a switch from the parameters of the page, if they were posted: those of a link are not stored."""
    if "endpoint" not in request.POST:
        return
    endpoint = posted_endpoint(request, setting, membership)
    if endpoint is not None:
        form = parameter_form(endpoint, request.POST)
        form.is_valid()
        setting.take(endpoint, form.parameters)
