"""The list that ``/`` opens in the composer, and the values of the prompt that was chosen there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.flows.record_use import record_use
from chat.flows.use_prompt import use_prompt
from chat.library_access import get_prompt_for
from chat.media import MediaRefused
from chat.pages.prompt_use import fields_of, is_plain, pick_context, use_context, version_to_use
from chat.prompts.filling import filled
from chat.views.prompt_use import address_of, read_values

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest

TEXT, FORM = "chat/_prompt_text.html", "chat/_prompt_fill.html"


@require_safe
@login_required
def pick(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Answer with the names of all prompts. The page narrows them down."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SEND)
    return render(request, "chat/_prompt_pick_list.html", pick_context(membership))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def fill(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Ask for the values of a prompt; answer with its text, or open it in a new chat."""
    membership = get_membership_for(request.user, slug)
    prompt = get_prompt_for(membership, code, Action.SEND)
    version = version_to_use(prompt)
    if version is None:
        raise Http404
    content = version.read()
    context = {**use_context(membership, prompt, version), "is_plain": is_plain(content)}
    if request.method != "POST":
        if context["is_plain"] and not content.variables:
            return render(request, TEXT, {"text": filled(content, {}).messages[-1].message.text})
        return render(request, FORM, context)
    values, files, problems = read_values(request, content)
    error, today = "", context["today"]
    if not problems and request.POST.get("way") == "insert" and context["is_plain"]:
        record_use(version, actor=request.user)
        return render(request, TEXT, {"text": filled(content, values.texts).messages[-1].message.text})
    if not problems and today.endpoint is not None:
        try:
            chosen = today.endpoint, today.parameters
            opened = use_prompt(membership, content, *chosen, values.texts, files, prompt.name)
            record_use(version, opened.conversation, actor=request.user)
            return HttpResponseClientRedirect(address_of(opened, slug))
        except MediaRefused as refusal:
            error = str(refusal)
    context |= {"fields": fields_of(content, values.typed, problems), "error": error}
    return render(request, FORM, context, status=422)
