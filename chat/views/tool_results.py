from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Action
from chat.access import get_message_for
from chat.flows.return_tool_results import Result, return_tool_results
from chat.flows.save_example import save_example
from chat.forms.prompts import ClickForm
from chat.forms.tool_results import ToolResultForm
from chat.models import Run
from chat.pages.composer import Refusal, composer_for
from chat.pages.result_sources import RESULT, as_request, empty_value, result_schema, result_sources
from chat.transcript import calls_of
from chat.views.composing import read_composer, start_run
from chat.views.refusing import Refused, show_refusal
from chat.views.sending import show_sent
from playground.parameters.form.entry import root_name
from playground.parameters.form.parameter_form import ParameterForm
from playground.parameters.form.parts import part_html
from playground.parameters.schema.request_schema import read_request_schema
from playground.parameters.schema.spec import UNSET

if TYPE_CHECKING:
    from django.http import QueryDict

    from accounts.http import AuthenticatedHttpRequest
    from chat.flows.build_request import Choice
    from chat.models import Message
    from playground.upstream.dialects.shared.transcript import ToolCall


@require_POST
@login_required
def results(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Send the results of all calls of an answer, which are posted together, back to the model."""
    message, grant = get_message_for(request.user, code, Action.SEND)
    calls = calls_of(message)
    if not calls or Run.objects.filter(answer=message, status__in=Run.LIVE).exists():
        raise Http404
    click = ClickForm(request.POST)
    composer = read_composer(request, grant.conversation, grant.membership, click)

    def open_run(choice: Choice) -> Run:
        key = click.cleaned_data["idempotency_key"]
        return return_tool_results(message, request.user, given, choice, key)

    forms = [ToolResultForm(request.POST, prefix=f"result-{place}") for place, _ in enumerate(calls, 1)]
    try:
        _check(forms, calls)
        given = [Result(form.cleaned_data["text"], form.cleaned_data["failed"]) for form in forms]
        start_run(request, composer, click, grant.membership, open_run)
    except Refused as refused:
        fresh = composer_for(grant.conversation, grant.membership)
        return show_refusal(request, grant, fresh, refused, {"results_of": message, "result_forms": forms})
    for call, form in zip(calls, forms, strict=True):
        if example := form.cleaned_data["example"].strip():
            save_example(grant.membership, call.name, example, form.cleaned_data["text"], actor=request.user)
    return show_sent(request, grant.conversation.code, _known(message))


@require_safe
@login_required
def sources(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Show, for each call of an answer, what the library has for its result."""
    message, grant = get_message_for(request.user, code, Action.SEND)
    return render(request, "chat/_result_sources.html", result_sources(message, grant.membership))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def fill(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Show a form made of the schema of a call's result, and write what it posts as JSON."""
    place = _place(request.GET.get("place", "1"))
    message, grant = get_message_for(request.user, code, Action.SEND)
    calls = calls_of(message)
    schema = result_schema(grant.membership, calls[place - 1].name) if place <= len(calls) else None
    if not schema or not place:
        raise Http404
    empty = empty_value(schema)
    form = ParameterForm(
        read_request_schema(as_request(schema)),
        _switched_on(request.POST) if request.method == "POST" else None,
    )
    if part := request.POST.get("part"):
        return HttpResponse(part_html(form.request_schema.specs, part) or "")
    context = {"form": form, "message": message, "call": calls[place - 1], "place": place}
    if form.is_bound and form.is_valid():
        value = form.value_of(RESULT)
        if value is UNSET:
            # Nothing was filled in, which is a result only if the schema accepts an empty one.
            value = empty
            form.check(RESULT, value)
        if form.is_valid():
            context["filled"] = json.dumps(value, ensure_ascii=False, indent=2)
    return render(request, "chat/_result_form.html", context)


def _switched_on(posted: QueryDict) -> QueryDict:
    """Return the posted form with the result as sent: unlike a parameter, it is not optional."""
    name = f"{root_name(RESULT)}.state"
    data = posted.copy()
    if not data.getlist(name):
        data[name] = "set"
    return data


def _place(text: str) -> int:
    """Return the place of a call, counted from 1; 0 for a text that is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _check(forms: list[ToolResultForm], calls: tuple[ToolCall, ...]) -> None:
    """Check the posted result of each call.

    :raises Refused: a call has no result that could be sent.
    """
    wrong = tuple(
        f"{call.name}: {error}"
        for call, form in zip(calls, forms, strict=True)
        for errors in form.errors.values()
        for error in errors
    )
    if wrong:
        raise Refused(Refusal(wrong))


def _known(message: Message) -> UUID | None:
    """Return the last message that the page has, if the results simply follow it."""
    return message.code if message.conversation.head_id == message.pk else None
