from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.access import current_membership, get_membership_for, require
from accounts.flows.remember_workspace import remember_workspace
from accounts.permissions import Action, may_create_workspace
from chat.access import get_message_for
from chat.flows.run_idempotently import is_sent
from chat.flows.send_next_queued import send_next_queued
from chat.flows.send_or_queue import start_or_queue
from chat.forms.prompts import PromptForm
from chat.models import Message, Run
from chat.pages.composer import composer_for, draft_of, opened_name
from chat.pages.conversation import new_chat_context
from chat.relays import background
from chat.views.choosing import use_library
from chat.views.composing import (
    UPLOAD,
    checked_choice,
    fitting_choice,
    named_uploads,
    posted_endpoint,
    read_composer,
)
from chat.views.configuring import (
    answer_offer,
    dismiss_notice,
    pick_model,
    preview_model,
    turn_parameters,
)
from chat.views.deleting import deleted_before
from chat.views.refusing import Refused, refusals, show_refusal
from playground.parameters.schema.sending import Sending

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from chat.models import Draft
    from chat.pages.composer import Composer
    from playground.models import Endpoint

# The name in the address of a new chat for the switch of a temporary one.
TEMPORARY = "temporary"


@require_safe
@login_required
def home(request: AuthenticatedHttpRequest) -> HttpResponse:
    membership = current_membership(request.user)
    if membership is None:
        return render(request, "chat/no_workspace.html", {"can_create_workspace": may_create_workspace(())})
    return redirect("chat:new", membership.workspace.slug)


@require_safe
@login_required
def new(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Show an empty chat as the last one was set, or with the model or the prompt that a link names.

    ``?opened`` asks for the prompt that was opened together with the setting, ``upload`` for its files,
    ``temporary`` for the switch of a temporary chat.
    """
    membership = get_membership_for(request.user, slug)
    remember_workspace(membership)
    draft = draft_of(membership)
    if "from" in request.GET:
        composer = _started_from(request, membership)
        context = {**new_chat_context(membership, composer), "draft_name": f"{slug}:{request.GET['from']}"}
        return render(request, "chat/conversation.html", context)
    if "model" in request.GET:
        preview_model(draft, membership, request.GET["model"])
    composer = composer_for(draft, membership)
    composer.is_temporary = TEMPORARY in request.GET and membership.workspace.allows_temporary
    composer.attachments = named_uploads(membership, request.GET.getlist(UPLOAD))
    context = {**new_chat_context(membership, composer), "deleted": deleted_before(request)}
    if "opened" in request.GET:
        context |= {"prompt_text": draft.prompt_text, "draft_name": opened_name(slug, draft.prompt_text)}
    return render(request, "chat/conversation.html", context)


def _started_from(request: AuthenticatedHttpRequest, membership: Membership) -> Composer:
    """Return a composer with the prompt and the choice of an answer's conversation."""
    try:
        code = UUID(request.GET["from"])
    except ValueError:
        raise Http404 from None
    # Reading is enough to take a prompt along. It is sent in a chat of their own.
    answer, grant = get_message_for(request.user, code)
    require(membership, Action.SEND)
    prompt = answer.parent if answer.role == Message.Role.ASSISTANT else None
    if prompt is None or grant.conversation.workspace_id != membership.workspace_id:
        raise Http404
    composer = composer_for(grant.conversation, membership)
    composer.prompt_text = prompt.text
    composer.is_temporary = grant.conversation.is_temporary and membership.workspace.allows_temporary
    composer.system_text = answer.system_prompt.text if answer.system_prompt else ""
    return composer


@require_POST
@login_required
def send(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SEND)
    draft = draft_of(membership)
    prompt = PromptForm(request.POST)
    composer = read_composer(request, draft, membership, prompt)

    try:
        choice = fitting_choice(request, checked_choice(composer, prompt, membership), membership)
        data = prompt.cleaned_data
        text, key, files = data["text"], data["idempotency_key"], data["attachments"]
        # A browser without scripts sends the composer alone.
        system = draft.system_text if prompt.shown_system is None else prompt.shown_system
        with refusals():
            sent = start_or_queue(
                membership.workspace,
                request.user,
                text,
                choice,
                key,
                files,
                system,
                is_temporary=data["temporary"],
            )
    except Refused as refused:
        return show_refusal(request, membership, composer, refused)
    _start_clean(draft, choice.endpoint)
    code = sent.thread.code if isinstance(sent, Run) else sent.conversation.code
    # A limit of requests at once may have a place at this moment.
    for run in [sent] if isinstance(sent, Run) else send_next_queued(code):
        background.start(run)
    return _go_to(request, reverse("chat:conversation", args=[code]))


def _start_clean(draft: Draft, endpoint: Endpoint) -> None:
    """Keep the model and the endpoint for the next new chat, and neither parameters nor prompts."""
    emptied = {"prompt_text": "", "system_text": "", "is_system_set": False, "is_begun": False}
    draft.store({**draft.take(endpoint, {}, {}, Sending()), **emptied})


def _go_to(request: AuthenticatedHttpRequest, url: str) -> HttpResponse:
    if request.htmx:
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)


@require_POST
@login_required
def configure(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SEND)
    draft = draft_of(membership)
    if "dismiss" in request.POST:
        return dismiss_notice(request, draft, membership)
    if "offer" in request.POST:
        return answer_offer(request, draft, membership)
    if "library" in request.POST:
        return use_library(request, draft, membership)
    if "model" not in request.POST:
        feedback = turn_parameters(request, draft, membership)
        # A parameter that was changed just before sending may arrive after the prompt.
        endpoint = posted_endpoint(request, draft, membership)
        if endpoint and is_sent(request.user, request.POST.get("idempotency_key", "")):
            _start_clean(draft, endpoint)
        return feedback
    composer = pick_model(request, draft, membership)
    return render(request, "chat/_configured.html", new_chat_context(membership, composer))
